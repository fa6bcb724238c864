//! States as columns of integers, most of them 0: times and codes are stored by what they differ
//! from one that is close. The differences are within a state, so a merge copies them as they are.

use super::Section;
use crate::catalog::actor_state::ActorState;
use crate::catalog::{Latest, OrderKey, Present, ResourceState};

const HAS_NAME: i64 = 1;
const HAS_ASIDE_NAME: i64 = 1 << 1;
const HAS_DELETED: i64 = 1 << 2;
const IS_DELETED: i64 = 1 << 3;
const EVER_DELETED: i64 = 1 << 4;
const HAS_CREATOR: i64 = 1 << 5;
const HAS_EDITOR: i64 = 1 << 6;
const HAS_NEWEST_NAME: i64 = 1 << 7;

pub(super) const ACTOR_HAS_NAME: i64 = 1;
pub(super) const ACTOR_HAS_EMAIL: i64 = 2;
pub(super) const ACTOR_FORMER: i64 = 4;

/// The value of [`Section::ActorFlags`].
pub(crate) fn actor_flags(state: &ActorState) -> i64 {
    let flag = |is: bool, flag: i64| if is { flag } else { 0 };
    flag(state.name.is_some(), ACTOR_HAS_NAME)
        | flag(state.email.is_some(), ACTOR_HAS_EMAIL)
        | flag(state.former, ACTOR_FORMER)
}

/// A state's value in one of the columns of `RESOURCE_STATE`.
pub(crate) fn resource_value(state: &ResourceState, column: Section) -> i64 {
    let code = |code: Option<u32>| code.map_or(0, i64::from);
    let value = |latest: Option<Latest<u32>>| latest.map(|latest| latest.value);
    let newest = code(state.newest_name);
    // Of an absent value nothing differs.
    let at = |at: Option<OrderKey>, from: OrderKey| {
        at.map_or(0, |at| from.effective_at.wrapping_sub(at.effective_at))
    };
    let seq = |at: Option<OrderKey>, from: OrderKey| {
        at.map_or(0, |at| from.seq.wrapping_sub(at.seq).cast_signed())
    };
    let name = state.name.map(|latest| latest.at);
    let aside = state.aside_name.map(|latest| latest.at);
    let deleted = state.deleted.map(|latest| latest.at);
    let creator = state.creator.map(|latest| latest.at);
    let editor = state.last_editor.map(|latest| latest.at);
    match column {
        Section::StateFlags => flags(state),
        Section::FirstAt => state.first.effective_at,
        Section::FirstSeq => state.first.seq.cast_signed(),
        Section::LastAt => at(Some(state.last), state.first),
        Section::LastSeq => seq(Some(state.last), state.first),
        Section::NewestName => newest,
        Section::Name => value(state.name).map_or(0, |name| newest - i64::from(name)),
        Section::NameAt => at(name, state.last),
        Section::NameSeq => seq(name, state.last),
        Section::AsideName => value(state.aside_name).map_or(0, |name| newest - i64::from(name)),
        Section::AsideAt => at(aside, state.last),
        Section::AsideSeq => seq(aside, state.last),
        Section::DeletedAt => at(deleted, state.last),
        Section::DeletedSeq => seq(deleted, state.last),
        Section::Creator => code(value(state.creator)),
        Section::CreatorAt => at(creator, state.first),
        Section::CreatorSeq => seq(creator, state.first),
        Section::Editor => {
            let creator = code(value(state.creator));
            value(state.last_editor).map_or(0, |editor| i64::from(editor) - creator)
        }
        Section::EditorAt => at(editor, state.last),
        Section::EditorSeq => seq(editor, state.last),
        Section::Changes => state.changes.into(),
        _ => 0,
    }
}

fn flags(state: &ResourceState) -> i64 {
    let flag = |is: bool, flag: i64| if is { flag } else { 0 };
    flag(state.name.is_some(), HAS_NAME)
        | flag(state.aside_name.is_some(), HAS_ASIDE_NAME)
        | flag(state.deleted.is_some(), HAS_DELETED)
        | flag(state.is_deleted(), IS_DELETED)
        | flag(state.ever_deleted, EVER_DELETED)
        | flag(state.creator.is_some(), HAS_CREATOR)
        | flag(state.last_editor.is_some(), HAS_EDITOR)
        | flag(state.newest_name.is_some(), HAS_NEWEST_NAME)
}

/// The state whose columns `read` reads. Fails as `read` does, and if a code is not below `actors`
/// or `names`.
pub(super) fn resource_state<E>(
    read: impl Fn(Section) -> Result<i64, E>,
    unsound: impl Fn(Section) -> E,
    (actors, names): (u32, u32),
) -> Result<ResourceState, E> {
    let code = |value: i64, end: u32, section: Section| {
        let code = u32::try_from(value).ok().filter(|code| *code < end);
        code.ok_or_else(|| unsound(section))
    };
    // Only what flags say is there is read: most states have few fields.
    let key = |from: OrderKey, at: Section, seq: Section| {
        Ok(OrderKey {
            effective_at: from.effective_at.wrapping_sub(read(at)?),
            seq: from.seq.wrapping_sub(read(seq)?.cast_unsigned()),
        })
    };
    let flags = read(Section::StateFlags)?;
    let first = OrderKey {
        effective_at: read(Section::FirstAt)?,
        seq: read(Section::FirstSeq)?.cast_unsigned(),
    };
    let last = key(first, Section::LastAt, Section::LastSeq)?;
    let mut state = ResourceState { first, last, ..ResourceState::default() };
    state.newest_name = newest_name(&read, &unsound, names)?;
    let newest = state.newest_name.map_or(0, i64::from);
    if flags & HAS_NAME != 0 {
        let value = newest.wrapping_sub(read(Section::Name)?);
        let at = key(last, Section::NameAt, Section::NameSeq)?;
        state.name = Some(Latest { at, value: code(value, names, Section::Name)? });
    }
    if flags & HAS_ASIDE_NAME != 0 {
        let value = newest.wrapping_sub(read(Section::AsideName)?);
        let at = key(last, Section::AsideAt, Section::AsideSeq)?;
        state.aside_name = Some(Latest { at, value: code(value, names, Section::AsideName)? });
    }
    if flags & HAS_DELETED != 0 {
        let at = key(last, Section::DeletedAt, Section::DeletedSeq)?;
        state.deleted = Some(Latest { at, value: flags & IS_DELETED != 0 });
        state.ever_deleted = flags & EVER_DELETED != 0;
    }
    let mut creator = 0;
    if flags & HAS_CREATOR != 0 {
        creator = read(Section::Creator)?;
        let at = key(first, Section::CreatorAt, Section::CreatorSeq)?;
        state.creator = Some(Latest { at, value: code(creator, actors, Section::Creator)? });
    }
    if flags & HAS_EDITOR != 0 {
        let value = read(Section::Editor)?.wrapping_add(creator);
        let at = key(last, Section::EditorAt, Section::EditorSeq)?;
        state.last_editor = Some(Latest { at, value: code(value, actors, Section::Editor)? });
        let changes = read(Section::Changes)?;
        state.changes = u32::try_from(changes).map_err(|_| unsound(Section::Changes))?;
    }
    Ok(state)
}

/// The one field of a state.
pub(super) fn newest_name<E>(
    read: impl Fn(Section) -> Result<i64, E>,
    unsound: impl Fn(Section) -> E,
    names: u32,
) -> Result<Option<u32>, E> {
    if read(Section::StateFlags)? & HAS_NEWEST_NAME == 0 {
        return Ok(None);
    }
    let code = u32::try_from(read(Section::NewestName)?).ok().filter(|code| *code < names);
    code.map(Some).ok_or_else(|| unsound(Section::NewestName))
}

/// What [`ResourceState::present`] would be.
pub(super) fn present<E>(
    read: impl Fn(Section) -> Result<i64, E>,
    unsound: impl Fn(Section) -> E,
    names: u32,
) -> Result<Present, E> {
    let flags = read(Section::StateFlags)?;
    let deleted = flags & IS_DELETED != 0;
    let section = match flags {
        flags if flags & HAS_NAME != 0 => Section::Name,
        flags if flags & HAS_ASIDE_NAME != 0 => Section::AsideName,
        _ => return Ok(Present { name: None, deleted }),
    };
    let newest = newest_name(&read, &unsound, names)?.map_or(0, i64::from);
    let name = u32::try_from(newest.wrapping_sub(read(section)?)).ok();
    let name = name.filter(|name| *name < names).ok_or_else(|| unsound(section))?;
    Ok(Present { name: Some(name), deleted })
}
