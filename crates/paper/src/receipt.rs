use calendar::{Month, wareki_month};
use chrono::NaiveDateTime;
use kokuho::Yen;

use crate::PaperError;
use crate::canvas::{Align, Ink, Style, mm};
use crate::flow::{Flow, LEADING, Mark, moment};

/// Everything that a receipt（送信受領書）says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// 法人名.
    pub corporation_name: String,
    /// 事業所名.
    pub office_name: String,
    /// 事業所番号.
    pub office_number: String,
    /// Name of the file.
    pub file_name: String,
    /// 処理対象年月.
    pub processing_month: Month,
    /// サービス提供年月.
    pub service_months: Vec<Month>,
    /// Number of statements（明細書）.
    pub claims: u32,
    /// 保険請求額 + 公費請求額.
    pub yen: Yen,
    /// SHA-256 of the content in hexadecimal digits.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// 受付番号 of the relay.
    pub accept_code: Option<String>,
    /// State in words, for example `受付完了`.
    pub state: String,
    /// 基本状態コード of 国保連.
    pub basic_code: Option<String>,
    /// What the state means for the office; decides what the paper says that it proves.
    pub standing: Standing,
    /// What 国保連 said of an error.
    pub message: Option<String>,
    /// The steps of the way, in order.
    pub steps: Vec<Step>,
    /// When the paper is made.
    pub issued_at: NaiveDateTime,
    /// Made in the demonstration.
    pub practice: bool,
    /// The file carries `*TEST*`.
    pub test: bool,
}

/// How far a submission came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Safe at the relay; 国保連 does not have it yet.
    AtRelay,
    /// Arrived at 国保連（到達）, not yet received.
    Arrived,
    /// Received by 国保連（受付完了） or further.
    Accepted,
    /// 国保連 accepted nothing of it（様式エラー, 外部エラー）.
    Failed,
    /// Cancelled（取消完了） or about to be.
    Cancelled,
}

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// 送信, 到達 or 受付完了.
    pub name: String,
    /// How far it is.
    pub state: StepState,
    /// When it was done or failed.
    pub at: Option<NaiveDateTime>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepState {
    /// Done.
    Done,
    /// Under way.
    Current,
    /// Not yet begun.
    Waiting,
    /// Failed.
    Failed,
}

impl StepState {
    fn words(self) -> (&'static str, Ink) {
        match self {
            Self::Done => ("済", Ink::GREEN),
            Self::Current => ("確認中", Ink::BLACK),
            Self::Waiting => ("まだ", Ink::GREY),
            Self::Failed => ("できませんでした", Ink::RED),
        }
    }
}

impl Standing {
    fn ink(self) -> Ink {
        match self {
            Self::Accepted | Self::Arrived => Ink::GREEN,
            Self::AtRelay => Ink::BLACK,
            Self::Failed => Ink::RED,
            Self::Cancelled => Ink::GREY,
        }
    }

    /// Returns what the paper proves and what it does not.
    fn proves(self) -> [&'static str; 2] {
        match self {
            Self::Accepted => [
                "上の請求ファイルが国民健康保険団体連合会（国保連）に到達し、受け付けられたことを、中継サーバーの記録にもとづいて示します。",
                "支払いを約束するものではありません。審査の結果（返戻・保留・査定・支払額）は、月末ごろに国保連の通知で届きます。",
            ],
            Self::Arrived => [
                "上の請求ファイルが国民健康保険団体連合会（国保連）に到達したことを、中継サーバーの記録にもとづいて示します。",
                "受付はまだ終わっていません。受付が完了してから、もう一度この書面を発行してください。",
            ],
            Self::AtRelay => [
                "上の請求ファイルを中継サーバーが受け取り、保管していることを示します。",
                "国民健康保険団体連合会（国保連）への到達は、まだ確認できていません。到達と受付が済んでから、もう一度この書面を発行してください。",
            ],
            Self::Failed => [
                "上の請求ファイルを送りましたが、国民健康保険団体連合会（国保連）に受け付けられなかったことを示します。",
                "請求したことにはなりません。ファイルを直して、受付期間のうちにもう一度送ってください。",
            ],
            Self::Cancelled => [
                "上の請求ファイルの送信を取り消した（または取消しを依頼した）ことを示します。",
                "取消しが完了したファイルは、請求したことにはなりません。直したファイルを、受付期間のうちに送ってください。",
            ],
        }
    }
}

/// Where the middle column of the receipt begins, as a share of its width.
const STATE_COLUMN: f32 = 0.42;

/// Makes the receipt of a submission: A4 portrait.
///
/// # Errors
///
/// [`PaperError::MissingCharacter`] when a name holds a character that the font lacks.
pub fn receipt(receipt: &Receipt) -> Result<Vec<u8>, PaperError> {
    let mut flow = Flow::a4(false)?;
    check(receipt, &flow)?;
    let mut marks = Vec::new();
    if receipt.practice {
        marks.push(Mark::Practice);
    }
    if receipt.test {
        marks.push(Mark::Test);
    }
    head(&mut flow, receipt, &marks);
    state(&mut flow, receipt);
    file(&mut flow, receipt);
    steps(&mut flow, receipt);
    meaning(&mut flow, receipt, &marks);
    let footer = format!("送信受領書　事業所番号 {}　{}", receipt.office_number, receipt.file_name);
    flow.finish("送信受領書", &footer, receipt.issued_at, &marks)
}

fn check(receipt: &Receipt, flow: &Flow) -> Result<(), PaperError> {
    let none = String::new();
    let texts = [
        (&receipt.corporation_name, "法人名"),
        (&receipt.office_name, "事業所名"),
        (&receipt.office_number, "事業所番号"),
        (&receipt.file_name, "ファイル名"),
        (&receipt.sha256, "SHA-256"),
        (receipt.accept_code.as_ref().unwrap_or(&none), "受付番号"),
        (&receipt.state, "状態"),
        (receipt.basic_code.as_ref().unwrap_or(&none), "基本状態コード"),
        (receipt.message.as_ref().unwrap_or(&none), "国保連からの連絡"),
    ];
    let steps = receipt.steps.iter().map(|step| (&step.name, "経過"));
    for (text, place) in texts.into_iter().chain(steps) {
        flow.canvas.font.check(text, || place.to_owned())?;
    }
    Ok(())
}

fn head(flow: &mut Flow, receipt: &Receipt, marks: &[Mark]) {
    let small = Style::new(8.5).ink(Ink::GREY);
    let (left, right) = (flow.left, flow.right);
    flow.canvas.text(left, flow.y, Align::Left, small, "介護給付費等の請求　伝送の記録");
    let issued = format!("発行 {}", moment(receipt.issued_at));
    flow.canvas.text(right, flow.y, Align::Right, small, &issued);
    flow.gap(mm(11.0));

    let mut edge = right;
    for mark in marks {
        edge -= mark.stamp(&mut flow.canvas, edge, flow.y - mm(1.0)) + mm(2.5);
    }
    let title = Style::new(21.0).bold().spaced(6.0);
    // Centred, unless two marks need the room.
    let centre = f32::midpoint(left, right).min(edge - mm(4.0) - flow.canvas.text_width("送信受領書", title) / 2.0);
    flow.canvas.text(centre, flow.y, Align::Centre, title, "送信受領書");
    flow.gap(title.size + mm(5.0));
    flow.canvas.rule(left, right, flow.y, 1.2, Ink::BLACK);
    flow.canvas.rule(left, right, flow.y + 2.4, 0.4, Ink::BLACK);
    flow.gap(mm(6.0));

    let width = flow.width();
    for (text, style) in [
        (receipt.corporation_name.clone(), Style::new(10.5)),
        (format!("{}　御中", receipt.office_name), Style::new(14.0).bold()),
        (format!("事業所番号 {}", receipt.office_number), Style::new(10.5)),
    ] {
        let lines = flow.canvas.font.wrap(&text, style.size, width);
        flow.lines(left, Align::Left, style, &lines);
    }
    flow.gap(mm(4.5));
}

fn state(flow: &mut Flow, receipt: &Receipt) {
    let label = Style::new(8.5).ink(Ink::GREY);
    let ink = receipt.standing.ink();
    let word = Style::new(19.0).bold().ink(ink);
    let value = Style::new(13.0);
    let (left, width) = (flow.left, flow.width());
    let columns = [left + mm(6.0), left + width * STATE_COLUMN, left + width * 0.76];
    let none = "まだありません".to_owned();
    let state = flow.canvas.font.wrap(&receipt.state, word.size, columns[1] - columns[0] - mm(3.0));
    let accept_code = receipt.accept_code.as_ref().unwrap_or(&none);
    let accept_code = flow.canvas.font.wrap(accept_code, value.size, columns[2] - columns[1] - mm(3.0));
    let basic_code = receipt.basic_code.as_ref().unwrap_or(&none);
    let basic_code = flow.canvas.font.wrap(basic_code, value.size, left + width - columns[2] - mm(2.0));
    let lines = state.len().max(accept_code.len()).max(basic_code.len()) as f32;
    let height = mm(9.5) + word.size * LEADING * lines;

    flow.canvas.fill(left, flow.y, width, height, Ink::TINT);
    flow.canvas.fill(left, flow.y, mm(1.4), height, ink);
    let top = flow.y;
    for (x, name, style, lines) in [
        (columns[0], "状態", word, &state),
        (columns[1], "受付番号", value, &accept_code),
        (columns[2], "基本状態コード", value, &basic_code),
    ] {
        flow.canvas.text(x, top + mm(3.2), Align::Left, label, name);
        // The figures stand on the same line as the word beside them.
        flow.y = top + mm(6.6) + (word.size - style.size) * (LEADING / 2.0 + 0.13);
        flow.lines(x, Align::Left, style, lines);
    }
    flow.y = top + height + mm(6.0);
    if let Some(message) = &receipt.message {
        flow.fact("国保連からの連絡", message, Style::new(10.5).ink(Ink::RED));
        flow.gap(mm(5.0));
    }
}

fn file(flow: &mut Flow, receipt: &Receipt) {
    flow.heading("送った請求ファイル");
    let months: Vec<String> = receipt.service_months.iter().map(|month| wareki_month(*month)).collect();
    flow.plain_fact("処理対象年月", &wareki_month(receipt.processing_month));
    flow.plain_fact("サービス提供年月", &flow.fill(&months, "、"));
    flow.plain_fact("明細書の件数", &format!("{}件", Yen(receipt.claims.into())));
    flow.fact("請求額（保険＋公費）", &format!("{}円", receipt.yen), Style::new(13.0).bold());
    flow.plain_fact("ファイル名", &receipt.file_name);
    flow.plain_fact("大きさ", &format!("{}バイト", Yen(i64::try_from(receipt.size).unwrap_or(i64::MAX))));
    // In groups of eight, four to a line, so that two papers can be compared by eye.
    let digits: Vec<char> = receipt.sha256.chars().collect();
    let groups: Vec<String> = digits.chunks(8).map(|group| group.iter().collect()).collect();
    let lines: Vec<String> = groups.chunks(4).map(|line| line.join(" ")).collect();
    flow.plain_fact("内容の指紋（SHA-256）", &lines.join("\n"));
    flow.gap(mm(6.0));
}

fn steps(flow: &mut Flow, receipt: &Receipt) {
    let row = mm(8.0);
    flow.need(row * (receipt.steps.len() + 1) as f32 + mm(12.0));
    flow.heading("経過");
    let (left, right) = (flow.left, flow.right);
    let columns = [left, left + mm(42.0), left + flow.width() * STATE_COLUMN];
    let text = Style::new(10.5);
    let middle = (row - text.size) / 2.0;
    for step in &receipt.steps {
        flow.need(row);
        let (word, ink) = step.state.words();
        let at = step.at.map_or_else(|| "―".to_owned(), moment);
        flow.canvas.text(columns[0], flow.y + middle, Align::Left, text, &step.name);
        flow.canvas.text(columns[1], flow.y + middle, Align::Left, text.ink(ink).bold(), word);
        flow.canvas.text(columns[2], flow.y + middle, Align::Left, text, &at);
        flow.gap(row);
        flow.canvas.rule(left, right, flow.y, 0.4, Ink::HAIRLINE);
    }
    flow.gap(mm(7.0));
}

fn meaning(flow: &mut Flow, receipt: &Receipt, marks: &[Mark]) {
    let text = Style::new(9.5);
    let inner = flow.width() - mm(12.0);
    let mut paragraphs: Vec<&str> = marks
        .iter()
        .map(|mark| match mark {
            Mark::Practice => "これは練習です。実際の請求は行われていません。外部に提出しないでください。",
            Mark::Test => "これはテスト送信です。通信を確かめるためのファイルで、請求にはなりません。",
        })
        .collect();
    paragraphs.extend(receipt.standing.proves());
    paragraphs
        .push("「内容の指紋」は、ファイルの中身から計算した値です。中身が1文字でも違うと、まったく別の値になります。");
    let wrapped: Vec<Vec<String>> =
        paragraphs.iter().map(|paragraph| flow.canvas.font.wrap(paragraph, text.size, inner - mm(4.0))).collect();
    let count: usize = wrapped.iter().map(Vec::len).sum();
    let title = Style::new(10.5).bold();
    let height = mm(8.5) + title.size * LEADING + text.size * LEADING * count as f32 + mm(1.2) * wrapped.len() as f32;
    flow.need(height);
    flow.canvas.frame(flow.left, flow.y, flow.width(), height, 0.6, Ink::GREY);
    let bottom = flow.y + height;
    let x = flow.left + mm(6.0);
    flow.gap(mm(3.6));
    flow.lines(x, Align::Left, title, &["この書面が示すこと".to_owned()]);
    flow.gap(mm(0.8));
    for lines in &wrapped {
        flow.canvas.text(x, flow.y + text.size * (LEADING - 1.0) / 2.0, Align::Left, text, "・");
        flow.lines(x + mm(4.0), Align::Left, text, lines);
        flow.gap(mm(1.2));
    }
    flow.y = bottom;
}
