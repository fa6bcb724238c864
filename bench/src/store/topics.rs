//! What questions can be about: people, types, names and times of the plan.

use annals_store::NameScope;

use super::needles::Needles;
use super::question::Question;
use crate::generator::{Random, TYPES, Workspace, World};

/// Instances of each shape.
pub(super) const INSTANCES: usize = 20;
/// Kind of number stream.
const SHAPE: u64 = 0x7368_6170;

/// Questions of one shape.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) label: String,
    pub(super) questions: Vec<Question>,
}

/// A plan, seen as what can be asked about it.
pub(super) struct Topics<'a> {
    pub(super) world: &'a World,
    pub(super) largest: &'a Workspace,
    pub(super) needles: Needles,
}

impl<'a> Topics<'a> {
    /// Those of a plan.
    pub(super) fn new(world: &'a World) -> Self {
        let largest = world.largest();
        Self { world, largest, needles: Needles::of(largest) }
    }

    /// A shape with its instances, made from a number and a stream of its own each.
    pub(super) fn shape(
        &self,
        label: &str,
        question: impl Fn(usize, &mut Random) -> Question,
    ) -> Shape {
        let seeds = label.bytes().map(u64::from).collect::<Vec<_>>();
        let instance = |number: usize| {
            let mut random = Random::of(&[&[SHAPE, number as u64], &seeds[..]].concat());
            question(number, &mut random)
        };
        let questions = (0..INSTANCES).map(instance).collect();
        Shape { label: label.to_owned(), questions }
    }

    /// Everything in the largest workspace.
    pub(super) fn all(&self) -> Question {
        Question::of(self.largest)
    }

    /// One of its ten busiest users.
    pub(super) fn busy(&self, instance: usize) -> String {
        self.largest.actor_id(instance % 10)
    }

    /// One of its idlest users.
    pub(super) fn idle(&self, instance: usize) -> String {
        self.largest.actor_id(self.largest.actors.ranks() - 1 - instance)
    }

    /// Any users, as likely as they act.
    pub(super) fn users(&self, count: usize, random: &mut Random) -> Vec<String> {
        let actors = &self.largest.actors;
        (0..count).map(|_| self.largest.actor_id(actors.pick(random))).collect()
    }

    /// Any types.
    pub(super) fn types(count: usize, random: &mut Random) -> Vec<usize> {
        (0..count).map(|_| random.index(TYPES.len())).collect()
    }

    /// One of the three rarest types.
    pub(super) fn rare_type(instance: usize) -> [usize; 1] {
        [TYPES.len() - 1 - instance % 3]
    }

    /// A question by a name of a list.
    pub(super) fn named(&self, texts: &[String], instance: usize, scope: NameScope) -> Question {
        let text = texts.get(instance % texts.len().max(1)).map_or("e", String::as_str);
        self.all().named(text, scope)
    }
}
