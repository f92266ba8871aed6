//! How far a load is, for whoever watches it from another thread.

use std::sync::atomic::{AtomicU64, Ordering};

/// How far a load is. Counts only rise.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    bytes_expected: AtomicU64,
    rows_read: AtomicU64,
    rows_written: AtomicU64,
}

impl Progress {
    /// Bytes received so far, as they came.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many bytes there are, where that is known.
    pub fn bytes_expected(&self) -> Option<u64> {
        Some(self.bytes_expected.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }

    /// Data rows read so far.
    pub fn rows_read(&self) -> u64 {
        self.rows_read.load(Ordering::Relaxed)
    }

    /// Good rows laid into the database so far; they last when the load has ended.
    pub fn rows_written(&self) -> u64 {
        self.rows_written.load(Ordering::Relaxed)
    }

    pub(super) fn expect_bytes(&self, bytes: Option<u64>) {
        self.bytes_expected.store(bytes.unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn add_bytes(&self, count: usize) {
        self.bytes.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn set_rows_read(&self, rows: i64) {
        self.rows_read.store(u64::try_from(rows).unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn add_rows_written(&self, count: usize) {
        self.rows_written.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
    }
}
