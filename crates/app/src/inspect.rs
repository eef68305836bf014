//! What any interchange file contains, every item by number, name and value（`todoke inspect`）.

use std::collections::BTreeMap;
use std::path::Path;

use kokuho::{Interchange, NamedItem, Row};
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::files::{of_not_interchange, read_file};
use crate::problem::Problem;
use crate::views::ProblemView;

/// A file that was taken apart. Serialised row by row, so that a large file needs no second copy of itself.
pub struct Inspected {
    file: String,
    content: Result<Interchange, ProblemView>,
}

/// A row as `todoke inspect` tells it.
#[derive(Debug, Serialize)]
pub struct InspectedRow<'r> {
    /// Line in the file, from 1.
    pub line: u64,
    /// Record kind, for example `7131-01`; for an unknown kind as the file spells it.
    pub record: &'r str,
    /// Name of the record; empty for an unknown kind.
    pub name: &'static str,
    /// The kind is known.
    pub known: bool,
    /// Every item that stands in it.
    pub items: Vec<NamedItem<'r>>,
}

/// Takes a file apart.
pub fn inspect_path(path: &Path) -> Inspected {
    let file = crate::files::file_name(path);
    let content = read_file(path)
        .and_then(|content| kokuho::read(&content.bytes).map_err(|not| of_not_interchange(&not)))
        .map_err(|problem: Problem| ProblemView::from(problem));
    Inspected { file, content }
}

impl Inspected {
    /// Returns the name of the file, without folders.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns why the file cannot be taken apart.
    pub fn problem(&self) -> Option<&ProblemView> {
        self.content.as_ref().err()
    }

    /// Returns the items of the control record.
    pub fn control(&self) -> Vec<NamedItem<'_>> {
        let Ok(file) = &self.content else { return Vec::new() };
        let layout = file.control.layout();
        let count = layout.map_or(12, |layout| layout.items.len());
        (1..=count).map(|no| kokuho::named(layout, no, file.control.item(no))).collect()
    }

    /// Returns the data rows in file order.
    pub fn rows(&self) -> impl Iterator<Item = InspectedRow<'_>> {
        self.content.iter().flat_map(|file| &file.rows).map(inspected)
    }

    /// Returns the exchange ids that the program does not know, with the number of their rows.
    pub fn unknown(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        let rows = self.content.iter().flat_map(|file| &file.rows);
        for row in rows.filter(|row| row.layout().is_none()) {
            *counts.entry(row.id()).or_default() += 1;
        }
        counts
    }
}

fn inspected(row: &Row) -> InspectedRow<'_> {
    InspectedRow {
        line: row.line,
        record: row.id(),
        name: row.layout().map_or("", |layout| layout.name_ja),
        known: row.layout().is_some(),
        items: kokuho::named_items(row).collect(),
    }
}

impl Serialize for Inspected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = self.content.as_ref().ok();
        let mut view = serializer.serialize_struct("Inspected", 7)?;
        view.serialize_field("file", &self.file)?;
        view.serialize_field("kind", file.map_or("refused", |file| file.kind().as_str()))?;
        view.serialize_field("problem", &self.problem())?;
        view.serialize_field("control", &self.control())?;
        view.serialize_field("row_count", &file.map_or(0, |file| file.rows.len()))?;
        view.serialize_field("unknown", &self.unknown())?;
        view.serialize_field("rows", &Rows(self))?;
        view.end()
    }
}

/// Serialises one row at a time.
struct Rows<'i>(&'i Inspected);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        for row in self.0.rows() {
            rows.serialize_element(&row)?;
        }
        rows.end()
    }
}
