//! A day's readings, packed.
