//! Reproducible randomness: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
//!
//! Not for secrets. Written out here, because the same numbers are wanted after every update of every dependency.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for a part, whatever was drawn elsewhere.
    pub fn split(&self, part: u64) -> Self {
        Self(mixed(self.0 ^ mixed(part.wrapping_add(GAMMA))))
    }

    /// 64 random bits.
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mixed(self.0)
    }

    /// A whole number below the bound, which is above 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let wide = u64::from(upper(self.bits())) * u64::from(bound);
        upper(wide)
    }

    /// A number in `[0, 1)`.
    pub fn share(&mut self) -> f64 {
        f64::from(upper(self.bits())) / 4_294_967_296.0
    }

    /// A number of mean 0 and variance 1, nearly normal: the sum of four uniform ones (Irwin and Hall), all from one
    /// draw, since a year of quarter hours asks for a hundred thousand.
    pub fn normal(&mut self) -> f64 {
        let bits = self.bits();
        let sum: f64 =
            bits.to_le_bytes().chunks_exact(2).map(|pair| f64::from(u16::from_le_bytes([pair[0], pair[1]]))).sum();
        (sum / 65_536.0 - 2.0) * ROOT_OF_3
    }
}

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
/// The sum of four uniform numbers has the variance 1/3.
const ROOT_OF_3: f64 = 1.732_050_807_568_877_2;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn upper(bits: u64) -> u32 {
    let [.., a, b, c, d] = bits.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_stream_is_the_published_one() {
        let mut chance = Chance::new(1_234_567);
        let drawn = [chance.bits(), chance.bits(), chance.bits()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut chance = Chance::new(7);
        let drawn: Vec<f64> = (0..100_000).map(|_| chance.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 100_000.0;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 100_000.0;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn numbers_below_a_bound_reach_all_of_them() {
        let mut chance = Chance::new(7);
        let mut seen = [false; 6];
        for _ in 0..1_000 {
            seen[chance.below(6) as usize] = true;
        }
        assert_eq!(seen, [true; 6]);
    }
}
