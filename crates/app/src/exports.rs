//! Lists as files: workbook, CSV or paper. What a screen shows can be taken along.

use std::collections::BTreeMap;
use std::path::PathBuf;

use calendar::{Month, wareki_date, wareki_month};
use kokuho::{OfficeNumber, Yen};
use ledger::{Balance, Board, Certainty, Entry, Figure, Roll, Standing, Style, deposits, transfer_gap, waterfall};
use paper::{ChartBar, Column, Document, Orientation, Sheet, Value};

use crate::board::{BOARD_MONTHS, Names, Rolls, find, month_name, parse_month, persons, roll_view, title, together};
use crate::papers::{of_paper, save};
use crate::problem::{Code, Problem};
use crate::views::board::ExportRequest;
use crate::views::{ReturnView, SavedView};
use crate::work::PaperForm;
use crate::{App, blocking};

/// Months of the board that fit beside each other on paper.
const PAPER_MONTHS: usize = 12;

/// What goes into a file: lists and, on paper, a waterfall.
struct Content {
    title: String,
    sheets: Vec<Sheet>,
    chart: Vec<ChartBar>,
}

impl App {
    /// Writes what `request` names to `path`, or into the folder for papers under a name that says what it is.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownExport`] for a list or format that does not exist; [`Code::UnknownMonth`]; failures of the paper.
    pub async fn export(&self, request: &ExportRequest, path: Option<PathBuf>) -> Result<SavedView, Problem> {
        let format = PaperForm::find(&request.format)?;
        let content = self.export_content(request, format).await?;
        let path = path.unwrap_or_else(|| self.documents().join(file_name(&content.title, format)));
        let (issued_at, practice) = (self.now(), self.is_practice());
        blocking(move || {
            let bytes = match format {
                PaperForm::Xlsx => paper::workbook(&content.sheets).map_err(of_paper)?,
                PaperForm::Csv => paper::csv(&content.sheets),
                PaperForm::Pdf => {
                    let wide = content.sheets.iter().any(|sheet| sheet.columns.len() > 7);
                    let notes = content.sheets.first().map(|sheet| sheet.notes.clone()).unwrap_or_default();
                    paper::document(&Document {
                        orientation: if wide { Orientation::Landscape } else { Orientation::Portrait },
                        head: notes.into_iter().map(|note| (String::new(), note)).collect(),
                        chart: content.chart,
                        tables: content.sheets.iter().map(Sheet::table).collect(),
                        footer: format!("とどけ　{}", content.title),
                        title: content.title,
                        issued_at,
                        practice,
                        ..Document::default()
                    })
                    .map_err(of_paper)?
                }
            };
            save(&path, &bytes)
        })
        .await
    }

    /// Returns the file name that an export gets when nobody chooses one.
    ///
    /// # Errors
    ///
    /// As [`App::export`].
    pub async fn export_name(&self, request: &ExportRequest) -> Result<String, Problem> {
        let format = PaperForm::find(&request.format)?;
        Ok(file_name(&self.export_content(request, format).await?.title, format))
    }

    async fn export_content(&self, request: &ExportRequest, format: PaperForm) -> Result<Content, Problem> {
        let office = request.office.as_deref().map(OfficeNumber::from_file);
        let names = self.names().await?;
        let whose = office.as_ref().map_or_else(|| "全事業所".to_owned(), |office| names.or_number(office));
        let today = self.now().date();
        let note = format!("{}　{}現在　単位は円", whose, wareki_date(today));
        let ours = |balances: &[Balance]| -> Vec<Balance> {
            balances
                .iter()
                .filter(|balance| office.as_ref().is_none_or(|office| *office == balance.office))
                .cloned()
                .collect()
        };
        let style = request.style.as_deref().and_then(Style::find).unwrap_or(Style::KeepReceivable);
        let mut chart = Vec::new();
        let (title, mut sheets) = match request.what.as_str() {
            "board" => {
                let figure = request.figure.as_deref().and_then(Figure::find).unwrap_or(Figure::Unpaid);
                let balances = ours(&self.balances().await?);
                let months = if format == PaperForm::Pdf { PAPER_MONTHS } else { BOARD_MONTHS };
                let mut sheets = vec![board_sheet(&balances, figure, months, &names)];
                if format == PaperForm::Xlsx {
                    sheets.push(balance_sheet(&balances, &names));
                }
                (format!("本部の表（{}）", figure.name()), sheets)
            }
            "balance" => ("収支の一覧".to_owned(), vec![balance_sheet(&ours(&self.balances().await?), &names)]),
            "month" => {
                let (office, month) = (office.clone().ok_or(Code::UnknownMonth)?, month_of(request)?);
                let balances = self.balances().await?;
                let balance = find(&balances, &office, month)?;
                chart = bars(balance);
                let books = self.books().await?;
                let persons = persons_sheet(&books.ledger, &office, month);
                (
                    format!("請求から振込まで {}", month_name(&names.or_number(&office), month)),
                    vec![waterfall_sheet(balance), persons],
                )
            }
            "returns" => {
                let mut returns = self.returns().await?;
                returns.retain(|view| office.as_ref().is_none_or(|office| office.as_str() == view.office));
                ("返戻・未収の一覧".to_owned(), vec![returns_sheet(&returns)])
            }
            "deposits" => {
                let since = Month::of(today).map_or(today, |month| month.plus(-1).first_day());
                (
                    "入金の予定".to_owned(),
                    vec![deposits_sheet(&deposits(&ours(&self.balances().await?), since, today), &names)],
                )
            }
            "bank" => {
                let path = request.file.as_deref().ok_or(Code::UnknownExport)?;
                ("通帳との照合".to_owned(), vec![self.bank_sheet(path, request.office.as_deref()).await?])
            }
            "roll" => {
                let rolled = together(&self.rolls(request.office.as_deref(), style).await?);
                (format!("事業未収金の増減（{}）", style.name()), vec![roll_sheet(&rolled, style)])
            }
            "journal" => {
                let month = request.month.as_deref().map(parse_month).transpose()?;
                let mut rolls = self.rolls(request.office.as_deref(), style).await?;
                for months in rolls.values_mut() {
                    months.retain(|of, _| month.is_none_or(|month| month == *of));
                }
                (format!("仕訳（{}）", style.name()), vec![journal_sheet(&rolls, style, &names)])
            }
            "analysis" => {
                let analysis = self.analysis(request.office.as_deref()).await?;
                ("年齢表と返戻の傾向".to_owned(), crate::exports::analysis_sheets(&analysis))
            }
            _ => return Err(Code::UnknownExport.into()),
        };
        if let Some(first) = sheets.first_mut() {
            first.notes = vec![note];
        }
        Ok(Content { title, sheets, chart })
    }
}

fn month_of(request: &ExportRequest) -> Result<Month, Problem> {
    parse_month(request.month.as_deref().unwrap_or_default())
}

/// Makes a name that every system takes.
fn file_name(title: &str, format: PaperForm) -> String {
    format!("{}.{}", plain_name(title).replace([' ', '\u{3000}'], "_"), format.ending())
}

/// Returns a name without the characters that Windows forbids in one.
pub(crate) fn plain_name(name: &str) -> String {
    name.chars()
        .map(|character| if "\\/:*?\"<>|".contains(character) { '_' } else { character })
        .filter(|character| !character.is_control())
        .collect()
}

fn board_sheet(balances: &[Balance], figure: Figure, months: usize, names: &Names) -> Sheet {
    let board = Board::new(balances, figure, months);
    let mut columns = vec![Column::text("事業所番号"), Column::text("事業所名"), Column::figure("合計")];
    columns.extend(board.months.iter().map(|month| Column::figure(format!("{}年{}月", month.year(), month.month()))));
    let mut totals = vec![Value::from("合計"), Value::Empty, Value::Number(board.totals.iter().map(|yen| yen.0).sum())];
    totals.extend(board.totals.iter().map(|yen| Value::from(*yen)));
    Sheet {
        title: format!("本部の表（{}）", figure.name()),
        rows: board
            .rows
            .iter()
            .map(|row| {
                let mut values = vec![Value::from(row.office.as_str()), names.of(&row.office).into(), row.total.into()];
                values.extend(row.cells.iter().map(|cell| cell.map_or(Value::Empty, |cell| cell.yen.into())));
                values
            })
            .collect(),
        columns,
        totals: vec![totals],
        frozen: 3,
        ..Sheet::default()
    }
}

/// A column of figures: its name, and how a balance tells it.
type Figured = (&'static str, fn(&Balance) -> Yen);

/// Figures of a balance in the order in which they add up.
const BALANCE: [Figured; 12] = [
    ("請求", |balance| balance.claimed),
    ("返戻", |balance| balance.returned),
    ("保留", |balance| balance.held),
    ("査定", |balance| balance.assessed),
    ("保留復活", |balance| balance.released),
    ("説明できない差額", |balance| balance.unexplained),
    ("決定", |balance| balance.decided),
    ("過誤", |balance| balance.kago),
    ("支払", |balance| balance.payable),
    ("振込", |balance| balance.paid),
    ("振込の説明できない差額", transfer_gap),
    ("未収", |balance| balance.unpaid),
];

fn balance_sheet(balances: &[Balance], names: &Names) -> Sheet {
    let mut columns = vec![Column::text("事業所番号"), Column::text("事業所名"), Column::text("処理対象年月")];
    columns.extend(BALANCE.iter().map(|(name, _)| Column::figure(*name)));
    columns.extend([Column::text("状態"), Column::text("足りない通知"), Column::text("振込日")]);
    let mut totals = vec![Value::from("合計"), Value::Empty, Value::Empty];
    totals.extend(BALANCE.iter().map(|(_, figure)| Value::from(balances.iter().map(figure).sum::<Yen>())));
    totals.extend([Value::Empty, Value::Empty, Value::Empty]);
    Sheet {
        title: "収支の一覧".to_owned(),
        rows: balances
            .iter()
            .map(|balance| {
                let mut values = vec![
                    Value::from(balance.office.as_str()),
                    names.of(&balance.office).into(),
                    balance.processing_month.into(),
                ];
                values.extend(BALANCE.iter().map(|(_, figure)| Value::from(figure(balance))));
                values.extend([
                    Value::from(Standing::of(balance).name()),
                    balance.missing_notices.join("・").into(),
                    balance.transfer_day.into(),
                ]);
                values
            })
            .collect(),
        columns,
        totals: vec![totals],
        frozen: 3,
        ..Sheet::default()
    }
}

fn bars(balance: &Balance) -> Vec<ChartBar> {
    waterfall(balance)
        .iter()
        .map(|bar| ChartBar {
            name: bar.step.name().to_owned(),
            yen: bar.yen,
            from: bar.from,
            to: bar.to,
            is_level: bar.step.is_level(),
        })
        .collect()
}

fn waterfall_sheet(balance: &Balance) -> Sheet {
    Sheet {
        title: "請求から振込まで".to_owned(),
        columns: vec![Column::text("項目"), Column::figure("増減"), Column::figure("残り")],
        rows: waterfall(balance)
            .iter()
            .map(|bar| {
                let change = if bar.step.is_level() { Value::Empty } else { bar.yen.into() };
                vec![Value::from(bar.step.name()), change, bar.to.into()]
            })
            .collect(),
        totals: vec![vec![
            Value::from("説明できない差額の合計"),
            Value::from(balance.unexplained + transfer_gap(balance)),
            Value::Empty,
        ]],
        ..Sheet::default()
    }
}

fn persons_sheet(ledger: &ledger::Ledger, office: &OfficeNumber, month: Month) -> Sheet {
    let persons = persons(ledger, office, month);
    let month_value = |text: &str| text.parse().map_or(Value::Empty, Value::Month);
    Sheet {
        title: "この月に動きのあった方".to_owned(),
        columns: vec![
            Column::text("被保険者番号"),
            Column::text("氏名（カナ）"),
            Column::text("提供年月"),
            Column::text("この月のできごと"),
            Column::text("いまの状態"),
            Column::figure("金額"),
        ],
        rows: persons
            .into_iter()
            .map(|person| {
                vec![
                    person.insured.into(),
                    person.insured_kana.unwrap_or_default().into(),
                    month_value(&person.service_month),
                    person.events.join("、").into(),
                    person.state_word.into(),
                    Value::Number(person.yen),
                ]
            })
            .collect(),
        frozen: 1,
        ..Sheet::default()
    }
}

fn returns_sheet(returns: &[ReturnView]) -> Sheet {
    let month = |text: &str| text.parse().map_or(Value::Empty, Value::Month);
    let date =
        |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok()).map_or(Value::Empty, Value::Date);
    Sheet {
        title: "返戻・未収の一覧".to_owned(),
        columns: vec![
            Column::text("事業所番号"),
            Column::text("事業所名"),
            Column::text("被保険者番号"),
            Column::text("氏名（カナ）"),
            Column::text("保険者番号"),
            Column::text("提供年月"),
            Column::text("区分"),
            Column::text("状態"),
            Column::text("コード"),
            Column::text("理由"),
            Column::text("次にすること"),
            Column::figure("金額"),
            Column::text("見込み"),
            Column::figure("返戻の回数"),
            Column::text("はじめの審査月"),
            Column::text("次に請求できる月"),
            Column::text("時効の日"),
        ],
        rows: returns
            .iter()
            .map(|view| {
                vec![
                    Value::from(view.office.as_str()),
                    view.office_name.as_str().into(),
                    view.insured.as_str().into(),
                    view.insured_kana.as_deref().unwrap_or_default().into(),
                    view.insurer.as_str().into(),
                    month(&view.service_month),
                    view.kind_word.as_str().into(),
                    view.state_word.as_str().into(),
                    view.codes.join("・").into(),
                    view.reason.as_str().into(),
                    view.action.as_str().into(),
                    Value::Number(view.yen),
                    if view.estimated { "見込み".into() } else { Value::Empty },
                    Value::Number(view.times_returned.into()),
                    month(&view.first_month),
                    view.next_window.as_deref().map_or(Value::Empty, month),
                    date(&view.limitation_date),
                ]
            })
            .collect(),
        frozen: 4,
        ..Sheet::default()
    }
}

fn deposits_sheet(deposits: &[ledger::Deposit], names: &Names) -> Sheet {
    let sum = |certainty: Certainty| {
        let of = deposits.iter().filter(|deposit| deposit.certainty == certainty);
        vec![
            Value::from(format!("{}の合計", certainty.name())),
            Value::Empty,
            Value::Empty,
            Value::Empty,
            Value::Empty,
            Value::from(of.map(|deposit| deposit.yen).sum::<Yen>()),
            Value::Empty,
        ]
    };
    Sheet {
        title: "入金の予定".to_owned(),
        columns: vec![
            Column::text("入金日"),
            Column::text("確かさ"),
            Column::text("事業所番号"),
            Column::text("事業所名"),
            Column::text("処理対象年月"),
            Column::figure("金額"),
            Column::text("備考"),
        ],
        rows: deposits
            .iter()
            .map(|deposit| {
                let remark = if deposit.overdue {
                    "予定の日を過ぎました。振込の通知がありません"
                } else if deposit.certainty == Certainty::Announced {
                    ""
                } else {
                    "日は予定です"
                };
                vec![
                    Value::Date(deposit.day),
                    deposit.certainty.name().into(),
                    deposit.office.as_str().into(),
                    names.of(&deposit.office).into(),
                    deposit.processing_month.into(),
                    deposit.yen.into(),
                    remark.into(),
                ]
            })
            .collect(),
        totals: [Certainty::Announced, Certainty::Decided, Certainty::Expected].map(sum).into(),
        frozen: 1,
        ..Sheet::default()
    }
}

fn roll_sheet(rolled: &BTreeMap<Month, Roll>, style: Style) -> Sheet {
    let keeps = style == Style::KeepReceivable;
    let mut columns = vec![Column::text("月"), Column::figure("前月繰越"), Column::figure("請求")];
    columns.push(Column::figure(if keeps { "返戻の再請求" } else { "返戻" }));
    for name in ["査定", "過誤", "説明できない差額", "振込", "徴収不能", "締めた月の訂正", "次月繰越", "うち返戻未収"]
    {
        columns.push(Column::figure(name));
    }
    Sheet {
        title: "事業未収金の増減".to_owned(),
        rows: rolled
            .iter()
            .map(|(month, roll)| {
                let view = roll_view(*month, roll, style);
                let figures = [
                    view.opening,
                    view.claimed,
                    if keeps { view.claimed_again } else { view.returned },
                    view.assessed,
                    view.kago,
                    view.unexplained,
                    view.received,
                    view.written_off,
                    view.corrected,
                    view.closing,
                    view.closing_returned,
                ];
                [Value::Month(*month)].into_iter().chain(figures.map(Value::Number)).collect()
            })
            .collect(),
        columns,
        frozen: 1,
        ..Sheet::default()
    }
}

/// Journal in the columns that bookkeeping programs take in: one line has one debit, one credit, one office and its own day.
fn journal_sheet(rolls: &Rolls, style: Style, names: &Names) -> Sheet {
    let mut lines: Vec<(&OfficeNumber, Entry)> = rolls
        .iter()
        .flat_map(|(office, months)| months.values().map(move |roll| (office, roll)))
        .flat_map(|(office, roll)| roll.journal(style).into_iter().map(move |entry| (office, entry)))
        .collect();
    lines.sort_by_key(|(office, entry)| (entry.day, *office));
    let rows = lines
        .into_iter()
        .map(|(office, entry)| {
            let ((debit, debit_sub), (credit, credit_sub)) = (entry.debit.name(), entry.credit.name());
            let text = match entry.about {
                Some(month) => format!("{}（締めた{}の訂正）", entry.text, wareki_month(month)),
                None => entry.text.to_owned(),
            };
            vec![
                Value::Date(entry.day),
                debit.into(),
                debit_sub.into(),
                entry.yen.into(),
                credit.into(),
                credit_sub.into(),
                entry.yen.into(),
                text.into(),
                office.as_str().into(),
                names.of(office).into(),
            ]
        })
        .collect();
    Sheet {
        title: "仕訳".to_owned(),
        columns: vec![
            Column::text("日付"),
            Column::text("借方科目"),
            Column::text("借方補助科目"),
            Column::figure("借方金額"),
            Column::text("貸方科目"),
            Column::text("貸方補助科目"),
            Column::figure("貸方金額"),
            Column::text("摘要"),
            Column::text("部門コード"),
            Column::text("部門"),
        ],
        rows,
        frozen: 1,
        ..Sheet::default()
    }
}

fn analysis_sheets(analysis: &crate::views::board::AnalysisView) -> Vec<Sheet> {
    let tally = |tally: &crate::views::board::TallyView| [Value::Number(tally.count.into()), Value::Number(tally.yen)];
    let mut columns = vec![Column::text("提供月からの月数")];
    for name in ["再請求が必要", "再請求済み", "保留中", "合計"] {
        columns.extend([Column::figure(format!("{name} 件数")), Column::figure(format!("{name} 金額"))]);
    }
    let ages = Sheet {
        title: "未収の年齢表".to_owned(),
        columns,
        rows: analysis
            .ages
            .iter()
            .map(|age| {
                let mut row = vec![Value::from(age.name.as_str())];
                row.extend([&age.open, &age.reclaimed, &age.held, &age.all].into_iter().flat_map(tally));
                row
            })
            .collect(),
        frozen: 1,
        ..Sheet::default()
    };
    let trend = |name: &str, key: &str, rows: &[crate::views::board::TrendRowView]| {
        let mut columns =
            vec![Column::text(key), Column::text("意味・名前"), Column::figure("件数"), Column::figure("金額")];
        columns.push(Column::figure("うち再び返戻"));
        columns.extend(analysis.trend_months.iter().map(|month| Column::figure(month.replace('-', "年") + "月")));
        Sheet {
            title: format!("返戻の傾向（{name}）"),
            columns,
            rows: rows
                .iter()
                .map(|row| {
                    let mut values = vec![Value::from(row.key.as_str()), row.name.as_str().into()];
                    values.extend(tally(&row.total));
                    values.push(Value::Number(row.repeated.into()));
                    values.extend(row.counts.iter().map(|count| Value::Number((*count).into())));
                    values
                })
                .collect(),
            frozen: 1,
            ..Sheet::default()
        }
    };
    let score = Sheet {
        title: "取り戻しの成績".to_owned(),
        columns: vec![Column::text("項目"), Column::text("値"), Column::text("数え方")],
        rows: analysis
            .recovery
            .figures
            .iter()
            .map(|figure| {
                [&figure.name, &figure.value, &figure.definition].map(|text| Value::from(text.as_str())).into()
            })
            .collect(),
        ..Sheet::default()
    };
    vec![
        ages,
        trend("コード", "コード", &analysis.by_code),
        trend("保険者", "保険者番号", &analysis.by_insurer),
        trend("事業所", "事業所番号", &analysis.by_office),
        score,
    ]
}

/// Returns the file name of a notice on paper.
pub(crate) fn notice_file_name(exchange_id: &str, office: &str, month: Option<Month>) -> String {
    let month = month.map(|month| format!("_{month}")).unwrap_or_default();
    file_name(&format!("{}_{office}{month}", title(exchange_id)), PaperForm::Pdf)
}
