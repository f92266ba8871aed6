//! Totals of a fleet over time.
