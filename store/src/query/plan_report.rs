//! What a query did, told to an administrator who asks for it.

use serde::Serialize;

/// How a page was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The name condition, if the filter has one.
    pub name: Option<NamePlan>,
    /// Groups looked into, in the order in which they were opened. Others could hold no row of the
    /// page.
    pub groups: Vec<GroupPlan>,
    /// Everything counted: rows tested, list entries walked, names verified.
    pub steps: u64,
}

/// How a name condition was treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamePlan {
    /// Upper bound for the number of names that match, but for those of the live tail: from
    /// document frequencies and the number of names that no index covers, or from an earlier search
    /// and the number of names since.
    pub bound: u64,
    /// What was done with it in the end.
    pub treatment: NameTreatment,
    /// Whether an index said which names may match. Of kept and of scanned names it did not; its
    /// document frequencies, which `bound` comes from, do not count.
    pub index_used: bool,
    /// Names with a code below this are covered by the index; 0 where it was not needed, as an
    /// earlier search for the text had found them.
    pub covered: u32,
    /// Names looked at one by one.
    pub verified: u64,
}

/// What a name condition was turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum NameTreatment {
    /// The matching names were found first.
    Resolved {
        /// How many matched.
        names: u64,
        /// How many resources bear them.
        resources: u64,
    },
    /// Names that may match were found first; those of them that rows bore were tested.
    Hinted {
        /// How many may match.
        names: u64,
    },
    /// The names of rows were tested as the rows came.
    Lazy,
    /// The resources were given by id.
    Given {
        /// How many of them exist.
        resources: u64,
    },
}

/// What was done in one group of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupPlan {
    /// Where the rows are.
    pub place: GroupPlace,
    /// Rows within the range of time and the cursor.
    pub rows: u32,
    /// What produced the candidates.
    pub driver: Driver,
    /// Rows tested and list entries walked.
    pub steps: u64,
    /// Rows that matched.
    pub hits: u64,
}

/// Where a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum GroupPlace {
    /// In the tail that grows.
    Live,
    /// In the tail that is being sealed.
    Frozen,
    /// In the segment of these offsets.
    Segment {
        /// First offset.
        start: u64,
        /// Offset after the last.
        end: u64,
    },
}

/// What candidates came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Driver {
    /// Nothing: a condition holds for no row of the group.
    Nothing,
    /// Consecutive rows.
    Slice,
    /// The lists of one dimension.
    Lists {
        /// Which dimension.
        dimension: ListDimension,
        /// How many lists.
        lists: u64,
        /// How many entries they have in the group; an estimate where there are many lists.
        entries: u64,
    },
}

/// What lists are kept by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListDimension {
    /// The performer.
    Actor,
    /// The person acted for.
    OnBehalfOf,
    /// The action.
    Action,
    /// The kind of action.
    Kind,
    /// How it ended.
    Outcome,
    /// Types of resources.
    ResourceType,
    /// Resources.
    Resource,
}
