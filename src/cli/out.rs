//! What commands tell. `print!` panics where its reader has gone, as `head` goes after its lines: nothing here does.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anyhow::Context as _;

/// The standard output of a command. Once it cannot be written to, the command goes on without it.
#[derive(Default)]
pub(super) struct Out {
    lost: Option<io::Error>,
}

impl Out {
    /// Writes a line.
    pub(super) fn line(&mut self, text: impl Display) {
        self.put(format_args!("{text}\n"));
    }

    fn put(&mut self, text: impl Display) {
        let mut stdout = io::stdout().lock();
        if self.lost.is_none() {
            self.lost = write!(stdout, "{text}").and_then(|()| stdout.flush()).err();
        }
    }

    /// Whether all was written, or the reader wanted no more.
    pub(super) fn end(self) -> anyhow::Result<()> {
        match self.lost {
            Some(fault) if fault.kind() != ErrorKind::BrokenPipe => Err(fault).context("the output cannot be written"),
            _ => Ok(()),
        }
    }
}

/// Writes a line, which is all that a command tells.
pub(super) fn line(text: impl Display) -> anyhow::Result<()> {
    let mut out = Out::default();
    out.line(text);
    out.end()
}

/// Writes a text as it stands, which is all that a command tells.
pub(super) fn text(text: impl Display) -> anyhow::Result<()> {
    let mut out = Out::default();
    out.put(text);
    out.end()
}

/// Writes a line to the standard error. Where that fails, there is nobody left to tell.
pub(super) fn note(text: impl Display) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}
