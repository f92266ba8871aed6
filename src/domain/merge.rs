//! New readings laid over old ones (R11, R21).

use super::reading::Reading;

/// What comes of laying new readings over old ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// What stands now, in order, without overlaps.
    pub readings: Vec<Reading>,
    /// How many new ones replaced nothing.
    pub inserted: i64,
    /// How many new ones replaced an old one, or several.
    pub updated: i64,
    /// How many new ones stood already: same instant, width and power.
    pub unchanged: i64,
    /// The old ones that are gone, in order: each becomes a revision.
    pub replaced: Vec<Reading>,
}

impl Merged {
    /// Whether anything differs from what stood before.
    pub fn is_changed(&self) -> bool {
        self.inserted + self.updated > 0
    }
}

/// Lays new readings over old ones. Each list is in order and without overlaps of its own.
///
/// A new reading replaces every old one that it overlaps, however far that one reaches; one that stands already is
/// unchanged. Where several new ones overlap one old one, the first of them replaces it, so that the counts are those of
/// laying the new ones down one by one in order, and do not depend on how many are laid at a time.
pub fn merge(old: &[Reading], new: &[Reading]) -> Merged {
    let mut merged = Merged { readings: Vec::with_capacity(old.len() + new.len()), ..Merged::default() };
    let mut rest = old;
    for reading in new {
        let before = rest.iter().take_while(|old| old.until() <= reading.starts_at).count();
        merged.readings.extend(rest.split_off(..before).unwrap_or_default());
        merged.readings.push(*reading);
        if rest.first() == Some(reading) {
            rest = &rest[1..];
            merged.unchanged += 1;
            continue;
        }
        let overlapped = rest.iter().take_while(|old| old.starts_at < reading.until()).count();
        merged.replaced.extend(rest.split_off(..overlapped).unwrap_or_default());
        if overlapped > 0 {
            merged.updated += 1;
        } else {
            merged.inserted += 1;
        }
    }
    merged.readings.extend(rest);
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::samples;

    fn reading(starts_at: i64, minutes: u16, megawatts: f64) -> Reading {
        Reading { starts_at, minutes, megawatts }
    }

    /// R11, R21: laying new readings down one by one, in the obvious way.
    fn one_by_one<'a>(old: &[Reading], new: impl Iterator<Item = &'a Reading>) -> Merged {
        let mut merged = Merged { readings: old.to_vec(), ..Merged::default() };
        for reading in new {
            if merged.readings.contains(reading) {
                merged.unchanged += 1;
                continue;
            }
            let (gone, kept): (Vec<_>, Vec<_>) = merged.readings.iter().partition(|old| old.overlaps(reading));
            if gone.is_empty() {
                merged.inserted += 1;
            } else {
                merged.updated += 1;
            }
            merged.replaced.extend(gone);
            merged.readings = kept;
            merged.readings.push(*reading);
        }
        merged.readings.sort_by_key(|reading| reading.starts_at);
        merged.replaced.sort_by_key(|reading| reading.starts_at);
        merged
    }

    #[test]
    fn the_same_readings_again_change_nothing() {
        let old = [reading(0, 15, 1.0), reading(900, 15, 2.0)];
        let merged = merge(&old, &old);
        assert_eq!((merged.unchanged, merged.is_changed()), (2, false));
        assert_eq!(merged.readings, old);
    }

    /// R11: the same MW at another width is another reading.
    #[test]
    fn another_width_or_power_replaces() {
        let merged = merge(&[reading(0, 15, 1.0), reading(900, 15, 2.0)], &[reading(0, 5, 1.0), reading(900, 15, 2.5)]);
        assert_eq!(merged.readings, [reading(0, 5, 1.0), reading(900, 15, 2.5)]);
        assert_eq!(merged.replaced, [reading(0, 15, 1.0), reading(900, 15, 2.0)]);
        assert_eq!((merged.inserted, merged.updated, merged.unchanged), (0, 2, 0));
    }

    #[test]
    fn one_wide_reading_replaces_all_that_it_reaches_over() {
        let old = [reading(0, 15, 1.0), reading(900, 15, 2.0), reading(1_800, 15, 3.0), reading(2_700, 15, 4.0)];
        let merged = merge(&old, &[reading(1, 30, 9.0)]);
        assert_eq!(merged.readings, [reading(1, 30, 9.0), reading(2_700, 15, 4.0)]);
        assert_eq!((merged.inserted, merged.updated, merged.replaced), (0, 1, old[..3].to_vec()));
    }

    #[test]
    fn an_old_reading_that_reaches_into_several_new_ones_is_replaced_once() {
        let merged = merge(&[reading(0, 60, 1.0)], &[reading(900, 15, 2.0), reading(1_800, 15, 3.0)]);
        assert_eq!((merged.inserted, merged.updated, merged.replaced), (1, 1, vec![reading(0, 60, 1.0)]));
        assert_eq!(merged.readings, [reading(900, 15, 2.0), reading(1_800, 15, 3.0)]);
    }

    /// Old readings, and new ones of which some stand already.
    fn both() -> impl Strategy<Value = (Vec<Reading>, Vec<Reading>)> {
        let readings =
            || samples::readings_of(0, 200_000, samples::modest_megawatts().boxed(), samples::widths().boxed());
        (readings(), readings(), any::<u64>()).prop_map(|(old, other, mask)| {
            let kept: Vec<_> =
                (0_u32..).zip(&old).filter(|(place, _)| mask >> (place % 64) & 1 == 1).map(|(_, old)| *old).collect();
            let fits = |reading: &&Reading| !kept.iter().any(|kept| kept.overlaps(reading));
            let mut new: Vec<_> = other.iter().filter(fits).chain(&kept).copied().collect();
            new.sort_by_key(|reading| reading.starts_at);
            (old, new)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// R21
        #[test]
        fn merging_equals_laying_down_one_by_one((old, new) in both()) {
            prop_assert_eq!(merge(&old, &new), one_by_one(&old, new.iter()));
        }

        /// R21
        #[test]
        fn neither_the_order_nor_the_portions_matter((old, new) in both(), cut in any::<prop::sample::Index>()) {
            let whole = merge(&old, &new);
            let backwards = one_by_one(&old, new.iter().rev());
            prop_assert_eq!((&whole.readings, &whole.replaced), (&backwards.readings, &backwards.replaced));
            let (early, late) = new.split_at(cut.index(new.len() + 1));
            let first = merge(&old, early);
            let second = merge(&first.readings, late);
            prop_assert_eq!(&whole.readings, &second.readings);
            prop_assert_eq!(whole.inserted, first.inserted + second.inserted);
            prop_assert_eq!(whole.updated, first.updated + second.updated);
            prop_assert_eq!(&whole.replaced, &[first.replaced, second.replaced].concat());
            prop_assert!(!merge(&whole.readings, &new).is_changed());
        }
    }
}
