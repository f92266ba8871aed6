//! from bytes to rows

pub mod portfolio;
