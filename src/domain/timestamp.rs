//! Timestamps as files have them.
