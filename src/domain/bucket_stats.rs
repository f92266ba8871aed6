//! The figures of buckets.
