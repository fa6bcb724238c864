//! Places of tiles in paths, C2SP tlog-tiles: `<level>/<number>[.p/<width>]`, where numbers are
//! written in groups of three digits, all but the last with an `x`.

use super::TILE_WIDTH;

/// What is in a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TileKind {
    /// Hashes of a level.
    Hashes(u32),
    /// Entries.
    Entries,
}

/// A tile that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) kind: TileKind,
    pub(crate) number: u64,
    pub(crate) width: u64,
}

/// Levels of a tree with fewer than 2^62 leaves.
const MAX_LEVEL: u32 = 7;

impl Tile {
    /// Reads what follows `tile/`; other spellings of a place are none.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let kind = match level {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(decimal(level).filter(|level| *level <= MAX_LEVEL)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((number, width)) => {
                let width = decimal(width).map(u64::from);
                (number, width.filter(|width| (1..TILE_WIDTH).contains(width))?)
            }
        };
        Some(Self { kind, number: grouped(number)?, width })
    }

    /// Whether a tree of this size has the tile, in this width.
    pub(crate) fn is_in(&self, size: u64) -> bool {
        let level = match self.kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let complete = size >> (8 * level);
        let end = self.number.checked_mul(TILE_WIDTH).and_then(|at| at.checked_add(self.width));
        end.is_some_and(|end| end <= complete)
    }
}

/// Digits without a leading zero.
fn decimal(text: &str) -> Option<u32> {
    let parsed: u32 = text.parse().ok()?;
    (parsed.to_string() == text).then_some(parsed)
}

fn grouped(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.split('/').collect();
    let (last, before) = groups.split_last()?;
    let mut number = 0_u64;
    let marked = before.iter().map(|group| group.strip_prefix('x'));
    for group in marked.chain([Some(*last)]) {
        let digits = group.filter(|digits| digits.len() == 3)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let digits: u64 = digits.parse().ok().filter(|_| is_number)?;
        number = number.checked_mul(1000)?.checked_add(digits)?;
    }
    // The first group of several is not zero.
    (before.is_empty() || before[0] != "x000").then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_has_one_spelling() {
        let tile = |kind, number, width| Some(Tile { kind, number, width });
        assert_eq!(Tile::parse("0/000"), tile(TileKind::Hashes(0), 0, 256));
        assert_eq!(Tile::parse("1/x001/x234/067"), tile(TileKind::Hashes(1), 1_234_067, 256));
        assert_eq!(Tile::parse("entries/003.p/17"), tile(TileKind::Entries, 3, 17));
        for wrong in [
            "",
            "0",
            "0/",
            "0/0",
            "00/000",
            "8/000",
            "x/000",
            "0/x000/001",
            "0/001/002",
            "0/x001",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/07",
            "0/0a0",
            "0/+01",
            "0/000.p/",
            "entries",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Tile::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_tree_has_the_tiles_below_its_size() {
        let is_in = |path: &str, size| Tile::parse(path).unwrap().is_in(size);
        assert!(is_in("0/000", 256) && !is_in("0/000", 255) && is_in("0/000.p/255", 255));
        assert!(is_in("1/000.p/1", 256) && !is_in("1/000.p/1", 255));
        assert!(!is_in("7/x999/x999/x999/x999/999", 1 << 40));
    }
}
