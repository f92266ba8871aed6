//! The width of a file's rows.
