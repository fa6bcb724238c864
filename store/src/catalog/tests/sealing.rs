//! Codes, texts and states do not depend on how often and where a catalog was sealed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::history::history;
use super::oracle::Oracle;
use super::{InMemory, layers_of};
use crate::catalog::{Catalog, Delta, LayerSource, SealedCatalog, layer_lengths, merge_layers};

#[derive(Debug, Clone)]
enum Step {
    Record(usize),
    Freeze,
    Install,
    Merge(usize, usize),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..25_usize).prop_map(Step::Record),
        2 => Just(Step::Freeze),
        2 => Just(Step::Install),
        2 => (0..6_usize, 2..5_usize).prop_map(|(first, len)| Step::Merge(first, len)),
        1 => Just(Step::Reopen),
    ]
}

/// A catalog, what it should be, and how it got there.
#[derive(Default)]
struct Run {
    catalog: Catalog,
    oracle: Oracle,
    layers: Vec<Arc<dyn LayerSource>>,
    frozen: Option<Arc<Delta>>,
    /// Events recorded, frozen and in layers.
    recorded: usize,
    frozen_to: usize,
    installed: usize,
    pinned: Vec<(SealedCatalog, Oracle)>,
}

impl Run {
    fn record(&mut self, history: &[(annals_schemas::Event, super::OrderKey)], events: usize) {
        let end = (self.recorded + events).min(history.len());
        for (event, key) in &history[self.recorded..end] {
            let expected = self.oracle.record(event, *key);
            assert_eq!(self.catalog.record(&event.into(), *key).unwrap(), expected);
        }
        self.recorded = end;
    }

    fn freeze(&mut self) {
        if self.frozen.is_none() {
            self.frozen = Some(self.catalog.freeze());
            self.frozen_to = self.recorded;
            self.pinned.push((self.catalog.sealed(), self.oracle.clone()));
        }
    }

    fn install(&mut self) {
        if let Some(frozen) = self.frozen.take() {
            self.layers.push(InMemory::source(frozen.to_layer()));
            self.catalog.set_layers(self.layers.clone(), true).unwrap();
            self.installed = self.frozen_to;
            assert_eq!(
                self.catalog.view().layer_names(),
                self.catalog.sealed().view().lengths().names
            );
        }
    }

    fn merge(&mut self, first: usize, len: usize) {
        if let Some(inputs) = self.layers.get(first..first + len) {
            let merged = InMemory::source(merge_layers(inputs).unwrap());
            let (before, _) = layer_lengths(&*inputs[0]).unwrap();
            let (_, after) = layer_lengths(&**inputs.last().unwrap()).unwrap();
            assert_eq!(layer_lengths(&*merged).unwrap(), (before, after));
            self.layers.splice(first..first + len, [merged]);
            self.catalog.set_layers(self.layers.clone(), false).unwrap();
        }
    }

    /// What is not in a layer is folded again.
    fn reopen(&mut self, history: &[(annals_schemas::Event, super::OrderKey)]) {
        self.catalog = Catalog::over(self.layers.clone()).unwrap();
        self.frozen = None;
        for (event, key) in &history[self.installed..self.recorded] {
            self.catalog.record(&event.into(), *key).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_catalog_says_the_same_whatever_the_sealing_was(
        seed in any::<u64>(),
        steps in prop::collection::vec(step(), 1..24),
    ) {
        let history = history(seed, 300);
        let mut run = Run::default();
        for step in steps {
            match step {
                Step::Record(events) => run.record(&history, events),
                Step::Freeze => run.freeze(),
                Step::Install => run.install(),
                Step::Merge(first, len) => run.merge(first, len),
                Step::Reopen => run.reopen(&history),
            }
            run.oracle.check(run.catalog.view());
        }
        for (sealed, oracle) in &run.pinned {
            oracle.check(sealed.view());
        }
    }

    #[test]
    fn merged_layers_are_the_bytes_of_one_seal(
        seed in any::<u64>(),
        mut cuts in prop::collection::vec(0..200_usize, 1..9),
        first in 0..8_usize,
        len in 1..9_usize,
    ) {
        let history = history(seed, 200);
        cuts.sort_unstable();
        let first = first.min(cuts.len() - 1);
        let end = (first + len).min(cuts.len());
        let merged = merge_layers(&layers_of(&history, &cuts)[first..end]).unwrap();
        let mut fewer = cuts.clone();
        fewer.drain(first..end - 1);
        let sealed_once = &layers_of(&history, &fewer)[first];
        prop_assert_eq!(&*merged, sealed_once.layer().unwrap());
    }

    #[test]
    fn merging_is_associative(
        seed in any::<u64>(),
        mut cuts in prop::array::uniform4(0..150_usize),
    ) {
        cuts.sort_unstable();
        let layers = layers_of(&history(seed, 150), &cuts);
        let merge =
            |layers: &[Arc<dyn LayerSource>]| InMemory::source(merge_layers(layers).unwrap());
        let all = merge(&layers);
        let left = merge(&[merge(&layers[..2]), merge(&layers[2..])]);
        let right = merge(&[layers[0].clone(), merge(&[merge(&layers[1..3]), layers[3].clone()])]);
        prop_assert_eq!(all.layer().unwrap(), left.layer().unwrap());
        prop_assert_eq!(all.layer().unwrap(), right.layer().unwrap());
    }
}

#[test]
fn merging_one_layer_gives_its_bytes_and_merging_none_an_empty_one() {
    let layers = layers_of(&history(3, 80), &[40, 80]);
    assert_eq!(merge_layers(&layers[1..]).unwrap(), layers[1].layer().unwrap());
    let empty = InMemory::source(merge_layers(&[]).unwrap());
    assert_eq!(layer_lengths(&*empty).unwrap(), Default::default());
    assert_eq!(empty.layer().unwrap(), Delta::default().to_layer());
}

#[test]
fn layers_that_do_not_continue_are_refused_and_nothing_changes() {
    let history = history(5, 90);
    let layers = layers_of(&history, &[30, 60, 90]);
    assert!(Catalog::over(vec![layers[0].clone(), layers[2].clone()]).is_err());
    assert!(Catalog::over(layers[1..].to_vec()).is_err());
    assert!(merge_layers(&[layers[0].clone(), layers[2].clone()]).is_err());
    let mut catalog = Catalog::over(layers.clone()).unwrap();
    assert!(catalog.set_layers(layers[..2].to_vec(), false).is_err());
    let mut oracle = Oracle::default();
    history.iter().for_each(|(event, key)| drop(oracle.record(event, *key)));
    oracle.check(catalog.view());
}

#[test]
fn a_failed_record_leaves_the_catalog_as_it_was() {
    let history = history(11, 240);
    let bytes = |layer: &Arc<dyn LayerSource>| layer.layer().unwrap().to_vec();
    let sealed: Vec<Arc<InMemory>> = layers_of(&history, &[60, 120])
        .iter()
        .map(|layer| Arc::new(InMemory { bytes: bytes(layer), ..InMemory::default() }))
        .collect();
    let sources = || sealed.iter().map(|layer| layer.clone() as Arc<dyn LayerSource>).collect();
    let mut catalog = Catalog::over(sources()).unwrap();
    let mut undisturbed = Catalog::over(sources()).unwrap();
    let mut failures = 0;
    for (number, (event, key)) in history[120..].iter().enumerate() {
        let lengths = catalog.view().lengths();
        sealed[number % 2].fails.store(true, Ordering::Relaxed);
        let failed = catalog.record(&event.into(), *key);
        sealed[number % 2].fails.store(false, Ordering::Relaxed);
        let expected = undisturbed.record(&event.into(), *key).unwrap();
        match failed {
            Ok(codes) => assert_eq!(codes, expected),
            Err(_) => {
                failures += 1;
                assert_eq!(catalog.view().lengths(), lengths);
                assert_eq!(catalog.record(&event.into(), *key).unwrap(), expected);
            }
        }
    }
    assert!(failures > 10, "{failures}");
    assert_eq!(catalog.freeze().to_layer(), undisturbed.freeze().to_layer());
}
