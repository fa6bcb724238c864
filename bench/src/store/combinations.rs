//! Filters put together at random: what nobody thought of.

use annals_store::NameScope;

use super::needles::{ABSENT, any_name, part_of};
use super::question::Question;
use super::topics::Topics;
use crate::generator::Random;

/// How many.
pub(super) const COMBINATIONS: u64 = 3_000;
/// Kind of number stream.
const COMBINATION: u64 = 0x636f_6d62;

/// 0 to 3 users, 0 to 3 types, a name in two thirds (a tenth of those in no name), a range of dates
/// in half.
pub(super) fn all(topics: &Topics<'_>) -> Vec<Question> {
    (0..COMBINATIONS).map(|n| one(topics, &mut Random::of(&[COMBINATION, n]))).collect()
}

fn one(topics: &Topics<'_>, random: &mut Random) -> Question {
    let users = random.index(4);
    // Half of the users as likely as they act, half any of them.
    let users = if random.chance(0.5) {
        topics.users(users, random)
    } else {
        let ranks = topics.largest.actors.ranks();
        (0..users).map(|_| topics.largest.actor_id(random.index(ranks))).collect()
    };
    let types = random.index(4);
    let mut question = topics.all().users(users).types(Topics::types(types, random));
    if random.chance(2.0 / 3.0) {
        let scope = if random.chance(0.5) { NameScope::Ever } else { NameScope::Event };
        question = question.named(&text(topics, random), scope);
    }
    if random.chance(0.5) {
        let (one, other) = (random.share(), random.share());
        question = question.within(one.min(other), one.max(other));
    }
    question
}

fn text(topics: &Topics<'_>, random: &mut Random) -> String {
    if random.chance(0.1) {
        return ABSENT.to_owned();
    }
    let characters = 1 + random.index(6);
    let text = part_of(&any_name(topics.largest, random), characters, random);
    if text.trim().is_empty() { "a".to_owned() } else { text }
}
