//! Which state of parks, readings, stats and grants it is.

/// A number that no two states share; of two the later is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataVersion(pub i64);
