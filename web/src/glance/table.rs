//! The first rows of a table, and what its columns hold.

use std::collections::HashSet;

use super::cut;

/// Rows that are shown.
const ROWS: usize = 50;
/// Columns that are shown.
const COLUMNS: usize = 60;
/// Characters of a cell that are shown.
const CELL_CHARACTERS: usize = 120;
/// The first rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// What parts the cells.
    pub(crate) delimiter: &'static str,
    /// What the columns hold, in all rows that were read.
    pub(crate) columns: Vec<Column>,
    /// The rows that are shown.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// How many rows were read, without the first.
    pub(crate) read: u64,
    /// Whether these are all.
    pub(crate) is_whole: bool,
    /// How many columns are not shown.
    pub(crate) further: usize,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// What it holds, cut where it is long.
    pub(crate) text: String,
    /// Whether it is a small whole number.
    pub(crate) is_small: bool,
    /// Whether a spreadsheet would take it for a formula.
    pub(crate) is_formula: bool,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) filled: u64,
    pub(crate) distinct: u64,
    pub(crate) least: String,
    pub(crate) most: String,
    pub(crate) small: u64,
    pub(crate) formulas: u64,
}

impl Table {
    /// Reads a table whose first row names the columns; none if it has no row, or its rows are of no table. Whole numbers
    /// from 1 up to below `small` are marked: as counts of people they may tell who somebody is.
    pub(crate) fn read(text: &str, is_whole: bool, small: u64) -> Option<Self> {
        let (byte, delimiter) = delimiter(text);
        let text = if is_whole { text } else { text.get(..=text.rfind('\n')?)? };
        let mut reader = csv::ReaderBuilder::new().delimiter(byte).flexible(true).from_reader(text.as_bytes());
        let names: Vec<String> = reader.headers().ok()?.iter().map(|name| cut(name, CELL_CHARACTERS)).collect();
        let mut counts: Vec<Counting> = names.iter().take(COLUMNS).map(|name| Counting::new(name, small)).collect();
        let mut rows = Vec::new();
        let mut read = 0;
        for record in reader.records() {
            let record = record.ok()?;
            counts.iter_mut().zip(&record).for_each(|(counting, cell)| counting.add(cell));
            if rows.len() < ROWS {
                rows.push(record.iter().take(COLUMNS).map(|cell| Cell::new(cell, small)).collect());
            }
            read += 1;
        }
        let further = names.len().saturating_sub(COLUMNS);
        let columns = counts.into_iter().map(Counting::sum).collect();
        Some(Self { delimiter, columns, rows, read, is_whole, further })
    }
}

/// What parts the cells: what is most frequent in the first line.
fn delimiter(text: &str) -> (u8, &'static str) {
    let first = text.lines().next().unwrap_or_default();
    let known = [(b'|', "bars"), (b';', "semicolons"), (b'\t', "tabs"), (b',', "commas")];
    let often = |(byte, _): &(u8, &str)| first.bytes().filter(|other| other == byte).count();
    known.into_iter().max_by_key(often).unwrap_or((b',', "commas"))
}

impl Cell {
    fn new(text: &str, small: u64) -> Self {
        Self { text: cut(text, CELL_CHARACTERS), is_small: is_small(text, small), is_formula: is_formula(text) }
    }
}

fn is_small(text: &str, small: u64) -> bool {
    text.trim().parse::<u64>().is_ok_and(|number| (1..small).contains(&number))
}

/// Whether a spreadsheet would take a cell for a formula. A plain negative number is none.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.trim().parse::<f64>().is_err()
}

/// Counts what one column holds.
struct Counting {
    column: Column,
    small: u64,
    seen: HashSet<String>,
    numbers: Option<(f64, f64)>,
    texts: bool,
}

impl Counting {
    fn new(name: &str, small: u64) -> Self {
        let column = Column { name: name.to_owned(), ..Column::default() };
        Self { column, small, seen: HashSet::new(), numbers: None, texts: false }
    }

    fn add(&mut self, cell: &str) {
        let cell = cell.trim_matches(' ');
        if cell.is_empty() {
            return;
        }
        self.column.filled += 1;
        self.column.small += u64::from(is_small(cell, self.small));
        self.column.formulas += u64::from(is_formula(cell));
        match cell.parse::<f64>().ok().filter(|number| number.is_finite()) {
            Some(number) => {
                let (least, most) = self.numbers.unwrap_or((number, number));
                self.numbers = Some((least.min(number), most.max(number)));
            }
            None => self.texts = true,
        }
        if !self.seen.contains(cell) {
            self.seen.insert(cell.to_owned());
        }
    }

    fn sum(self) -> Column {
        let distinct = u64::try_from(self.seen.len()).unwrap_or(u64::MAX);
        let (kind, least, most) = match (self.numbers, self.texts) {
            (None, false) => ("empty", String::new(), String::new()),
            (Some((least, most)), false) => ("numbers", least.to_string(), most.to_string()),
            (Some(_), true) => ("numbers and text", String::new(), String::new()),
            (None, true) => ("text", String::new(), String::new()),
        };
        Column { kind, distinct, least, most, ..self.column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_summed_up_and_small_counts_marked() {
        let table = Table::read("region,n,note\nNorth,120,\nSouth,4,=1+1\nWest,-3,x\n", true, 10).unwrap();
        let n = &table.columns[1];
        assert_eq!((n.kind, n.least.as_str(), n.most.as_str(), n.small, n.distinct), ("numbers", "-3", "120", 1, 3));
        assert_eq!((table.columns[2].formulas, table.columns[2].filled), (1, 2));
        assert!(table.rows[1][1].is_small && !table.rows[0][1].is_small);
        assert!(table.rows[1][2].is_formula && !table.rows[2][1].is_formula);
        assert_eq!((table.read, table.delimiter), (3, "commas"));
    }

    #[test]
    fn a_row_that_the_end_cuts_is_left_out() {
        let table = Table::read("a;b\n1;2\n3;4", false, 10).unwrap();
        assert_eq!((table.read, table.delimiter, table.rows.len()), (1, "semicolons", 1));
    }

    #[test]
    fn zero_is_not_a_small_count_and_neither_is_the_threshold() {
        let marked = |text, small| is_small(text, small);
        assert!(!marked("0", 10) && marked("1", 10) && marked("9", 10) && !marked("10", 10) && !marked("1.5", 10));
        assert!(marked("5", 6) && !marked("5", 5) && !marked("1", 0));
    }
}
