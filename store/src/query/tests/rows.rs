//! Rows in memory as a segment has them, with lists or without.

use crate::StoreError;
use crate::catalog::{CatalogView, OrderKey};
use crate::codes::EventCodes;
use crate::packed::{List, Lists, NO_KEY};
use crate::query::merge::Source;
use crate::query::plan_report::GroupPlace;
use crate::rows::{Column, Dimension, Further, Rows};

/// Rows of one group.
pub(super) struct TestRows {
    pub(super) keys: Vec<OrderKey>,
    codes: [Vec<u32>; 7],
    further: Vec<Vec<(u32, u32)>>,
    lists: Option<[Vec<u8>; 7]>,
}

impl TestRows {
    pub(super) fn new(mut events: Vec<(OrderKey, EventCodes)>, has_lists: bool) -> Self {
        events.sort_by_key(|(key, _)| *key);
        let column = |code: &dyn Fn(&EventCodes) -> u32| {
            events.iter().map(|(_, codes)| code(codes)).collect::<Vec<u32>>()
        };
        let first = |codes: &EventCodes| codes.resources.first().copied();
        let codes = [
            column(&|codes| codes.actor),
            column(&|codes| codes.on_behalf_of.map_or(0, |code| code + 1)),
            column(&|codes| codes.action),
            column(&|codes| codes.kind.code()),
            column(&|codes| codes.outcome.code()),
            column(&|codes| first(codes).map_or(0, |resource| resource.resource_type + 1)),
            column(&|codes| first(codes).map_or(0, |resource| resource.name + 1)),
        ];
        let rest = |codes: &EventCodes| {
            let further = codes.resources.iter().skip(1);
            further.map(|resource| (resource.resource_type, resource.name)).collect()
        };
        Self {
            keys: events.iter().map(|(key, _)| *key).collect(),
            codes,
            further: events.iter().map(|(_, codes)| rest(codes)).collect(),
            lists: has_lists.then(|| lists(&events)),
        }
    }
}

/// The lists of every dimension, in the order of `Dimension`.
fn lists(events: &[(OrderKey, EventCodes)]) -> [Vec<u8>; 7] {
    let write = |of: &dyn Fn(&EventCodes) -> Vec<u32>| {
        let (mut keys, mut further) = (Vec::new(), Vec::new());
        for (row, (_, codes)) in (0..).zip(events) {
            let of = of(codes);
            keys.push(of.first().copied().unwrap_or(NO_KEY));
            further.extend(of.iter().skip(1).map(|code| (row, *code)));
        }
        let mut bytes = Vec::new();
        Lists::write(&keys, &further, &mut bytes);
        bytes
    };
    [
        write(&|codes| vec![codes.actor]),
        write(&|codes| codes.on_behalf_of.into_iter().collect()),
        write(&|codes| vec![codes.action]),
        write(&|codes| vec![codes.kind.code()]),
        write(&|codes| vec![codes.outcome.code()]),
        write(&|codes| codes.resources.iter().map(|resource| resource.resource_type).collect()),
        write(&|codes| codes.resources.iter().map(|resource| resource.resource).collect()),
    ]
}

impl TestRows {
    fn of(&self, dimension: Dimension) -> Option<Lists<'_>> {
        let bytes = &self.lists.as_ref()?[dimension as usize];
        Some(Lists::open(bytes).unwrap())
    }
}

impl Rows for TestRows {
    fn len(&self) -> u32 {
        u32::try_from(self.keys.len()).unwrap()
    }

    fn key(&self, row: u32) -> OrderKey {
        self.keys[row as usize]
    }

    fn lower_bound(&self, key: OrderKey) -> u32 {
        u32::try_from(self.keys.partition_point(|other| *other < key)).unwrap()
    }

    fn code(&self, column: Column, row: u32) -> u32 {
        self.codes[column as usize][row as usize]
    }

    fn codes(&self, column: Column, start: u32, codes: &mut [u32]) {
        let start = start as usize;
        codes.copy_from_slice(&self.codes[column as usize][start..start + codes.len()]);
    }

    fn further(&self, row: u32) -> Further<'_> {
        Further::Plain(&self.further[row as usize])
    }

    fn each_further(&self, range: std::ops::Range<u32>, mut each: impl FnMut(u32, u32, u32)) {
        for row in range {
            for (resource_type, name) in &self.further[row as usize] {
                each(row, *resource_type, *name);
            }
        }
    }

    fn has_further(&self) -> bool {
        self.further.iter().any(|further| !further.is_empty())
    }

    fn has_lists(&self) -> bool {
        self.lists.is_some()
    }

    fn list(&self, dimension: Dimension, code: u32) -> Option<List<'_>> {
        self.of(dimension)?.get(code)
    }

    fn list_lengths(&self, dimension: Dimension) -> Vec<(u32, u32)> {
        let lists = self.of(dimension);
        lists.map_or_else(Vec::new, |lists| lists.iter().map(|(k, list)| (k, list.len())).collect())
    }

    fn last_seq(&self) -> u64 {
        self.keys.iter().map(|key| key.seq).max().unwrap_or(0)
    }
}

impl<'a> Source for &'a TestRows {
    type Rows = &'a TestRows;

    fn bounds(&self) -> Option<(OrderKey, OrderKey)> {
        Some((*self.keys.first()?, *self.keys.last()?))
    }

    fn open(&self) -> Result<&'a TestRows, StoreError> {
        Ok(self)
    }

    fn place(&self) -> GroupPlace {
        GroupPlace::Frozen
    }
}

/// Whether a view and rows agree, so that a test's own mistake is not taken for the planner's.
pub(super) fn assert_known(view: &CatalogView<'_>, rows: &TestRows) {
    for name in &rows.codes[Column::Name as usize] {
        assert!(*name <= view.lengths().names);
    }
}
