use proptest::prelude::*;

use super::*;
use crate::domain::samples;

const DAY: i32 = 18_322;
const START: i64 = 18_322 * DAY_SECONDS;

fn day() -> impl Strategy<Value = Vec<Reading>> {
    samples::readings(START, START + DAY_SECONDS)
}

fn reading(offset: i64, minutes: u16, megawatts: f64) -> Reading {
    Reading { starts_at: START + offset, minutes, megawatts }
}

/// Readings at a step, as wide as it.
fn regular(minutes: u16, count: u16) -> Vec<Reading> {
    let readings =
        (0..count).map(|place| reading(i64::from(place) * i64::from(minutes) * 60, minutes, f64::from(place)));
    readings.collect()
}

/// Bytes with the checksum that they ought to have.
fn sealed(mut body: Vec<u8>) -> Vec<u8> {
    let checksum = checksum(DAY, &body);
    body.extend(checksum);
    body
}

#[test]
fn a_day_of_quarter_hours_takes_eleven_bytes_and_its_values() {
    let bytes = encode(DAY, &regular(15, 96)).unwrap();
    assert_eq!(bytes.len(), 11 + 96 * 8);
    assert_eq!(bytes[..8], [1, 0, 96, 0, 15, 96, 0, 0]);
}

#[test]
fn the_fullest_day_is_one_run() {
    let bytes = encode(DAY, &regular(1, 1_440)).unwrap();
    assert_eq!(bytes.len(), 13 + 1_440 * 8);
    assert_eq!(decode(DAY, &bytes).unwrap(), regular(1, 1_440));
    assert_eq!(count(&bytes), Ok(1_440));
}

#[test]
fn stamps_without_a_rhythm_take_a_byte_more() {
    let readings: Vec<_> = (0..96_i64).map(|place| reading(place * 900 + place * place % 61, 5, 1.25)).collect();
    let bytes = encode(DAY, &readings).unwrap();
    assert!(bytes.len() <= 96 * 11, "{} bytes", bytes.len());
    assert_eq!(decode(DAY, &bytes).unwrap(), readings);
}

#[test]
fn a_reading_may_start_in_the_last_second_and_reach_over_the_next_day() {
    let readings = [reading(0, 1_439, 3.5), reading(DAY_SECONDS - 1, 1_440, -0.25)];
    assert_eq!(decode(DAY, &encode(DAY, &readings).unwrap()).unwrap(), readings);
}

#[test]
fn days_before_1970_and_a_day_without_readings_are_days() {
    let early = Reading { starts_at: -DAY_SECONDS, minutes: 15, megawatts: 1.0 };
    assert_eq!(decode(-1, &encode(-1, &[early]).unwrap()).unwrap(), [early]);
    assert_eq!(decode(DAY, &encode(DAY, &[]).unwrap()).unwrap(), []);
}

#[test]
fn what_is_no_day_is_not_packed() {
    let cases: [&[Reading]; 8] = [
        &[reading(-1, 15, 1.0)],
        &[reading(DAY_SECONDS, 15, 1.0)],
        &[reading(900, 15, 1.0), reading(0, 15, 1.0)],
        &[reading(0, 30, 1.0), reading(1_799, 15, 1.0)],
        &[reading(0, 0, 1.0)],
        &[reading(0, 1_441, 1.0)],
        &[reading(0, 15, -0.0)],
        &[reading(0, 15, f64::NAN)],
    ];
    for readings in cases {
        assert_eq!(encode(DAY, readings), Err(BlockError::NotADay), "{readings:?}");
    }
}

#[test]
fn a_block_under_another_day_is_refused() {
    let bytes = encode(DAY, &regular(15, 96)).unwrap();
    assert_eq!(decode(DAY + 1, &bytes), Err(BlockError::Checksum));
}

#[test]
fn other_ways_to_write_the_same_readings_are_refused() {
    let value = 1.5_f64.to_le_bytes();
    let write = |head: &[u8], values: usize| sealed([head, &value.repeat(values)].concat());
    assert!(decode(DAY, &write(&[1, 0, 2, 0, 15, 2, 0], 2)).is_ok());
    let others = [
        ("two runs of one", write(&[1, 0, 2, 0, 15, 1, 0, 15, 1], 2)),
        ("offsets where a run does", write(&[1, 1, 2, 15, 2, 0, 0], 2)),
        ("a long zero", write(&[1, 0, 2, 0x80, 0, 15, 2, 0], 2)),
        ("a long count", write(&[1, 0, 0x82, 0, 0, 15, 2, 0], 2)),
        ("a byte left over", write(&[1, 0, 2, 0, 15, 2, 0, 0], 2)),
        ("a run of none", write(&[1, 0, 2, 0, 15, 2, 0, 0, 15, 0], 2)),
        ("an empty block of offsets", write(&[1, 1, 0], 0)),
    ];
    for (what, bytes) in others {
        assert_eq!(decode(DAY, &bytes), Err(BlockError::NotCanonical), "{what}");
    }
}

#[test]
fn what_no_reading_may_be_is_refused_under_a_right_checksum() {
    let write = |head: &[u8], value: f64| decode(DAY, &sealed([head, &value.to_le_bytes()].concat()));
    assert!(write(&[1, 0, 1, 0, 15, 1], 1.5).is_ok());
    for value in [-0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(write(&[1, 0, 1, 0, 15, 1], value), Err(BlockError::NotCanonical), "{value}");
    }
    assert_eq!(write(&[1, 0, 1, 0, 0, 1], 1.5), Err(BlockError::NotCanonical), "no width");
    assert_eq!(write(&[1, 0, 1, 0, 0xa1, 11, 1], 1.5), Err(BlockError::NotCanonical), "1,441 minutes");
    assert_eq!(write(&[1, 0, 1, 0x80, 0xa3, 5, 15, 1], 1.5), Err(BlockError::NotCanonical), "the next day");
    assert_eq!(write(&[2, 0, 1, 0, 15, 1], 1.5), Err(BlockError::Version(2)));
}

#[test]
fn an_error_leaves_the_list_as_it_was() {
    let mut readings = regular(15, 4);
    let bytes = sealed([&[1, 0, 2, 0, 15, 2, 0][..], &1.5_f64.to_le_bytes(), &f64::NAN.to_le_bytes()].concat());
    assert!(decode_into(DAY, &bytes, &mut readings).is_err());
    assert_eq!(readings, regular(15, 4));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_was_packed_unpacks_to_the_same_bits(readings in day()) {
        let bytes = encode(DAY, &readings).unwrap();
        let unpacked = decode(DAY, &bytes).unwrap();
        let bits = |readings: &[Reading]| -> Vec<_> {
            readings.iter().map(|reading| (reading.starts_at, reading.minutes, reading.megawatts.to_bits())).collect()
        };
        prop_assert_eq!(bits(&unpacked), bits(&readings));
        prop_assert_eq!(usize::try_from(count(&bytes).unwrap()).unwrap(), readings.len());
        prop_assert!(bytes.len() <= 16 + readings.len() * 15);
    }

    #[test]
    fn any_flipped_bit_and_any_cut_is_refused(readings in day(), place in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = encode(DAY, &readings).unwrap();
        let place = place.index(bytes.len());
        prop_assert!(decode(DAY, &bytes[..place]).is_err());
        bytes[place] ^= 1_u8 << bit;
        prop_assert!(decode(DAY, &bytes).is_err());
    }

    /// Damage that the checksum does not see: what is accepted all the same is what the encoder would have written.
    #[test]
    fn whatever_unpacks_packs_to_the_same_bytes(
        readings in day(),
        changes in prop::collection::vec((0..40_usize, any::<u8>()), 1..4),
    ) {
        let mut bytes = encode(DAY, &readings).unwrap();
        bytes.truncate(bytes.len() - CHECKSUM_BYTES);
        for (place, byte) in changes {
            let place = place % bytes.len();
            bytes[place] = byte;
        }
        let bytes = sealed(bytes);
        if let Ok(readings) = decode(DAY, &bytes) {
            prop_assert_eq!(encode(DAY, &readings).unwrap(), bytes);
        }
    }

    /// Heads made of small numbers, so that many are nearly right.
    #[test]
    fn any_bytes_unpack_to_their_like_or_are_refused(
        form in 0..3_u8, head in prop::collection::vec(0..6_u8, 0..20), values in 0..5_usize, noise in any::<Vec<u8>>(),
    ) {
        let body = [&[1, form, u8::try_from(values).unwrap()][..], &head, &1.5_f64.to_le_bytes().repeat(values)].concat();
        for bytes in [sealed(body), sealed(noise.clone()), noise] {
            let _ = count(&bytes);
            if let Ok(readings) = decode(DAY, &bytes) {
                prop_assert_eq!(encode(DAY, &readings).unwrap(), bytes);
            }
        }
    }
}
