//! Weather that remembers itself, and what turbines and panels make of it.

use super::chance::Chance;

/// A random quantity of mean 0 and variance 1 that fades with its memory (Ornstein and Uhlenbeck 1930, in implicit steps).
#[derive(Clone, Debug)]
struct Fading {
    value: f64,
    memory_hours: f64,
}

impl Fading {
    fn new(memory_hours: f64, chance: &mut Chance) -> Self {
        Self { value: chance.normal(), memory_hours }
    }

    fn step(&mut self, hours: f64, chance: &mut Chance) -> f64 {
        let kept = self.memory_hours / (self.memory_hours + hours);
        self.value = kept * self.value + (1.0 - kept * kept).sqrt() * chance.normal();
        self.value
    }
}

/// Wind as a vector whose two parts are normal, so that its speed has Rayleigh's distribution, as that of real sites.
/// Each part is of weather systems that pass within days and of gusts that pass within the hour.
#[derive(Clone, Debug)]
pub struct Wind([Fading; 4]);

impl Wind {
    /// Some weather to begin with.
    pub fn new(chance: &mut Chance) -> Self {
        Self([30.0, 1.0, 30.0, 1.0].map(|memory_hours| Fading::new(memory_hours, chance)))
    }

    /// The speed at hub height in m/s after a step: 8 in the mean.
    pub fn step(&mut self, hours: f64, chance: &mut Chance) -> f64 {
        let [a, b, c, d] = &mut self.0;
        let mut part =
            |slow: &mut Fading, fast: &mut Fading| 6.2 * slow.step(hours, chance) + 1.5 * fast.step(hours, chance);
        let (east, north) = (part(a, b), part(c, d));
        (east * east + north * north).sqrt()
    }
}

/// Clouds: fronts that pass within a day and a half, and fields of them that pass within the hour.
#[derive(Clone, Debug)]
pub struct Clouds([Fading; 2]);

impl Clouds {
    /// Some weather to begin with.
    pub fn new(chance: &mut Chance) -> Self {
        Self([36.0, 0.7].map(|memory_hours| Fading::new(memory_hours, chance)))
    }

    /// The share of the light that comes through after a step.
    pub fn step(&mut self, hours: f64, chance: &mut Chance) -> f64 {
        let [front, field] = &mut self.0;
        let sky = 1.3 + 1.4 * front.step(hours, chance) + 0.5 * field.step(hours, chance);
        // Squeezed between a dark day's eighth and all of it.
        0.125 + 0.875 * 0.5 * (1.0 + sky / (1.0 + sky.abs()))
    }
}

/// A wind park's power as a share of its capacity: nothing below 3 m/s but what it draws itself, the cube of the speed up
/// to 12.5, all until 23, and less and less until every turbine has stopped at 28. Some losses to wakes and repairs.
pub fn turbines(speed: f64) -> f64 {
    let own_use = 0.0008;
    let rated = if speed < 3.0 {
        0.0
    } else if speed < 12.5 {
        (speed * speed * speed - 27.0) / (12.5 * 12.5 * 12.5 - 27.0)
    } else {
        ((28.0 - speed) / 5.0).clamp(0.0, 1.0)
    };
    0.95 * rated - own_use
}

/// A solar park's power as a share of its capacity, from the sine of the sun's height and the sky's clearness: more panels
/// than the inverters carry, so that clear noons are flat; at night it draws a little.
pub fn panels(height: f64, clearness: f64) -> f64 {
    let own_use = 0.0006;
    // Low light comes a long way through the air.
    let light = if height > 0.0 { height * (height + 0.04) / (height + 0.25) * 1.2 } else { 0.0 };
    (1.25 * light * clearness).min(1.0 - own_use) - own_use
}

#[cfg(test)]
mod tests {
    use super::{panels, turbines};

    #[test]
    fn turbines_start_rise_hold_and_stop() {
        assert!(turbines(2.0) < 0.0 && turbines(30.0) < 0.0);
        assert!(turbines(5.0) < turbines(8.0) && turbines(8.0) < turbines(12.0));
        assert!((turbines(13.0) - turbines(20.0)).abs() < f64::EPSILON && turbines(20.0) > 0.9);
    }

    #[test]
    fn panels_draw_at_night_and_are_clipped_at_noon() {
        assert!(panels(-0.5, 1.0) < 0.0);
        assert!(panels(0.1, 1.0) < panels(0.5, 1.0) && panels(0.9, 0.3) < panels(0.9, 0.9));
        assert!((panels(1.0, 1.0) - panels(0.98, 1.0)).abs() < f64::EPSILON);
    }
}
