//! The check of a claim file: what 国保連 would refuse or return, before it is sent.
//!
//! One pass over the bytes, one person in memory at a time. A cause has one finding: figures that follow from a wrong
//! figure are held against both the wrong and the right one, and speak up only when they fit neither.

mod additions;
mod fields;
mod findings;
mod form;
mod heads;
mod key;
mod row;
mod rules;
mod statement;

use std::io::Read;

use calendar::{Limitation, Month};
use chrono::Datelike as _;

use crate::codes;
use crate::interchange::FileKind;
use crate::layout::{self, Layout};
use crate::line::{self, Columns, Line, LineEnd, LineSplitter};
use crate::refusal::{self, MAX_FILE_BYTES, NotInterchange, Recogniser};
use crate::{Finding, Yen};

use additions::Additions;
use findings::{At, Findings, Words, grouped, month_words, shown};
use form::Form;
use heads::Heads;
use key::Key;
use row::{Figures, LayoutCache, RowRef};
use statement::{Claimed, Statement};

pub use rules::RULES;

/// What the check of a file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// What the file is about.
    pub kind: FileKind,
    /// データ種別 of the control record (item 5), as it stands there: `711`, `71R`, `822`.
    pub data_type: String,
    /// 事業所番号 of the control record, as it stands there.
    pub office: String,
    /// 処理対象年月 of the control record, if it is a month.
    pub processing_month: Option<Month>,
    /// サービス提供年月 of the rows, ascending.
    pub service_months: Vec<Month>,
    /// Statements（明細書）or forms（給付管理票）.
    pub claims: usize,
    /// Different persons.
    pub persons: usize,
    /// Persons with at least one error.
    pub persons_with_errors: usize,
    /// Units claimed.
    pub units: i64,
    /// Cost: all shares together.
    pub cost: Yen,
    /// What is claimed: 保険請求額 and 公費請求額.
    pub yen: Yen,
    /// Marked as a test: never billed.
    pub test: bool,
    /// Errors first, then by line.
    pub findings: Vec<Finding>,
}

/// Why a stream could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Reading failed.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// It is no interchange file.
    #[error(transparent)]
    NotInterchange(#[from] NotInterchange),
}

/// Checks a file in memory. `file_name` is its name without folders, for rule F10.
///
/// A notice or a file of an unknown kind gives its kind and findings about its envelope only.
///
/// # Errors
///
/// Refuses what is no interchange file, as [`crate::read`] does.
pub fn check(bytes: &[u8], file_name: Option<&str>) -> Result<CheckReport, NotInterchange> {
    let mut checker = Checker::new(MAX_FILE_BYTES);
    checker.push(bytes)?;
    checker.finish(file_name)
}

/// Checks a file while reading it: memory stays small whatever its size.
///
/// # Errors
///
/// Returns what reading returned, or refuses what is no interchange file.
pub fn check_reader(mut reader: impl Read, file_name: Option<&str>) -> Result<CheckReport, CheckError> {
    let mut checker = Checker::new(MAX_FILE_BYTES);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(checker.finish(file_name)?),
            Ok(count) => checker.push(buffer.get(..count).unwrap_or_default())?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The state of a check between two chunks.
#[derive(Debug)]
struct Checker {
    splitter: LineSplitter,
    columns: Columns,
    /// Bytes that may still come.
    room: u64,
    pass: Pass,
}

impl Checker {
    fn new(most: u64) -> Self {
        Self { splitter: LineSplitter::default(), columns: Columns::default(), room: most, pass: Pass::default() }
    }

    fn push(&mut self, chunk: &[u8]) -> Result<(), NotInterchange> {
        self.room = self.room.checked_sub(chunk.len() as u64).ok_or(NotInterchange::TooLarge)?;
        let Self { splitter, columns, pass, .. } = self;
        splitter.push(chunk, |line| pass.line(line, columns))
    }

    fn finish(mut self, file_name: Option<&str>) -> Result<CheckReport, NotInterchange> {
        let Self { splitter, columns, pass, .. } = &mut self;
        splitter.finish(|line| pass.line(line, columns))?;
        self.pass.finish(file_name)
    }
}

/// What the lines seen so far have shown.
#[derive(Debug, Default)]
struct Pass {
    recogniser: Recogniser,
    findings: Findings,
    control: Vec<String>,
    rows: u64,
    data_rows: u64,
    numbering: Numbering,
    line_ends: LineEnds,
    ended_at: Option<u64>,
    first_exchange_id: String,
    has_claims: bool,
    /// Months of the rows and the first line of each; a file has a handful.
    months: Vec<ServiceMonth>,
    /// Offices other than that of the control record.
    offices: Vec<[u8; 10]>,
    unknown_kinds: Vec<([u8; 4], [u8; 2])>,
    statement: Statement,
    form: Form,
    heads: Heads,
    additions: Additions,
    base: Option<&'static Layout>,
    layouts: LayoutCache,
    figures: Figures,
    closed: Vec<Closed>,
    claimed: Claimed,
}

/// A statement or form that has been closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Closed {
    key: Key,
    line: u64,
    has_error: bool,
}

/// Different months or offices that are looked at one by one.
const MAX_DIFFERENT: usize = 200;

/// A service month and the first row that names it. 総合事業 stands apart, because it lapses later.
#[derive(Debug, Clone, Copy)]
struct ServiceMonth {
    month: [u8; 6],
    is_project: bool,
    line: u64,
}

impl ServiceMonth {
    fn is(&self, month: [u8; 6], is_project: bool) -> bool {
        self.month == month && self.is_project == is_project
    }
}

/// F2: where the running numbers depart from the lines.
#[derive(Debug, Default)]
struct Numbering {
    /// How far the numbers are ahead of the count of rows.
    ahead: i64,
    /// The same after the latest departure: when the next row agrees with it, a row is missing or doubled and the rest
    /// of the file is not at fault.
    departed: Option<i64>,
}

/// F9: lines that do not end with CRLF.
#[derive(Debug, Default)]
struct LineEnds {
    bare: u64,
    first_bare: u64,
    blank: u64,
    first_blank: u64,
}

impl Pass {
    fn line(&mut self, line: Line<'_>, columns: &mut Columns) -> Result<(), NotInterchange> {
        if line.is_blank() {
            self.line_ends.blank += 1;
            if self.line_ends.blank == 1 {
                self.line_ends.first_blank = line.number;
            }
            return Ok(());
        }
        if line.end != LineEnd::CrLf {
            self.line_ends.bare += 1;
            if self.line_ends.bare == 1 {
                self.line_ends.first_bare = line.number;
            }
        }
        let in_order = columns.split(line)?;
        let columns = &*columns;
        self.recogniser.row(line, columns)?;
        if !columns.is_ascii(line) {
            for span in columns.spans(line.bytes) {
                let raw = line.bytes.get(span.start as usize..span.end as usize).unwrap_or_default();
                if !raw.is_ascii() {
                    refusal::decoded(&self.recogniser, line, span, raw)?;
                }
            }
        }
        self.rows += 1;
        let row = RowRef::new(line, columns, &mut self.layouts);
        let kind = columns.column(line.bytes, 0);
        if self.rows == 1 {
            self.control = columns.spans(line.bytes).map(|span| shown(&line::value(line.bytes, span))).collect();
            return Ok(());
        }
        self.number(row, columns);
        match kind {
            b"2" => {
                self.stray_end();
                if in_order { self.data(row) } else { self.unreadable(row) }
            }
            b"3" => {
                self.stray_end();
                self.ended_at = Some(line.number);
            }
            _ => {
                let words = Words::new(
                    format!(
                        "行のはじめが「{}」です。1（先頭）・2（データ）・3（終わり）のどれかのはずです。",
                        shown(kind)
                    ),
                    "介護ソフトからもう一度ファイルを出力してください。",
                );
                self.findings.error(rules::F1, At::line(line.number), words.found(shown(kind)));
                self.data(row);
            }
        }
        Ok(())
    }

    /// F1: an end record that is not the last row.
    fn stray_end(&mut self) {
        if let Some(line) = self.ended_at.take() {
            let words = Words::new(
                "終わりの行（3で始まる行）が途中にあります。",
                "終わりの行は最後に1つだけです。介護ソフトからもう一度ファイルを出力してください。",
            );
            self.findings.error(rules::F1, At::line(line), words);
        }
    }

    /// F2: column 2 counts all rows from 1.
    fn number(&mut self, row: RowRef<'_>, columns: &Columns) {
        let counted = i64::try_from(self.rows).unwrap_or(i64::MAX);
        let number = columns.span(row.line.bytes, 1).and_then(|span| row.figure(span, false));
        let is_number = number.is_some();
        let ahead = number.map_or(i64::MIN, |number| number.saturating_sub(counted));
        if ahead == self.numbering.ahead {
            self.numbering.departed = None;
        } else if is_number && self.numbering.departed == Some(ahead) {
            self.numbering = Numbering { ahead, departed: None };
        } else {
            self.numbering.departed = Some(ahead);
            let expected = counted.saturating_add(self.numbering.ahead);
            let found = shown(columns.column(row.line.bytes, 1));
            let words = Words::new(
                format!("行の通し番号が合いません。{}番のはずですが、「{found}」と書かれています。", grouped(expected)),
                "行がぬけたり重なったりしています。手で直さずに、介護ソフトからもう一度ファイルを出力してください。",
            );
            self.findings.error(rules::F2, row.at(0), words.found(found).expected(expected.to_string()));
        }
    }

    fn data(&mut self, row: RowRef<'_>) {
        self.data_rows += 1;
        if self.first_exchange_id.is_empty() {
            self.first_exchange_id = shown(row.item(1));
        }
        let id = row.item(1);
        match id {
            [b'7', b'1', third, ..] if *third != b'B' => {}
            [b'8', b'1' | b'2', ..] => {}
            _ => {
                self.close();
                if matches!(
                    FileKind::of_exchange_id(&self.first_exchange_id),
                    FileKind::Claim | FileKind::BenefitManagement
                ) {
                    self.unknown(row);
                }
                return;
            }
        }
        self.has_claims |= id.starts_with(b"71") || id.starts_with(b"81");
        let Some(layout) = row.layout else {
            self.unknown(row);
            return;
        };
        if id.starts_with(b"71") && self.statement.continues(row) {
            self.statement.row(row, &mut self.figures, &mut self.findings);
            return;
        }
        self.month(row, layout);
        if layout.insured == 0 {
            self.close();
            self.office(row, layout);
            if fields::check(row, 1, &mut self.figures, &mut self.findings) {
                if matches!(id, b"7111" | b"7112" | b"7113") {
                    self.heads.head(row, layout, &mut self.findings);
                }
            } else {
                self.heads.incomplete = true;
            }
            return;
        }
        let key = Key::of(row);
        if id.starts_with(b"71") {
            self.statement_row(row, layout, key);
        } else {
            self.form_row(row, layout, key);
        }
    }

    /// V1: a row whose quotes are not in order.
    fn unreadable(&mut self, row: RowRef<'_>) {
        self.data_rows += 1;
        let words = Words::new(
            "引用符（\"）の閉じ方がおかしいため、この行を正しく読めません。",
            "手で直さずに、介護ソフトからもう一度ファイルを出力してください。",
        );
        let item = row.odd_item();
        let key = self.statement.key();
        let insured = if self.statement.is_open() { key.insured() } else { b"" };
        let at = At { line: row.line.number, layout: row.layout, item, insured };
        self.findings.error(rules::V1, at, words.found(shown(row.item(item))));
        self.statement.damage();
        self.form.damage();
        self.heads.incomplete = true;
    }

    /// L1: a record kind newer than our tables. Said once per kind; sums that may include it are not judged.
    fn unknown(&mut self, row: RowRef<'_>) {
        self.heads.incomplete = true;
        let kind = (row::pack(row.item(1)), row::pack(row.item(2)));
        if row.layout.is_none() && !self.unknown_kinds.contains(&kind) && self.unknown_kinds.len() < MAX_DIFFERENT {
            self.unknown_kinds.push(kind);
            fields::check(row, 1, &mut self.figures, &mut self.findings);
        }
    }

    fn statement_row(&mut self, row: RowRef<'_>, layout: &'static Layout, key: Key) {
        if !self.statement.takes(&key, row.item(2)) {
            self.close();
            self.office(row, layout);
            self.statement.begin(key, row);
            self.findings.person_has_error = false;
        }
        if row.item(2) == b"01" {
            self.base = row.layout;
        }
        self.statement.place(&key, row, &mut self.findings);
        self.statement.row(row, &mut self.figures, &mut self.findings);
    }

    fn form_row(&mut self, row: RowRef<'_>, layout: &'static Layout, key: Key) {
        if !self.form.takes(&key) {
            self.close();
            self.office(row, layout);
            self.form.begin(key, row);
            self.findings.person_has_error = false;
        }
        self.form.row(row, &mut self.figures, &mut self.findings);
    }

    /// Ends the statement or form at hand.
    fn close(&mut self) {
        let (key, line, claimed) = if self.statement.is_open() {
            let claimed = self.statement.finish(&mut self.heads, &mut self.additions, &mut self.findings);
            (self.statement.key(), self.statement.line(), claimed)
        } else if self.form.is_open() {
            let claimed = self.form.finish(&mut self.heads, &mut self.findings);
            (self.form.key(), self.form.line(), claimed)
        } else {
            return;
        };
        self.claimed.add(claimed);
        self.closed.push(Closed { key, line, has_error: self.findings.person_has_error });
        self.findings.person_has_error = false;
    }

    /// F11: a statement that stands there twice.
    fn repeated(&mut self) {
        self.closed.sort_unstable();
        let mut before: Option<Key> = None;
        for closed in &mut self.closed {
            if before == Some(closed.key) {
                let words = Words::new(
                    format!("{}の同じ明細書が2つあります。", month_words(&closed.key.month)),
                    "1つを消してください。二重に送ると、後のものが返戻になります（ANN2）。",
                );
                let at = At { line: closed.line, insured: closed.key.insured(), ..At::FILE };
                self.findings.error(rules::F11, at, words);
                closed.has_error = true;
            }
            before = Some(closed.key);
        }
    }

    /// Returns the number of persons, and of those with an error.
    fn persons(&self) -> (usize, usize) {
        let mut persons: Vec<([u8; 18], bool)> =
            self.closed.iter().map(|closed| (closed.key.person(), !closed.has_error)).collect();
        // Those with an error come first among equals, so that they are what is kept.
        persons.sort_unstable();
        persons.dedup_by_key(|(person, _)| *person);
        (persons.len(), persons.iter().filter(|(_, is_clean)| !is_clean).count())
    }

    fn month(&mut self, row: RowRef<'_>, layout: &Layout) {
        let month = row.item(layout.service_month);
        let packed = row::pack(month);
        let is_project = codes::is_comprehensive_project(row.item(1));
        if self.months.last().is_some_and(|known| known.is(packed, is_project))
            || self.months.iter().any(|known| known.is(packed, is_project))
        {
            return;
        }
        if self.months.len() < MAX_DIFFERENT && fields::is_month(month) {
            self.months.push(ServiceMonth { month: packed, is_project, line: row.line.number });
        }
    }

    /// F5: all rows belong to the office of the control record. Said once per other office.
    fn office(&mut self, row: RowRef<'_>, layout: &'static Layout) {
        let (found, own) = (row.item(layout.office), self.control.get(7).map_or("", String::as_str));
        let packed = row::pack(found);
        if found == own.as_bytes() || self.offices.contains(&packed) || self.offices.len() >= MAX_DIFFERENT {
            return;
        }
        self.offices.push(packed);
        let words = Words::new(
            format!("ファイルの事業所（{own}）と違う事業所（{}）の行があります。", shown(found)),
            "1つのファイルに入れられるのは1つの事業所の分です。事業所ごとにファイルを作りなおしてください。",
        );
        self.findings.error(rules::F5, row.at(layout.office), words.found(shown(found)).expected(own));
    }

    fn finish(mut self, file_name: Option<&str>) -> Result<CheckReport, NotInterchange> {
        self.recogniser.finish()?;
        self.close();
        self.repeated();
        let kind = match FileKind::of_exchange_id(if self.data_rows == 0 {
            self.control_item(5)
        } else {
            &self.first_exchange_id
        }) {
            _ if self.has_claims => FileKind::Claim,
            kind => kind,
        };
        let (control_layout, base) = (layout::layout("control"), self.base);
        let heads = std::mem::take(&mut self.heads);
        std::mem::take(&mut self.additions).finish(&mut self.findings);
        if kind == FileKind::Claim {
            heads.finish(base, &mut self.findings);
        }
        let at = |item: usize| At { line: 1, layout: control_layout, item, insured: b"" };
        self.envelope(at);
        if matches!(kind, FileKind::Claim | FileKind::BenefitManagement) {
            self.control_of_claims(at);
            self.file_name(file_name);
        }
        let mut service_months: Vec<Month> =
            self.months.iter().filter_map(|service| fields::month_of(&service.month)).collect();
        service_months.sort_unstable();
        service_months.dedup();
        let (persons, persons_with_errors) = self.persons();
        Ok(CheckReport {
            kind,
            data_type: self.control_item(5).to_owned(),
            office: self.control_item(8).to_owned(),
            processing_month: self.control_item(11).parse().ok(),
            service_months,
            claims: self.closed.len(),
            persons,
            persons_with_errors,
            units: self.claimed.units,
            cost: self.claimed.cost(),
            yen: self.claimed.yen(),
            test: self.control_item(12) == "*TEST*",
            findings: self.findings.finish(),
        })
    }

    fn control_item(&self, no: usize) -> &str {
        no.checked_sub(1).and_then(|index| self.control.get(index)).map_or("", |item| item.trim())
    }

    /// F1 to F4, F9 and L2 of the control record: what holds for every file.
    fn envelope<'a>(&mut self, at: impl Fn(usize) -> At<'a>) {
        if self.control.len() != 12 {
            let words = Words::new(
                format!("ファイルの先頭の行の項目が{}個です。12個のはずです。", self.control.len()),
                "介護ソフトからもう一度ファイルを出力してください。",
            );
            self.findings.error(rules::L2, at(0), words.figures(self.control.len() as i64, 12));
        }
        if self.data_rows == 0 {
            let words = Words::new(
                "ファイルにデータの行がありません。",
                "介護ソフトで請求する月と利用者を選び、もう一度出力してください。",
            );
            self.findings.error(rules::F1, At::FILE, words);
            return;
        }
        let announced = self.control_item(4).to_owned();
        if announced.parse() != Ok(self.data_rows) {
            let words = Words::new(
                format!(
                    "ファイルの先頭に書かれた行数（{announced}）と、実際のデータの行数（{}）が違います。",
                    grouped(i64::try_from(self.data_rows).unwrap_or(i64::MAX))
                ),
                "行がぬけていないか確かめ、介護ソフトからもう一度ファイルを出力してください。",
            );
            self.findings.error(rules::F3, at(4), words.found(announced).expected(self.data_rows.to_string()));
        }
        let (data_type, wanted) =
            (self.control_item(5).to_owned(), self.first_exchange_id.chars().take(3).collect::<String>());
        if data_type != wanted {
            let words = Words::new(
                format!("データの種類が「{data_type}」ですが、中身は「{wanted}」のようです。"),
                "介護ソフトの出力のままなら、このままで送れます。手で直したファイルなら、出力しなおしてください。",
            );
            self.findings.warning(rules::F4, at(5), words.found(data_type).expected(wanted));
        }
        if self.line_ends.bare > 0 || self.line_ends.blank > 0 {
            let LineEnds { bare, first_bare, blank, first_blank } = self.line_ends;
            let message = if bare > 0 {
                format!("行の終わりの改行がCRLFではない行が{bare}行あります。")
            } else {
                format!("何も書かれていない行が{blank}行あります。")
            };
            let line = if bare > 0 { first_bare } else { first_blank };
            let words = Words::new(
                message,
                "ほかのソフトで開いて保存すると変わることがあります。介護ソフトが出力したファイルをそのまま使ってください。",
            );
            self.findings.error(rules::F9, At::line(line), words);
        }
    }

    /// F6 to F8 and the office: what holds for files that are sent.
    fn control_of_claims<'a>(&mut self, at: impl Fn(usize) -> At<'a>) {
        let office = self.control_item(8).to_owned();
        if let Some(item) = layout::layout("control").and_then(|layout| layout.item(8)) {
            fields::office(item, office.as_bytes(), at(8), &mut self.findings);
        }
        let media = self.control_item(10).to_owned();
        if media != "7" {
            let words = Words::new(
                format!("媒体区分が「{media}」です。インターネットで送るファイルは7です。"),
                "介護ソフトの出力先の設定を「伝送（インターネット）」にして、出力しなおしてください。",
            );
            self.findings.warning(rules::F6, at(10), words.found(media).expected("7"));
        }
        self.processing_month(at(11));
        self.limitation();
        let number = self.control_item(12).to_owned();
        if number == "*TEST*" {
            let words = Words::new(
                "テスト用のファイルです。送っても請求にはなりません。",
                "本番の請求には、テストの印（*TEST*）のないファイルを使ってください。",
            );
            self.findings.add(rules::F8, crate::Severity::Info, at(12), words.found(number));
        }
    }

    /// F7: the month of the review is later than the months of the services.
    fn processing_month(&mut self, at: At<'_>) {
        let text = self.control_item(11).to_owned();
        let Ok(processing) = text.parse::<Month>() else {
            let words = Words::new(
                format!("処理対象年月が「{text}」です。請求する年月（例 202606）が入ります。"),
                "介護ソフトで請求年月を選び、もう一度出力してください。",
            );
            self.findings.error(rules::V6, at, words.found(text));
            return;
        };
        // The latest month alone: the earlier ones have the same cause.
        let latest = self.months.iter().filter_map(|service| fields::month_of(&service.month)).max();
        if let Some(service) = latest
            && service >= processing
        {
            let words = Words::new(
                format!(
                    "処理対象年月（{}）が、サービス提供月（{}）より後になっていません。",
                    month_words(text.as_bytes()),
                    month_words(service.compact().as_bytes())
                ),
                format!(
                    "処理対象年月は請求を送る月です。{}分なら、早くても{}です。介護ソフトで請求年月を選びなおしてください。",
                    month_words(service.compact().as_bytes()),
                    month_words(service.next().compact().as_bytes())
                ),
            );
            self.findings.error(rules::F7, at, words.found(text).expected(service.next().compact()));
        }
    }

    /// C12: months whose claims lapse before this review decides them. Said once per month; the bar may have been
    /// suspended (a certificate decided late), so it asks.
    fn limitation(&mut self) {
        let Ok(processing) = self.control_item(11).parse::<Month>() else { return };
        for service in &self.months {
            let Some(month) = fields::month_of(&service.month) else { continue };
            let kind = if service.is_project { Limitation::ComprehensiveProject } else { Limitation::Benefit };
            let last = calendar::limitation_date(month, kind);
            let years = if service.is_project { "5年" } else { "2年" };
            let words = month_words(&service.month);
            let until = format!("{}年{}月{}日", last.year(), last.month(), last.day());
            let (message, hint) = if last < processing.first_day() {
                (
                    format!("{words}のサービスは、{until}で請求の時効（{years}）になっています。"),
                    "認定が遅れたなどの事情がなければ、支払われません。送る前に国保連か保険者に確かめてください。",
                )
            } else if last <= processing.last_day() {
                // What is sent in this window is decided at the end of its month at the earliest.
                (
                    format!(
                        "{words}のサービスは、{until}で請求の時効（{years}）になります。審査が間に合わないことがあります。"
                    ),
                    "間に合うかどうかを国保連に確かめてください。返戻になると、もう請求しなおせません。",
                )
            } else {
                continue;
            };
            let at = At::line(service.line);
            self.findings.warning(rules::C12, at, Words::new(message, hint).found(shown(&service.month)));
        }
    }

    /// F10: names that the 国保連 takes.
    fn file_name(&mut self, name: Option<&str>) {
        let Some(name) = name.and_then(|name| name.rsplit(['/', '\\']).next()) else {
            return;
        };
        let fits = name.rsplit_once('.').is_some_and(|(stem, extension)| {
            extension.eq_ignore_ascii_case("csv")
                && (1..=8).contains(&stem.len())
                && stem.starts_with(|first: char| first.is_ascii_alphabetic())
                && stem.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if !fits {
            let words = Words::new(
                format!("ファイルの名前「{}」は、国保連で受け付けられないことがあります。", shown(name.as_bytes())),
                "名前は英字で始まる半角8文字までの英数字と「.CSV」にします（例 KK260601.CSV）。",
            );
            self.findings.warning(rules::F10, At::FILE, words.found(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_the_greatest_size() {
        let mut checker = Checker::new(50);
        assert_eq!(checker.push(b"1,1,0,1,711,0,0,9970000015,0,7,202606,0\r\n"), Ok(()));
        assert_eq!(checker.push(b"2,2,7111\r\n"), Err(NotInterchange::TooLarge));
    }
}
