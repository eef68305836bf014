//! Photos of sealed 委任状（features idea 12）: kept in the encrypted database beside the application, before the papers
//! leave the house. They go nowhere else.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use calendar::wareki_date;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use paper::{Document, Picture};
use relay_api::applications::PoaState;
use store::SealedPhoto;

use super::Standing;
use super::views::{OnboardingView, PictureView};
use crate::papers::print;
use crate::problem::{Code, Problem};
use crate::views::SavedView;
use crate::{App, Topic, blocking};

/// Bytes of a picture file, at most: twice what a telephone makes.
const LARGEST: u64 = 40 * 1024 * 1024;
/// Dots of the longer side, at most: a sheet of A4 at 200 dots per inch.
const LONGEST: u32 = 2_339;
/// Dots of the longer side, at least: below that a seal cannot be told from a stain.
const SHORTEST: u32 = 800;
/// Quality of the JPEG that is kept, of 100.
const QUALITY: u8 = 82;

impl App {
    /// Keeps a photo of the sealed 委任状 of an office that is applied for, in place of an earlier one. What the camera wrote
    /// into the file beside the picture, the place above all, is not kept.
    ///
    /// # Errors
    ///
    /// [`Code::NotAPicture`] with what is wrong with it; [`Code::UnknownPaper`] when no 委任状 of the office is under way.
    pub async fn keep_sealed_photo(&self, office: &str, path: &Path) -> Result<OnboardingView, Problem> {
        let standing = self.standing().await?;
        let application = standing.paper_of(office).ok_or(Code::UnknownPaper)?.to_owned();
        let path = path.to_owned();
        let picture = blocking(move || upright(&read(&path)?)).await?;
        let photo = SealedPhoto {
            application,
            office: office.to_owned(),
            width: picture.width,
            height: picture.height,
            kept_at: self.now(),
        };
        self.store(move |store| store.keep_sealed_photo(&photo, &picture.jpeg)).await?;
        self.announce_change(Topic::Onboarding);
        self.onboarding().await
    }

    /// Returns the photo of the sealed 委任状 of an office.
    ///
    /// # Errors
    ///
    /// [`Code::NoPicture`] when none was kept.
    pub async fn sealed_photo(&self, office: &str) -> Result<PictureView, Problem> {
        let standing = self.standing().await?;
        let photo = standing.photo_of(office).ok_or(Code::NoPicture)?.clone();
        let kept_at = photo.kept_at.format("%Y-%m-%dT%H:%M:%S+09:00").to_string();
        let jpeg = self.store(move |store| store.sealed_photo(&photo.application, &photo.office)).await?;
        let jpeg = jpeg.ok_or(Code::NoPicture)?;
        Ok(PictureView { kept_at, data: format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg)) })
    }

    /// Writes all photos of the papers under way as one PDF, a copy for the office's own files.
    ///
    /// # Errors
    ///
    /// [`Code::NoPicture`] when none was kept.
    pub async fn sealed_photos_paper(&self, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let standing = self.standing().await?;
        let papers = standing.papers();
        let count = papers.len();
        let mut pictures = Vec::new();
        for (index, (office, name)) in papers.iter().enumerate() {
            let Some(photo) = standing.photo_of(office).cloned() else { continue };
            let (width, height, day) = (photo.width, photo.height, photo.kept_at.date());
            let jpeg = self.store(move |store| store.sealed_photo(&photo.application, &photo.office)).await?;
            let caption = format!("{} / {count}　{office}　{name}　（{}に撮影したもの）", index + 1, wareki_date(day));
            pictures.extend(jpeg.map(|jpeg| Picture { caption, jpeg, width, height }));
        }
        if pictures.is_empty() {
            return Err(Code::NoPicture.into());
        }
        let sheet = Document {
            title: "押印した委任状の写し".to_owned(),
            head: vec![
                ("枚数".to_owned(), format!("{count}枚のうち、写真のあるもの {}枚", pictures.len())),
                ("使いみち".to_owned(), "郵送した委任状の控えです。原本は運営者へ送ってください。".to_owned()),
            ],
            pictures,
            footer: "とどけ　押印した委任状の写し".to_owned(),
            issued_at: self.now(),
            practice: standing.practice,
            ..Document::default()
        };
        let path = out.unwrap_or_else(|| self.documents().join("委任状").join("押印した委任状の写し.pdf"));
        blocking(move || print(&path, &sheet)).await
    }
}

impl Standing {
    /// Returns the number and name of each office whose 委任状 is under way, in the order of the envelope.
    pub(super) fn papers(&self) -> Vec<(String, String)> {
        self.applied
            .under_way()
            .into_iter()
            .flat_map(|(sent, answer)| super::views::progress(sent, answer, &self.photos))
            .filter(|office| office.poa != "not_needed")
            .map(|office| (office.number, office.name))
            .collect()
    }

    /// Returns the id of the application that the 委任状 of an office belongs to.
    fn paper_of(&self, office: &str) -> Option<&str> {
        let needs = |state: PoaState| state != PoaState::NotNeeded;
        self.applied
            .under_way()
            .into_iter()
            .find(|(_, answer)| answer.offices.iter().any(|one| one.office == office && needs(one.poa.state)))
            .map(|(sent, _)| sent.id.as_str())
    }

    fn photo_of(&self, office: &str) -> Option<&SealedPhoto> {
        let application = self.paper_of(office)?;
        self.photos.iter().find(|photo| photo.application == application && photo.office == office)
    }
}

fn not_a_picture(text: impl Into<String>) -> Problem {
    Problem::with(Code::NotAPicture, text)
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let size = std::fs::metadata(path).map_err(|_| Problem::from(Code::Unreadable))?.len();
    if size > LARGEST {
        return Err(not_a_picture("40MBより大きいファイルです。ふつうの大きさで撮り直してください。"));
    }
    std::fs::read(path).map_err(|_| Code::Unreadable.into())
}

/// A picture as it is kept.
struct Kept {
    jpeg: Vec<u8>,
    width: u32,
    height: u32,
}

/// Turns a picture file upright, makes it no larger than needed, and leaves the picture alone in it.
fn upright(bytes: &[u8]) -> Result<Kept, Problem> {
    let unknown = "写真（JPEGかPNG）として読めません。iPhoneのHEIC形式は、JPEGに変えてから選んでください。スキャナーのPDFは、JPEGで取り込み直してください。";
    let broken = |error: ImageError| match error {
        ImageError::Limits(_) => not_a_picture("写真が大きすぎて開けません。ふつうの大きさで撮り直してください。"),
        _ => not_a_picture("写真のデータが途中で切れているか、壊れています。撮り直すか、コピーし直してください。"),
    };
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Problem::from(Code::Unreadable))?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)) {
        return Err(not_a_picture(unknown));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(20_000);
    limits.max_image_height = Some(20_000);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    let longer = picture.width().max(picture.height());
    if longer < SHORTEST {
        return Err(not_a_picture(format!(
            "小さすぎて印影が読めません（長い辺が{longer}ドット）。{SHORTEST}ドット以上の写真を選んでください。"
        )));
    }
    if longer > LONGEST {
        picture = picture.resize(LONGEST, LONGEST, FilterType::Triangle);
    }
    let picture = picture.to_rgb8();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&picture).map_err(|error| {
        tracing::error!(cause = %error, "A photo cannot be written");
        Problem::from(Code::Internal)
    })?;
    Ok(Kept { jpeg, width: picture.width(), height: picture.height() })
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// A sheet with a seal in its upper right corner.
    fn sheet(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            if x > width * 3 / 4 && y < height / 4 { Rgb([200, 20, 20]) } else { Rgb([255, 255, 255]) }
        })
    }

    fn written(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Writes an EXIF block into a JPEG: the camera was held so that the picture has to be turned by a quarter, and a place.
    fn turned(jpeg: &[u8]) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
        exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"KAKUU-KEN 35.0N 139.0E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    fn is_red(kept: &Kept, x: u32, y: u32) -> bool {
        let picture = image::load_from_memory(&kept.jpeg).unwrap().to_rgb8();
        let Rgb([red, green, _]) = *picture.get_pixel(x, y);
        red > 150 && green < 90
    }

    #[test]
    fn a_photo_is_kept_upright_smaller_and_without_its_place() {
        let kept = upright(&written(&sheet(3_000, 4_000), ImageFormat::Png)).unwrap();
        assert_eq!((kept.width, kept.height), (1_754, 2_339));
        assert!(is_red(&kept, 1_700, 100) && !is_red(&kept, 100, 2_300));
        // Held sideways: what lies to the left belongs to the top.
        let jpeg = turned(&written(&sheet(1_000, 800), ImageFormat::Jpeg));
        assert!(jpeg.windows(9).any(|part| part == b"KAKUU-KEN"));
        let kept = upright(&jpeg).unwrap();
        assert_eq!((kept.width, kept.height), (800, 1_000));
        assert!(is_red(&kept, 780, 980), "the seal has turned with the sheet");
        assert!(!kept.jpeg.windows(9).any(|part| part == b"KAKUU-KEN"), "the place of the camera is kept");
    }

    #[test]
    fn what_is_no_usable_photo_is_named() {
        let says = |bytes: &[u8]| upright(bytes).map(|kept| kept.width).unwrap_err().message();
        assert!(says(b"%PDF-1.7 ...").contains("JPEGかPNG"));
        assert!(says(b"").contains("JPEGかPNG"));
        assert!(says(&written(&sheet(640, 480), ImageFormat::Jpeg)).contains("小さすぎて印影が読めません"));
        let whole = written(&sheet(1_000, 1_000), ImageFormat::Png);
        assert!(says(&whole[..whole.len() / 2]).contains("壊れています"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300), png: bool) {
            let start: &[u8] = if png { b"\x89PNG\r\n\x1a\n" } else { b"\xff\xd8\xff" };
            proptest::prop_assert!(upright(&[start, &bytes].concat()).is_err());
        }
    }
}
