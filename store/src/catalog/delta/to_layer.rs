//! A delta as the layer of a segment.

use super::{Delta, Resource};
use crate::catalog::actor_state::ActorState;
use crate::catalog::layer::{
    LayerWriter, NameForm, RESOURCE_STATE, Section, actor_flags, actor_key, name_key, resource_key,
    resource_value, text_key,
};

impl Delta {
    /// As the layer of a segment. Deterministic.
    pub(crate) fn to_layer(&self) -> Vec<u8> {
        let mut writer = LayerWriter::new(self.before(), self.after());
        self.write_actors(&mut writer);
        self.write_texts(&mut writer);
        self.write_resources(&mut writer);
        self.write_names(&mut writer);
        self.write_actor_states(&mut writer);
        self.write_resource_states(&mut writer);
        writer.finish()
    }

    fn write_actors(&self, writer: &mut LayerWriter) {
        let actors = || self.actors.added();
        let kind = |has_id: bool, kind: u32| kind * 2 + u32::from(has_id);
        let kinds = actors().map(|actor| kind(actor.id.is_some(), actor.kind.code()));
        writer.codes(Section::ActorKinds, kinds);
        let ids = actors().map(|actor| actor.id.as_deref().unwrap_or_default().as_bytes());
        writer.texts(Section::ActorIds, ids);
        let keys = actors().map(|actor| actor_key(actor.kind, actor.id.as_deref()));
        writer.table(Section::ActorTable, keys);
    }

    fn write_texts(&self, writer: &mut LayerWriter) {
        let actions = || self.actions.added().map(|action| &*action.text);
        writer.texts(Section::Actions, actions().map(str::as_bytes));
        writer.table(Section::ActionTable, actions().map(text_key));
        let types = || self.types.added().map(|resource_type| &*resource_type.text);
        writer.texts(Section::Types, types().map(str::as_bytes));
        writer.table(Section::TypeTable, types().map(text_key));
    }

    fn write_resources(&self, writer: &mut LayerWriter) {
        let resources = || self.resources.added();
        let types = resources().map(|resource| resource.resource_type);
        writer.codes(Section::ResourceTypes, types);
        writer.texts(Section::ResourceIds, resources().map(|resource| resource.id.as_bytes()));
        let keys = resources().map(|resource| resource_key(resource.resource_type, &resource.id));
        writer.table(Section::ResourceTable, keys);
    }

    fn write_names(&self, writer: &mut LayerWriter) {
        let names = || self.names.added();
        writer.codes(Section::NameResources, names().map(|name| name.resource));
        let (folded, ends) = self.folded();
        writer.arenas(Section::Folded, &[folded], ends);
        let forms = || {
            let folded = (0..).map(|index| self.folded.get(index));
            names().zip(folded).map(|(name, folded)| NameForm::of(name.text.as_deref(), folded))
        };
        let values: Vec<i64> = forms().map(NameForm::value).collect();
        writer.column(Section::NameForms, &values);
        let texts = names().zip(forms()).map(|(name, form)| match form {
            NameForm::Other => name.text.as_deref().unwrap_or_default(),
            NameForm::Absent | NameForm::Folded => "",
        });
        writer.texts(Section::NameTexts, texts.map(str::as_bytes));
        let at: Vec<i64> = names().map(|name| name.first.effective_at).collect();
        writer.column(Section::NameFirstAt, &at);
        let seq: Vec<i64> = names().map(|name| name.first.seq.cast_signed()).collect();
        writer.column(Section::NameFirstSeq, &seq);
        let renames = names().zip(0..).filter_map(|(name, index)| Some((index, name.previous?)));
        let (renames, previous): (Vec<u32>, Vec<u32>) = renames.unzip();
        writer.ranked_codes(Section::Renames, &renames);
        writer.codes(Section::PreviousNames, previous.into_iter());
        let keys = names().map(|name| name_key(name.resource, name.text.as_deref()));
        writer.table(Section::NameTable, keys);
    }

    fn write_actor_states(&self, writer: &mut LayerWriter) {
        let older = self.actors.let_in_things().filter(|(_, actor)| actor.touched);
        let mut older: Vec<(u32, &ActorState)> =
            older.map(|(code, actor)| (code, &actor.state)).collect();
        older.sort_unstable_by_key(|(code, _)| *code);
        let codes: Vec<u32> = older.iter().map(|(code, _)| *code).collect();
        writer.ranked_codes(Section::TouchedActors, &codes);
        let added = self.actors.added().map(|actor| &actor.state);
        let states: Vec<_> = added.chain(older.iter().map(|(_, state)| *state)).collect();
        let column = |value: fn(&ActorState) -> i64| states.iter().map(|s| value(s)).collect();
        let flags: Vec<i64> = column(actor_flags);
        writer.column(Section::ActorFlags, &flags);
        let names = states.iter().map(|state| state.name.as_deref().unwrap_or_default());
        writer.texts(Section::ActorNames, names.map(str::as_bytes));
        let emails = states.iter().map(|state| state.email.as_deref().unwrap_or_default());
        writer.texts(Section::ActorEmails, emails.map(str::as_bytes));
        let at: Vec<i64> = column(|state| state.seen.effective_at);
        writer.column(Section::ActorSeenAt, &at);
        let seq: Vec<i64> = column(|state| state.seen.seq.cast_signed());
        writer.column(Section::ActorSeenSeq, &seq);
    }

    fn write_resource_states(&self, writer: &mut LayerWriter) {
        let older = self.resources.let_in_things().filter(|(_, resource)| resource.touched);
        let mut older: Vec<(u32, &Resource)> = older.collect();
        older.sort_unstable_by_key(|(code, _)| *code);
        let codes: Vec<u32> = older.iter().map(|(code, _)| *code).collect();
        writer.ranked_codes(Section::TouchedResources, &codes);
        let older = older.iter().map(|(_, resource)| *resource);
        let states: Vec<_> =
            self.resources.added().chain(older).map(|resource| &resource.state).collect();
        let mut values = Vec::with_capacity(states.len());
        for column in RESOURCE_STATE {
            values.clear();
            values.extend(states.iter().map(|state| resource_value(state, column)));
            writer.column(column, &values);
        }
    }
}
