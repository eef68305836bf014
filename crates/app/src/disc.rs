//! The image of a CD-R（ISO 9660, level 1）: a few files in one folder, as any computer can read and burn them.
//!
//! Written here because it is one page of a standard of 1988 and no library that is kept up writes it. Numbers that the
//! standard wants in both byte orders are written in both.

use chrono::{Datelike, NaiveDateTime, Timelike};

/// Bytes of a sector.
const SECTOR: usize = 2048;
/// Sectors before the first one that the standard describes.
const SYSTEM: usize = 16;
const PATH_TABLE_LITTLE: u32 = 18;
const PATH_TABLE_BIG: u32 = 19;
const ROOT: u32 = 20;
/// Bytes of the record of a folder that names itself.
const SELF: usize = 34;
/// Japan's offset from UTC in quarters of an hour.
const JAPAN: u8 = 36;

/// A file of the disc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DiscFile {
    /// Name on the disc: [`disc_name`].
    pub(crate) name: String,
    /// Content.
    pub(crate) bytes: Vec<u8>,
}

/// Returns the name under which the `number`th file（from 1）goes onto a disc: its own where eight characters, a dot and three
/// hold it, else a counted one.
pub(crate) fn disc_name(name: &str, number: usize) -> String {
    let upper = name.to_uppercase();
    let fits = |part: &str, most: usize| {
        (1..=most).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    match upper.split_once('.') {
        Some((stem, ending)) if fits(stem, 8) && fits(ending, 3) => upper,
        _ => format!("SEIKYU{:02}.CSV", number % 100),
    }
}

/// Makes the image of a disc with `files`, whose names differ, labelled `label`（capital letters, digits, `_`）.
pub(crate) fn image(label: &str, files: &[DiscFile], made: NaiveDateTime) -> Vec<u8> {
    let mut sorted: Vec<&DiscFile> = files.iter().collect();
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    let root_sectors = sectors(folder(&sorted, ROOT, 0, made).len());
    let folder = folder(&sorted, ROOT, root_sectors, made);
    let total = ROOT + root_sectors + sorted.iter().map(|file| sectors(file.bytes.len())).sum::<u32>();

    let mut image = vec![0; SYSTEM * SECTOR];
    image.extend(primary(label, total, root_sectors, made));
    pad(&mut image);
    image.extend(b"\xffCD001\x01");
    pad(&mut image);
    for (place, is_big) in [(PATH_TABLE_LITTLE, false), (PATH_TABLE_BIG, true)] {
        debug_assert_eq!(image.len(), place as usize * SECTOR);
        image.extend([1, 0]);
        image.extend(if is_big { ROOT.to_be_bytes() } else { ROOT.to_le_bytes() });
        image.extend(if is_big { [0, 1] } else { [1, 0] });
        image.extend([0, 0]);
        pad(&mut image);
    }
    image.extend(folder);
    pad(&mut image);
    for file in sorted {
        image.extend(&file.bytes);
        pad(&mut image);
    }
    image
}

/// Returns the records of the folder. None crosses from one sector to the next.
fn folder(files: &[&DiscFile], root: u32, root_sectors: u32, made: NaiveDateTime) -> Vec<u8> {
    let size = root_sectors * SECTOR as u32;
    let mut folder = record(&[0], root, size, true, made);
    folder.extend(record(&[1], root, size, true, made));
    let mut place = root + root_sectors;
    for file in files {
        let name = format!("{};1", file.name);
        let record = record(name.as_bytes(), place, file.bytes.len() as u32, false, made);
        if folder.len() % SECTOR + record.len() > SECTOR {
            pad(&mut folder);
        }
        folder.extend(record);
        place += sectors(file.bytes.len());
    }
    folder
}

fn record(name: &[u8], place: u32, size: u32, is_folder: bool, made: NaiveDateTime) -> Vec<u8> {
    let length = 33 + name.len() + (name.len() + 1) % 2;
    let mut record = vec![length as u8, 0];
    both(&mut record, place);
    both(&mut record, size);
    let byte = |number: u32| number as u8;
    record.push((made.year() - 1900).clamp(0, 255) as u8);
    record.extend([byte(made.month()), byte(made.day()), byte(made.hour()), byte(made.minute()), byte(made.second())]);
    record.extend([JAPAN, if is_folder { 2 } else { 0 }, 0, 0]);
    both_short(&mut record, 1);
    record.push(name.len() as u8);
    record.extend(name);
    record.resize(length, 0);
    record
}

fn primary(label: &str, total: u32, root_sectors: u32, made: NaiveDateTime) -> Vec<u8> {
    let mut sector = b"\x01CD001\x01\0".to_vec();
    text(&mut sector, "", 32);
    text(&mut sector, label, 32);
    sector.extend([0; 8]);
    both(&mut sector, total);
    sector.extend([0; 32]);
    both_short(&mut sector, 1);
    both_short(&mut sector, 1);
    both_short(&mut sector, SECTOR as u16);
    // The path table has one entry of ten bytes: the folder itself.
    both(&mut sector, 10);
    sector.extend(PATH_TABLE_LITTLE.to_le_bytes());
    sector.extend([0; 4]);
    sector.extend(PATH_TABLE_BIG.to_be_bytes());
    sector.extend([0; 4]);
    let root = record(&[0], ROOT, root_sectors * SECTOR as u32, true, made);
    debug_assert_eq!(root.len(), SELF);
    sector.extend(root);
    for length in [128, 128, 128, 128, 37, 37, 37] {
        text(&mut sector, "", length);
    }
    let stamp = made.format("%Y%m%d%H%M%S00").to_string();
    for moment in [Some(&stamp), Some(&stamp), None, Some(&stamp)] {
        // A moment that is not said is zeros, with no offset.
        let (digits, offset) = moment.map_or(("0000000000000000", 0), |stamp| (stamp.as_str(), JAPAN));
        sector.extend(digits.as_bytes());
        sector.push(offset);
    }
    sector.push(1);
    sector
}

fn both(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
    bytes.extend(number.to_be_bytes());
}

fn both_short(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend(number.to_le_bytes());
    bytes.extend(number.to_be_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &str, length: usize) {
    bytes.extend(format!("{text:<length$}").bytes().take(length));
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(SECTOR), 0);
}

fn sectors(bytes: usize) -> u32 {
    bytes.div_ceil(SECTOR) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an image as a computer does: descriptor, root, records.
    fn read(image: &[u8]) -> Vec<(String, Vec<u8>)> {
        let little = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        let big = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        let primary = &image[16 * 2048..17 * 2048];
        assert_eq!(&primary[..7], b"\x01CD001\x01");
        assert_eq!(&image[17 * 2048..17 * 2048 + 6], b"\xffCD001");
        assert_eq!(little(&primary[80..]) * 2048, image.len(), "the size that it says");
        assert_eq!(primary[881], 1, "version of the structure");
        let (little_table, big_table) = (little(&primary[140..]), big(&primary[148..]));
        let root = &primary[156..190];
        assert_eq!(little(&image[little_table * 2048 + 2..]), little(&root[2..]));
        assert_eq!(big(&image[big_table * 2048 + 2..]), little(&root[2..]));
        let (place, size) = (little(&root[2..]), little(&root[10..]));
        assert_eq!((place, size), (big(&root[6..]), big(&root[14..])), "both byte orders say the same");
        let folder = &image[place * 2048..place * 2048 + size];
        let (mut at, mut files) = (0, Vec::new());
        while at < folder.len() {
            let length = usize::from(folder[at]);
            if length == 0 {
                at = (at / 2048 + 1) * 2048;
                continue;
            }
            let record = &folder[at..at + length];
            assert_eq!(at / 2048, (at + length - 1) / 2048, "no record crosses a sector");
            let (place, size) = (little(&record[2..]), little(&record[10..]));
            let name = &record[33..33 + usize::from(record[32])];
            if record[25] & 2 == 0 {
                files.push((
                    String::from_utf8(name.to_vec()).unwrap(),
                    image[place * 2048..place * 2048 + size].to_vec(),
                ));
            }
            at += length;
        }
        files
    }

    fn made() -> NaiveDateTime {
        "2026-06-10T15:04:05".parse().unwrap()
    }

    #[test]
    fn what_goes_onto_a_disc_comes_back_byte_for_byte() {
        for count in [1, 2, 60] {
            let files: Vec<DiscFile> = (0..count)
                .map(|number| DiscFile {
                    name: format!("KK{number:06}.CSV"),
                    bytes: vec![b'a' + (number % 26) as u8; number * 1000 % 5000],
                })
                .collect();
            let image = image("SEIKYU", &files, made());
            let expected: Vec<_> = files.into_iter().map(|file| (format!("{};1", file.name), file.bytes)).collect();
            assert_eq!(read(&image), expected, "{count} files");
        }
    }

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(disc_name(name, 3), expected, "{name}");
    }

    #[test]
    fn names_are_those_that_every_computer_reads() {
        check("KK260601.CSV", "KK260601.CSV");
        check("kk260601.csv", "KK260601.CSV");
        check("請求6月.CSV", "SEIKYU03.CSV");
        check("KK2606012.CSV", "SEIKYU03.CSV");
        check("a.b.c", "SEIKYU03.CSV");
        check("KK260601", "SEIKYU03.CSV");
        check("../x.CSV", "SEIKYU03.CSV");
    }
}
