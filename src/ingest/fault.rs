//! Why a file could not be read to its end.

use std::fmt;
use std::io;

use crate::domain::load::RowError;
use crate::error::Error;

/// Why a file could not be read to its end.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file is at fault: the load is refused.
    Refused(RowError),
    /// Reading it failed: the load breaks off.
    Failed(Error),
}

impl Fault {
    /// The whole file is at fault; the reason is without subject.
    pub(super) fn whole(reason: impl fmt::Display) -> Self {
        Self::at(0, format!("the file {reason}"))
    }

    /// The file is at fault from this line on.
    pub(super) fn at(line: i64, reason: impl Into<String>) -> Self {
        Self::Refused(RowError { line, column: None, value: None, reason: reason.into() })
    }

    /// Its bytes cannot be had. The kind alone is told: the message may hold a path.
    pub(super) fn unreadable(cause: &io::Error) -> Self {
        Self::Failed(Error::Invalid(match cause.kind() {
            io::ErrorKind::NotFound => "there is no such file".into(),
            io::ErrorKind::PermissionDenied => "the file may not be read: permission denied".into(),
            kind => format!("the file cannot be read: {kind}"),
        }))
    }

    /// An error that came out of a reader at a line.
    pub(super) fn of_io(cause: &io::Error, line: i64) -> Self {
        let inner = cause.get_ref();
        if let Some(Told(sentence)) = inner.and_then(|inner| inner.downcast_ref()) {
            Self::at(line, sentence.clone())
        } else if let Some(Broken(kind)) = inner.and_then(|inner| inner.downcast_ref()) {
            Self::unreadable(&(*kind).into())
        } else {
            Self::Failed(Error::invalid("the file cannot be read"))
        }
    }
}

/// A fault of the file, on its way through readers.
#[derive(Debug)]
pub(super) struct Told(pub(super) String);

/// A failure to read, on its way through readers.
#[derive(Debug)]
pub(super) struct Broken(pub(super) io::ErrorKind);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Told {}
impl std::error::Error for Broken {}
