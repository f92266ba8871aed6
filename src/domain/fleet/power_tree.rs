//! The sum of several parks' powers, kept while single powers change.

/// A number in two parts, the second far smaller: twice the digits of f64, so that sums of decimal fractions round
/// to what a reader expects (Dekker 1971, "A floating-point technique for extending the available precision").
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Double {
    high: f64,
    low: f64,
}

impl Double {
    fn plus(self, other: Self) -> Self {
        // Knuth's exact sum of the high parts.
        let sum = self.high + other.high;
        let part = sum - self.high;
        let rest = (self.high - (sum - part)) + (other.high - part) + (self.low + other.low);
        let high = sum + rest;
        // Beyond f64 the parts have no meaning; the sum is infinite.
        if high.is_finite() { Self { high, low: rest - (high - sum) } } else { Self { high: sum, low: 0.0 } }
    }
}

/// A tree of sums over the parks in their order. Its sum depends on what stands in it alone, not on the way there; one
/// change costs log2 of the number of parks.
pub(super) struct PowerTree {
    /// Node 1 is the root, the children of n are 2n and 2n + 1, the last half are the parks.
    nodes: Vec<Double>,
    is_known: Vec<bool>,
    known: usize,
}

impl PowerTree {
    /// No park's power is known.
    pub(super) fn new(parks: usize) -> Self {
        let leaves = parks.next_power_of_two();
        Self { nodes: vec![Double::default(); leaves * 2], is_known: vec![false; parks], known: 0 }
    }

    /// Sets or forgets a park's power.
    pub(super) fn set(&mut self, park: usize, megawatts: Option<f64>) {
        self.set_leaf(park, megawatts);
        let mut node = self.nodes.len() / 2 + park;
        while node > 1 {
            node /= 2;
            self.add_up(node);
        }
    }

    /// Sets all parks' powers, in order.
    pub(super) fn set_all(&mut self, powers: impl Iterator<Item = Option<f64>>) {
        for (park, megawatts) in powers.enumerate() {
            self.set_leaf(park, megawatts);
        }
        for node in (1..self.nodes.len() / 2).rev() {
            self.add_up(node);
        }
    }

    /// Whether every park's power is known.
    pub(super) fn is_full(&self) -> bool {
        self.known == self.is_known.len()
    }

    /// The known powers added up, MW.
    pub(super) fn sum(&self) -> f64 {
        self.nodes[1].high
    }

    fn set_leaf(&mut self, park: usize, megawatts: Option<f64>) {
        let leaf = self.nodes.len() / 2 + park;
        self.nodes[leaf] = Double { high: megawatts.unwrap_or_default(), low: 0.0 };
        self.known -= usize::from(self.is_known[park]);
        self.is_known[park] = megawatts.is_some();
        self.known += usize::from(megawatts.is_some());
    }

    fn add_up(&mut self, node: usize) {
        self.nodes[node] = self.nodes[2 * node].plus(self.nodes[2 * node + 1]);
    }
}
