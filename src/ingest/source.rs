//! Where rows come from, and the bytes of it: hashed as received, unpacked, without byte order mark.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use super::fault::{Broken, Fault, Told};
use super::progress::Progress;

/// Where the rows of a load come from. Files, streams and bytes are CSV, packed by gzip or not.
#[derive(Debug)]
pub enum Source<Row> {
    /// A file by its path.
    Path(PathBuf),
    /// The process's standard input.
    Stdin,
    /// An open file, such as an upload.
    File {
        /// The name it came with.
        name: String,
        /// The file, read from where it stands.
        file: File,
    },
    /// Bytes held in memory.
    Bytes {
        /// What the report calls them.
        name: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// Rows that came as values.
    Rows(Vec<Row>),
}

impl<Row> Source<Row> {
    /// CSV given inline.
    pub fn csv(text: impl Into<Bytes>) -> Self {
        Self::Bytes { name: "csv".into(), bytes: text.into() }
    }

    /// What the report calls it: a file's name without its folders, `-`, `csv` or `rows`.
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            Self::Stdin => "-".into(),
            Self::File { name, .. } | Self::Bytes { name, .. } => name.clone(),
            Self::Rows(_) => "rows".into(),
        }
    }

    /// Its bytes, or its rows.
    pub(super) fn open(self, progress: &Arc<Progress>) -> Result<Opened<Row>, Fault> {
        let (raw, size): (Box<dyn Read + Send>, _) = match self {
            Self::Path(path) => {
                let file = File::open(&path).map_err(|cause| Fault::unreadable(&cause))?;
                let about = file.metadata().map_err(|cause| Fault::unreadable(&cause))?;
                if about.is_dir() {
                    return Err(Fault::at(0, "this is a folder, not a file"));
                }
                (Box::new(file), Some(about.len()).filter(|_| about.is_file()))
            }
            Self::Stdin => (Box::new(io::stdin()), None),
            Self::File { file, .. } => {
                let size = file.metadata().ok().map(|about| about.len());
                (Box::new(file), size)
            }
            Self::Bytes { bytes, .. } => {
                let size = u64::try_from(bytes.len()).ok();
                (Box::new(Cursor::new(bytes)), size)
            }
            Self::Rows(rows) => return Ok(Opened::Rows(rows)),
        };
        progress.expect_bytes(size);
        Input::new(raw, progress).map(Opened::Input)
    }
}

/// A source at its beginning.
pub(super) enum Opened<Row> {
    Input(Input),
    Rows(Vec<Row>),
}

/// Unpacked bytes, and the hash of the bytes as received.
pub(super) struct Input {
    bytes: Box<dyn Read + Send>,
    hash: Arc<Mutex<Sha256>>,
    rest: Arc<Mutex<Box<dyn Read + Send>>>,
}

/// What other files begin with.
const FOREIGN: [(&[u8], &str); 10] = [
    (b"PK\x03\x04", "is an archive or an Excel workbook, not CSV; save the sheet as CSV"),
    (b"\xD0\xCF\x11\xE0", "is an Excel workbook, not CSV; save the sheet as CSV"),
    (b"PAR1", "is a Parquet file, not CSV"),
    (b"%PDF", "is a PDF, not CSV"),
    (b"\x89PNG", "is a picture, not CSV"),
    (b"\xFF\xD8\xFF", "is a picture, not CSV"),
    (b"BZh", "is packed by bzip2; pack it by gzip or not at all"),
    (b"\x28\xB5\x2F\xFD", "is packed by Zstandard; pack it by gzip or not at all"),
    (b"\xFF\xFE", "is in UTF-16; save it in UTF-8"),
    (b"\xFE\xFF", "is in UTF-16; save it in UTF-8"),
];

impl Input {
    fn new(raw: Box<dyn Read + Send>, progress: &Arc<Progress>) -> Result<Self, Fault> {
        let hash = Arc::new(Mutex::new(Sha256::new()));
        let rest = Arc::new(Mutex::new(raw));
        let received = Received { raw: Arc::clone(&rest), hash: Arc::clone(&hash), progress: Arc::clone(progress) };
        let (head, received) = peek(received)?;
        let bytes: Box<dyn Read + Send> = if head.starts_with(b"\x1F\x8B") {
            let packed = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, received));
            let unpacked = Unpacked { packed, left: MAX_UNPACKED };
            let (head, unpacked) = peek(unpacked)?;
            plain(&head, unpacked)?
        } else {
            plain(&head, received)?
        };
        Ok(Self { bytes, hash, rest })
    }

    /// The unpacked bytes, once.
    pub(super) fn take_bytes(&mut self) -> Box<dyn Read + Send> {
        std::mem::replace(&mut self.bytes, Box::new(io::empty()))
    }

    /// SHA-256 of all bytes as received, in hexadecimal; the unread ones are read now.
    pub(super) fn digest(self) -> Result<String, Fault> {
        let Self { hash, rest, .. } = self;
        let mut hash = hash.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = rest.lock().unwrap_or_else(PoisonError::into_inner);
        io::copy(&mut *rest, &mut *hash).map_err(|cause| Fault::unreadable(&cause))?;
        Ok(hash.finalize_reset().iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}")))
    }
}

const BUFFER: usize = 1 << 16;

/// The first bytes, put back in front.
fn peek<R: Read>(mut reader: R) -> Result<(Vec<u8>, impl Read), Fault> {
    let mut head = Vec::with_capacity(4);
    reader.by_ref().take(4).read_to_end(&mut head).map_err(|cause| Fault::of_io(&cause, 0))?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

/// Text without its byte order mark.
fn plain(head: &[u8], mut reader: impl Read + Send + 'static) -> Result<Box<dyn Read + Send>, Fault> {
    if let Some((_, sentence)) = FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Fault::whole(*sentence));
    }
    if head.starts_with(b"\xEF\xBB\xBF") {
        reader.read_exact(&mut [0; 3]).map_err(|cause| Fault::of_io(&cause, 0))?;
    }
    Ok(Box::new(reader))
}

/// Bytes as they come in.
struct Received {
    raw: Arc<Mutex<Box<dyn Read + Send>>>,
    hash: Arc<Mutex<Sha256>>,
    progress: Arc<Progress>,
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match raw.read(buffer) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(io::Error::other(Broken(cause.kind()))),
                Ok(count) => {
                    self.hash.lock().unwrap_or_else(PoisonError::into_inner).update(&buffer[..count]);
                    self.progress.add_bytes(count);
                    return Ok(count);
                }
            }
        }
    }
}

/// The most bytes that a file may unpack to: as many rows as a load may have are less. A megabyte of gzip can hold a
/// gigabyte of nothing.
const MAX_UNPACKED: u64 = 16 << 30;

/// Gzip members, one after the other; damage is the file's fault, and so is having no end.
struct Unpacked<R> {
    packed: MultiGzDecoder<BufReader<R>>,
    left: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.packed.read(buffer).map_err(|cause| {
            if cause.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Broken>) {
                return cause;
            }
            io::Error::other(Told("the file is packed by gzip, but damaged or cut off".into()))
        })?;
        let left = u64::try_from(count).ok().and_then(|count| self.left.checked_sub(count));
        self.left = left.ok_or_else(|| {
            let most = MAX_UNPACKED >> 30;
            io::Error::other(Told(format!("the file unpacks to more than {most} GiB; split it")))
        })?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::read::GzEncoder;

    use super::*;

    #[test]
    fn what_unpacks_without_an_end_is_refused() {
        let unpacked = |left| {
            let packed = GzEncoder::new(io::repeat(b'\n').take(100_000), Compression::fast());
            let mut packed = Unpacked { packed: MultiGzDecoder::new(BufReader::new(packed)), left };
            io::copy(&mut packed, &mut io::sink())
        };
        assert_eq!(unpacked(100_000).unwrap(), 100_000);
        let cause = unpacked(99_999).unwrap_err();
        assert!(cause.to_string().contains("more than 16 GiB"), "{cause}");
    }
}
