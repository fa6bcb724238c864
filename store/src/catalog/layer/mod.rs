//! The part of a catalog that one segment holds, read in place.
//!
//! `sections | header | header length u32`: the header is one [`Bits`] of the lengths before and
//! after and of where each [`Section`] ends. Things are numbered from 0 in their layer (the code
//! less the length before); codes that a layer refers to are absolute. States are those of what is
//! new, then those of what is older and was touched.
//!
//! Guarantees: opening reads the header only, nothing allocates, and whatever the bytes are the
//! answer is an error or a wrong fact. Deliberately not here: checksums, and other layers.

mod column;
mod keys;
mod look_up;
mod merge;
mod name_form;
mod names;
mod opened_states;
mod ranked_codes;
mod read;
mod section;
mod state_columns;
mod states;
mod texts;
mod visit;
mod writer;

use super::Lengths;
use super::delta::SEPARATOR;
use super::stacked_layer::LayerSource;
use crate::StoreError;
use crate::packed::{Bits, KeyTable};
pub(super) use column::Column;
pub(super) use keys::{actor_key, name_key, resource_key, text_key};
pub(super) use look_up::SoughtResource;
pub(crate) use merge::merge_layers;
pub(super) use name_form::NameForm;
pub(super) use names::LayerNames;
pub(super) use ranked_codes::RankedCodes;
pub(super) use section::{RESOURCE_STATE, Section};
pub(super) use state_columns::{actor_flags, resource_value};
pub(super) use states::ActorStateView;
pub(super) use texts::LayerTexts;
pub(super) use writer::LayerWriter;

/// Lengths before, lengths after, ends of sections.
const HEADER_LEN: u32 = 10 + section::COUNT;

/// A view of one layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer<'a> {
    source: &'a dyn LayerSource,
    sections: &'a [u8],
    header: Bits<'a>,
    before: Lengths,
    after: Lengths,
}

impl<'a> Layer<'a> {
    /// Opens a layer and looks at its lengths.
    pub(super) fn open(source: &'a dyn LayerSource) -> Result<Self, StoreError> {
        let none = Lengths::default();
        let mut layer = Self::known(source, none, none)?;
        let length = |place| u32::try_from(layer.header.get(place)).unwrap_or(u32::MAX);
        let lengths = |places: [u32; 5]| Lengths::from_array(places.map(length));
        (layer.before, layer.after) = (lengths([0, 1, 2, 3, 4]), lengths([5, 6, 7, 8, 9]));
        // A key table alone takes more than a byte for each thing: who walks them comes to an end.
        let is_backed = |(before, after): (u32, u32)| {
            after
                .checked_sub(before)
                .is_some_and(|brought| brought as usize <= layer.sections.len())
        };
        let pairs = layer.before.to_array().into_iter().zip(layer.after.to_array());
        match pairs.into_iter().all(is_backed) {
            true => Ok(layer),
            false => Err(layer.corrupt("its catalog layer's lengths are unsound")),
        }
    }

    /// Opens a layer with these lengths.
    #[inline]
    pub(super) fn known(
        source: &'a dyn LayerSource,
        before: Lengths,
        after: Lengths,
    ) -> Result<Self, StoreError> {
        let opened = source.layer().map(|bytes| split(bytes))?;
        match opened {
            Some((sections, header)) => Ok(Self { source, sections, header, before, after }),
            None => Err(StoreError::corrupt(source.path(), 0, "its catalog layer has no header")),
        }
    }

    pub(super) fn before(&self) -> Lengths {
        self.before
    }

    pub(super) fn after(&self) -> Lengths {
        self.after
    }

    #[cold]
    pub(super) fn corrupt(&self, detail: impl Into<String>) -> StoreError {
        StoreError::corrupt(self.source.path(), 0, detail)
    }

    #[cold]
    fn unsound(&self, section: Section) -> StoreError {
        self.corrupt(format!("{section:?} of its catalog layer is unsound"))
    }

    #[inline]
    fn bytes(&self, section: Section) -> Result<&'a [u8], StoreError> {
        self.bytes_at(section.place(), section)
    }

    #[inline]
    fn bytes_at(&self, place: u32, section: Section) -> Result<&'a [u8], StoreError> {
        let end = |place: u32| usize::try_from(self.header.get(10 + place)).unwrap_or(usize::MAX);
        let start = place.checked_sub(1).map_or(0, end);
        self.sections.get(start..end(place)).ok_or_else(|| self.unsound(section))
    }

    #[inline]
    pub(super) fn column(&self, section: Section) -> Result<Column<'a>, StoreError> {
        Column::open(self.bytes(section)?).ok_or_else(|| self.unsound(section))
    }

    fn table(&self, section: Section) -> Result<Option<KeyTable<'a>>, StoreError> {
        match self.bytes(section)? {
            [] => Ok(None),
            bytes => match KeyTable::open(bytes) {
                Some(table) => Ok(Some(table)),
                None => Err(self.unsound(section)),
            },
        }
    }

    #[inline]
    pub(super) fn ranked_codes(&self, section: Section) -> Result<RankedCodes<'a>, StoreError> {
        RankedCodes::open(self.bytes(section)?).ok_or_else(|| self.unsound(section))
    }

    /// The bytes of texts, and where each ends.
    #[inline]
    pub(super) fn texts(&self, section: Section) -> Result<(&'a [u8], Column<'a>), StoreError> {
        let ends = Column::open(self.bytes_at(section.place() + 1, section)?);
        Ok((self.bytes(section)?, ends.ok_or_else(|| self.unsound(section))?))
    }

    /// One of the texts of a section.
    #[inline]
    fn text(&self, section: Section, index: u32) -> Result<&'a str, StoreError> {
        let (bytes, ends) = self.texts(section)?;
        let text = bytes.get(ends.start(index)..ends.end(index));
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        text.ok_or_else(|| self.unsound(section))
    }

    /// A folded name.
    #[inline]
    fn folded(&self, index: u32) -> Result<&'a str, StoreError> {
        let (bytes, ends) = self.texts(Section::Folded)?;
        let text = bytes.get(ends.start(index)..ends.end(index));
        let text = text.and_then(|text| std::str::from_utf8(text.strip_suffix(&[SEPARATOR])?).ok());
        text.ok_or_else(|| self.unsound(Section::Folded))
    }
}

/// Sections and header.
#[inline]
fn split(bytes: &[u8]) -> Option<(&[u8], Bits<'_>)> {
    let (bytes, header_len) = bytes.split_last_chunk::<4>()?;
    let header_len = u32::from_le_bytes(*header_len) as usize;
    let (sections, header) = bytes.split_at_checked(bytes.len().checked_sub(header_len)?)?;
    let header = Bits::open(header)?;
    (header.len() == HEADER_LEN).then_some((sections, header))
}
