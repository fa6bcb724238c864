//! Writes a layer, section by section in their order.

use super::column::Column;
use super::ranked_codes::RankedCodes;
use super::section::{COUNT, Section};
use crate::catalog::Lengths;
use crate::packed::{Bits, KeyTable};

/// A layer in the making.
#[derive(Debug)]
pub(crate) struct LayerWriter {
    header: Vec<u64>,
    bytes: Vec<u8>,
}

impl LayerWriter {
    pub(crate) fn new(before: Lengths, after: Lengths) -> Self {
        let lengths = before.to_array().into_iter().chain(after.to_array());
        Self { header: lengths.map(u64::from).collect(), bytes: Vec::new() }
    }

    pub(crate) fn column(&mut self, section: Section, values: &[i64]) {
        self.begin(section);
        Column::write(values, &mut self.bytes);
        self.end();
    }

    pub(crate) fn codes(&mut self, section: Section, codes: impl Iterator<Item = u32>) {
        self.column(section, &codes.map(i64::from).collect::<Vec<_>>());
    }

    pub(crate) fn ranked_codes(&mut self, section: Section, codes: &[u32]) {
        self.begin(section);
        RankedCodes::write(codes, &mut self.bytes);
        self.end();
    }

    /// A table from these hashes to numbers from 0 on.
    pub(crate) fn table(&mut self, section: Section, hashes: impl Iterator<Item = u64>) {
        self.begin(section);
        let entries: Vec<(u64, u32)> = hashes.zip(0..).collect();
        if !entries.is_empty() {
            KeyTable::write(entries, &mut self.bytes);
        }
        self.end();
    }

    /// One table out of several, the numbers of each moved by so much.
    pub(super) fn merged_tables(&mut self, section: Section, tables: &[(KeyTable<'_>, u32)]) {
        self.begin(section);
        let moved = |&(table, by): &(_, u32)| (table, move |index: u32| index.wrapping_add(by));
        let tables: Vec<_> = tables.iter().map(moved).collect();
        if !tables.is_empty() {
            KeyTable::merge(&tables, &mut self.bytes);
        }
        self.end();
    }

    /// Texts, from wherever they are.
    pub(crate) fn texts<'t>(&mut self, section: Section, texts: impl Iterator<Item = &'t [u8]>) {
        self.begin(section);
        let start = self.bytes.len();
        let mut ends = Vec::with_capacity(texts.size_hint().0);
        for text in texts {
            self.bytes.extend_from_slice(text);
            ends.push(self.bytes.len() - start);
        }
        self.end();
        self.ends(&ends);
    }

    /// Texts that lie one after the other as they are to be written.
    pub(crate) fn arenas(&mut self, section: Section, arenas: &[&[u8]], ends: &[usize]) {
        self.begin(section);
        arenas.iter().for_each(|bytes| self.bytes.extend_from_slice(bytes));
        self.end();
        self.ends(ends);
    }

    /// The second place of a section of texts.
    fn ends(&mut self, ends: &[usize]) {
        let end = |&end: &usize| i64::try_from(end).expect("no memory holds so many bytes");
        Column::write(&ends.iter().map(end).collect::<Vec<_>>(), &mut self.bytes);
        self.end();
    }

    fn begin(&self, section: Section) {
        let place = section.place() as usize + 10;
        assert_eq!(self.header.len(), place, "sections are written in order: {section:?}");
    }

    fn end(&mut self) {
        self.header.push(self.bytes.len() as u64);
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        assert_eq!(self.header.len(), COUNT as usize + 10, "every section is written");
        let start = self.bytes.len();
        Bits::write(self.header.iter().copied(), &mut self.bytes);
        let length = u32::try_from(self.bytes.len() - start).expect("a header is short");
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes
    }
}
