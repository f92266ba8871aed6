//! How often API keys are used, and how often they still may be.
//!
//! A minute's requests are counted here, in this process. A day's are this process's own and those of others, of which
//! the database tells: every process writes its own down after each minute, and after each hundredth of a day's
//! allowance, off the path of the requests. So a key that is used in several processes may go over its day's allowance by
//! as much as they have not told each other yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::api_key::{ApiKey, ApiKeyId, Used};
use crate::domain::chrono::{DateTime, TimeDelta, Timelike, Utc};
use crate::domain::reading::utc_day;
use crate::error::{Error, Result};
use crate::storage::Database;

/// How often a use is written down that nothing depends on.
const EVERY: TimeDelta = TimeDelta::minutes(1);
/// Nanoseconds of a minute.
const MINUTE: i64 = 60_000_000_000;

/// What is left of a key's allowance after the request at hand; `None` where it has no such limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Requests that may come at once.
    pub this_minute: Option<i64>,
    /// Requests until midnight UTC.
    pub today: Option<i64>,
}

/// The counts of this process.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    tallies: Arc<Mutex<HashMap<ApiKeyId, Tally>>>,
    stands_still: bool,
}

/// One key's counts.
#[derive(Debug, Default)]
struct Tally {
    /// When the minute's allowance will be whole again: Unix nanoseconds.
    whole_at: i64,
    /// The UTC day of the counts below.
    day: i32,
    /// Requests of this process.
    own: i64,
    /// Of these, those that were written down.
    written: i64,
    /// Of these, those that are being written down now.
    in_flight: i64,
    /// Requests of other processes, and of those before this one, as far as is known.
    others: i64,
    last_used_at: DateTime<Utc>,
    written_at: Option<DateTime<Utc>>,
}

/// What is to be written down.
#[derive(Debug)]
struct Due {
    used: Used,
    last_used_at: DateTime<Utc>,
}

impl Meter {
    /// One that counts nothing: for a request that was counted before.
    pub fn still() -> Self {
        Self { stands_still: true, ..Self::default() }
    }

    /// Counts a request, unless the key may not be used now: `Overused`.
    ///
    /// Uses that are due to be written down are, by a task of their own.
    pub(super) fn take(&self, database: &Database, key: &ApiKey, now: DateTime<Utc>) -> Result<Left> {
        if self.stands_still {
            return Ok(Left::default());
        }
        let (left, due) = self.with(|tallies| tallies.entry(key.id).or_default().take(key, now))?;
        if let Some(due) = due {
            let (meter, database, id) = (self.clone(), database.clone(), key.id);
            tokio::spawn(async move { meter.write(&database, id, due).await });
        }
        Ok(left)
    }

    /// Writes down all that is not yet: for the end of the process.
    pub async fn settle(&self, database: &Database) {
        let due: Vec<_> =
            self.with(|tallies| tallies.iter_mut().filter_map(|(id, tally)| Some((*id, tally.due()?))).collect());
        for (id, due) in due {
            self.write(database, id, due).await;
        }
    }

    async fn write(&self, database: &Database, id: ApiKeyId, due: Due) {
        let write = async {
            let write = database.write().await?;
            write.note_api_key_use(id, due.used, due.last_used_at).await?;
            write.commit().await
        };
        let outcome: Result<()> = write.await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, cause = ?error.cause(), "uses of an API key could not be written down; they will be");
        }
        self.with(|tallies| {
            if let Some(tally) = tallies.get_mut(&id).filter(|tally| tally.day == due.used.day) {
                tally.in_flight -= due.used.count;
                tally.written += if outcome.is_ok() { due.used.count } else { 0 };
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<ApiKeyId, Tally>) -> T) -> T {
        // Nothing panics while it is locked, and counts are whole at any moment.
        work(&mut self.tallies.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Tally {
    /// Counts a request, or refuses it.
    fn take(&mut self, key: &ApiKey, now: DateTime<Utc>) -> Result<(Left, Option<Due>)> {
        let day = utc_day(now.timestamp());
        if self.day != day {
            *self = Self { day, whole_at: self.whole_at, written_at: self.written_at, ..Self::default() };
        }
        if key.used.day == day {
            // What is being written may be among what was read, or not yet: of a key that nobody else uses this is exact.
            self.others = self.others.max(key.used.count - self.written - self.in_flight);
        }
        let used = self.own + self.others;
        if let Some(per_day) = key.allowance.per_day.filter(|per_day| used >= *per_day) {
            let sentence =
                format!("the API key's {per_day} requests of today are used up; the next day begins at midnight UTC");
            let left = Duration::from_secs(86_400 - u64::from(now.num_seconds_from_midnight()));
            return Err(Error::Overused(sentence, per_day.unsigned_abs(), left));
        }
        let this_minute = key.allowance.per_minute.map(|most| self.take_of_minute(most.into(), now)).transpose()?;
        self.own += 1;
        self.last_used_at = now;
        let today = key.allowance.per_day.map(|per_day| per_day - used - 1);
        let untold = self.own - self.written - self.in_flight;
        let many = key.allowance.per_day.is_some_and(|per_day| untold >= (per_day / 100).max(1));
        let due = if many || self.written_at.is_none_or(|at| now - at >= EVERY) { self.due() } else { None };
        Ok((Left { this_minute, today }, due))
    }

    /// The generic cell rate algorithm: a minute's allowance at once, and it fills evenly. What is left of it.
    fn take_of_minute(&mut self, most: i64, now: DateTime<Utc>) -> Result<i64> {
        let now = now.timestamp_micros().saturating_mul(1_000);
        let each = (MINUTE / most.max(1)).max(1);
        let whole_at = self.whole_at.max(now) + each;
        if whole_at - now > each * most {
            let wait = Duration::from_nanos((whole_at - now - each * most).unsigned_abs());
            let sentence = format!("the API key is used more than {most} times a minute: wait a little");
            return Err(Error::Overused(sentence, most.unsigned_abs(), wait));
        }
        self.whole_at = whole_at;
        Ok((each * most - (whole_at - now)) / each)
    }

    fn due(&mut self) -> Option<Due> {
        let count = self.own - self.written - self.in_flight;
        if count == 0 {
            return None;
        }
        self.in_flight += count;
        self.written_at = Some(self.last_used_at);
        Some(Due { used: Used { day: self.day, count }, last_used_at: self.last_used_at })
    }
}
