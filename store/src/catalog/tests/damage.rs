//! Damaged layers: errors or wrong facts, never a panic or a walk without end.

use std::sync::Arc;

use annals_schemas::ActorKind;

use super::history::history;
use super::{InMemory, layers_of};
use crate::StoreError;
use crate::catalog::{Catalog, CatalogView, LayerSource, NamesView, layer_lengths, merge_layers};

/// Reads whatever there is, and says how much of it was wrong.
fn read_everything(view: CatalogView<'_>) -> usize {
    let lengths = view.lengths();
    let mut errors = 0;
    let mut note = |failed: bool| errors += usize::from(failed);
    for code in 0..lengths.actors.min(200) {
        note(view.actor(code).is_err());
        note(view.formers(&[code]).is_err());
    }
    for code in 0..lengths.actions.min(200) {
        let text = view.action(code);
        note(text.is_err());
        note(view.action_code(text.unwrap_or("?")).is_err());
    }
    for code in 0..lengths.types.min(200) {
        let text = view.type_text(code);
        note(text.is_err());
        note(view.type_code(text.unwrap_or("?")).is_err());
    }
    for code in 0..lengths.resources.min(200) {
        let resource = view.resource(code);
        note(resource.is_err());
        if let Ok(resource) = resource {
            note(view.resource_code(resource.resource_type, resource.id).is_err());
        }
        note(view.present(code).is_err());
        note(view.presents(&[code]).is_err());
        let Ok(state) = view.resource_state(code) else { continue };
        let mut name = state.newest_name;
        while let Some(Ok(view)) = name.map(|code| view.name(code)) {
            name = view.previous;
        }
    }
    let mut names = NamesView::new(view);
    for code in 0..lengths.names.min(200) {
        note(names.searched(code).is_err());
        let name = view.name(code);
        note(name.is_err());
        if let Ok(name) = name {
            note(view.name_code(name.resource, name.text).is_err());
        }
    }
    note(view.actor_code(ActorKind::User, Some("u1")).is_err());
    if let Ok(ring) = view.name_ring() {
        let others: usize = (0..ring.len()).map(|name| ring.others(name).count()).sum();
        assert!(others < ring.len() as usize * ring.len() as usize + 1);
    }
    note(view.for_each_folded(0..lengths.names, &mut |_, _| ()).is_err());
    for part in ["v", "vip eu", "n1"] {
        note(view.names_containing(0..lengths.names, part).is_err());
    }
    errors
}

fn use_everything(layers: &[Arc<dyn LayerSource>]) -> Result<(), StoreError> {
    let merged = merge_layers(layers);
    let mut catalog = Catalog::over(layers.to_vec())?;
    read_everything(catalog.view());
    for (event, key) in history(77, 12) {
        let _ = catalog.record(&(&event).into(), key);
    }
    read_everything(catalog.view());
    catalog.freeze().to_layer();
    let merged = InMemory::source(merged?);
    layer_lengths(&*merged)?;
    read_everything(Catalog::over(vec![merged])?.view());
    Ok(())
}

#[test]
fn a_flipped_byte_never_panics() {
    let layers = layers_of(&history(1, 60), &[30, 60]);
    let mut found = 0;
    for layer in 0..2 {
        let bytes = layers[layer].layer().unwrap();
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = bytes.to_vec();
                damaged[at] ^= flip;
                let mut layers = layers.clone();
                layers[layer] = InMemory::source(damaged);
                found += usize::from(use_everything(&layers).is_err());
            }
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn a_truncated_layer_never_panics() {
    let layers = layers_of(&history(1, 60), &[60]);
    let bytes = layers[0].layer().unwrap();
    for end in 0..bytes.len() {
        let _ = use_everything(&[InMemory::source(bytes[..end].to_vec())]);
        let _ = use_everything(&[InMemory::source(bytes[end..].to_vec())]);
    }
}

#[test]
fn a_sound_layer_reads_without_an_error() {
    let layers = layers_of(&history(1, 60), &[30, 60]);
    use_everything(&layers).unwrap();
    assert_eq!(read_everything(Catalog::over(layers).unwrap().view()), 0);
}

#[test]
fn damage_is_reported_with_the_path() {
    let damaged = InMemory::source(b"no layer at all".to_vec());
    let error = layer_lengths(&*damaged).unwrap_err();
    assert_eq!(
        error.to_string(),
        "in memory is damaged at byte 0: its catalog layer has no header"
    );
}
