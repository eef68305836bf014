//! Pictures of the window: numbered as they are taken, and made small enough for the guide.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use image::Rgb;

use crate::window::Window;

/// A folder of pictures, numbered in the order in which they were taken.
pub struct Album {
    folder: PathBuf,
    taken: u32,
}

impl Album {
    /// Begins an album in an empty folder.
    ///
    /// # Errors
    ///
    /// Fails when the folder cannot be emptied.
    pub fn new(folder: &Path) -> Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), taken: 0 })
    }

    /// Takes a picture of the window, called `NN-name.png`.
    ///
    /// # Errors
    ///
    /// Fails when the window or the disk refuses.
    pub async fn take(&mut self, window: &Window, name: &str) -> Result<()> {
        self.taken += 1;
        window.picture(&self.folder.join(format!("{:02}-{name}.png", self.taken))).await
    }

    /// Writes the picture called `name` as `path`, with 256 colours at most.
    ///
    /// # Errors
    ///
    /// Fails when there is no such picture.
    pub fn print(&self, name: &str, path: &Path) -> Result<()> {
        let end = format!("-{name}.png");
        let entries = std::fs::read_dir(&self.folder)?.collect::<std::io::Result<Vec<_>>>()?;
        let taken = entries.into_iter().map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with(&end));
        let taken = taken.with_context(|| format!("no picture is called {name}"))?;
        std::fs::write(path, fewer_colours(&std::fs::read(taken)?)?)?;
        Ok(())
    }
}

/// Colours of a picture of the guide, at most: what one byte per dot can name.
const COLOURS: usize = 256;

/// Writes a PNG anew with the colours that occur most; the others become the nearest of these. A window has few colours
/// and the soft edges of its letters, so that nobody sees the difference.
///
/// # Errors
///
/// Fails when the bytes are no picture.
pub fn fewer_colours(bytes: &[u8]) -> Result<Vec<u8>> {
    let picture = image::load_from_memory(bytes)?.to_rgb8();
    let mut counts: HashMap<[u8; 3], u32> = HashMap::new();
    for Rgb(colour) in picture.pixels() {
        *counts.entry(*colour).or_default() += 1;
    }
    let mut palette: Vec<([u8; 3], u32)> = counts.into_iter().collect();
    // The same picture gives the same bytes.
    palette.sort_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    palette.truncate(COLOURS);
    let palette: Vec<[u8; 3]> = palette.into_iter().map(|(colour, _)| colour).collect();
    let mut nearest: HashMap<[u8; 3], u8> = HashMap::new();
    let mut dots = Vec::with_capacity(picture.pixels().len());
    for Rgb(colour) in picture.pixels() {
        let index = *nearest.entry(*colour).or_insert_with(|| {
            let near = palette.iter().enumerate().min_by_key(|(_, known)| distance(*colour, **known));
            near.map_or(0, |(index, _)| index as u8)
        });
        dots.push(index);
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.write_header()?.write_image_data(&dots)?;
    Ok(file)
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.into_iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, RgbImage};

    use super::*;

    #[test]
    fn a_picture_keeps_its_colours_and_becomes_small() {
        // A page with a green button, and a letter with soft edges.
        let page = RgbImage::from_fn(1_280, 800, |x, y| match (x, y) {
            (40..=200, 40..=80) => Rgb([15, 107, 92]),
            (300..=360, 300..=360) => Rgb([(x % 64) as u8 * 4, (y % 64) as u8 * 4, 128]),
            _ => Rgb([255, 255, 255]),
        });
        let mut bytes = Cursor::new(Vec::new());
        page.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let small = fewer_colours(bytes.get_ref()).unwrap();
        let read = image::load_from_memory(&small).unwrap().to_rgb8();
        assert_eq!(
            (read.dimensions(), read.get_pixel(100, 60), read.get_pixel(0, 0)),
            ((1_280, 800), &Rgb([15, 107, 92]), &Rgb([255; 3]))
        );
        assert!(small.len() < 20_000, "{} bytes", small.len());
        assert_eq!(fewer_colours(bytes.get_ref()).unwrap(), small);
        assert!(fewer_colours(b"no picture").is_err());
    }
}
