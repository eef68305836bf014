//! Draws on pages, in points from the upper left corner, and writes the PDF.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use printpdf::{
    Color, CurTransMat, Date, DateTime, DictItem, ExternalStream, ExternalXObject, FontId, Line, LinePoint, Mm, Offset,
    Op, PaintMode, PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfParseErrorSeverity, PdfSaveOptions, Point, Pt,
    Rect, Rgb, TextItem, TextMatrix, TextRenderingMode, Time, WindingOrder, XObject, XObjectId, XObjectTransform,
};
use sha2::{Digest, Sha256};

use crate::PaperError;
use crate::document::Picture;
use crate::font::Font;

/// Colour as three bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink(pub u8, pub u8, pub u8);

impl Ink {
    pub const BLACK: Self = Self(0x1a, 0x1a, 0x1c);
    pub const GREY: Self = Self(0x5c, 0x60, 0x66);
    pub const HAIRLINE: Self = Self(0xc4, 0xc8, 0xcd);
    pub const TINT: Self = Self(0xf3, 0xf5, 0xf5);
    pub const GREEN: Self = Self(0x0f, 0x6b, 0x5c);
    pub const AMBER: Self = Self(0x8a, 0x5a, 0x00);
    pub const RED: Self = Self(0xb0, 0x1c, 0x1c);
    pub const PURPLE: Self = Self(0x6b, 0x3f, 0xa0);
    pub const WHITE: Self = Self(0xff, 0xff, 0xff);

    fn colour(self) -> Color {
        let part = |byte| f32::from(byte) / 255.0;
        Color::Rgb(Rgb::new(part(self.0), part(self.1), part(self.2), None))
    }
}

/// How a line of text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Size in points.
    pub size: f32,
    /// Colour.
    pub ink: Ink,
    /// Heavier strokes. The font has one weight; its outline is drawn along.
    pub bold: bool,
    /// Space between characters, in points.
    pub spacing: f32,
}

impl Style {
    pub const fn new(size: f32) -> Self {
        Self { size, ink: Ink::BLACK, bold: false, spacing: 0.0 }
    }

    pub const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub const fn spaced(self, spacing: f32) -> Self {
        Self { spacing, ..self }
    }
}

/// Where `x` lies in a line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

/// Converts millimetres to points.
pub(crate) const fn mm(value: f32) -> f32 {
    value * 72.0 / 25.4
}

/// Share of the size that lies above the baseline in a line without leading.
const ASCENT: f32 = 0.88;

/// Name of the font inside the file; its first six letters become the tag that marks a subset.
const FONT_NAME: &str = "TODOKE";

/// Pages that are being drawn; the last one is the current one.
pub(crate) struct Canvas {
    pub font: &'static Font,
    pub width: f32,
    pub height: f32,
    pages: Vec<Vec<Op>>,
    current: usize,
    pictures: BTreeMap<String, ExternalStream>,
}

impl Canvas {
    /// Begins a paper whose pages measure `width` × `height` points, with its first page.
    pub fn new(width: f32, height: f32) -> Result<Self, PaperError> {
        Ok(Self { font: Font::get()?, width, height, pages: vec![Vec::new()], current: 0, pictures: BTreeMap::new() })
    }

    /// Begins a new page.
    pub fn add_page(&mut self) {
        self.pages.push(Vec::new());
        self.current = self.pages.len() - 1;
    }

    /// Draws what stands on every page: `draw` is given the canvas, the page number from 1 and the number of pages.
    pub fn on_every_page(&mut self, draw: impl Fn(&mut Self, usize, usize)) {
        let count = self.pages.len();
        for page in 0..count {
            self.current = page;
            draw(self, page + 1, count);
        }
    }

    /// Returns the width of a line of text.
    pub fn text_width(&self, text: &str, style: Style) -> f32 {
        let gaps = text.chars().count().saturating_sub(1);
        self.font.width(text, style.size) + style.spacing * gaps as f32
    }

    /// Sets one line of text whose upper edge lies at `top`.
    pub fn text(&mut self, x: f32, top: f32, align: Align, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        let x = match align {
            Align::Left => x,
            Align::Centre => x - self.text_width(text, style) / 2.0,
            Align::Right => x - self.text_width(text, style),
        };
        let baseline = self.height - top - style.size * ASCENT;
        let ops = &mut self.pages[self.current];
        ops.extend([Op::SaveGraphicsState, Op::StartTextSection, Op::SetFillColor { col: style.ink.colour() }]);
        if style.bold {
            ops.push(Op::SetOutlineColor { col: style.ink.colour() });
            ops.push(Op::SetOutlineThickness { pt: Pt(style.size * 0.028) });
            ops.push(Op::SetTextRenderingMode { mode: TextRenderingMode::FillStroke });
        }
        if style.spacing > 0.0 {
            ops.push(Op::SetCharacterSpacing { multiplier: style.spacing });
        }
        let font = PdfFontHandle::External(FontId(FONT_NAME.to_owned()));
        ops.extend([
            Op::SetFont { font, size: Pt(style.size) },
            Op::SetTextMatrix { matrix: TextMatrix::Translate(Pt(x), Pt(baseline)) },
            Op::ShowText { items: vec![TextItem::Text(text.to_owned())] },
            Op::EndTextSection,
            Op::RestoreGraphicsState,
        ]);
    }

    /// Draws a straight line.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, ink: Ink) {
        let point = |(x, y): (f32, f32)| LinePoint { p: Point { x: Pt(x), y: Pt(self.height - y) }, bezier: false };
        let line = Line { points: vec![point(from), point(to)], is_closed: false };
        self.pages[self.current].extend([
            Op::SetOutlineColor { col: ink.colour() },
            Op::SetOutlineThickness { pt: Pt(thickness) },
            Op::DrawLine { line },
        ]);
    }

    /// Draws a horizontal line.
    pub fn rule(&mut self, left: f32, right: f32, y: f32, thickness: f32, ink: Ink) {
        self.line((left, y), (right, y), thickness, ink);
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, left: f32, top: f32, width: f32, height: f32, ink: Ink) {
        self.pages[self.current].push(Op::SetFillColor { col: ink.colour() });
        self.rectangle(left, top, width, height, PaintMode::Fill);
    }

    /// Draws the outline of a rectangle.
    pub fn frame(&mut self, left: f32, top: f32, width: f32, height: f32, thickness: f32, ink: Ink) {
        self.pages[self.current]
            .extend([Op::SetOutlineColor { col: ink.colour() }, Op::SetOutlineThickness { pt: Pt(thickness) }]);
        self.rectangle(left, top, width, height, PaintMode::Stroke);
    }

    /// Sets a picture whose upper left corner lies at (`left`, `top`). Its bytes go into the file as they are, once.
    pub fn picture(&mut self, left: f32, top: f32, width: f32, height: f32, picture: &Picture) {
        let id = hex::encode(Sha256::digest(&picture.jpeg));
        let name = |text: &str| DictItem::Name(text.as_bytes().to_vec());
        let dict = [
            ("Type", name("XObject")),
            ("Subtype", name("Image")),
            ("Width", DictItem::Int(i64::from(picture.width))),
            ("Height", DictItem::Int(i64::from(picture.height))),
            ("ColorSpace", name("DeviceRGB")),
            ("BitsPerComponent", DictItem::Int(8)),
            ("Filter", name("DCTDecode")),
        ];
        let dict = dict.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let stream = ExternalStream { dict, content: picture.jpeg.clone(), compress: false };
        self.pictures.entry(id.clone()).or_insert(stream);
        let place = CurTransMat::Raw([width, 0.0, 0.0, height, left, self.height - top - height]);
        self.pages[self.current].extend([
            Op::SaveGraphicsState,
            Op::SetTransformationMatrix { matrix: place },
            Op::UseXobject {
                id: XObjectId(id),
                transform: XObjectTransform { no_auto_scale: true, ..XObjectTransform::default() },
            },
            Op::RestoreGraphicsState,
        ]);
    }

    fn rectangle(&mut self, left: f32, top: f32, width: f32, height: f32, mode: PaintMode) {
        let rectangle = Rect {
            x: Pt(left),
            y: Pt(self.height - top - height),
            width: Pt(width),
            height: Pt(height),
            mode: Some(mode),
            winding_order: Some(WindingOrder::NonZero),
        };
        self.pages[self.current].push(Op::DrawRectangle { rectangle });
    }

    /// Writes the PDF. The same pages, title and time give the same bytes.
    pub fn finish(self, title: &str, issued_at: NaiveDateTime) -> Result<Vec<u8>, PaperError> {
        let mut pdf = PdfDocument::new(title);
        pdf.resources.fonts.map.insert(FontId(FONT_NAME.to_owned()), PdfFont::new(self.font.parsed.clone()));
        for (id, stream) in self.pictures {
            let object = ExternalXObject { stream, width: None, height: None, dpi: None };
            pdf.resources.xobjects.map.insert(XObjectId(id), XObject::External(object));
        }
        // The writer writes every time as UTC; Japan is nine hours ahead.
        let utc = issued_at - TimeDelta::hours(9);
        let date = Date { year: utc.year(), month: utc.month() as u8, day: utc.day() as u8 };
        let time =
            Time { hour: utc.hour() as u8, minute: utc.minute() as u8, second: utc.second() as u8, millisecond: 0 };
        let at = DateTime::new_in_offset(date, time, Offset { hours: 0, minutes: 0, seconds: 0, milliseconds: 0 });
        let info = &mut pdf.metadata.info;
        (info.creation_date, info.modification_date, info.metadata_date) = (at, at, at);
        "Todoke".clone_into(&mut info.creator);
        "Todoke".clone_into(&mut info.producer);
        let (width, height) = (Mm::from(Pt(self.width)), Mm::from(Pt(self.height)));
        pdf.with_pages(self.pages.into_iter().map(|ops| PdfPage::new(width, height, ops)).collect());

        let mut warnings = Vec::new();
        let mut file = pdf.to_lopdf_document(&PdfSaveOptions::default(), &mut warnings);
        // The writer draws the id of the file by chance; ours comes from the content.
        let digest = Sha256::digest(format!("{title}\0{utc}\0{:?}", pdf.pages));
        if let Ok(ids) = file.trailer.get_mut(b"ID").and_then(|ids| ids.as_array_mut()) {
            for id in ids {
                if let Ok(id) = id.as_str_mut() {
                    *id = digest[..16].to_vec();
                }
            }
        }
        file.compress();
        let mut bytes = Vec::new();
        file.save_to(&mut bytes).map_err(|error| PaperError::Pdf(error.to_string()))?;
        match warnings.into_iter().find(|warning| warning.severity == PdfParseErrorSeverity::Error) {
            Some(warning) => Err(PaperError::Pdf(warning.msg)),
            None => Ok(bytes),
        }
    }
}
