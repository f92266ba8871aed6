//! A CSV file as a header and records, each with the line it begins on.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::fault::Fault;
use super::lines::{Allowance, Lines};
use super::quotes::Torn;
use crate::domain::load::RowError;

const TORN: &str = "has text behind a closing quotation mark: is one left open, or one of two missing?";

/// A CSV file, read record by record.
pub(super) struct Table {
    reader: Reader<Lines<Box<dyn Read + Send>>>,
    allowance: Allowance,
    header: Vec<String>,
    record: ByteRecord,
    line: u64,
    torn: Torn,
    /// The first record that goes over several lines.
    folded: Option<u64>,
}

impl Table {
    /// Reads the header.
    pub(super) fn open(bytes: Box<dyn Read + Send>) -> Result<Self, Fault> {
        let allowance = Allowance::default();
        let torn = Torn::default();
        let lines = Lines::new(bytes, allowance.clone(), torn.clone());
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 17).from_reader(lines);
        let mut table =
            Self { reader, allowance, header: Vec::new(), record: ByteRecord::new(), line: 1, torn, folded: None };
        if !table.next_record()? {
            return Err(Fault::whole("is empty"));
        }
        if table.nul().is_some() {
            let line = i64::try_from(table.line).unwrap_or(i64::MAX);
            return Err(Fault::at(line, "holds bytes that are no text: it is not CSV, or not in UTF-8"));
        }
        if table.torn.take_before(table.reader.position().line()) {
            return Err(Fault::at(i64::try_from(table.line).unwrap_or(i64::MAX), TORN));
        }
        let cells = (0..table.record.len()).map(|index| table.text(index).map(|text| text.trim().to_owned()));
        table.header = cells.collect::<Result<_, _>>()?;
        Ok(table)
    }

    /// The columns' names as they stand.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// Where the column stands that is named so, in any case, with or without spaces and underscores. It is an error
    /// that two are.
    pub(super) fn find(&self, name: &str) -> Result<Option<usize>, Fault> {
        let wanted = folded(name);
        let mut found = self.header.iter().enumerate().filter(|(_, column)| folded(column) == wanted);
        let first = found.next().map(|(index, _)| index);
        match found.next() {
            Some(_) => Err(Fault::at(1, format!("has two columns named {name}"))),
            None => Ok(first),
        }
    }

    /// As [`Table::find`]; it is an error that there is none.
    pub(super) fn get(&self, name: &str) -> Result<usize, Fault> {
        self.find(name)?.ok_or_else(|| self.lacks(name))
    }

    /// A sentence about the columns that are not among the ones read; those without a name are none.
    pub(super) fn unread(&self, read: &[usize]) -> Option<String> {
        let is_unread = |(index, name): &(usize, &String)| !read.contains(index) && !name.is_empty();
        let names: Vec<_> = self.header.iter().enumerate().filter(is_unread).map(|(_, name)| name.as_str()).collect();
        let listed: String = names.join(", ").chars().take(200).collect();
        match names.as_slice() {
            [] => None,
            [_] => Some(format!("the column {listed} is not read")),
            _ => Some(format!("the columns {listed} are not read")),
        }
    }

    /// A sentence about rows that go over several lines.
    pub(super) fn folded(&self) -> Option<String> {
        let line = self.folded?;
        Some(format!(
            "a row goes over several lines, the first in line {line}: if its cells are not to hold line breaks, a quotation \
             mark is left open"
        ))
    }

    /// The header has no such column.
    pub(super) fn lacks(&self, names: &str) -> Fault {
        let cut: String = self.header.join(",").chars().take(200).collect();
        let hint = match self.header.as_slice() {
            [one] if one.contains(';') => "; its cells are separated by semicolons, not by commas",
            [one] if one.contains('\t') => "; its cells are separated by tabs, not by commas",
            _ => "",
        };
        Fault::at(1, format!("has no column {names} in its header, which is {cut:?}{hint}"))
    }

    /// Goes to the next record; `false` after the last.
    pub(super) fn next(&mut self) -> Result<bool, Fault> {
        self.next_record()
    }

    fn next_record(&mut self) -> Result<bool, Fault> {
        loop {
            self.allowance.row_at(self.reader.position().byte());
            let before = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(error) => {
                    let line = i64::try_from(before).unwrap_or(i64::MAX);
                    return Err(match error.into_kind() {
                        csv::ErrorKind::Io(cause) => Fault::of_io(&cause, line),
                        _ => Fault::at(line, "is not CSV"),
                    });
                }
            }
            // The reader counts from where it stood, not from where the record begins: count back from its end.
            let after = self.reader.position().line();
            self.line = after - 1;
            if self.line > before {
                let breaks = self.record.as_slice().split(|byte| *byte == b'\n').skip(1).count();
                self.line = self.line.saturating_sub(u64::try_from(breaks).unwrap_or(0));
                if breaks > 0 {
                    self.folded.get_or_insert(self.line);
                }
            }
            let is_blank = self.record.len() == 1 && self.record.as_slice().trim_ascii().is_empty();
            if !is_blank {
                return Ok(true);
            }
        }
    }

    /// The line on which the record begins; the file's first is 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// What is wrong with the record, whatever its cells are to hold (R22); a fault of the file is one not in UTF-8.
    pub(super) fn check_record(&self) -> Result<Result<(), RowError>, Fault> {
        let is_torn = self.torn.take_before(self.reader.position().line());
        self.check_text()?;
        let line = i64::try_from(self.line).unwrap_or(i64::MAX);
        if let Some(column) = self.nul() {
            return Ok(Err(RowError {
                line,
                column: self.header.get(column).cloned(),
                value: Some(self.text(column)?.to_owned()),
                reason: "holds a NUL byte (0x00), which is no text".into(),
            }));
        }
        if is_torn {
            return Ok(Err(RowError { line, column: None, value: None, reason: TORN.into() }));
        }
        let (cells, columns) = (self.record.len(), self.header.len());
        if cells == columns {
            return Ok(Ok(()));
        }
        let hint = if cells > columns { "; is a number written with a decimal comma?" } else { "" };
        let reason = format!("has {cells} cells where the header has {columns}{hint}");
        Ok(Err(RowError { line, column: None, value: None, reason }))
    }

    /// The first cell that holds a NUL byte.
    fn nul(&self) -> Option<usize> {
        let holds = |bytes: &[u8]| bytes.contains(&0);
        if holds(self.record.as_slice()) { self.record.iter().position(holds) } else { None }
    }

    /// A cell's text without white space around it; it is the file's fault if it is not UTF-8.
    pub(super) fn text(&self, column: usize) -> Result<&str, Fault> {
        let bytes = self.record.get(column).unwrap_or_default();
        std::str::from_utf8(bytes).map(str::trim).map_err(|fault| {
            let byte = bytes.get(fault.valid_up_to()).copied().unwrap_or_default();
            let line = i64::try_from(self.line).unwrap_or(i64::MAX);
            Fault::at(line, format!("is not in UTF-8 (byte 0x{byte:02X}); save the file in UTF-8"))
        })
    }

    /// Whether every cell is UTF-8.
    fn check_text(&self) -> Result<(), Fault> {
        if self.record.as_slice().is_ascii() {
            return Ok(());
        }
        (0..self.record.len()).try_for_each(|column| self.text(column).map(drop))
    }
}

fn folded(name: &str) -> String {
    name.chars().filter(|char| !matches!(char, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{Fault, Table};

    fn open(text: &str) -> Result<Table, Fault> {
        Table::open(Box::new(Cursor::new(text.as_bytes().to_vec())))
    }

    fn lines(text: &str) -> Vec<u64> {
        let mut table = open(text).unwrap();
        let mut lines = Vec::new();
        while table.next().unwrap() {
            lines.push(table.line());
        }
        lines
    }

    #[test]
    fn lines_are_those_of_the_file_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(lines(&["a,b", "1,2", "", "  ", "\"x", "y\",2", "3,4", ""].join(end)), [2, 5, 7], "{end:?}");
            assert_eq!(lines(&["", "a,b", "1,2", "3,4"].join(end)), [3, 4], "{end:?}");
        }
    }

    #[test]
    fn lines_are_right_across_the_readers_buffers() {
        let text = format!("a,b\r\n{}", "1,2\r\n".repeat(100_000));
        assert!(lines(&text).into_iter().eq(2..=100_001));
    }

    #[test]
    fn a_quotation_mark_left_open_ends_the_reading_before_memory_does() {
        let mut table = open(&format!("a,b\n1,2\n\"3,{}", "4\n".repeat(2_000_000))).unwrap();
        assert!(table.next().unwrap());
        let Err(Fault::Refused(error)) = table.next() else { panic!("a row without end") };
        assert_eq!((error.line, error.reason.contains("quotation mark")), (3, true));
    }

    #[test]
    fn columns_are_found_in_any_case_and_spacing() {
        let table = open(" Date Time ,\"PARK_NAME\",mw,extra\n").unwrap();
        let found = ["datetime", "park_name", "MW", "kW"].map(|name| table.find(name).unwrap());
        assert_eq!(found, [Some(0), Some(1), Some(2), None]);
    }

    #[test]
    fn columns_that_are_not_read_are_named() {
        let table = open("datetime,MW,interval_minutes,,note\n").unwrap();
        assert_eq!(table.unread(&[0, 1]).unwrap(), "the columns interval_minutes, note are not read");
        assert_eq!(table.unread(&[0, 1, 2]).unwrap(), "the column note is not read");
        assert_eq!(table.unread(&[0, 1, 2, 4]), None);
    }

    #[test]
    fn two_columns_of_one_name_are_refused() {
        assert!(open("MW,mw\n").unwrap().find("MW").is_err());
    }

    #[test]
    fn semicolons_are_named_as_the_cause() {
        let Fault::Refused(error) = open("datetime;MW\n").unwrap().lacks("datetime") else { panic!() };
        assert!(error.reason.contains("semicolons"), "{}", error.reason);
    }
}
