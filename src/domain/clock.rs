//! The clock, label and fold policy declared with a load.
