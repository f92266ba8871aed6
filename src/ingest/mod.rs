//! from bytes to rows
