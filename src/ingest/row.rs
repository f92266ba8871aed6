//! A good row in memory: twenty bytes, since a file may have ten million.

/// A row whose cells are good.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(4))]
pub(super) struct Row {
    /// The instant of its label: Unix seconds, UTC.
    pub(super) at: i64,
    /// Mean power in MW.
    pub(super) megawatts: f64,
    /// The line it stands on.
    pub(super) line: u32,
}

impl Row {
    /// What rows are sorted by.
    pub(super) fn key(&self) -> (i64, u32) {
        (self.at, self.line)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_row_takes_twenty_bytes() {
        assert_eq!(size_of::<super::Row>(), 20);
    }
}
