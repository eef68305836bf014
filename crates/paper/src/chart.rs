//! A waterfall: how one amount becomes another, bar by bar.

use kokuho::Yen;

use crate::PaperError;
use crate::canvas::{Align, Ink, Style, mm};
use crate::flow::Flow;
use crate::font::Font;

/// A bar of a waterfall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartBar {
    /// What it is.
    pub name: String,
    /// Yen added, taken away, or there.
    pub yen: Yen,
    /// Where it begins; 0 for a level.
    pub from: Yen,
    /// Where it ends.
    pub to: Yen,
    /// It stands on the ground and shows how much there is.
    pub is_level: bool,
}

const HEIGHT: f32 = mm(70.0);
const LABEL: Style = Style::new(8.0);
const FIGURE: Style = Style::new(7.5);

pub(crate) fn check(bars: &[ChartBar], font: &Font) -> Result<(), PaperError> {
    bars.iter().try_for_each(|bar| font.check(&bar.name, || bar.name.clone()))
}

/// Draws the bars over the width of the paper. What the colours say, the signs of the figures say too.
pub(crate) fn draw(flow: &mut Flow, bars: &[ChartBar]) {
    if bars.is_empty() {
        return;
    }
    let names = mm(13.0);
    flow.need(HEIGHT + names);
    let (top, left, width) = (flow.y + mm(5.0), flow.left, flow.width());
    let highest = bars.iter().flat_map(|bar| [bar.from, bar.to]).max().unwrap_or_default().max(Yen(1));
    let lowest = bars.iter().flat_map(|bar| [bar.from, bar.to]).min().unwrap_or_default().min(Yen::ZERO);
    let room = HEIGHT - mm(8.0);
    // Pixels of a drawing, not money: what is rounded here is shown in figures beside it.
    let y = |yen: Yen| top + room * ((highest.0 - yen.0) as f64 / (highest.0 - lowest.0) as f64) as f32;
    let step = width / bars.len() as f32;
    let bar_width = step * 0.62;
    let ground = y(Yen::ZERO);
    for (index, bar) in bars.iter().enumerate() {
        let x = left + step * index as f32 + (step - bar_width) / 2.0;
        let (upper, lower) = (y(bar.from.max(bar.to)), y(bar.from.min(bar.to)));
        let ink = match (bar.is_level, bar.yen.0) {
            (true, _) => Ink::GREEN,
            (false, ..0) => Ink::RED,
            (false, _) => Ink::AMBER,
        };
        // A step of 0 yen is a line, so that it is seen to be there.
        flow.canvas.fill(x, upper, bar_width, (lower - upper).max(0.8), ink);
        let sign = if !bar.is_level && bar.yen.0 > 0 { "+" } else { "" };
        let middle = x + bar_width / 2.0;
        flow.canvas.text(middle, upper - FIGURE.size - 2.0, Align::Centre, FIGURE, &format!("{sign}{}", bar.yen));
        if index + 1 < bars.len() {
            flow.canvas.rule(x + bar_width, x + step, y(bar.to), 0.4, Ink::GREY);
        }
        let lines = flow.canvas.font.wrap(&bar.name, LABEL.size, step - 3.0);
        for (line, text) in lines.iter().enumerate() {
            let below = top + room + mm(2.0) + LABEL.size * 1.3 * line as f32;
            flow.canvas.text(middle, below, Align::Centre, LABEL, text);
        }
    }
    flow.canvas.rule(left, left + width, ground, 0.6, Ink::BLACK);
    flow.y = top + room + names;
}
