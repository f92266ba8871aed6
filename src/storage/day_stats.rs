//! A local day's figures with its first and last reading, as kept; made of the day's readings and of nothing else.

use sea_orm::{QueryResult, Value};

use super::days::{from_number, next, to_number};
use super::fault::broken;
use crate::domain::chrono::NaiveDate;
use crate::domain::figures::Figures;
use crate::domain::park::ParkId;
use crate::domain::reading::Reading;
use crate::domain::zone::Zone;
use crate::error::Result;

/// What is kept of a park's local day.
#[derive(Clone, Debug)]
pub struct DayStats {
    /// The date in the park's zone.
    pub date: NaiveDate,
    /// The figures of the day's readings.
    pub figures: Figures,
    /// When the first of them starts.
    pub first_starts_at: i64,
    /// The last of them.
    pub last: Reading,
}

/// The first columns of `day_stats` after `park_id`: the date and its [`figures`].
pub(super) const FIGURES: &str = "date, count, minutes, min, max, sum, energy_mwh, generated_mwh";
/// The columns of `day_stats` after `park_id`, as [`DayStats::row`] has them.
pub(super) const COLUMNS: &str = "date, count, minutes, min, max, sum, energy_mwh, generated_mwh, first_starts_at, \
                                  last_starts_at, last_minutes, last_megawatts";

impl DayStats {
    /// The stats of the dates `[from, until)`, of readings in order that hold all that start on them; days without a
    /// reading have none.
    pub(super) fn of(zone: &Zone, from: NaiveDate, until: NaiveDate, readings: &[Reading]) -> Vec<Self> {
        let mut all = Vec::new();
        let mut rest = readings;
        let mut date = from;
        rest = &rest[rest.partition_point(|reading| reading.starts_at < zone.day_start(date))..];
        while date < until && !rest.is_empty() {
            let end = zone.day_start(next(date));
            let (day, later) = rest.split_at(rest.partition_point(|reading| reading.starts_at < end));
            if let (Some(figures), Some(first), Some(last)) = (Figures::of(day), day.first(), day.last()) {
                all.push(Self { date, figures, first_starts_at: first.starts_at, last: *last });
            }
            rest = later;
            date = next(date);
        }
        all
    }

    /// As a row of `park_id` and [`COLUMNS`].
    pub(super) fn row(&self, park: ParkId) -> Result<[Value; 13]> {
        let figures = &self.figures;
        Ok([
            park.0.into(),
            to_number(self.date).into(),
            i32::try_from(figures.count).map_err(broken)?.into(),
            i32::try_from(figures.minutes).map_err(broken)?.into(),
            figures.min.into(),
            figures.max.into(),
            figures.sum.into(),
            figures.energy_mwh.into(),
            figures.generated_mwh.into(),
            self.first_starts_at.into(),
            self.last.starts_at.into(),
            i32::from(self.last.minutes).into(),
            self.last.megawatts.into(),
        ])
    }

    /// The stats of a row of [`COLUMNS`], the first of which is at the index.
    pub(super) fn of_row(row: &QueryResult, at: usize) -> Result<Self> {
        Ok(Self {
            date: from_number(row.try_get_by_index(at)?)?,
            figures: figures(row, at + 1)?,
            first_starts_at: row.try_get_by_index(at + 8)?,
            last: Reading {
                starts_at: row.try_get_by_index(at + 9)?,
                minutes: u16::try_from(row.try_get_by_index::<i32>(at + 10)?).map_err(broken)?,
                megawatts: row.try_get_by_index(at + 11)?,
            },
        })
    }

    /// Everything of it, floats by their bits: sums may overflow, and what is not a number differs from itself.
    fn bits(&self) -> [i128; 12] {
        let figures = &self.figures;
        let bits = |value: f64| i128::from(value.to_bits());
        [
            to_number(self.date).into(),
            figures.count.into(),
            figures.minutes.into(),
            bits(figures.min),
            bits(figures.max),
            bits(figures.sum),
            bits(figures.energy_mwh),
            bits(figures.generated_mwh),
            self.first_starts_at.into(),
            self.last.starts_at.into(),
            self.last.minutes.into(),
            bits(self.last.megawatts),
        ]
    }
}

/// The figures of a row, the first of which is at the index.
pub(super) fn figures(row: &QueryResult, at: usize) -> Result<Figures> {
    let (count, minutes): (i32, i32) = (row.try_get_by_index(at)?, row.try_get_by_index(at + 1)?);
    Ok(Figures {
        count: count.into(),
        minutes: minutes.into(),
        min: row.try_get_by_index(at + 2)?,
        max: row.try_get_by_index(at + 3)?,
        sum: row.try_get_by_index(at + 4)?,
        energy_mwh: row.try_get_by_index(at + 5)?,
        generated_mwh: row.try_get_by_index(at + 6)?,
    })
}

impl PartialEq for DayStats {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}
