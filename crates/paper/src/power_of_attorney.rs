use calendar::{Month, wareki_date, wareki_month};
use chrono::{NaiveDate, NaiveDateTime};

use crate::PaperError;
use crate::canvas::{Align, Ink, Style, mm};
use crate::flow::{Flow, LEADING, Mark};
use crate::font::Font;

/// A power of attorney（委任状）: an office names the operator of the relay as its agent for claims（features O16）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PowerOfAttorney {
    /// Day of the paper.
    pub date: NaiveDate,
    /// 国保連 and its head, for example `東京都国民健康保険団体連合会理事長`.
    pub addressee: String,
    /// Who gives it.
    pub principal: Principal,
    /// 事業所名.
    pub office_name: String,
    /// 事業所番号.
    pub office_number: String,
    /// First month of the authority; it has no end.
    pub from: Month,
    /// Who is given it.
    pub agent: Agent,
    /// Stands at the foot and in the list of all papers, so that none is missing in the envelope: `2 / 31`.
    pub code: String,
    /// Made in the demonstration.
    pub practice: bool,
}

/// The corporation that gives the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Postal code, for example `999-0001`.
    pub postal_code: String,
    /// 住所.
    pub address: String,
    /// 法人名.
    pub name: String,
    /// 役職.
    pub title: String,
    /// 代表者.
    pub representative: String,
}

/// The operator of the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// 法人名.
    pub name: String,
    /// 役職・部署.
    pub title: String,
    /// 氏名または代表者名.
    pub representative: String,
}

/// Makes the papers of several offices, one page of A4 each, in their order.
///
/// # Errors
///
/// [`PaperError::MissingCharacter`] when a name holds a character that the font lacks: nothing is printed then, because
/// 国保連 compares the names with the filing. [`PaperError::Font`] without any paper.
pub fn powers_of_attorney(papers: &[PowerOfAttorney], issued_at: NaiveDateTime) -> Result<Vec<u8>, PaperError> {
    let mut flow = Flow::a4(false)?;
    let font = flow.canvas.font;
    for (index, paper) in papers.iter().enumerate() {
        check(paper, font)?;
        if index > 0 {
            flow.break_page();
        }
        page(&mut flow, paper);
    }
    let first = papers.first().ok_or_else(|| PaperError::Pdf("no power of attorney".to_owned()))?;
    let marks = if first.practice { vec![Mark::Practice] } else { Vec::new() };
    flow.finish("委任状", "委任状　とどけ", issued_at, &marks)
}

/// Returns the first character of `text` that papers cannot show, so that a form can name it while it is typed.
pub fn unprintable(text: &str) -> Option<char> {
    let font = Font::get().ok()?;
    text.chars().find(|c| font.check(c.encode_utf8(&mut [0; 4]), String::new).is_err())
}

fn check(paper: &PowerOfAttorney, font: &Font) -> Result<(), PaperError> {
    for (text, place) in [
        (&paper.addressee, "宛先"),
        (&paper.principal.address, "法人の住所"),
        (&paper.principal.name, "法人名"),
        (&paper.principal.title, "代表者の役職"),
        (&paper.principal.representative, "代表者の名前"),
        (&paper.office_name, "事業所名"),
        (&paper.office_number, "事業所番号"),
        (&paper.agent.name, "代理人の法人名"),
        (&paper.agent.title, "代理人の役職"),
        (&paper.agent.representative, "代理人の名前"),
        (&paper.code, "符号"),
    ] {
        font.check(text, || format!("事業所{} {place}", paper.office_number))?;
    }
    Ok(())
}

const TEXT: Style = Style::new(11.0);

fn page(flow: &mut Flow, paper: &PowerOfAttorney) {
    let (left, right) = (flow.left, flow.right);
    flow.gap(mm(3.0));
    flow.lines(right, Align::Right, TEXT, &[wareki_date(paper.date)]);
    flow.gap(mm(6.0));
    let middle = left.midpoint(right);
    flow.lines(middle, Align::Centre, Style::new(22.0).bold().spaced(14.0), &["委任状".to_owned()]);
    flow.gap(mm(8.0));
    let addressee = flow.canvas.font.wrap(&format!("{}　様", paper.addressee), 12.0, flow.width());
    flow.lines(left, Align::Left, Style::new(12.0), &addressee);
    flow.gap(mm(7.0));
    principal(flow, &paper.principal);
    flow.gap(mm(9.0));
    let sentence = "当事業所は、下記の者を代理人と定め、介護保険の介護給付費等の請求に関する事務と、復代理人を選任することを委任します。";
    let lines = flow.canvas.font.wrap(sentence, 12.0, flow.width());
    flow.lines(left, Align::Left, Style::new(12.0), &lines);
    flow.gap(mm(6.0));
    flow.lines(middle, Align::Centre, TEXT, &["記".to_owned()]);
    flow.gap(mm(4.0));
    table(
        flow,
        "委任元\n（事業所）",
        &[
            ("事業所名", paper.office_name.clone()),
            ("事業所番号", paper.office_number.clone()),
            ("委任期間", format!("{}　から（終わりは定めません）", wareki_month(paper.from))),
        ],
    );
    flow.gap(mm(5.0));
    table(
        flow,
        "委任先\n（代理人）",
        &[
            ("法人名", paper.agent.name.clone()),
            ("役職・部署", paper.agent.title.clone()),
            ("氏名または代表者名", paper.agent.representative.clone()),
        ],
    );
    flow.gap(mm(6.0));
    operators_box(flow, &paper.code);
}

fn principal(flow: &mut Flow, principal: &Principal) {
    let (left, seal) = (flow.left + flow.width() * 0.28, mm(24.0));
    let (label, values) = (left + mm(22.0), left + mm(24.0));
    // Long names go on below instead of running into the seal.
    let width = flow.right - values - seal - mm(4.0);
    let name = Style::new(9.0).ink(Ink::GREY);
    flow.lines(left, Align::Left, TEXT, &["事業者".to_owned()]);
    flow.gap(mm(1.0));
    let top = flow.y;
    for (title, value) in [
        ("住所", format!("〒{}\n{}", principal.postal_code, principal.address)),
        ("法人名", principal.name.clone()),
        ("役職", principal.title.clone()),
        ("代表者", principal.representative.clone()),
    ] {
        let lines = flow.canvas.font.wrap(&value, TEXT.size, width);
        flow.canvas.text(label, flow.y + (TEXT.size * LEADING - name.size) / 2.0, Align::Right, name, title);
        flow.lines(values, Align::Left, TEXT, &lines);
        flow.gap(mm(1.4));
    }
    let bottom = flow.y.max(top + seal + mm(14.0));
    let box_top = bottom - seal - mm(10.0);
    let x = flow.right - seal;
    flow.canvas.frame(x, box_top, seal, seal, 0.8, Ink::GREY);
    flow.canvas.text(
        x + seal / 2.0,
        box_top + seal / 2.0 - 7.0,
        Align::Centre,
        Style::new(14.0).ink(Ink::HAIRLINE),
        "印",
    );
    let note = Style::new(7.5).ink(Ink::RED);
    for (index, line) in ["国保連への届出書と", "同じ印を押してください"].iter().enumerate() {
        let y = box_top + seal + mm(1.2) + note.size * 1.35 * index as f32;
        flow.canvas.text(flow.right, y, Align::Right, note, line);
    }
    flow.y = bottom;
}

fn table(flow: &mut Flow, caption: &str, rows: &[(&str, String)]) {
    let (left, top) = (flow.left, flow.y);
    let columns = [left, left + mm(34.0), left + mm(76.0)];
    let name = Style::new(9.5).ink(Ink::GREY);
    let width = flow.right - columns[2] - mm(6.0);
    for (index, (title, value)) in rows.iter().enumerate() {
        if index > 0 {
            flow.canvas.rule(columns[1], flow.right, flow.y, 0.4, Ink::HAIRLINE);
        }
        let lines = flow.canvas.font.wrap(value, TEXT.size, width);
        let line = TEXT.size * LEADING;
        let row_top = flow.y;
        flow.gap(mm(1.8));
        flow.canvas.text(columns[1] + mm(3.0), flow.y + (line - name.size) / 2.0, Align::Left, name, title);
        flow.lines(columns[2] + mm(3.0), Align::Left, TEXT, &lines);
        flow.y = row_top + line * lines.len() as f32 + mm(3.6);
    }
    let height = flow.y - top;
    flow.canvas.frame(left, top, flow.width(), height, 0.8, Ink::BLACK);
    for x in &columns[1..] {
        flow.canvas.line((*x, top), (*x, top + height), 0.4, Ink::GREY);
    }
    let style = Style::new(10.0);
    let text = flow.canvas.font.wrap(caption, style.size, mm(28.0));
    flow.y = top + (height - style.size * LEADING * text.len() as f32) / 2.0;
    flow.lines(left + mm(17.0), Align::Centre, style, &text);
    flow.y = top + height;
}

/// What only the operator fills in, and the code that the list of the envelope repeats.
fn operators_box(flow: &mut Flow, code: &str) {
    let (height, width) = (mm(20.0), mm(80.0));
    flow.canvas.frame(flow.left, flow.y, width, height, 0.6, Ink::GREY);
    let small = Style::new(8.0).ink(Ink::GREY);
    flow.canvas.text(
        flow.left + mm(2.0),
        flow.y + mm(1.6),
        Align::Left,
        small,
        "運営者使用欄（何も書かないでください）",
    );
    let style = Style::new(12.0);
    flow.canvas.text(flow.right, flow.y + height - style.size, Align::Right, style, &format!("符号　{code}"));
    flow.gap(height);
}
