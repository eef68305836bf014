//! The store through its public face.

#![cfg(test)]

mod crash;
mod data;
mod machine;
mod onboarding;
mod opening;
mod outbox;

use std::path::Path;

use chrono::NaiveDateTime;
use kokuho::{OfficeNumber, Yen};
use store::{Key, NewNotice, NewSubmission, Store};

fn key() -> Key {
    Key::from_bytes(*b"an invented key for tests only..")
}

fn time(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn now() -> NaiveDateTime {
    time("2026-06-05T09:30:00")
}

fn open(dir: &Path) -> Store {
    Store::open(dir, &key(), now()).unwrap()
}

fn office() -> OfficeNumber {
    OfficeNumber::parse("9970000015").unwrap()
}

fn claim(file_name: &str) -> NewSubmission {
    NewSubmission {
        file_name: file_name.to_owned(),
        office: office(),
        processing_month: "2026-06".parse().unwrap(),
        data_type: "711".to_owned(),
        service_months: vec!["2026-05".parse().unwrap(), "2026-04".parse().unwrap()],
        claims: 3,
        yen: Yen(214_488),
        test: false,
    }
}

fn notice(file_name: &str, bytes: &str) -> NewNotice {
    NewNotice {
        file_name: file_name.to_owned(),
        exchange_id: "7411".to_owned(),
        office: office(),
        processing_month: Some("2026-06".parse().unwrap()),
        received_at: now(),
        bytes: bytes.as_bytes().to_vec(),
    }
}
