//! Rows of readings, from a file's cells or from values, to the parks they are of.

use std::collections::HashMap;
use std::sync::Arc;

use super::fault::Fault;
use super::number;
use super::options::{ReadingRow, ReadingsOptions};
use super::park_rows::{Good, ParkRows};
use super::progress::Progress;
use super::report::{Report, bad, told};
use super::table::Table;
use crate::domain::load::RowError;
use crate::domain::park::Park;
use crate::domain::reading::{self, MAX_MINUTES};
use crate::domain::text;
use crate::domain::timestamp;

/// A load of more rows is to be split: each takes twenty bytes of memory.
const MAX_ROWS: i64 = 100_000_000;

/// The parks that rows may be of.
pub(super) enum Parks {
    /// All rows are of this one.
    One(Box<Park>),
    /// Each row names its own, one of these.
    Named(Vec<Park>),
}

/// Rows on their way in.
pub(super) struct Intake<'a> {
    options: &'a ReadingsOptions,
    progress: Arc<Progress>,
    pub(super) report: Report,
    parks: Vec<ParkRows>,
    /// Parks that no row has named yet, by name.
    waiting: HashMap<String, Park>,
    /// The name of the one park that all rows are of.
    only: Option<String>,
    /// Which park a name as it is written means.
    known: HashMap<String, Option<usize>>,
    /// The name of the row before: rows of one park mostly stand together.
    recent: Option<(String, usize)>,
    /// A sentence about the columns that are not read.
    unread: Option<String>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(parks: Parks, options: &'a ReadingsOptions, progress: &Arc<Progress>) -> Self {
        let mut intake = Self {
            options,
            progress: Arc::clone(progress),
            report: Report::default(),
            parks: Vec::new(),
            waiting: HashMap::new(),
            only: None,
            known: HashMap::new(),
            recent: None,
            unread: None,
        };
        match parks {
            Parks::One(park) => {
                intake.only = Some(park.details.name.clone());
                intake.known.insert(park.details.name.clone(), Some(0));
                intake.parks.push(ParkRows::new(*park, options));
            }
            Parks::Named(parks) => {
                intake.waiting = parks.into_iter().map(|park| (park.details.name.clone(), park)).collect();
            }
        }
        intake
    }

    /// Reads a CSV file to its end.
    pub(super) fn read(&mut self, table: &mut Table) -> Result<(), Fault> {
        let columns = Columns::of(table, self.only.is_some())?;
        self.unread = columns.unread(table);
        while table.next()? {
            let line = self.count(i64::try_from(table.line()).unwrap_or(i64::MAX))?;
            if let Err(error) = table.check_record()? {
                self.report.reject(line, || told(error));
                continue;
            }
            if let Err((column, reason)) = self.cells(table, &columns, line)? {
                let value = table.text(column)?;
                self.report.reject(line, || bad(line, &table.header()[column], value, reason));
            }
        }
        self.report.warnings.extend(table.folded());
        self.progress.set_rows_read(self.report.counts.rows_read);
        if self.report.counts.rows_read == 0 {
            return Err(Fault::whole("has a header, but no rows"));
        }
        Ok(())
    }

    /// Takes the cells of a record; what is wrong with which of them.
    fn cells(&mut self, table: &Table, columns: &Columns, line: u32) -> Result<Result<(), (usize, String)>, Fault> {
        let park = match columns.park_name {
            Some(column) => match self.park(table.text(column)?) {
                Ok(park) => park,
                Err(reason) => return Ok(Err((column, reason))),
            },
            None => 0,
        };
        let datetime = table.text(columns.datetime)?;
        let stamp = match timestamp::parse(datetime) {
            Ok(stamp) => stamp,
            Err(reason) => return Ok(Err((columns.datetime, reason))),
        };
        let power = table.text(columns.power)?;
        let megawatts = if columns.is_kilowatts { number::parse_thousandths(power) } else { number::parse(power) };
        let megawatts = match megawatts.and_then(reading::megawatts) {
            Ok(megawatts) => megawatts,
            Err(reason) => return Ok(Err((columns.power, reason.to_owned()))),
        };
        Ok(self.parks[park].take(line, datetime, stamp, megawatts).map_err(|reason| (columns.datetime, reason)))
    }

    /// Takes rows that came as values; they are numbered from 1.
    pub(super) fn take(&mut self, rows: &[ReadingRow]) -> Result<(), Fault> {
        for row in rows {
            let line = self.count(self.report.counts.rows_read + 1)?;
            if let Err((column, value, reason)) = self.value(row, line) {
                self.report.reject(line, || bad(line, column, &value, reason));
            }
        }
        self.progress.set_rows_read(self.report.counts.rows_read);
        if rows.is_empty() {
            return Err(Fault::at(0, "there are no rows"));
        }
        Ok(())
    }

    fn value(&mut self, row: &ReadingRow, line: u32) -> Result<(), (&'static str, String, String)> {
        let park = match (&row.park_name, &self.only) {
            (Some(name), _) => self.park(name).map_err(|reason| ("parkName", name.clone(), reason))?,
            (None, Some(_)) => 0,
            (None, None) => {
                return Err(("parkName", String::new(), "is left out, and the load names no park".into()));
            }
        };
        let datetime = row.timestamp.trim();
        let wrong_time = |reason| ("timestamp", row.timestamp.clone(), reason);
        let stamp = timestamp::parse(datetime).map_err(wrong_time)?;
        let wrong_power = |why: &str| ("megawatts", row.megawatts.to_string(), why.to_owned());
        let megawatts = reading::megawatts(row.megawatts).map_err(wrong_power)?;
        let minutes = row.minutes.map(|minutes| {
            let fit = u16::try_from(minutes).ok().filter(|minutes| (1..=MAX_MINUTES).contains(minutes));
            fit.ok_or_else(|| ("minutes", minutes.to_string(), "is not between 1 and 1440".to_owned()))
        });
        let minutes = minutes.transpose()?;
        self.parks[park].take(line, datetime, stamp, megawatts).map_err(wrong_time)?;
        if let Some(minutes) = minutes {
            self.parks[park].note_minutes(line, minutes);
        }
        Ok(())
    }

    /// Makes each park's rows ready to be laid into the database, in the order of the parks' keys.
    pub(super) fn settle(mut self, column: &str) -> (Report, Vec<Good>) {
        let mut parks = Vec::with_capacity(self.parks.len());
        for park in self.parks {
            match park.settle(column, self.options, &mut self.report) {
                Ok(good) => parks.push(good),
                Err(reason) => self.report.refuse(RowError { line: 0, column: None, value: None, reason }),
            }
        }
        if self.report.is_refused() {
            // Counts of parks settled after the refusal are of no use.
            parks.clear();
        }
        self.report.warnings.extend(self.unread);
        parks.sort_unstable_by_key(|good| good.park.id);
        (self.report, parks)
    }

    /// Counts a row and gives its line as rows keep it.
    fn count(&mut self, line: i64) -> Result<u32, Fault> {
        let rows = &mut self.report.counts.rows_read;
        *rows += 1;
        if *rows % 65_536 == 0 {
            self.progress.set_rows_read(*rows);
        }
        let too_many = || Fault::whole(format!("has more than {MAX_ROWS} rows; split it"));
        if *rows > MAX_ROWS { Err(too_many()) } else { u32::try_from(line).map_err(|_| too_many()) }
    }

    /// Which park a name means.
    fn park(&mut self, raw: &str) -> Result<usize, String> {
        if let Some((name, park)) = &self.recent
            && name == raw
        {
            return Ok(*park);
        }
        let found = match self.known.get(raw) {
            Some(found) => *found,
            None => self.meet(raw)?,
        };
        match (found, &self.only) {
            (Some(park), _) => {
                self.recent = Some((raw.to_owned(), park));
                Ok(park)
            }
            (None, Some(only)) => Err(format!("is another park than {only}, which the load is for")),
            (None, None) => Err("is the name of no park".into()),
        }
    }

    /// A name that was not seen before, as it is written.
    fn meet(&mut self, raw: &str) -> Result<Option<usize>, String> {
        let name = text::name(raw)?;
        let found = self.known.get(&name).copied().flatten().or_else(|| {
            let park = self.waiting.remove(&name)?;
            self.parks.push(ParkRows::new(park, self.options));
            Some(self.parks.len() - 1)
        });
        if let Some(park) = found {
            self.known.insert(name, Some(park));
            self.known.insert(raw.to_owned(), Some(park));
        }
        Ok(found)
    }
}

/// Where a file's columns stand.
struct Columns {
    datetime: usize,
    power: usize,
    is_kilowatts: bool,
    park_name: Option<usize>,
}

impl Columns {
    /// Finds them in the header; R18: units but MW and kW are refused.
    fn of(table: &Table, has_park: bool) -> Result<Self, Fault> {
        let datetime = table.get("datetime")?;
        let (power, is_kilowatts) = match (table.find("MW")?, table.find("kW")?) {
            (Some(column), None) => (column, false),
            (None, Some(column)) => (column, true),
            (Some(_), Some(_)) => return Err(Fault::at(1, "has both a column MW and a column kW: which one counts?")),
            (None, None) => return Err(table.lacks("MW or kW")),
        };
        let park_name = table.find("park_name")?;
        if park_name.is_none() && !has_park {
            return Err(table.lacks("park_name (and the load names no park)"));
        }
        Ok(Self { datetime, power, is_kilowatts, park_name })
    }

    /// A sentence about the file's further columns.
    fn unread(&self, table: &Table) -> Option<String> {
        let read: Vec<_> = [self.datetime, self.power].into_iter().chain(self.park_name).collect();
        let sentence = table.unread(&read)?;
        // What a list of parks calls so is looked for here too.
        let hint = if matches!(table.find("interval_minutes"), Ok(None)) {
            ""
        } else {
            "; the width of intervals is declared with the load (--interval, intervalMinutes)"
        };
        Some(sentence + hint)
    }
}
