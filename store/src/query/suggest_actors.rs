//! Type-ahead for actors: everybody who ever acted or was acted for, with the number of events.

use annals_schemas::ActorKind;

use super::budget::Budget;
use super::work::Work;
use super::workspace::{ActorNow, WorkspaceReader};
use crate::StoreError;
use crate::catalog::ActorView;
use crate::names::fold_name;
use crate::packed::{CodeSet, Direction};
use crate::partition::{WorkspaceLive, WorkspaceSealed};
use crate::rows::{Column, Dimension, Rows};

/// Up to so many actors are counted by their own lists, more by the lengths of all lists.
const FEW: usize = 64;
/// Codes read from a column at once.
const BATCH_LEN: usize = 256;

/// An actor that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorSuggestion {
    /// Who, as of reading.
    pub actor: ActorNow,
    /// Events it performed.
    pub count: u64,
}

/// An actor's rows.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// Those that count.
    events: u64,
    /// Whether there are others.
    has_hidden: bool,
}

/// What comes from under the lock.
struct Live {
    fitting: Vec<(u32, ActorNow)>,
    /// Actors whose sealed state is out of date.
    touched: CodeSet,
    counts: Vec<Counted>,
    /// Actions whose rows do not count.
    hidden: CodeSet,
    sealed: WorkspaceSealed,
}

impl WorkspaceReader {
    /// Actors of whose name, e-mail and id each part of a text begins a word; all of them for a
    /// blank text. By descending number of events, then by name and id.
    /// Events of the hidden actions do not count, nor does whoever performed no others.
    pub fn suggest_actors(
        &self,
        text: &str,
        hidden_actions: &[String],
        limit: usize,
        budget: Budget,
    ) -> Result<Vec<ActorSuggestion>, StoreError> {
        self.check_unrestricted()?;
        let folded = fold_name(text);
        let parts: Vec<&str> = folded.split(' ').filter(|part| !part.is_empty()).collect();
        let mut work = Work::new(budget);
        let live = self
            .store
            .with_live(self.id.as_str(), |now| look(&parts, hidden_actions, now, &mut work));
        let Some(live) = live.transpose()? else { return Ok(Vec::new()) };
        let Live { mut fitting, touched, mut counts, hidden, sealed } = live;
        let view = sealed.catalog.view();
        let actors = view.lengths().actors;
        work.step(u64::from(actors))?;
        for code in (0..actors).filter(|code| !touched.contains(*code)) {
            let actor = view.actor(code)?;
            if fits(&actor, &parts) {
                fitting.push((code, ActorNow::of(&actor)));
            }
        }
        let codes: Vec<u32> = fitting.iter().map(|(code, _)| *code).collect();
        count(&sealed, (&codes, &hidden), &mut counts, &mut work)?;
        let counted = fitting.into_iter().filter_map(|(code, actor)| {
            let Counted { events: count, has_hidden } =
                counts.get(code as usize).copied().unwrap_or_default();
            // Whoever did nothing but what is hidden is hidden too.
            (count > 0 || !has_hidden).then_some(ActorSuggestion { actor, count })
        });
        Ok(first(counted.collect(), limit))
    }
}

/// The actors that the live delta touched, and all rows of the live tail.
fn look(
    parts: &[&str],
    hidden_actions: &[String],
    now: &WorkspaceLive<'_>,
    work: &mut Work,
) -> Result<Live, StoreError> {
    let (mut fitting, mut touched) = (Vec::new(), Vec::new());
    now.catalog.for_each_live_actor(|code, actor| {
        touched.push(code);
        if fits(&actor, parts) {
            fitting.push((code, ActorNow::of(&actor)));
        }
        work.step(1)
    })?;
    let codes = hidden_actions.iter().map(|key| now.catalog.action_code(key));
    let codes = codes.collect::<Result<Vec<Option<u32>>, StoreError>>()?;
    let hidden: CodeSet = codes.into_iter().flatten().collect();
    let mut counts = vec![Counted::default(); now.catalog.lengths().actors as usize];
    for chunk in &now.chunks {
        count_rows(*chunk, &hidden, &mut counts, work)?;
    }
    let touched = touched.into_iter().collect();
    Ok(Live { fitting, touched, counts, hidden, sealed: now.sealed.clone() })
}

/// Adds what these actors did in sealed rows; perhaps what others did too.
fn count(
    sealed: &WorkspaceSealed,
    (actors, hidden): (&[u32], &CodeSet),
    counts: &mut [Counted],
    work: &mut Work,
) -> Result<(), StoreError> {
    for chunk in sealed.frozen.iter() {
        count_rows(&**chunk, hidden, counts, work)?;
    }
    for group in sealed.groups.iter() {
        let rows = group.segment.rows(group.group)?;
        let mut add = |code: u32, rows: u32| {
            if let Some(count) = counts.get_mut(code as usize) {
                count.events += u64::from(rows);
            }
        };
        if actors.len() <= FEW {
            work.step(actors.len() as u64)?;
            for code in actors {
                add(*code, rows.list(Dimension::Actor, *code).map_or(0, |list| list.len()));
            }
        } else {
            let lengths = rows.list_lengths(Dimension::Actor);
            work.step(lengths.len() as u64)?;
            lengths.into_iter().for_each(|(code, rows)| add(code, rows));
        }
        take_off(&rows, hidden, counts, work)?;
    }
    Ok(())
}

/// Takes hidden rows off again. Those of actors that were not counted do not matter.
fn take_off<R: Rows>(
    rows: &R,
    hidden: &CodeSet,
    counts: &mut [Counted],
    work: &mut Work,
) -> Result<(), StoreError> {
    for list in rows.lists(Dimension::Action, hidden.iter()) {
        work.step(u64::from(list.len()))?;
        let mut cursor = list.cursor(0..rows.len(), Direction::Forward);
        while let Some(row) = cursor.peek() {
            if let Some(count) = counts.get_mut(rows.code(Column::Actor, row) as usize) {
                *count = Counted { events: count.events.saturating_sub(1), has_hidden: true };
            }
            cursor.advance();
        }
    }
    Ok(())
}

fn count_rows<R: Rows>(
    rows: &R,
    hidden: &CodeSet,
    counts: &mut [Counted],
    work: &mut Work,
) -> Result<(), StoreError> {
    work.step(u64::from(rows.len() / 16))?;
    let (mut buffer, mut actions) = ([0; BATCH_LEN], [0; BATCH_LEN]);
    for start in (0..rows.len()).step_by(BATCH_LEN) {
        let codes = &mut buffer[..BATCH_LEN.min((rows.len() - start) as usize)];
        rows.codes(Column::Actor, start, codes);
        let actions = &mut actions[..codes.len()];
        rows.codes(Column::Action, start, actions);
        for (code, action) in codes.iter().zip(actions) {
            if let Some(count) = counts.get_mut(*code as usize) {
                match hidden.contains(*action) {
                    true => count.has_hidden = true,
                    false => count.events += 1,
                }
            }
        }
    }
    Ok(())
}

fn first(mut suggestions: Vec<ActorSuggestion>, limit: usize) -> Vec<ActorSuggestion> {
    suggestions
        .sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| texts(a).cmp(&texts(b))));
    suggestions.truncate(limit);
    suggestions
}

/// What actors of equal count are ordered by: those with a name first.
fn texts(suggestion: &ActorSuggestion) -> (bool, Option<&str>, Option<&str>, ActorKind) {
    let ActorNow { kind, id, name, .. } = &suggestion.actor;
    (name.is_none(), name.as_deref(), id.as_deref(), *kind)
}

/// Whether each part begins a word of what is known of an actor.
fn fits(actor: &ActorView<'_>, parts: &[&str]) -> bool {
    if parts.is_empty() {
        return true;
    }
    let texts = [actor.name, actor.email, actor.id];
    let folded = texts.map(|text| fold_name(text.unwrap_or_default()));
    parts.iter().all(|part| folded.iter().any(|text| begins_word(text, part)))
}

/// Whether a text stands at the beginning of a word: of letters and digits.
fn begins_word(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_any_word_of_name_email_or_id_fits() {
        let actor = ActorView {
            kind: ActorKind::User,
            id: Some("u-17"),
            name: Some("Zoë Łodz"),
            email: Some("zoe.l@acme.test"),
            former: false,
        };
        let cases = [
            ("zoe", true),
            ("lo", true),
            ("odz", false),
            ("acme", true),
            ("17", true),
            ("u-1", true),
            ("zoe 17", true),
            ("zoe bob", false),
            ("", true),
        ];
        for (text, expected) in cases {
            let parts: Vec<&str> = text.split(' ').filter(|part| !part.is_empty()).collect();
            assert_eq!(fits(&actor, &parts), expected, "{text}");
        }
    }
}
