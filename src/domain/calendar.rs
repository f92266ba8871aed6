//! Buckets of time in a zone.
