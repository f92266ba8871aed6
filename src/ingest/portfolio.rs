//! A made-up portfolio of wind and solar parks: for the demo, for benches, and for trying the loads.
//!
//! The same seed gives the same bytes on every machine: the randomness is our own, and nothing beyond the exactly
//! rounded operations of IEEE 754 (no library's `sin` or `exp`) stands between it and a reading.

mod chance;
pub mod demo;
mod places;
mod sun;
mod weather;

use crate::domain::park::{EnergyType, ParkDetails};
use crate::domain::reading::Reading;

use chance::Chance;
use places::Place;
use weather::{Clouds, Wind};

/// Which parks and readings are to be made.
#[derive(Clone, Copy, Debug)]
pub struct Portfolio {
    /// Another seed, another weather.
    pub seed: u64,
    /// How many parks.
    pub parks: u32,
    /// The width of every reading in minutes, above 0.
    pub minutes: u16,
    /// The instant the first readings start at: Unix seconds, UTC.
    pub from: i64,
    /// The instant at which every reading has ended.
    pub until: i64,
}

impl Portfolio {
    /// The parks, by number.
    pub fn parks(&self) -> impl Iterator<Item = ParkDetails> {
        (0..self.parks).map(|number| self.place(number).details(self.minutes))
    }

    /// The readings of the park with this number, in the order of time.
    pub fn readings(&self, number: u32) -> Readings {
        let place = self.place(number);
        let mut chance = Chance::new(self.seed).split(u64::from(number)).split(1);
        let weather = match place.energy_type {
            EnergyType::Wind => Weather::Wind(Wind::new(&mut chance)),
            EnergyType::Solar => Weather::Clouds(Clouds::new(&mut chance)),
        };
        Readings { portfolio: *self, at: self.from, place, chance, weather, gap_until: self.from }
    }

    fn place(&self, number: u32) -> Place {
        places::place(number, Chance::new(self.seed).split(u64::from(number)))
    }
}

/// The readings of one park.
#[derive(Debug)]
pub struct Readings {
    portfolio: Portfolio,
    place: Place,
    chance: Chance,
    weather: Weather,
    at: i64,
    gap_until: i64,
}

#[derive(Debug)]
enum Weather {
    Wind(Wind),
    Clouds(Clouds),
}

impl Readings {
    /// Whether the meter is silent at `at`: an outage of up to half a day every six weeks, and single losses.
    fn is_missing(&mut self, at: i64, hours: f64) -> bool {
        if self.chance.share() < hours / (24.0 * 42.0) {
            let steps = self.chance.below(48) + 1;
            self.gap_until = at + i64::from(steps) * 900;
        }
        self.chance.share() < 0.0002 || at < self.gap_until
    }

    /// Power as a share of the capacity, mean over the interval around the instant `middle`.
    fn load(&mut self, middle: i64, hours: f64) -> f64 {
        match &mut self.weather {
            Weather::Wind(wind) => {
                let speed = wind.step(hours, &mut self.chance) * sun::winter(middle, self.place.latitude, 0.15);
                weather::turbines(speed * self.place.wealth)
            }
            Weather::Clouds(clouds) => {
                let clearness = clouds.step(hours, &mut self.chance);
                let height = sun::height(middle, self.place.latitude, self.place.longitude);
                weather::panels(height, clearness * self.place.wealth)
            }
        }
    }
}

impl Iterator for Readings {
    type Item = Reading;

    fn next(&mut self) -> Option<Reading> {
        let minutes = self.portfolio.minutes;
        let hours = f64::from(minutes) / 60.0;
        loop {
            let at = self.at;
            self.at += i64::from(minutes) * 60;
            if self.at > self.portfolio.until {
                return None;
            }
            let megawatts = self.load(at + i64::from(minutes) * 30, hours) * self.place.capacity_mw;
            if !self.is_missing(at, hours) {
                // Meters tell kilowatts; adding 0 turns -0 into 0.
                let megawatts = (megawatts * 1_000.0).round() / 1_000.0 + 0.0;
                return Some(Reading { starts_at: at, minutes, megawatts });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "tests")]

    use super::Portfolio;
    use crate::domain::park::EnergyType;
    use crate::domain::reading::{DAY_SECONDS, Reading};
    use std::collections::BTreeSet;

    const FROM: i64 = 1_704_067_200; // 2024-01-01
    const YEAR: Portfolio = Portfolio { seed: 1, parks: 12, minutes: 15, from: FROM, until: FROM + 366 * DAY_SECONDS };

    fn capacity_factor(portfolio: &Portfolio, number: u32) -> f64 {
        let readings: Vec<_> = portfolio.readings(number).collect();
        let capacity = portfolio.parks().nth(number as usize).unwrap().capacity_mw.unwrap();
        readings.iter().map(|reading| reading.megawatts).sum::<f64>() / (capacity * readings.len() as f64)
    }

    #[test]
    fn every_park_is_a_legal_one_of_its_own_name() {
        let parks: Vec<_> = Portfolio { parks: 500, ..YEAR }.parks().collect();
        for park in &parks {
            park.check().unwrap();
            assert!(!park.name.contains(['/', '\\', ',', '"']), "{} is to be a file's name", park.name);
            assert_eq!(crate::domain::text::name(&park.name).unwrap(), park.name);
        }
        assert_eq!(parks.iter().map(|park| &park.name).collect::<BTreeSet<_>>().len(), 500);
    }

    #[test]
    fn twelve_parks_span_zones_hemispheres_and_both_kinds() {
        let parks: Vec<_> = YEAR.parks().collect();
        assert!(parks.iter().map(|park| park.timezone.name()).collect::<BTreeSet<_>>().len() >= 5);
        assert!(parks.iter().filter(|park| park.latitude.unwrap() < 0.0).count() >= 3);
        assert_eq!(parks.iter().filter(|park| park.energy_type == EnergyType::Wind).count(), 6);
    }

    #[test]
    fn the_same_seed_gives_the_same_readings_and_another_does_not() {
        let all = |portfolio: Portfolio| (0..3).flat_map(|n| portfolio.readings(n)).collect::<Vec<Reading>>();
        assert_eq!(all(YEAR), all(YEAR));
        assert_ne!(all(YEAR), all(Portfolio { seed: 2, ..YEAR }));
    }

    #[test]
    fn the_readings_are_those_of_every_machine() {
        let kilowatts =
            |number| -> i64 { YEAR.readings(number).map(|reading| (reading.megawatts * 1_000.0).round() as i64).sum() };
        assert_eq!([kilowatts(0), kilowatts(1)], [1_133_406_293, 464_544_287]);
    }

    #[test]
    fn readings_keep_their_order_and_miss_a_few() {
        for number in 0..YEAR.parks {
            let readings: Vec<_> = YEAR.readings(number).collect();
            assert!(readings.is_sorted_by(|a, b| a.until() <= b.starts_at));
            assert!(readings.last().unwrap().until() <= YEAR.until);
            let share = readings.len() as f64 / (366.0 * 96.0);
            assert!((0.97..1.0).contains(&share), "{share}");
        }
    }

    #[test]
    fn capacity_factors_are_those_of_real_parks() {
        for (number, park) in (0..YEAR.parks).zip(YEAR.parks()) {
            let factor = capacity_factor(&YEAR, number);
            let bounds = if park.energy_type == EnergyType::Wind { 0.22..0.52 } else { 0.12..0.34 };
            assert!(bounds.contains(&factor), "{} has {factor}", park.name);
        }
    }

    #[test]
    fn no_park_gives_more_than_its_capacity_and_solar_ones_draw_at_night() {
        for (number, park) in (0..YEAR.parks).zip(YEAR.parks()) {
            let readings: Vec<_> = YEAR.readings(number).collect();
            assert!(readings.iter().all(|reading| reading.megawatts <= park.capacity_mw.unwrap()));
            if park.energy_type == EnergyType::Solar {
                let night = readings.iter().filter(|reading| reading.megawatts < 0.0).count();
                assert!(night > readings.len() / 3, "{}: {night}", park.name);
            }
        }
    }
}
