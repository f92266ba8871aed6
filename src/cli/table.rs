//! Lists as a terminal shows them.

/// A header and rows, each column as wide as its widest cell; nothing stands behind the last cell of a line.
pub fn shown<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut lines = vec![header.map(str::to_owned)];
    lines.extend(rows);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<_> = (0..N).map(width).collect();
    let line = |line: &[String; N]| {
        let cells: Vec<_> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |one: &str, two: &str| [one.to_owned(), two.to_owned()];
        let table = super::shown(["A", "B"], [row("\u{e9}\u{e9}\u{e9}", "x"), row("y", "")]);
        assert_eq!(table, "A    B\n\u{e9}\u{e9}\u{e9}  x\ny");
        assert_eq!(super::shown(["A", "B"], []), "A  B");
    }
}
