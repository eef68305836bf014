//! Files as they were sent or came, byte for byte（features P04, N10）.

use std::path::{Path, PathBuf};

use crate::exports::plain_name;
use crate::outbox::content_id;
use crate::papers::save;
use crate::problem::{Code, Problem};
use crate::views::SavedView;
use crate::work::PaperForm;
use crate::{App, blocking};

impl App {
    /// Writes what was sent, or a notice, to `out` or into the folder for papers, byte for byte as it was kept.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownSubmission`] for a content that is neither; problems of the disk.
    pub async fn save_original(&self, id: &str, out: Option<PathBuf>) -> Result<SavedView, Problem> {
        let path = match out {
            Some(path) => path,
            None => self.documents().join(self.original_name(id).await?),
        };
        let id = content_id(id)?;
        let bytes = self.store(move |store| store.content(&id)).await?.ok_or(Code::UnknownSubmission)?;
        blocking(move || save(&path, &bytes)).await
    }

    /// Returns the name under which a file is written when nobody chooses one: office, month, the name that it came with and
    /// the first digits of its number, because every month brings files of the same names.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownSubmission`] for a content that is neither a submission nor a notice.
    pub async fn original_name(&self, id: &str) -> Result<String, Problem> {
        let id = content_id(id)?;
        let (submission, notice) = self.store(move |store| Ok((store.submission(&id)?, store.notice(&id)?))).await?;
        let number = id.to_string();
        let (office, month, file) = match (submission, notice) {
            (Some(sent), _) => (sent.office, Some(sent.processing_month), sent.file_name),
            (None, Some(came)) => (came.office, came.processing_month, came.file_name),
            (None, None) => return Err(Code::UnknownSubmission.into()),
        };
        // An お知らせ to a whole prefecture has asterisks in the place of most of the number.
        let office = office.as_str().trim_end_matches('*');
        let month = month.map(|month| format!("{month}_")).unwrap_or_default();
        let (stem, ending) =
            file.rsplit_once('.').map_or((file.as_str(), String::new()), |(a, b)| (a, format!(".{b}")));
        let number = number.get(..8).unwrap_or_default();
        Ok(plain_name(&format!("もとのファイル_{office}_{month}{stem}_{number}{ending}")))
    }

    /// Writes a notice to `path`, whose name says how: `.pdf` as the paper of its form, `.csv` byte for byte as it came.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownExport`] for a name that ends otherwise; [`Code::UnknownNotice`]; failures of the paper.
    pub async fn save_notice(&self, id: &str, path: &Path) -> Result<SavedView, Problem> {
        match PaperForm::of(path) {
            Ok(PaperForm::Pdf) => self.notice_paper(id, Some(path.to_owned())).await,
            Ok(PaperForm::Csv) => self.save_original(id, Some(path.to_owned())).await,
            _ => Err(PaperForm::none_of(&[PaperForm::Pdf, PaperForm::Csv])),
        }
    }
}
