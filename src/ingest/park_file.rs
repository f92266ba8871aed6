//! Rows of parks, from a file's cells or from values.

use std::collections::HashMap;

use super::fault::Fault;
use super::number;
use super::options::ParkRow;
use super::report::{self, Report, bad};
use super::table::Table;
use crate::domain::chrono_tz::Tz;
use crate::domain::park::{EnergyType, ParkDetails};
use crate::domain::text;

/// What a row tells of a park.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    /// What it leaves out is `None` here: that says nothing.
    details: ParkDetails,
}

impl Told {
    /// The park's name.
    pub(super) fn name(&self) -> &str {
        &self.details.name
    }

    /// What is told of the park from now on: what a row leaves out stays as it was.
    pub(super) fn over(&self, old: Option<&ParkDetails>) -> ParkDetails {
        let new = self.details.clone();
        ParkDetails {
            capacity_mw: new.capacity_mw.or(old.and_then(|old| old.capacity_mw)),
            latitude: new.latitude.or(old.and_then(|old| old.latitude)),
            longitude: new.longitude.or(old.and_then(|old| old.longitude)),
            interval_minutes: new.interval_minutes.or(old.and_then(|old| old.interval_minutes)),
            ..new
        }
    }
}

/// A cell that is wrong: its column, its text, and why.
type Wrong = (&'static str, String, String);

/// The columns, those that may be left out last.
const COLUMNS: [&str; 7] =
    ["park_name", "timezone", "energy_type", "capacity_mw", "latitude", "longitude", "interval_minutes"];

/// Reads a CSV file to its end: each good row with its line.
pub(super) fn read(table: &mut Table, report: &mut Report) -> Result<Vec<(u32, Told)>, Fault> {
    let mut columns = [None; 7];
    for (index, (column, name)) in columns.iter_mut().zip(COLUMNS).enumerate() {
        *column = if index < 3 { Some(table.get(name)?) } else { table.find(name)? };
    }
    report.warnings.extend(table.unread(&columns.into_iter().flatten().collect::<Vec<_>>()));
    let mut rows = Vec::new();
    while table.next()? {
        report.counts.rows_read += 1;
        let line = u32::try_from(table.line()).map_err(|_| Fault::whole("has too many lines"))?;
        if let Err(error) = table.check_record()? {
            report.reject(line, || report::told(error));
            continue;
        }
        let cell = |index: usize| columns[index].map_or(Ok(""), |column: usize| table.text(column));
        let cells = (cell(0)?, cell(1)?, cell(2)?, [cell(3)?, cell(4)?, cell(5)?, cell(6)?]);
        match of_cells(cells) {
            Ok(told) => rows.push((line, told)),
            Err((column, value, reason)) => {
                let index = COLUMNS.iter().position(|name| *name == column).and_then(|index| columns[index]);
                let column = index.map_or(column, |index| &table.header()[index]);
                report.reject(line, || bad(line, column, &value, reason));
            }
        }
    }
    report.warnings.extend(table.folded());
    if report.counts.rows_read == 0 {
        return Err(Fault::whole("has a header, but no rows"));
    }
    Ok(rows)
}

/// Takes rows that came as values; they are numbered from 1.
pub(super) fn take(given: &[ParkRow], report: &mut Report) -> Result<Vec<(u32, Told)>, Fault> {
    let mut rows = Vec::new();
    for (row, line) in given.iter().zip(1..) {
        report.counts.rows_read += 1;
        match of_values(row) {
            Ok(told) => rows.push((line, told)),
            Err((column, value, reason)) => report.reject(line, || bad(line, column, &value, reason)),
        }
    }
    if given.is_empty() { Err(Fault::at(0, "there are no rows")) } else { Ok(rows) }
}

/// Takes out rows that name one park: with the same details they are one, else all are in conflict (R21).
pub(super) fn settle(rows: Vec<(u32, Told)>, column: &str, report: &mut Report) -> Vec<Told> {
    let mut first: HashMap<String, usize> = HashMap::new();
    // For each park, its rows differ from this line on.
    let mut odd: HashMap<String, (u32, u32)> = HashMap::new();
    for (index, (line, told)) in rows.iter().enumerate() {
        let before = *first.entry(told.name().to_owned()).or_insert(index);
        if rows[before].1 != *told {
            odd.entry(told.name().to_owned()).or_insert((rows[before].0, *line));
        }
    }
    let mut good = Vec::with_capacity(first.len());
    for (index, (line, told)) in rows.into_iter().enumerate() {
        if let Some((one, other)) = odd.get(told.name()) {
            let partner = if line == *one { *other } else { *one };
            let reason = format!("is told of otherwise on line {partner}");
            report.reject(line, || bad(line, column, told.name(), reason));
        } else if first.get(told.name()) == Some(&index) {
            good.push(told);
        } else {
            report.counts.unchanged += 1;
        }
    }
    good
}

fn of_cells((name, zone, energy_type, numbers): (&str, &str, &str, [&str; 4])) -> Result<Told, Wrong> {
    let number = |index: usize| {
        let text = numbers[index];
        let wrong = |why: &str| (COLUMNS[index + 3], text.to_owned(), why.to_owned());
        number::parse_optional(text).map_err(wrong)
    };
    let [capacity_mw, latitude, longitude] = [number(0)?, number(1)?, number(2)?];
    let minutes = numbers[3];
    let wrong = |_| ("interval_minutes", minutes.to_owned(), "is not a whole number between 1 and 1440".to_owned());
    let interval_minutes = if minutes.is_empty() { None } else { Some(minutes.parse().map_err(wrong)?) };
    told(name, zone, energy_type, ([capacity_mw, latitude, longitude], interval_minutes))
}

fn of_values(row: &ParkRow) -> Result<Told, Wrong> {
    let wrong = |minutes: i32| ("interval_minutes", minutes.to_string(), "is not between 1 and 1440".to_owned());
    let minutes = row.interval_minutes.map(|minutes| u16::try_from(minutes).map_err(|_| wrong(minutes)));
    let numbers = [row.capacity_mw, row.latitude, row.longitude];
    told(&row.park_name, &row.timezone, &row.energy_type, (numbers, minutes.transpose()?))
}

fn told(
    name: &str,
    zone: &str,
    energy_type: &str,
    ([capacity_mw, latitude, longitude], interval_minutes): ([Option<f64>; 3], Option<u16>),
) -> Result<Told, Wrong> {
    let name = text::name(name).map_err(|why| ("park_name", name.to_owned(), why))?;
    let zone = zone.trim();
    let timezone: Tz = zone.parse().map_err(|_| {
        let why = if zone.is_empty() { "is empty" } else { "is no IANA time zone, like Europe/Amsterdam" };
        ("timezone", zone.to_owned(), why.to_owned())
    })?;
    let energy_type: EnergyType = energy_type.parse().map_err(|why| ("energy_type", energy_type.to_owned(), why))?;
    let details = ParkDetails { name, timezone, energy_type, capacity_mw, latitude, longitude, interval_minutes };
    details.check().map_err(|(field, why)| {
        let value = match field {
            "capacity_mw" => capacity_mw.map(|number| number.to_string()),
            "latitude" => latitude.map(|number| number.to_string()),
            "longitude" => longitude.map(|number| number.to_string()),
            "interval_minutes" => interval_minutes.map(|number| number.to_string()),
            _ => Some(details.name.clone()),
        };
        (field, value.unwrap_or_default(), why)
    })?;
    Ok(Told { details })
}
