//! Texts asked for again and again while names come.

use proptest::prelude::*;

use super::oracle::expected;
use super::reader::{compact, fold, known_events, open, reader, request, seal};
use crate::fixture::{self, Dice, TYPES, log};
use crate::names::NameMatch;
use crate::query::{
    Budget, CountMode, Direction, FacetBy, FacetRequest, Filter, NameFilter, NameScope, PageRequest,
};

/// What bears a text is kept by questions that ask for types as well, and by walks of a snapshot
/// that holds all that is sealed: those of a facet without the types, and of a second page.
#[tokio::test]
async fn what_else_is_asked_does_not_keep_a_text_from_being_kept() {
    let records = log(5, 400);
    for (types, at_snapshot) in [(vec![TYPES[0].to_owned()], false), (Vec::new(), true)] {
        let store = open().await;
        fold(&store, &records[..300]);
        seal(&store).await;
        let reader = reader(&store, 0);
        let snapshot = Some(reader.last_seq()).filter(|_| at_snapshot);
        fold(&store, &records[300..]);
        let name =
            NameFilter { text: "a".into(), mode: NameMatch::Contains, scope: NameScope::Ever };
        let filter = Filter { name: Some(name), resource_types: types, ..Filter::default() };
        let by = &[FacetBy::Actor];
        let request =
            FacetRequest { filter: &filter, by, limit: 9, snapshot, budget: Budget::UNLIMITED };
        reader.facets(&request).unwrap();
        let sealed = store.sealed(fixture::workspace(0).as_str()).unwrap();
        let kept = sealed.catalog.view().kept_names().get(NameMatch::Contains, "a");
        let mut bearing = 0;
        let names = sealed.catalog.view().lengths().names;
        let mut count = |_, folded: &str| bearing += u64::from(folded.contains('a'));
        sealed.catalog.view().for_each_folded(0..names, &mut count).unwrap();
        assert_eq!(kept.map(|kept| kept.count()), Some(bearing), "{filter:?}");
    }
}

/// Parts of the records: after each one everything is asked again.
const PARTS: usize = 5;
/// Rows of a page.
const PAGE: usize = 9;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// What was kept of a text is extended by the names of a later seal, and says nothing of types,
    /// scopes and snapshots, which differ from one question to the next.
    #[test]
    fn names_found_before_are_found_with_those_that_came_since(seed in any::<u64>()) {
        let records = log(seed, 300);
        let mut dice = Dice::new(seed ^ 3);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let store = runtime.block_on(open());
        for (number, part) in records.chunks(records.len().div_ceil(PARTS)).enumerate() {
            fold(&store, part);
            if number != 2 {
                runtime.block_on(seal(&store));
            }
            if number == 1 {
                runtime.block_on(compact(&store));
            }
            let known = known_events(&records, 0);
            let reader = reader(&store, 0);
            let newest = reader.last_seq();
            for text in ["a", "al", "e", "vip", "v i"] {
                let filter = Filter {
                    name: Some(NameFilter {
                        text: text.into(),
                        mode: dice.pick(&[NameMatch::Contains, NameMatch::Prefix]),
                        scope: dice.pick(&[NameScope::Ever, NameScope::Event]),
                    }),
                    resource_types: match dice.below(3) {
                        0 => vec![dice.pick(&TYPES).to_owned()],
                        _ => Vec::new(),
                    },
                    ..Filter::default()
                };
                let snapshot = dice.pick(&[None, None, Some(newest / 2)]);
                let rows = expected(&filter, &known, snapshot.unwrap_or(newest));
                // A page may keep which names may match, what counts rows keeps which do.
                let page = || {
                    let request = request(&filter, Direction::Older, PAGE);
                    let page = reader.page(&PageRequest { snapshot, ..request }).unwrap();
                    page.rows.iter().map(|row| row.seq).collect::<Vec<u64>>()
                };
                let newest_rows: Vec<u64> = rows.iter().take(PAGE).map(|it| it.key.seq).collect();
                prop_assert_eq!(page(), &newest_rows[..], "{:?}", (&filter, snapshot, number));
                let expected = rows.len() as u64;
                let (mode, budget) = (CountMode::Exact, Budget::UNLIMITED);
                let total = reader.count(&filter, snapshot, mode, budget).unwrap();
                let asked = (&filter, snapshot, number);
                prop_assert_eq!(total.map(|total| total.value), Some(expected), "{:?}", asked);
                let by = &[FacetBy::Kind];
                let request = FacetRequest { filter: &filter, by, limit: 9, snapshot, budget };
                let facets = reader.facets(&request).unwrap().facets;
                let sum: u64 = facets[0].values.iter().map(|value| value.count).sum();
                prop_assert_eq!(sum, expected, "{:?}", asked);
                prop_assert_eq!(page(), newest_rows, "{:?}", asked);
            }
        }
    }
}
