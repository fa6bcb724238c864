//! The sections of a layer, in the order of its bytes.

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident = $place:literal,)+) => {
        /// A section. One of texts takes two places: the bytes, and a column of where each ends.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Section { $($(#[$doc])* $name = $place),+ }
    };
}

sections! {
    /// Column: kind code times 2, plus 1 for one with an id.
    ActorKinds = 0,
    /// Texts: empty without an id.
    ActorIds = 1,
    /// Key table, as are all tables: from [`super::keys`] to numbers in this layer.
    ActorTable = 3,
    /// Texts.
    Actions = 4,
    ActionTable = 6,
    /// Texts.
    Types = 7,
    TypeTable = 9,
    /// Column: type codes of resources.
    ResourceTypes = 10,
    /// Texts.
    ResourceIds = 11,
    ResourceTable = 13,
    /// Column: resource codes of names.
    NameResources = 14,
    /// Texts, each followed by `SEPARATOR`.
    Folded = 15,
    /// Column: values of [`super::NameForm`].
    NameForms = 17,
    /// Texts: empty where the folded text is the name.
    NameTexts = 18,
    NameFirstAt = 20,
    NameFirstSeq = 21,
    /// Ranked codes: the numbers of names that have a previous one.
    Renames = 22,
    /// Column: previous names of those, by rank.
    PreviousNames = 23,
    NameTable = 24,
    /// Ranked codes of older actors that were touched.
    TouchedActors = 25,
    /// Column: 1 for a name, 2 for an e-mail, 4 for former.
    ActorFlags = 26,
    /// Texts.
    ActorNames = 27,
    /// Texts.
    ActorEmails = 29,
    ActorSeenAt = 31,
    ActorSeenSeq = 32,
    /// Ranked codes of older resources that were touched.
    TouchedResources = 33,
    /// Columns of resource states: see [`super::state_columns`].
    StateFlags = 34,
    FirstAt = 35,
    FirstSeq = 36,
    LastAt = 37,
    LastSeq = 38,
    NewestName = 39,
    Name = 40,
    NameAt = 41,
    NameSeq = 42,
    AsideName = 43,
    AsideAt = 44,
    AsideSeq = 45,
    DeletedAt = 46,
    DeletedSeq = 47,
    Creator = 48,
    CreatorAt = 49,
    CreatorSeq = 50,
    Editor = 51,
    EditorAt = 52,
    EditorSeq = 53,
    Changes = 54,
}

/// How many places there are.
pub(super) const COUNT: u32 = 55;

/// The columns of a resource's state, in the order of their places.
pub(crate) const RESOURCE_STATE: [Section; 21] = [
    Section::StateFlags,
    Section::FirstAt,
    Section::FirstSeq,
    Section::LastAt,
    Section::LastSeq,
    Section::NewestName,
    Section::Name,
    Section::NameAt,
    Section::NameSeq,
    Section::AsideName,
    Section::AsideAt,
    Section::AsideSeq,
    Section::DeletedAt,
    Section::DeletedSeq,
    Section::Creator,
    Section::CreatorAt,
    Section::CreatorSeq,
    Section::Editor,
    Section::EditorAt,
    Section::EditorSeq,
    Section::Changes,
];

impl Section {
    /// The first place it takes.
    #[inline]
    pub(super) fn place(self) -> u32 {
        self as u32
    }
}
