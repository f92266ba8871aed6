//! Where the made-up parks stand: real landscapes, invented parks.

use crate::domain::chrono_tz::Tz;
use crate::domain::park::EnergyType::{self, Solar, Wind};
use crate::domain::park::ParkDetails;

use super::chance::Chance;

/// One park's place and build.
#[derive(Clone, Debug)]
pub struct Place {
    name: String,
    timezone: Tz,
    pub energy_type: EnergyType,
    pub capacity_mw: f64,
    pub latitude: f64,
    pub longitude: f64,
    /// How windy or clear the place is beside the usual, around 1.
    pub wealth: f64,
}

type Row = (&'static str, Tz, EnergyType, f64, f64, f64, f64);

/// Name, zone, kind, MW, latitude, longitude, wealth. The first twelve are the demo: every pair is a wind and a solar
/// park, over zones of whole, half and quarter hours, with and without summer time, on both halves of the globe.
const ROWS: [Row; 24] = [
    ("Lauwersmeer Wind", Tz::Europe__Amsterdam, Wind, 92.4, 53.36, 6.21, 1.05),
    ("Alqueva Solar", Tz::Europe__Lisbon, Solar, 64.0, 38.20, -7.49, 1.0),
    ("Manawatū Ridge", Tz::Pacific__Auckland, Wind, 133.3, -40.34, 175.81, 1.12),
    ("Thar Desert Solar", Tz::Asia__Kolkata, Solar, 250.0, 27.53, 71.91, 1.0),
    ("Hallett Plains Wind", Tz::Australia__Adelaide, Wind, 210.0, -33.41, 138.72, 0.98),
    ("Coquimbo Solar", Tz::America__Santiago, Solar, 104.5, -30.24, -70.93, 1.1),
    ("Sweetwater Mesa Wind", Tz::America__Chicago, Wind, 301.5, 32.44, -100.41, 1.0),
    ("Upper Karoo Solar", Tz::Africa__Johannesburg, Solar, 75.0, -31.52, 22.48, 1.08),
    ("Caithness Moor Wind", Tz::Europe__London, Wind, 66.0, 58.41, -3.44, 1.08),
    ("Mojave Flats Solar", Tz::America__Los_Angeles, Solar, 160.0, 35.02, -117.33, 1.08),
    ("Avalon Wind", Tz::America__St_Johns, Wind, 54.0, 47.21, -53.32, 1.06),
    ("Narayani Solar", Tz::Asia__Kathmandu, Solar, 20.0, 27.61, 84.43, 0.95),
    ("Børgefjell Wind", Tz::Europe__Oslo, Wind, 118.8, 65.23, 13.41, 1.04),
    ("Andalucía Solar", Tz::Europe__Madrid, Solar, 49.9, 37.41, -5.62, 1.02),
    ("Chaco Wind", Tz::America__Sao_Paulo, Wind, 88.2, -9.41, -40.52, 1.02),
    ("Lusatia Solar", Tz::Europe__Berlin, Solar, 187.0, 51.52, 13.91, 0.92),
    ("Cape Jervis Wind", Tz::Australia__Sydney, Wind, 46.2, -35.62, 138.13, 1.04),
    ("Benban Solar", Tz::Africa__Cairo, Solar, 200.0, 24.45, 32.74, 1.1),
    ("Tehuantepec Wind", Tz::America__Mexico_City, Wind, 102.0, 16.57, -94.93, 1.15),
    ("Lord Howe Solar", Tz::Australia__Lord_Howe, Solar, 1.2, -31.55, 159.08, 0.95),
    ("Galway Bog Wind", Tz::Europe__Dublin, Wind, 69.0, 53.33, -9.32, 1.08),
    ("Kyūshū Solar", Tz::Asia__Tokyo, Solar, 70.0, 32.81, 130.72, 0.9),
    ("Gharo Wind", Tz::Asia__Karachi, Wind, 49.5, 24.74, 67.58, 0.98),
    ("Ngaanyatjarra Solar", Tz::Australia__Perth, Solar, 9.6, -26.11, 126.58, 1.1),
];

/// The place of the park with this number; after the last row they begin again as `NAME 2`, a little elsewhere.
pub fn place(number: u32, mut chance: Chance) -> Place {
    let count = u32::try_from(ROWS.len()).unwrap_or(u32::MAX);
    let round = number / count;
    let row = usize::try_from(number % count).unwrap_or(0);
    let (name, timezone, energy_type, capacity_mw, latitude, longitude, wealth) = ROWS[row];
    let mut place = Place { name: name.into(), timezone, energy_type, capacity_mw, latitude, longitude, wealth };
    if round > 0 {
        place.name = format!("{name} {}", round + 1);
        place.capacity_mw = rounded(capacity_mw * (0.5 + chance.share()), 10.0);
        place.latitude = rounded(latitude + chance.share() - 0.5, 100.0);
        place.longitude = rounded(longitude + chance.share() - 0.5, 100.0);
    }
    place
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

impl Place {
    /// The park as it is loaded.
    pub fn details(self, minutes: u16) -> ParkDetails {
        ParkDetails {
            name: self.name,
            timezone: self.timezone,
            energy_type: self.energy_type,
            capacity_mw: Some(self.capacity_mw),
            latitude: Some(self.latitude),
            longitude: Some(self.longitude),
            interval_minutes: Some(minutes),
        }
    }
}
