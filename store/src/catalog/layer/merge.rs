//! Layers of neighbouring segments as one.
//!
//! What each brought is put one after the other; of states the newest stays. A touched state whose
//! thing was brought by one of the inputs becomes the state of something new.

use std::sync::Arc;

use super::section::RESOURCE_STATE;
use super::{Layer, LayerWriter, Section};
use crate::StoreError;
use crate::catalog::{LayerSource, Lengths};

/// Layers as they were opened, oldest first.
struct Merge<'a> {
    layers: Vec<Layer<'a>>,
    before: Lengths,
    after: Lengths,
}

/// Where the newest state of a thing is: an input, and the place in its columns.
#[derive(Debug, Clone, Copy, Default)]
struct Newest {
    layer: usize,
    index: u32,
}

/// One of the numbers in [`Lengths`].
type Length = fn(Lengths) -> u32;

const ACTORS: Length = |lengths| lengths.actors;
const ACTIONS: Length = |lengths| lengths.actions;
const TYPES: Length = |lengths| lengths.types;
const RESOURCES: Length = |lengths| lengths.resources;
const NAMES: Length = |lengths| lengths.names;

/// Layers of neighbouring segments, oldest first, as one. The result is what a single seal of their
/// rows would have written.
pub(crate) fn merge_layers(layers: &[Arc<dyn LayerSource>]) -> Result<Vec<u8>, StoreError> {
    let layers = layers.iter().map(|layer| Layer::open(&**layer)).collect::<Result<Vec<_>, _>>()?;
    for pair in layers.windows(2) {
        if pair[0].after != pair[1].before {
            return Err(pair[1].corrupt("its catalog layer does not continue the one before it"));
        }
    }
    let before = layers.first().map_or(Lengths::default(), Layer::before);
    let after = layers.last().map_or(Lengths::default(), Layer::after);
    let mut writer = LayerWriter::new(before, after);
    Merge { layers, before, after }.write(&mut writer)?;
    Ok(writer.finish())
}

impl Merge<'_> {
    fn write(&self, writer: &mut LayerWriter) -> Result<(), StoreError> {
        self.column(writer, Section::ActorKinds, ACTORS)?;
        self.texts(writer, Section::ActorIds, ACTORS)?;
        self.table(writer, Section::ActorTable, ACTORS)?;
        self.texts(writer, Section::Actions, ACTIONS)?;
        self.table(writer, Section::ActionTable, ACTIONS)?;
        self.texts(writer, Section::Types, TYPES)?;
        self.table(writer, Section::TypeTable, TYPES)?;
        self.column(writer, Section::ResourceTypes, RESOURCES)?;
        self.texts(writer, Section::ResourceIds, RESOURCES)?;
        self.table(writer, Section::ResourceTable, RESOURCES)?;
        self.column(writer, Section::NameResources, NAMES)?;
        self.texts(writer, Section::Folded, NAMES)?;
        self.column(writer, Section::NameForms, NAMES)?;
        self.texts(writer, Section::NameTexts, NAMES)?;
        self.column(writer, Section::NameFirstAt, NAMES)?;
        self.column(writer, Section::NameFirstSeq, NAMES)?;
        self.renames(writer)?;
        self.table(writer, Section::NameTable, NAMES)?;
        self.actor_states(writer)?;
        self.resource_states(writer)
    }

    /// How many things a layer brought.
    fn brought(&self, layer: &Layer<'_>, length: Length) -> u32 {
        length(layer.after) - length(layer.before)
    }

    /// How many things the layers before this one brought.
    fn shift(&self, layer: &Layer<'_>, length: Length) -> u32 {
        length(layer.before) - length(self.before)
    }

    fn column(
        &self,
        writer: &mut LayerWriter,
        section: Section,
        length: Length,
    ) -> Result<(), StoreError> {
        let mut values = Vec::new();
        for layer in &self.layers {
            let column = layer.column(section)?;
            values.extend((0..self.brought(layer, length)).map(|index| column.get(index)));
        }
        writer.column(section, &values);
        Ok(())
    }

    fn texts(
        &self,
        writer: &mut LayerWriter,
        section: Section,
        length: Length,
    ) -> Result<(), StoreError> {
        let mut arenas = Vec::with_capacity(self.layers.len());
        let (mut ends, mut start) = (Vec::new(), 0);
        for layer in &self.layers {
            let (bytes, column) = layer.texts(section)?;
            let mut last = 0;
            for index in 0..self.brought(layer, length) {
                let end = column.end(index);
                if end < last || end > bytes.len() {
                    return Err(layer.unsound(section));
                }
                ends.push(start + end);
                last = end;
            }
            if last != bytes.len() {
                return Err(layer.unsound(section));
            }
            arenas.push(bytes);
            start += bytes.len();
        }
        writer.arenas(section, &arenas, &ends);
        Ok(())
    }

    fn table(
        &self,
        writer: &mut LayerWriter,
        section: Section,
        length: Length,
    ) -> Result<(), StoreError> {
        let mut tables = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let brought = self.brought(layer, length);
            match layer.table(section)? {
                None if brought == 0 => {}
                Some(table)
                    if table.len() == brought
                        && table.iter().all(|(hash, index)| hash >> 48 == 0 && index < brought) =>
                {
                    tables.push((table, self.shift(layer, length)));
                }
                _ => return Err(layer.unsound(section)),
            }
        }
        writer.merged_tables(section, &tables);
        Ok(())
    }

    fn renames(&self, writer: &mut LayerWriter) -> Result<(), StoreError> {
        let (mut renames, mut previous) = (Vec::new(), Vec::new());
        for layer in &self.layers {
            let shift = self.shift(layer, NAMES);
            let column = layer.column(Section::PreviousNames)?;
            let brought = self.brought(layer, NAMES);
            for (rank, index) in
                ascending(layer, Section::Renames, brought)?.into_iter().enumerate()
            {
                renames.push(shift + index);
                previous.push(column.get(u32::try_from(rank).unwrap_or(u32::MAX)));
            }
        }
        writer.ranked_codes(Section::Renames, &renames);
        writer.column(Section::PreviousNames, &previous);
        Ok(())
    }

    fn actor_states(&self, writer: &mut LayerWriter) -> Result<(), StoreError> {
        let newest = self.newest_states(writer, Section::TouchedActors, ACTORS)?;
        self.state_column(writer, Section::ActorFlags, &newest)?;
        self.state_texts(writer, Section::ActorNames, &newest)?;
        self.state_texts(writer, Section::ActorEmails, &newest)?;
        self.state_column(writer, Section::ActorSeenAt, &newest)?;
        self.state_column(writer, Section::ActorSeenSeq, &newest)
    }

    fn resource_states(&self, writer: &mut LayerWriter) -> Result<(), StoreError> {
        let newest = self.newest_states(writer, Section::TouchedResources, RESOURCES)?;
        RESOURCE_STATE
            .into_iter()
            .try_for_each(|section| self.state_column(writer, section, &newest))
    }

    /// Where the states are: of everything brought, then of what is older and was touched, whose
    /// codes are written.
    fn newest_states(
        &self,
        writer: &mut LayerWriter,
        section: Section,
        length: Length,
    ) -> Result<Vec<Newest>, StoreError> {
        let brought = length(self.after) - length(self.before);
        let mut newest = vec![Newest::default(); brought as usize];
        let mut older = Vec::new();
        for (place, layer) in self.layers.iter().enumerate() {
            let brought = self.brought(layer, length);
            let shift = self.shift(layer, length) as usize;
            for index in 0..brought {
                newest[shift + index as usize] = Newest { layer: place, index };
            }
            let touched = ascending(layer, section, length(layer.before))?;
            for (code, index) in touched.into_iter().zip(brought..) {
                let state = Newest { layer: place, index };
                match code.checked_sub(length(self.before)) {
                    Some(index) => newest[index as usize] = state,
                    None => older.push((code, state)),
                }
            }
        }
        // A stable sort: of one code the newest layer's comes first.
        older.reverse();
        older.sort_by_key(|(code, _)| *code);
        older.dedup_by_key(|(code, _)| *code);
        let codes: Vec<u32> = older.iter().map(|(code, _)| *code).collect();
        writer.ranked_codes(section, &codes);
        newest.extend(older.into_iter().map(|(_, state)| state));
        Ok(newest)
    }

    fn state_column(
        &self,
        writer: &mut LayerWriter,
        section: Section,
        newest: &[Newest],
    ) -> Result<(), StoreError> {
        let columns = self.layers.iter().map(|layer| layer.column(section));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let values = newest.iter().map(|state| columns[state.layer].get(state.index));
        writer.column(section, &values.collect::<Vec<_>>());
        Ok(())
    }

    fn state_texts(
        &self,
        writer: &mut LayerWriter,
        section: Section,
        newest: &[Newest],
    ) -> Result<(), StoreError> {
        let arenas = self.layers.iter().map(|layer| layer.texts(section));
        let arenas = arenas.collect::<Result<Vec<_>, _>>()?;
        let mut unsound = None;
        let texts = newest.iter().map(|state| {
            let (bytes, ends) = arenas[state.layer];
            let text = bytes.get(ends.start(state.index)..ends.end(state.index));
            text.unwrap_or_else(|| {
                unsound = Some(state.layer);
                &[]
            })
        });
        writer.texts(section, texts);
        unsound.map_or(Ok(()), |layer| Err(self.layers[layer].unsound(section)))
    }
}

/// The ranked codes of a section; an error unless they ascend and are below `end`.
fn ascending(layer: &Layer<'_>, section: Section, end: u32) -> Result<Vec<u32>, StoreError> {
    let mut codes = Vec::new();
    for code in layer.ranked_codes(section)?.iter() {
        if code >= end || codes.last().is_some_and(|last| *last >= code) {
            return Err(layer.unsound(section));
        }
        codes.push(code);
    }
    Ok(codes)
}
