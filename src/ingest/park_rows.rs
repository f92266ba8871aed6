//! The rows of one park in one load, from wall clocks to readings.

use std::collections::HashMap;
use std::sync::Arc;

use super::conflict::settle;
use super::options::ReadingsOptions;
use super::report::{Report, bad};
use super::row::Row;
use super::shape::Shape;
use crate::domain::clock::{Clock, Label};
use crate::domain::fold::{Resolver, Step, wall_clock_taken_for_fixed};
use crate::domain::park::Park;
use crate::domain::reading::{MAX_MINUTES, Reading};
use crate::domain::timestamp::Stamp;
use crate::domain::width::{self, Widths};
use crate::domain::zone::Zone;

/// A load's largest value beyond this many capacities looks like a wrong unit (R18).
const SUSPICIOUS: f64 = 1.5;

/// The rows of one park while its file is read.
pub(super) struct ParkRows {
    park: Park,
    zone: Arc<Zone>,
    resolver: Resolver,
    rows: Vec<Row>,
    is_sorted: bool,
    has_naive: bool,
    /// How the first timestamp is written, to write those of bad rows so.
    shape: Option<Shape>,
    /// Widths that rows brought themselves, by line.
    own_minutes: HashMap<u32, u16>,
    /// The cells of rows whose instant is found at the end.
    held: HashMap<u32, Box<str>>,
}

impl ParkRows {
    pub(super) fn new(park: Park, options: &ReadingsOptions) -> Self {
        let zone = Zone::of(park.details.timezone);
        let resolver = Resolver::new(Arc::clone(&zone), options.clock, options.fold, options.label);
        Self {
            park,
            zone,
            resolver,
            rows: Vec::new(),
            is_sorted: true,
            has_naive: false,
            shape: None,
            own_minutes: HashMap::new(),
            held: HashMap::new(),
        }
    }

    /// Takes a row whose cells are good; `Err` says why its time is not.
    pub(super) fn take(&mut self, line: u32, text: &str, stamp: Stamp, megawatts: f64) -> Result<(), String> {
        self.has_naive |= matches!(stamp, Stamp::Naive(_));
        self.shape.get_or_insert_with(|| Shape::of(text, stamp));
        match self.resolver.row(line, stamp, megawatts) {
            Step::At(at) => {
                self.is_sorted &= self.rows.last().is_none_or(|last| last.at <= at);
                self.rows.push(Row { at, megawatts, line });
            }
            Step::Later => {
                self.held.insert(line, text.into());
            }
            Step::Reject(reason) => return Err(reason),
        }
        Ok(())
    }

    /// Notes the width that a row brought itself.
    pub(super) fn note_minutes(&mut self, line: u32, minutes: u16) {
        self.own_minutes.insert(line, minutes);
    }

    /// Makes the rows ready to be laid into the database. The error is a sentence for the whole load (R12).
    pub(super) fn settle(
        mut self,
        column: &str,
        options: &ReadingsOptions,
        report: &mut Report,
    ) -> Result<Good, String> {
        let finished = self.resolver.finish();
        for (line, reason) in finished.rejects {
            report.reject(line, || bad(line, column, self.held.get(&line).map_or("", |text| text), reason));
        }
        report.warnings.extend(finished.warnings);
        self.is_sorted &= finished.rows.is_empty();
        self.rows.extend(finished.rows.iter().map(|row| Row { at: row.at, megawatts: row.megawatts, line: row.line }));
        if !self.is_sorted {
            self.rows.sort_unstable_by_key(Row::key);
        }
        let widths = widths(&self.rows, &self.own_minutes, options, self.park.details.interval_minutes)
            .map_err(|why| format!("{}: {why}", self.park.details.name))?;
        report.warnings.extend(widths.doubt().map(|gap| {
            format!(
                "{}: most rows stand {gap} minutes apart, and are taken as {} minutes wide, as this park's usually are; \
                 declare the interval with the load (--interval, intervalMinutes) if they are wider",
                self.park.details.name,
                widths.dominant()
            )
        }));
        let mut good =
            Good { park: self.park, rows: self.rows, widths, own_minutes: self.own_minutes, label: options.label };
        if self.has_naive && options.clock != Clock::Park {
            let repeated = repeated(&good.rows);
            let instants = good.rows.iter().map(|row| row.at);
            report.warnings.extend(wall_clock_taken_for_fixed(&self.zone, options.clock, &repeated, instants));
        }
        let mut rows = std::mem::take(&mut good.rows);
        let settled = settle(&mut rows, |row| good.reading(row));
        good.rows = rows;
        report.counts.unchanged += settled.repeats;
        let shape = self.shape.unwrap_or_default();
        for (row, reason) in settled.rejects {
            let line = row.line;
            report
                .reject(line, || bad(line, column, &shape.write(row.at, options.clock, &self.zone), reason.sentence()));
        }
        report.warnings.extend(good.beyond_capacity());
        Ok(good)
    }
}

/// The instants that more than one row has; the rows are sorted.
fn repeated(rows: &[Row]) -> Vec<i64> {
    let mut repeated: Vec<i64> =
        rows.windows(2).filter(|pair| pair[0].at == pair[1].at).map(|pair| pair[0].at).collect();
    repeated.dedup();
    repeated
}

fn widths(
    rows: &[Row],
    own: &HashMap<u32, u16>,
    options: &ReadingsOptions,
    usual: Option<u16>,
) -> Result<Widths, String> {
    if let Some(minutes) = options.interval_minutes {
        return Ok(Widths::declared(minutes));
    }
    if !own.is_empty() && rows.iter().all(|row| own.contains_key(&{ row.line })) {
        let mut counts: HashMap<u16, usize> = HashMap::new();
        for minutes in own.values() {
            *counts.entry(*minutes).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(minutes, count)| (*count, *minutes));
        return Ok(Widths::declared(most.map_or(MAX_MINUTES, |(minutes, _)| minutes)));
    }
    if rows.is_empty() {
        return Ok(Widths::declared(usual.unwrap_or(MAX_MINUTES)));
    }
    width::infer(rows.iter().map(|row| row.at), options.label, usual)
}

/// The good rows of a park, in order and without overlaps.
pub(super) struct Good {
    pub(super) park: Park,
    rows: Vec<Row>,
    widths: Widths,
    own_minutes: HashMap<u32, u16>,
    label: Label,
}

impl Good {
    /// The readings, in order.
    pub(super) fn readings(&self) -> impl Iterator<Item = Reading> + '_ {
        self.rows.iter().map(|row| self.reading(row))
    }

    /// The width that stands most often; `None` of no rows.
    pub(super) fn usual_minutes(&self) -> Option<u16> {
        (!self.rows.is_empty()).then(|| self.widths.dominant())
    }

    fn reading(&self, row: &Row) -> Reading {
        let Row { at, megawatts, line } = *row;
        let own = if self.own_minutes.is_empty() { None } else { self.own_minutes.get(&line).copied() };
        let minutes = own.unwrap_or_else(|| self.widths.of(at));
        let starts_at = if self.label == Label::Start { at } else { at - i64::from(minutes) * 60 };
        Reading { starts_at, minutes, megawatts }
    }

    /// R18: a thousandfold unit error looks just like that.
    fn beyond_capacity(&self) -> Option<String> {
        let capacity = self.park.details.capacity_mw?;
        let largest = self.rows.iter().max_by(|one, other| { one.megawatts }.total_cmp(&{ other.megawatts }))?;
        let Row { megawatts, line, .. } = *largest;
        (megawatts > SUSPICIOUS * capacity).then(|| {
            format!(
                "{}: the largest value, {megawatts} MW on line {line}, is more than {SUSPICIOUS} times the park's \
                 capacity of {capacity} MW. Are the values in kW? Then name the column kW.",
                self.park.details.name
            )
        })
    }
}
