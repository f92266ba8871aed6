//! A time zone as a table of offsets.
