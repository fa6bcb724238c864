//! The lists of 32 neighbouring keys, most of them of a few rows.
//!
//! `header | firsts | records | deltas`, bit after bit. The header says the least first row (32
//! bits), the width of what the others exceed it by (6), the width of lengths (3), whether there
//! is a long list (1), the least width of deltas (6) and the width of what a list's own exceeds it
//! by (3). A record is a list's length less one and its width; all ones for the length say that the
//! list has 128 rows or more and is stored elsewhere. So a list costs no offset: where its deltas
//! are follows from the records before its own.

use super::bit_writer::BitWriter;
use super::bits::{low, mask, read, width_of, word_at};
use super::blocks::BLOCK_LEN;
use super::list::Deltas;

/// Lists in a group.
pub(super) const GROUP_LEN: u32 = 32;
const HEADER_BITS: usize = 51;
/// Own widths range over at most 32 values.
const MAX_WIDTH_BITS: u32 = 5;

/// What a group says about one of its lists.
#[derive(Debug, Clone, Copy)]
pub(super) enum Member {
    /// All of it.
    Short {
        /// How many rows it has.
        len: u32,
        /// The rows.
        rows: Deltas,
    },
    /// How many of the long lists of this group come before it.
    Long(u32),
}

/// The member at `slot` of the group of `len` lists at this byte.
#[inline]
pub(super) fn member(data: &[u8], byte: usize, len: u32, slot: u32) -> Member {
    let header = word_at(data, byte * 8);
    let field = |bit: u32, width: u32| low(header >> bit & mask(width));
    let [first_width, len_width] = [field(32, 6), field(38, 3)];
    let [least_width, own_width] = [field(42, 6), field(48, 3)];
    let long = if field(41, 1) == 1 { mask(len_width) } else { u64::MAX };
    let firsts = byte * 8 + HEADER_BITS;
    let records = firsts + len as usize * first_width as usize;
    let record_width = len_width + own_width;
    let record = |slot: u32| {
        let record = read(data, records + slot as usize * record_width as usize, record_width);
        (record & mask(len_width), least_width + low(record >> len_width))
    };
    let mut bit = records + len as usize * record_width as usize;
    let mut longs = 0;
    if record_width > 0 {
        for (others, width) in (0..slot).map(record) {
            // No branch: which of the neighbours are long cannot be foretold.
            let is_short = others != long;
            longs += u32::from(!is_short);
            bit += usize::from(is_short) * low(others) as usize * width as usize;
        }
    }
    let (others, width) = record(slot);
    if others == long {
        return Member::Long(longs);
    }
    let excess = read(data, firsts + slot as usize * first_width as usize, first_width);
    let first = field(0, 32).wrapping_add(low(excess));
    Member::Short { len: low(others) + 1, rows: Deltas { first, bit, width } }
}

/// Appends a group of up to [`GROUP_LEN`] lists; of long ones only that they are long.
pub(super) fn write(lists: &[&[u32]], out: &mut BitWriter) {
    let is_long = |rows: &[u32]| rows.len() >= BLOCK_LEN;
    let shorts = || lists.iter().copied().filter(|rows| !is_long(rows));
    let firsts = || shorts().filter_map(|rows| rows.first().copied());
    let least_first = firsts().min().unwrap_or(0);
    let first_width = width_of((firsts().max().unwrap_or(0) - least_first).into());
    let has_long = u64::from(lists.iter().any(|rows| is_long(rows)));
    let others = |rows: &[u32]| rows.len() as u64 - 1;
    let len_width = width_of(shorts().map(others).max().unwrap_or(0) + has_long);
    let widths: Vec<_> = shorts().map(|rows| (others(rows), Deltas::width(rows))).collect();
    let (least_width, own_width) = cheapest(&widths);
    out.push(least_first.into(), 32);
    for (value, width) in [(first_width.into(), 6), (len_width.into(), 3), (has_long, 1)] {
        out.push(value, width);
    }
    out.push(least_width.into(), 6);
    out.push(own_width.into(), 3);
    for rows in lists {
        let first = rows.first().filter(|_| !is_long(rows)).unwrap_or(&least_first);
        out.push((first - least_first).into(), first_width);
    }
    let width = |rows| Deltas::width(rows).max(least_width);
    for rows in lists {
        let long = (mask(len_width), least_width);
        let (others, width) = if is_long(rows) { long } else { (others(rows), width(rows)) };
        out.push(others, len_width);
        out.push((width - least_width).into(), own_width);
    }
    shorts().for_each(|rows| Deltas::write(rows, width(rows), out));
    out.align();
}

/// The least width and the width of the rest by which lists of so many deltas cost the least bits.
fn cheapest(widths: &[(u64, u32)]) -> (u32, u32) {
    let greatest = widths.iter().map(|(_, width)| *width).max().unwrap_or(0);
    let least = |own_width| greatest.saturating_sub(low(mask(own_width)));
    let cost = |own_width: u32| -> u64 {
        let deltas =
            widths.iter().map(|(len, width)| len * u64::from(least(own_width).max(*width)));
        deltas.sum::<u64>() + u64::from(own_width * GROUP_LEN)
    };
    let own_width = (0..=MAX_WIDTH_BITS).min_by_key(|width| cost(*width)).unwrap_or(0);
    (least(own_width), own_width)
}
