//! Searching folded names: one pass over each contiguous arena of a stack.

use std::ops::Range;

use memchr::memchr;
use memchr::memmem::Finder;

use super::CatalogView;
use super::delta::{Delta, SEPARATOR};
use super::layer::{Column, Section};
use crate::StoreError;

/// So many bytes are looked through for the ends of names between two matches.
const COUNTED_BYTES: usize = 1024;

/// Folded names one after the other.
struct Arena<'a> {
    bytes: &'a [u8],
    starts: Starts<'a>,
    /// Code of its first name.
    base: u32,
}

/// Where names start.
#[derive(Clone, Copy)]
enum Starts<'a> {
    Packed(Column<'a>),
    /// Where the names before them end.
    Plain(&'a [usize]),
}

impl<'a> CatalogView<'a> {
    /// Calls `each(code, folded)` for names `range` in code order: layer by layer over contiguous
    /// arenas, fit for a scan of many.
    pub(crate) fn for_each_folded(
        &self,
        range: Range<u32>,
        each: &mut dyn FnMut(u32, &str),
    ) -> Result<(), StoreError> {
        self.for_each_arena(range, &mut |arena, names| {
            let mut start = arena.start(names.start);
            for code in names {
                let end = arena.start(code + 1);
                each(code, arena.text(start..end)?);
                start = end;
            }
            Some(())
        })
    }

    /// Codes of the names in `range` whose folded text contains `part`, ascending: one `memmem`
    /// over each contiguous arena, not one a name.
    pub(crate) fn names_containing(
        &self,
        range: Range<u32>,
        part: &str,
    ) -> Result<Vec<u32>, StoreError> {
        let mut codes = Vec::new();
        let finder = Finder::new(part);
        self.for_each_arena(range, &mut |arena, names| arena.find(names, &finder, &mut codes))?;
        Ok(codes)
    }

    /// Calls `each` with every arena and the part of `range` it holds; `None` from it says that
    /// the arena is damaged.
    fn for_each_arena(
        &self,
        range: Range<u32>,
        each: &mut dyn FnMut(&Arena<'a>, Range<u32>) -> Option<()>,
    ) -> Result<(), StoreError> {
        let within = |before: u32, after: u32| range.start.max(before)..range.end.min(after);
        let first = self.layers.partition_point(|layer| layer.after.names <= range.start);
        for layer in &self.layers[first..] {
            let names = within(layer.before.names, layer.after.names);
            if names.is_empty() {
                continue;
            }
            let layer = layer.open()?;
            let (bytes, ends) = layer.texts(Section::Folded)?;
            let (starts, base) = (Starts::Packed(ends), layer.before().names);
            let done = each(&Arena { bytes, starts, base }, names);
            done.ok_or_else(|| layer.corrupt("folded names of its catalog layer are unsound"))?;
        }
        for delta in [self.frozen, self.live].into_iter().flatten() {
            let names = within(delta.before().names, delta.after().names);
            if !names.is_empty() {
                let done = each(&Arena::of(delta), names);
                done.expect("the arena of a delta is sound");
            }
        }
        Ok(())
    }
}

impl<'a> Arena<'a> {
    fn of(delta: &'a Delta) -> Self {
        let (bytes, ends) = delta.folded();
        Self { bytes, starts: Starts::Plain(ends), base: delta.before().names }
    }

    /// Where a name starts; for the code after the last, where the next would.
    #[inline]
    fn start(&self, code: u32) -> usize {
        let index = code - self.base;
        match self.starts {
            Starts::Packed(ends) => ends.start(index),
            Starts::Plain(ends) => index.checked_sub(1).map_or(0, |before| ends[before as usize]),
        }
    }

    #[inline]
    fn text(&self, bytes: Range<usize>) -> Option<&'a str> {
        std::str::from_utf8(self.bytes.get(bytes)?.strip_suffix(&[SEPARATOR])?).ok()
    }

    fn find(&self, names: Range<u32>, finder: &Finder<'_>, codes: &mut Vec<u32>) -> Option<()> {
        let bytes = self.bytes.get(..self.start(names.end))?;
        let (mut next, mut start) = (names.start, self.start(names.start));
        while next < names.end {
            let ahead = bytes.get(start..)?;
            let Some(found) = finder.find(ahead) else { break };
            // Near names are counted, which costs less than looking up where they start.
            let code = match found <= COUNTED_BYTES {
                true => next.checked_add(separators(&ahead[..found]))?,
                false => self.holding(start + found, next..names.end),
            };
            let rest = memchr(SEPARATOR, &ahead[found..])?;
            if code >= names.end {
                return None;
            }
            codes.push(code);
            next = code + 1;
            start += found + rest + 1;
        }
        Some(())
    }

    /// The last of these names that starts at or before this byte; the first does. It is looked
    /// for in growing steps: matches mostly lie close to each other.
    fn holding(&self, byte: usize, names: Range<u32>) -> u32 {
        let (mut low, mut step) = (names.start, 1_u32);
        while low.saturating_add(step) < names.end && self.start(low + step) <= byte {
            low += step;
            step = step.saturating_mul(2);
        }
        let mut high = low.saturating_add(step).min(names.end);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let is_before = self.start(middle) <= byte;
            (low, high) = if is_before { (middle, high) } else { (low, middle) };
        }
        low
    }
}

/// How many names end in these bytes.
fn separators(bytes: &[u8]) -> u32 {
    // Bytes are added up as bytes, so that many are compared at once.
    let of_chunk = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(*byte == SEPARATOR)).sum::<u8>();
    bytes.chunks(128).map(|chunk| u32::from(of_chunk(chunk))).sum()
}
