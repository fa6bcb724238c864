//! The directory: for each workspace what the segment holds of it, and where.
//!
//! Sections follow each other without gaps, so the directory keeps lengths and the places follow:
//! there is no byte of the file that belongs to nothing. Deliberately not here: what is in them.

use serde::{Deserialize, Serialize};

use crate::catalog::{Lengths, OrderKey};
use crate::fold::Counts;

/// A checksummed stretch of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Section {
    /// Known from the sections before it.
    #[serde(skip)]
    pub(super) at: u64,
    pub(super) length: u64,
    pub(super) crc: u32,
}

impl Section {
    /// The place after it.
    pub(super) fn end(&self) -> u64 {
        self.at + self.length
    }
}

/// State of a workspace after the segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupEnd {
    pub(crate) last_seq: u64,
    pub(crate) last_offset: Option<u64>,
}

/// One workspace of the directory. Kept in memory for every open segment: small.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Empty for records of nobody.
    pub(crate) workspace: String,
    pub(crate) visible: u32,
    pub(crate) duplicate: u32,
    pub(crate) quarantined: u32,
    /// Keys of the oldest and newest visible row.
    pub(crate) oldest: OrderKey,
    pub(crate) newest: OrderKey,
    /// Number in the segment of the group's row 0.
    #[serde(skip)]
    pub(crate) first_row: u32,
    pub(crate) end: GroupEnd,
    /// Lengths of the catalog before and after the layer.
    pub(super) lengths: Option<(Lengths, Lengths)>,
    /// Where the group's blocks start: right before the columns.
    #[serde(skip)]
    pub(super) blocks_at: u64,
    pub(super) blocks_length: u64,
    pub(super) columns: Section,
    pub(super) lists: Section,
    pub(super) block_table: Section,
    pub(super) layer: Section,
}

impl Group {
    /// Rows of all verdicts: the visible ones are numbered first.
    pub(crate) fn rows(&self) -> u32 {
        self.visible + self.refused()
    }

    /// Rows that nobody sees.
    pub(crate) fn refused(&self) -> u32 {
        self.duplicate + self.quarantined
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            visible: u64::from(self.visible),
            duplicate: u64::from(self.duplicate),
            quarantined: u64::from(self.quarantined),
        }
    }

    fn sections_mut(&mut self) -> [&mut Section; 4] {
        [&mut self.columns, &mut self.lists, &mut self.block_table, &mut self.layer]
    }
}

/// The sum of all groups.
pub(super) fn counts_of(groups: &[Group]) -> Counts {
    groups.iter().fold(Counts::default(), |mut sum, group| {
        sum.add(group.counts());
        sum
    })
}

/// The bytes of a directory.
pub(super) fn directory_bytes(groups: &[Group]) -> Vec<u8> {
    postcard::to_stdvec(groups).expect("a directory is plain data")
}

/// Reads a directory whose first group starts at this byte, and says where the last one ends.
pub(super) fn read_directory(bytes: &[u8], start: u64) -> Result<(Vec<Group>, u64), String> {
    let (mut groups, rest) =
        postcard::take_from_bytes::<Vec<Group>>(bytes).map_err(|error| error.to_string())?;
    if !rest.is_empty() {
        return Err("bytes after the directory".into());
    }
    if !groups.is_sorted_by(|a, b| a.workspace < b.workspace) {
        return Err("the directory is not sorted".into());
    }
    let (mut at, mut row) = (start, 0_u32);
    for group in &mut groups {
        place(group, &mut at, &mut row)
            .ok_or_else(|| format!("group {:?} of the directory is too large", group.workspace))?;
    }
    Ok((groups, at))
}

/// Fills in what follows from the groups before; `None` if it cannot be counted.
fn place(group: &mut Group, at: &mut u64, row: &mut u32) -> Option<()> {
    let refused = group.duplicate.checked_add(group.quarantined)?;
    group.visible.checked_add(refused)?;
    group.first_row = *row;
    *row = row.checked_add(group.visible)?;
    group.blocks_at = *at;
    *at = at.checked_add(group.blocks_length)?;
    for section in group.sections_mut() {
        section.at = *at;
        *at = at.checked_add(section.length)?;
    }
    Some(())
}
