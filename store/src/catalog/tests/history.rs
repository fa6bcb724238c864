//! Events out of vocabularies so small that everything happens to everything.

use annals_schemas::{Event, Principal};

use crate::catalog::OrderKey;
use crate::fixture::{self, Dice};

const PERSONS: u64 = 24;

fn dress(dice: &mut Dice, principal: &mut Principal) {
    let text =
        |dice: &mut Dice, texts: &[&str]| (dice.below(3) > 0).then(|| dice.pick(texts).to_owned());
    principal.name = text(dice, &["Ann", "Bob", "ann"]);
    principal.email = text(dice, &["a@b", "c@d"]);
    // Enough of them that most rest for a while.
    principal.id = (dice.below(9) > 0).then(|| format!("u{}", dice.below(PERSONS)));
}

/// So many events with their keys: late ones, ties in time, renames, repeated resources, persons
/// that are removed before or after they act.
pub(super) fn history(seed: u64, events: u64) -> Vec<(Event, OrderKey)> {
    let mut dice = Dice::new(seed);
    let mut seq = dice.below(3);
    (0..events)
        .map(|number| {
            seq += 1 + dice.below(2);
            let mut event = fixture::event(&mut dice, u128::from(number) + 1);
            dress(&mut dice, &mut event.actor.principal);
            if let Some(principal) = &mut event.actor.on_behalf_of {
                dress(&mut dice, principal);
            }
            for resource in &mut event.resources {
                if resource.resource_type == "user" && dice.below(2) == 0 {
                    resource.id = format!("u{}", dice.below(PERSONS));
                }
                if dice.below(5) == 0 {
                    resource.name = Some(format!("n{}", dice.below(30)));
                }
            }
            if dice.below(6) == 0 {
                let again = event.resources.first().cloned();
                event.resources.extend(again);
            }
            let effective_at = i64::try_from(dice.below(60)).unwrap() - 5;
            (event, OrderKey { effective_at, seq })
        })
        .collect()
}
