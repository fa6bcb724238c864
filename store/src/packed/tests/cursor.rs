//! Walks over one list.

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::prelude::*;

use super::postings::of_rows;
use crate::packed::{Cursor, Direction, Lists};

/// Rows in any density, with lengths around whole blocks.
pub(super) fn rows() -> impl Strategy<Value = BTreeSet<u32>> {
    let len = prop_oneof![0..9_usize, 120..136_usize, 250..260_usize, 0..900_usize];
    let gap = prop_oneof![Just(0_u32), Just(1), Just(30), Just(4_000), Just(40_000_000)];
    let start = prop_oneof![Just(0_u32), 0..5_000_u32, any::<u32>()];
    (len, gap, start).prop_flat_map(|(len, gap, start)| {
        prop::collection::vec(1..=1 + gap, len).prop_map(move |gaps: Vec<u32>| {
            let rows = gaps.iter().scan(u64::from(start), |row, gap| {
                *row += u64::from(*gap);
                u32::try_from(*row - 1).ok()
            });
            rows.collect()
        })
    })
}

/// What a walk may do.
#[derive(Debug, Clone)]
enum Step {
    Advance(usize),
    /// Seeks the row of this rank, one row before or after it.
    Seek(prop::sample::Index, i64),
    /// Seeks so far from where the walk is, in its direction.
    SeekNear(u32),
    Fill(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1..200_usize).prop_map(Step::Advance),
        (any::<prop::sample::Index>(), -1..=1_i64).prop_map(|(rank, by)| Step::Seek(rank, by)),
        (0..20_000_u32).prop_map(Step::SeekNear),
        (1..3_000_u32).prop_map(Step::Fill),
    ];
    prop::collection::vec(step, 0..20)
}

/// The rows ahead of a walk, kept as a set.
struct Ahead {
    rows: BTreeSet<u32>,
    direction: Direction,
}

impl Ahead {
    fn peek(&self) -> Option<u32> {
        match self.direction {
            Direction::Forward => self.rows.first().copied(),
            Direction::Backward => self.rows.last().copied(),
        }
    }

    fn advance(&mut self) {
        match self.direction {
            Direction::Forward => self.rows.pop_first(),
            Direction::Backward => self.rows.pop_last(),
        };
    }

    fn seek(&mut self, row: u32) {
        self.rows.retain(|candidate| match self.direction {
            Direction::Forward => *candidate >= row,
            Direction::Backward => *candidate <= row,
        });
    }

    /// The rows of the window; those before its end are passed.
    fn fill(&mut self, window: &Range<u32>) -> BTreeSet<u32> {
        let inside = self.rows.iter().copied().filter(|row| window.contains(row)).collect();
        self.rows.retain(|row| match self.direction {
            Direction::Forward => *row >= window.end,
            Direction::Backward => *row < window.start,
        });
        inside
    }
}

fn bits(bitmap: &[u64], window: &Range<u32>) -> BTreeSet<u32> {
    let is_set = |row: &u32| {
        let bit = row - window.start;
        bitmap[bit as usize / 64] >> (bit % 64) & 1 == 1
    };
    window.clone().filter(is_set).collect()
}

fn take(cursor: &mut Cursor<'_>, ahead: &mut Ahead, step: &Step, rows: &[u32]) {
    match *step {
        Step::Advance(count) => {
            for _ in 0..count {
                assert_eq!(cursor.peek(), ahead.peek());
                cursor.advance();
                ahead.advance();
            }
        }
        Step::Seek(rank, by) => {
            let row = u32::try_from(i64::from(*rank.get(rows)) + by).unwrap_or(0);
            cursor.seek(row);
            ahead.seek(row);
        }
        Step::SeekNear(far) => {
            let from = ahead.peek().unwrap_or(0);
            let row = match ahead.direction {
                Direction::Forward => from.saturating_add(far),
                Direction::Backward => from.saturating_sub(far),
            };
            cursor.seek(row);
            ahead.seek(row);
        }
        Step::Fill(len) => {
            let near = ahead.peek().unwrap_or(0).saturating_sub(len / 3);
            let window = near..near.saturating_add(len);
            let mut bitmap = vec![0; len.div_ceil(64) as usize];
            cursor.fill(window.clone(), &mut bitmap);
            assert_eq!(bits(&bitmap, &window), ahead.fill(&window));
        }
    }
    assert_eq!(cursor.peek(), ahead.peek(), "after {step:?}");
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Forward), Just(Direction::Backward)]
}

/// A range that often begins or ends at a row.
fn range(rows: &BTreeSet<u32>, ends: [(prop::sample::Index, u32); 2]) -> Range<u32> {
    let all: Vec<u32> = rows.iter().copied().collect();
    let [start, end] = ends.map(|(rank, by)| rank.get(&all).wrapping_add(by).wrapping_sub(1));
    start..end
}

proptest! {
    #[test]
    fn a_walk_gives_the_rows_of_its_range(
        rows in rows().prop_filter("rows", |rows| !rows.is_empty()),
        ends in any::<[(prop::sample::Index, u8); 2]>(),
        direction in direction(),
    ) {
        let bytes = of_rows(&rows);
        let list = Lists::open(&bytes).unwrap().get(1).unwrap();
        let ends = ends.map(|(rank, by)| (rank, u32::from(by % 3)));
        for range in [range(&rows, ends), 0..u32::MAX, 0..0] {
            let mut cursor = list.cursor(range.clone(), direction);
            let mut walked = Vec::new();
            while let Some(row) = cursor.peek() {
                walked.push(row);
                cursor.advance();
            }
            let mut expected: Vec<u32> =
                rows.iter().copied().filter(|row| range.contains(row)).collect();
            if direction == Direction::Backward {
                expected.reverse();
            }
            prop_assert_eq!(walked, expected);
        }
    }

    #[test]
    fn steps_seeks_and_fills_agree_with_a_set(
        rows in rows().prop_filter("rows", |rows| !rows.is_empty()),
        ends in any::<[(prop::sample::Index, u8); 2]>(),
        whole in any::<bool>(),
        direction in direction(),
        steps in steps(),
    ) {
        let bytes = of_rows(&rows);
        let list = Lists::open(&bytes).unwrap().get(1).unwrap();
        let ends = ends.map(|(rank, by)| (rank, u32::from(by % 3)));
        let range = if whole { 0..u32::MAX } else { range(&rows, ends) };
        let all: Vec<u32> = rows.iter().copied().collect();
        let inside = rows.into_iter().filter(|row| range.contains(row)).collect();
        let mut cursor = list.cursor(range, direction);
        let mut ahead = Ahead { rows: inside, direction };
        prop_assert_eq!(cursor.peek(), ahead.peek());
        for step in &steps {
            take(&mut cursor, &mut ahead, step, &all);
        }
    }

    #[test]
    fn windows_one_after_the_other_find_every_row(
        rows in rows().prop_filter("few windows", |rows| {
            rows.last().is_some_and(|last| *last < 5_000_000)
        }),
        direction in direction(),
        width in 1_000..100_000_u32,
    ) {
        let bytes = of_rows(&rows);
        let list = Lists::open(&bytes).unwrap().get(1).unwrap();
        let mut cursor = list.cursor(0..u32::MAX, direction);
        let count = list.last() / width + 1;
        let mut found = BTreeSet::new();
        for index in 0..count {
            let index = if direction == Direction::Forward { index } else { count - 1 - index };
            let window = index * width..(index + 1) * width;
            let mut bitmap = vec![0; width.div_ceil(64) as usize];
            cursor.fill(window.clone(), &mut bitmap);
            found.extend(bits(&bitmap, &window));
        }
        prop_assert_eq!(cursor.peek(), None);
        prop_assert_eq!(found, rows);
    }
}

#[test]
fn a_seek_never_goes_back() {
    let bytes = of_rows(&(0..1_000).map(|row| row * 3).collect());
    let list = Lists::open(&bytes).unwrap().get(1).unwrap();
    let mut forward = list.cursor(0..u32::MAX, Direction::Forward);
    let mut backward = list.cursor(0..u32::MAX, Direction::Backward);
    for row in [1_500, 30, 1_500, 0] {
        forward.seek(row);
        assert_eq!(forward.peek(), Some(1_500));
    }
    for row in [1_500, 2_000, u32::MAX, 1_500] {
        backward.seek(row);
        assert_eq!(backward.peek(), Some(1_500));
    }
}

#[test]
fn a_window_too_large_for_its_bitmap_sets_what_fits() {
    let bytes = of_rows(&(0..500).collect());
    let list = Lists::open(&bytes).unwrap().get(1).unwrap();
    let mut bitmap = [0; 2];
    list.cursor(0..u32::MAX, Direction::Forward).fill(100..400, &mut bitmap);
    assert_eq!(bitmap, [u64::MAX; 2]);
}
