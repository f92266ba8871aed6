//! What a request to an endpoint tries: one entry in the audit log, however it ends.

use axum::http::StatusCode;

use super::super::address::Address;
use super::refusal::{Code, Refusal};
use crate::app::App;
use crate::auth::{self, Log};
use crate::domain::audit::{Entry, Outcome};

/// The longest name that is entered of who tries to sign in: as much as the log keeps of any argument.
const MAX_NAME: usize = 300;

/// What a request tries, as far as it is known. Given up before its end is known, it is entered as failed.
pub struct Deed {
    entry: Option<Entry>,
    log: Log,
}

impl Deed {
    /// A request of now. Actions that GraphQL has too are called as there.
    pub fn begin(action: &'static str, Address(address): Address, app: &App) -> Self {
        let entry = Entry { address, ..auth::entry(action, Outcome::Failed, app.now()) };
        Self { entry: Some(entry), log: app.audit.clone() }
    }

    /// What it is after all, and who tries it, where that is known.
    pub fn is(&mut self, action: &'static str, actor: Option<&str>) {
        self.tell(|entry| {
            action.clone_into(&mut entry.action);
            entry.actor = actor.map(|name| name.chars().take(MAX_NAME).collect());
        });
    }

    /// As [`Deed::is`], by an API key that is told by its prefix too.
    pub fn of_key(&mut self, action: &'static str, name: &str, shown_prefix: String) {
        self.is(action, Some(name));
        self.on(Some(shown_prefix));
    }

    /// With or on what.
    pub fn on(&mut self, subject: Option<String>) {
        self.tell(|entry| entry.subject = subject);
    }

    /// It was done.
    pub fn done(mut self, detail: Option<String>) {
        self.end(Outcome::Done, detail);
    }

    /// It was done, and is no news.
    pub fn passed(mut self) {
        self.entry = None;
    }

    /// It was not done.
    pub fn refused(mut self, refusal: &Refusal) {
        let (code, status) = (refusal.code(), refusal.status());
        let is_failure = matches!(code, Code::InvalidRequest | Code::ServerError)
            || (code == Code::TemporarilyUnavailable && status != StatusCode::TOO_MANY_REQUESTS);
        let outcome = if is_failure { Outcome::Failed } else { Outcome::Refused };
        self.end(outcome, Some(refusal.description().to_owned()));
    }

    /// It was in vain, which anyone can cause.
    pub fn was_in_vain(mut self, why: &str) {
        self.end(Outcome::Refused, Some(why.to_owned()));
    }

    fn tell(&mut self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = &mut self.entry {
            change(entry);
        }
    }

    fn end(&mut self, outcome: Outcome, detail: Option<String>) {
        if let Some(entry) = self.entry.take() {
            self.log.enter(Entry { outcome, detail, ..entry });
        }
    }
}

impl Drop for Deed {
    fn drop(&mut self) {
        self.end(Outcome::Failed, Some("the caller went away before the answer; it may have been done".to_owned()));
    }
}
