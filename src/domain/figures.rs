//! The figures of a set of readings, and how sets are put together (R13, R14, R16).
//!
//! Sums are compensated (Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
//! ZAMM 54), so that a day of decimal fractions adds up to the decimal fraction that a reader expects. A day's
//! figures are rounded once; longer buckets are made of their days in order, whichever way the days were got, so
//! that every path gives the same bits.

use super::reading::Reading;

/// The figures of one or more readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// How many readings.
    pub count: i64,
    /// Their widths together, in minutes.
    pub minutes: i64,
    /// The least of their powers, MW.
    pub min: f64,
    /// The greatest of their powers, MW.
    pub max: f64,
    /// Their powers added up, MW: no energy (R13).
    pub sum: f64,
    /// Net energy, MWh.
    pub energy_mwh: f64,
    /// Energy of the positive readings alone, MWh (R16).
    pub generated_mwh: f64,
}

impl Figures {
    /// The figures of readings in the order of time; `None` of none.
    pub fn of(readings: &[Reading]) -> Option<Self> {
        Self::gather(readings.iter().map(|reading| {
            let energy_mwh = reading.energy_mwh();
            Self {
                count: 1,
                minutes: i64::from(reading.minutes),
                min: reading.megawatts,
                max: reading.megawatts,
                sum: reading.megawatts,
                energy_mwh,
                generated_mwh: energy_mwh.max(0.0),
            }
        }))
    }

    /// The figures of several sets of readings together, in the order given; `None` of none.
    pub fn gather(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut all = parts.next()?;
        let mut sum = Sum::from(all.sum);
        let mut energy = Sum::from(all.energy_mwh);
        let mut generated = Sum::from(all.generated_mwh);
        for part in parts {
            all.count += part.count;
            all.minutes += part.minutes;
            all.min = all.min.min(part.min);
            all.max = all.max.max(part.max);
            sum.add(part.sum);
            energy.add(part.energy_mwh);
            generated.add(part.generated_mwh);
        }
        all.sum = sum.value();
        all.energy_mwh = energy.value();
        all.generated_mwh = generated.value();
        Some(all)
    }

    /// Mean power in MW, weighted by interval width: net energy over observed time (R14).
    pub fn mean(&self) -> f64 {
        self.energy_mwh / self.observed_hours()
    }

    /// Observed time in hours.
    pub fn observed_hours(&self) -> f64 {
        hours(self.minutes)
    }
}

/// Minutes as hours.
#[expect(clippy::cast_precision_loss, reason = "minutes of any bucket stay far below 2^53")]
fn hours(minutes: i64) -> f64 {
    minutes as f64 / 60.0
}

/// A compensated sum; a total beyond f64 is infinite, never NaN.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    high: f64,
    low: f64,
}

impl From<f64> for Sum {
    fn from(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }
}

impl Sum {
    pub(super) fn add(&mut self, value: f64) {
        // Once beyond f64, it stays there: infinities of both signs would make NaN.
        if self.high.is_infinite() {
            return;
        }
        let total = self.high + value;
        if total.is_finite() {
            self.low +=
                if self.high.abs() >= value.abs() { (self.high - total) + value } else { (value - total) + self.high };
        }
        self.high = total;
    }

    pub(super) fn value(self) -> f64 {
        self.high + self.low
    }
}
