//! the schema: one file a noun

pub mod guard;
