//! Looks at papers as a person would: every page rendered, every word selectable.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::clerk::pdf_text;
use crate::program::tool;

/// Dots per inch at which pages are looked at.
const DOTS: f32 = 60.0;
/// Millimetres at every edge that printers cannot reach.
const MARGIN: f32 = 5.0;
/// A dot darker than this is ink.
const INK: u8 = 200;

/// A paper that was looked at.
#[derive(Debug)]
pub struct Paper {
    /// Its words without blanks, which stand elsewhere in every layout.
    pub text: String,
    /// Its pages.
    pub pages: usize,
}

/// Looks at a PDF page by page.
///
/// # Errors
///
/// Fails when a page is nearly empty or has something in its margins, when a character is lost, or when a font is not part
/// of the file.
pub fn look(path: &Path) -> Result<Paper> {
    let rendered = Command::new(tool("pdftoppm")?).args(["-gray", "-r", &DOTS.to_string()]).arg(path).output()?;
    ensure!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
    let mut rest = rendered.stdout.as_slice();
    let mut pages = 0;
    while !rest.is_empty() {
        let (width, dots, after) = page(rest).with_context(|| format!("{} cannot be rendered", path.display()))?;
        rest = after;
        pages += 1;
        look_at(width, dots).with_context(|| format!("{} page {pages}", path.display()))?;
    }
    let text: String = pdf_text(path)?.chars().filter(|c| !c.is_whitespace()).collect();
    ensure!(!text.is_empty() && !text.contains('\u{fffd}'), "{}: a character is lost:\n{text}", path.display());
    let fonts = Command::new(tool("pdffonts")?).arg(path).output()?;
    let fonts = String::from_utf8_lossy(&fonts.stdout).into_owned();
    // name, type, encoding, emb, sub, uni, object: what can be selected has a table back to characters.
    for font in fonts.lines().skip(2) {
        ensure!(font.contains(" yes yes yes "), "{}: {font}", path.display());
    }
    Ok(Paper { text, pages })
}

/// Reads the first picture of a row of binary PGM: its width, its dots, and what follows.
fn page(bytes: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let mut words = bytes.splitn(5, u8::is_ascii_whitespace);
    let kind = words.next()?;
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<usize>().ok();
    let (width, height, _brightest) = (number()?, number()?, number()?);
    let from = bytes.len() - words.next()?.len();
    let to = from + width * height;
    (kind == b"P5").then(|| Some((width, bytes.get(from..to)?, &bytes[to..])))?
}

fn look_at(width: usize, dots: &[u8]) -> Result<()> {
    let edge = (MARGIN / 25.4 * DOTS) as usize;
    let height = dots.len() / width;
    let mut ink = 0;
    for (at, dot) in dots.iter().enumerate().filter(|(_, dot)| **dot < INK) {
        let (x, y) = (at % width, at / width);
        let inside = (edge..width - edge).contains(&x) && (edge..height - edge).contains(&y);
        ensure!(inside, "a dot of {dot} at {x}, {y} of {width} × {height}");
        ink += 1;
    }
    ensure!(ink > 200, "nearly empty: {ink} dots");
    Ok(())
}
