//! What only a field's resolver knows of what it did, for the entry that the field leaves in the log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;

use crate::domain::audit::Outcome;
use crate::domain::load::Load;

/// What a resolver adds to the entry of its field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Who it was, where no credential tells.
    pub actor: Option<String>,
    /// The name of what was told by its id: a deleted thing has no other any more.
    pub name: Option<String>,
    /// How it ended, where the answer is no error either way.
    pub outcome: Option<Outcome>,
    /// More about it.
    pub detail: Option<String>,
}

/// The notes of a request, by the names under which the fields stand in the answer.
#[derive(Clone, Debug, Default)]
pub struct Notes(Arc<Mutex<HashMap<String, Note>>>);

impl Notes {
    /// Notes it for the field at hand, which must be one at the root.
    pub fn add(ctx: &Context<'_>, note: Note) {
        let key = ctx.item.node.response_key().node.to_string();
        ctx.data_unchecked::<Self>().with(|notes| notes.insert(key, note));
    }

    /// Notes how a load ended.
    pub fn load(ctx: &Context<'_>, load: &Load) {
        let (outcome, detail) = Outcome::of_load(load);
        Self::add(ctx, Note { outcome: Some(outcome), detail: Some(detail), ..Note::default() });
    }

    /// Notes how the thing is called that something was done to.
    pub fn name(ctx: &Context<'_>, name: &str) {
        Self::add(ctx, Note { name: Some(name.to_owned()), ..Note::default() });
    }

    /// The note of a field; none where its resolver left none.
    pub fn take(&self, key: &str) -> Note {
        self.with(|notes| notes.remove(key)).unwrap_or_default()
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Note>) -> T) -> T {
        // Nothing panics while it is locked.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
