//! Why the relay did not do what was asked.

use relay_api::{Refusal, RefusalCode};

/// Why the relay did not do what was asked: one variant for each [`RefusalCode`], and the fault behind an `Internal`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request does not have the documented shape.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// ID or password is wrong; the same for unknown IDs.
    #[error("wrong credentials")]
    WrongCredentials {
        /// Attempts left before the ID is locked.
        attempts_left: u32,
    },
    /// The password is right; a code of the second factor is needed.
    #[error("a code of the second factor is needed")]
    SecondFactorRequired,
    /// A code of the second factor, a recovery code or a one-time code is wrong, has ended or was used.
    #[error("wrong code")]
    WrongCode {
        /// Attempts left before the ID is locked, where they are counted.
        attempts_left: Option<u32>,
    },
    /// The access token is unknown or has ended.
    #[error("the access token has ended")]
    TokenExpired,
    /// The refresh token is unknown, was used before, or has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The temporary password must be changed first.
    #[error("the temporary password must be changed first")]
    PasswordChangeRequired,
    /// The ID may not act for this office.
    #[error("the ID may not act for this office")]
    OtherOffice,
    /// The office's contract does not cover this month.
    #[error("the contract does not cover this month")]
    NotInService,
    /// No such thing for this ID.
    #[error("not found")]
    NotFound,
    /// The facts differ from those given before under this key.
    #[error("known with other facts")]
    AnnouncedDifferently,
    /// Another file for the same office and months is under way.
    #[error("another file for the same office and months is under way")]
    AlreadyClaimed,
    /// The office is a customer already, or another application for it is under way.
    #[error("an office is taken: {0}")]
    OfficeTaken(String),
    /// It has gone too far for what was asked.
    #[error("too late: {0}")]
    TooLate(&'static str),
    /// The content is too large.
    #[error("the content is too large")]
    TooLarge,
    /// The bytes are not those that were announced.
    #[error("content mismatch: {0}")]
    ContentMismatch(&'static str),
    /// The file has errors that 国保連 would refuse; the text names rules, never persons.
    #[error("invalid file: {0}")]
    InvalidFile(String),
    /// An application breaks a rule; the text names the field, never what stands there.
    #[error("invalid application: {0}")]
    InvalidApplication(String),
    /// The month asked for is earlier than the calendar allows.
    #[error("too early: the first possible month is {0}")]
    TooEarly(String),
    /// The terms that were agreed to are not those of today.
    #[error("the terms have another wording")]
    TermsChanged,
    /// The new password is too weak.
    #[error("weak password: {0}")]
    WeakPassword(&'static str),
    /// Too many wrong passwords.
    #[error("locked for {retry_after} s")]
    Locked {
        /// Seconds until the lock ends.
        retry_after: u32,
    },
    /// Too many requests.
    #[error("too many requests")]
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// A fault of the relay.
    #[error("internal fault")]
    Internal(#[source] anyhow::Error),
}

impl Failure {
    /// Returns the stable code.
    pub fn code(&self) -> RefusalCode {
        match self {
            Self::Malformed(_) => RefusalCode::Malformed,
            Self::WrongCredentials { .. } => RefusalCode::WrongCredentials,
            Self::SecondFactorRequired => RefusalCode::SecondFactorRequired,
            Self::WrongCode { .. } => RefusalCode::WrongCode,
            Self::TokenExpired => RefusalCode::TokenExpired,
            Self::SessionEnded => RefusalCode::SessionEnded,
            Self::PasswordChangeRequired => RefusalCode::PasswordChangeRequired,
            Self::OtherOffice => RefusalCode::OtherOffice,
            Self::NotInService => RefusalCode::NotInService,
            Self::NotFound => RefusalCode::NotFound,
            Self::AnnouncedDifferently => RefusalCode::AnnouncedDifferently,
            Self::AlreadyClaimed => RefusalCode::AlreadyClaimed,
            Self::OfficeTaken(_) => RefusalCode::OfficeTaken,
            Self::TooLate(_) => RefusalCode::TooLate,
            Self::TooLarge => RefusalCode::TooLarge,
            Self::ContentMismatch(_) => RefusalCode::ContentMismatch,
            Self::InvalidFile(_) => RefusalCode::InvalidFile,
            Self::InvalidApplication(_) => RefusalCode::InvalidApplication,
            Self::TooEarly(_) => RefusalCode::TooEarly,
            Self::TermsChanged => RefusalCode::TermsChanged,
            Self::WeakPassword(_) => RefusalCode::WeakPassword,
            Self::Locked { .. } => RefusalCode::Locked,
            Self::TooManyRequests { .. } => RefusalCode::TooManyRequests,
            Self::Internal(_) => RefusalCode::Internal,
        }
    }

    /// Returns what goes over the wire. Of a fault nothing goes out but that there was one.
    pub fn refusal(&self) -> Refusal {
        let attempts_left = match self {
            Self::WrongCredentials { attempts_left } => Some(*attempts_left),
            Self::WrongCode { attempts_left } => *attempts_left,
            _ => None,
        };
        let retry_after = match self {
            Self::Locked { retry_after } | Self::TooManyRequests { retry_after } => Some(*retry_after),
            _ => None,
        };
        Refusal { code: self.code(), detail: self.to_string(), attempts_left, retry_after }
    }
}

impl From<crate::storage::Error> for Failure {
    fn from(error: crate::storage::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<crate::objects::Error> for Failure {
    fn from(error: crate::objects::Error) -> Self {
        Self::Internal(error.into())
    }
}
