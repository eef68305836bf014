//! Sets blocks one below the other and begins a new page when one does not fit.

use chrono::{NaiveDateTime, Timelike};

use crate::PaperError;
use crate::canvas::{Align, Canvas, Ink, Style, mm};

/// Distance between the upper edges of two lines, in sizes.
pub(crate) const LEADING: f32 = 1.5;

const LABEL: Style = Style::new(9.0).ink(Ink::GREY);
const VALUE: Style = Style::new(10.5);
const SMALL: Style = Style::new(8.0).ink(Ink::GREY);

/// A canvas with margins and a current height.
pub(crate) struct Flow {
    pub canvas: Canvas,
    /// Left margin.
    pub left: f32,
    /// Right margin, measured from the left edge of the page.
    pub right: f32,
    /// Upper edge of what comes next.
    pub y: f32,
    top: f32,
    bottom: f32,
}

impl Flow {
    /// Begins a paper of A4; `landscape` lays it on its long side.
    pub fn a4(landscape: bool) -> Result<Self, PaperError> {
        let (width, height) = if landscape { (297.0, 210.0) } else { (210.0, 297.0) };
        let (side, top) = if landscape { (15.0, 15.0) } else { (20.0, 18.0) };
        let canvas = Canvas::new(mm(width), mm(height))?;
        Ok(Self {
            left: mm(side),
            right: canvas.width - mm(side),
            y: mm(top),
            top: mm(top),
            bottom: canvas.height - mm(18.0),
            canvas,
        })
    }

    /// Returns the width between the margins.
    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    /// Returns the height left on this page.
    pub fn room(&self) -> f32 {
        self.bottom - self.y
    }

    /// Returns the height of an empty page.
    pub fn page_room(&self) -> f32 {
        self.bottom - self.top
    }

    /// Begins a new page.
    pub fn break_page(&mut self) {
        self.canvas.add_page();
        self.y = self.top;
    }

    /// Begins a new page unless `height` still fits on this one.
    pub fn need(&mut self, height: f32) {
        if self.room() < height && self.y > self.top {
            self.break_page();
        }
    }

    /// Leaves space.
    pub fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// Sets lines of text from the current height on.
    pub fn lines(&mut self, x: f32, align: Align, style: Style, lines: &[String]) {
        for line in lines {
            self.canvas.text(x, self.y + style.size * (LEADING - 1.0) / 2.0, align, style, line);
            self.y += style.size * LEADING;
        }
    }

    /// Sets the heading of a section.
    pub fn heading(&mut self, text: &str) {
        let style = Style::new(11.0).bold();
        self.need(style.size * LEADING + mm(14.0));
        let lines = self.canvas.font.wrap(text, style.size, self.width());
        self.lines(self.left, Align::Left, style, &lines);
        self.gap(mm(1.0));
        self.canvas.rule(self.left, self.right, self.y, 0.8, Ink::BLACK);
    }

    /// Sets a name and its value, with a hairline below. Long values wrap.
    pub fn fact(&mut self, name: &str, value: &str, value_style: Style) {
        let column = self.fact_column();
        let names = self.canvas.font.wrap(name, LABEL.size, column - mm(3.0));
        let values = self.canvas.font.wrap(value, value_style.size, self.width() - column);
        let line = VALUE.size.max(value_style.size) * LEADING;
        let height = line * names.len().max(values.len()) as f32 + mm(2.6);
        self.need(height);
        let top = self.y;
        self.gap(mm(1.3) + (line - LABEL.size * LEADING) / 2.0);
        self.lines(self.left, Align::Left, LABEL, &names);
        self.y = top + mm(1.3) + (line - value_style.size * LEADING) / 2.0;
        self.lines(self.left + column, Align::Left, value_style, &values);
        self.y = top + height;
        self.canvas.rule(self.left, self.right, self.y, 0.4, Ink::HAIRLINE);
    }

    /// Puts `items` into lines for [`plain_fact`](Self::plain_fact), so that none of them breaks.
    pub fn fill(&self, items: &[String], separator: &str) -> String {
        let width = self.width() - self.fact_column();
        let mut text = String::new();
        let mut used = 0.0;
        for (index, item) in items.iter().enumerate() {
            let item = if index + 1 < items.len() { format!("{item}{separator}") } else { item.clone() };
            let needed = self.canvas.font.width(&item, VALUE.size);
            if used > 0.0 && used + needed > width {
                text.push('\n');
                used = 0.0;
            }
            used += needed;
            text.push_str(&item);
        }
        text
    }

    fn fact_column(&self) -> f32 {
        mm(42.0).min(self.width() * 0.3)
    }

    /// Sets a name and its value in the usual style.
    pub fn plain_fact(&mut self, name: &str, value: &str) {
        self.fact(name, value, VALUE);
    }

    /// Sets what stands on every page and writes the PDF. `footer` stands at the lower left, the page number at the right;
    /// `marks` say what kind of paper it is.
    pub fn finish(
        mut self,
        title: &str,
        footer: &str,
        issued_at: NaiveDateTime,
        marks: &[Mark],
    ) -> Result<Vec<u8>, PaperError> {
        let (left, right, bottom) = (self.left, self.right, self.bottom);
        let footer = self.canvas.font.wrap(footer, SMALL.size, self.width() - mm(30.0));
        let footer = footer.first().map_or("", String::as_str);
        self.canvas.on_every_page(|canvas, page, pages| {
            canvas.rule(left, right, bottom + mm(4.0), 0.4, Ink::HAIRLINE);
            canvas.text(left, bottom + mm(5.5), Align::Left, SMALL, footer);
            canvas.text(right, bottom + mm(5.5), Align::Right, SMALL, &format!("{page} / {pages}"));
            for mark in marks {
                mark.frame_page(canvas);
            }
        });
        self.canvas.finish(title, issued_at)
    }
}

/// Says that a paper is not about a real claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Made in the demonstration.
    Practice,
    /// About a file that carries `*TEST*`.
    Test,
}

impl Mark {
    pub fn words(self) -> &'static str {
        match self {
            Self::Practice => "練習",
            Self::Test => "テスト送信",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::Practice => Ink::PURPLE,
            Self::Test => Ink::AMBER,
        }
    }

    /// Stamps the mark with its right upper corner at (`right`, `top`) and returns its width.
    pub fn stamp(self, canvas: &mut Canvas, right: f32, top: f32) -> f32 {
        let style = Style::new(13.0).ink(self.ink()).bold().spaced(1.5);
        let width = canvas.text_width(self.words(), style) + mm(7.0);
        let height = style.size + mm(4.4);
        canvas.fill(right - width, top, width, height, Ink::WHITE);
        canvas.frame(right - width, top, width, height, 1.4, self.ink());
        canvas.text(right - width / 2.0, top + (height - style.size) / 2.0, Align::Centre, style, self.words());
        width
    }

    /// Frames the page and repeats the words in the upper margin, so that no page can be taken for a real one.
    fn frame_page(self, canvas: &mut Canvas) {
        // The outer frame is the demonstration's, the inner one the test's; both can be true.
        let (inset, place) = match self {
            Self::Practice => (mm(6.0), Align::Left),
            Self::Test => (mm(7.6), Align::Right),
        };
        canvas.frame(inset, inset, canvas.width - inset * 2.0, canvas.height - inset * 2.0, 1.6, self.ink());
        let x = if place == Align::Left { mm(10.0) } else { canvas.width - mm(10.0) };
        let words = match self {
            Self::Practice => "練習（実際の請求ではありません）",
            Self::Test => "テスト送信（請求にはなりません）",
        };
        canvas.text(x, mm(10.0), place, Style::new(8.0).ink(self.ink()).bold(), words);
    }
}

/// Writes a moment as papers show it, for example `令和8年6月5日 09:30:12`.
pub(crate) fn moment(at: NaiveDateTime) -> String {
    let time = at.time();
    format!("{} {:02}:{:02}:{:02}", calendar::wareki_date(at.date()), time.hour(), time.minute(), time.second())
}
