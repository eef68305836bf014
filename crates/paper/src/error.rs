/// Why a paper cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// The font has no such character. Nothing is printed, because a name with a gap is worse than none.
    #[error("the font lacks U+{:04X}, needed for {place}", u32::from(*character))]
    MissingCharacter {
        /// The character.
        character: char,
        /// Where it stands, in Japanese, for example `事業所名` or `請求明細 3行目 氏名`.
        place: String,
    },
    /// The font of the program cannot be read; a mistake of the build.
    #[error("the built-in font cannot be read")]
    Font,
    /// The PDF could not be put together; a mistake of this program.
    #[error("the PDF could not be put together: {0}")]
    Pdf(String),
    /// A workbook could not be put together: more rows or characters than a sheet can hold.
    #[error("the workbook could not be put together: {0}")]
    Workbook(String),
}
