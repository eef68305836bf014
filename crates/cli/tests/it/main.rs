//! `todoke` as a person or a script calls it, on records of its own and without a relay.

#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const NOTICE: &str = "74100000.CSV";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../kokuho/tests/data").join(name)
}

struct Office(TempDir);

impl Office {
    /// Begins with the month of the samples.
    fn with_samples() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        let files = ["KK260601.CSV", NOTICE, "72100000.CSV", "75200000.CSV", "75100000.CSV"].map(sample);
        let output = office.command(&["import"]).args(files).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todoke"));
        command.args(["--today", "2026-07-25", "--format", "json"]);
        command.arg("--data").arg(self.path("data")).arg("--key-file").arg(self.path("keys")).args(words);
        command.env("TODOKE_DOCUMENTS", self.path("documents")).env_remove("TODOKE_RELAY").current_dir(self.0.path());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    fn json(&self, words: &[&str]) -> serde_json::Value {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

#[test]
fn a_value_that_can_only_find_nothing_is_refused_in_one_sentence() {
    let office = Office::with_samples();
    for (words, expected) in [
        (&["board", "--figure", "foo"][..], "「foo」は --figure <FIGURE> に使えません。使えるのは、unpaid、claimed、"),
        (&["returns", "--state", "foo"], "「foo」は --state <STATE> に使えません。使えるのは、open、"),
        (&["returns", "--route", "foo"], "「foo」は --route <ROUTE> に使えません。使えるのは、fix_now、"),
        (&["returns", "--tab", "foo"], "「foo」は --tab <TAB> に使えません。使えるのは、mine、"),
        (&["roll", "--style", "foo"], "「foo」は --style <STYLE> に使えません。使えるのは、keep、reverse です。"),
        (
            &["balance", "--month", "2026-13"],
            "「2026-13」は --month <MONTH> に使えません。月は、2026-06 のように西暦と月で書いてください。",
        ),
        (
            &["balance", "--office", "abc"],
            "「abc」は --office <OFFICE> に使えません。事業所番号は10けたで書いてください。",
        ),
        (&["deposits", "--office", "997000001"], "「997000001」は --office <OFFICE> に使えません。"),
    ] {
        let output = office.run(words);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(expected) && output.stdout.is_empty(), "{words:?}: {told}");
        assert_eq!((output.status.code(), told.lines().count()), (Some(2), 1), "{words:?}: {told}");
    }
    // The same words with values that mean something are answered.
    for (words, rows) in [
        (&["returns", "--state", "held", "--state", "open"][..], 2),
        (&["balance", "--month", "2026-06", "--office", "9970000015"], 1),
        (&["balance", "--month", "2026-05"], 0),
    ] {
        assert_eq!(office.json(words).as_array().unwrap().len(), rows, "{words:?}");
    }
}

#[test]
fn nothing_is_written_under_a_name_that_promises_another_form() {
    let office = Office::with_samples();
    let notices = office.json(&["notices"]);
    let id = notices[0]["id"].as_str().unwrap();
    let all = office.json(&["returns"]);
    let key = all.as_array().unwrap().iter().find(|one| one["state"] == "held").unwrap()["key"].as_str().unwrap();
    for words in [
        &["returns"][..],
        &["board"],
        &["balance"],
        &["work", "checklist"],
        &["work", "withdraw", key],
        &["notice", id],
        &["enquiry"],
    ] {
        for name in ["x.doc", "x", "x.pdf.txt"] {
            let output = office.command(words).args(["--out", name]).output().unwrap();
            let told = String::from_utf8(output.stderr.clone()).unwrap() + &String::from_utf8_lossy(&output.stdout);
            assert!(told.contains("E-1603"), "{words:?} --out {name}: {told}");
            assert_eq!(output.status.code(), Some(1), "{words:?} --out {name}");
            assert!(!office.path(name).exists(), "{words:?} --out {name}");
        }
        let output = office.command(words).args(["--out", "x.pdf"]).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        assert!(std::fs::read(office.path("x.pdf")).unwrap().starts_with(b"%PDF"));
    }
}

/// Also a claim that simply got paid, which is in no list of returns, has its road and its paper.
#[test]
fn a_claim_that_was_paid_is_found_and_taken_back() {
    let office = Office::with_samples();
    let sent = office.json(&["work", "sent", "9970000015", "--insured", "303"]);
    assert_eq!(sent["total"], 1, "{sent:#}");
    let claim = &sent["claims"][0];
    assert_eq!((&claim["yen"], &claim["item"]), (&serde_json::json!(93_234), &serde_json::Value::Null));
    assert_eq!(claim["withdrawal"]["road"], "kago", "{sent:#}");
    let key = claim["key"].as_str().unwrap();
    assert!(office.run(&["work", "withdraw", key, "--out", "kago.pdf"]).status.success());
    assert!(std::fs::read(office.path("kago.pdf")).unwrap().starts_with(b"%PDF"));

    assert!(office.run(&["work", "kago-days", "990028", "--ordinary", "15", "--no-same-month"]).status.success());
    // 15 August is a Saturday.
    let words = ["work", "sent", "9970000015", "--month", "2026-06"];
    let told = office.json(&words)["claims"][2]["withdrawal"]["kago"].clone();
    let days = serde_json::json!({ "ordinary": 15, "takes_same_month": false, "same_month": null });
    assert_eq!((&told["ordinary_next"], &told["days"]), (&serde_json::json!("2026-08-14"), &days));
    let output = office.command(&words).args(["--format", "text"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("保険者 990028 の次のしめ切り  通常過誤 2026-08-14、同月過誤 受けていません"), "{told}");
    for words in [
        &["work", "kago-days", "990028", "--ordinary", "32"][..],
        &["work", "kago-days", "990028", "--same-month", "5", "--no-same-month"],
        &["work", "sent", "99"],
    ] {
        assert!(!office.run(words).status.success(), "{words:?}");
    }
}

#[test]
fn a_notice_comes_out_again_byte_for_byte() {
    let office = Office::with_samples();
    let notices = office.json(&["notices"]);
    let list = notices.as_array().unwrap().iter().find(|notice| notice["exchange_id"] == "7411").unwrap();
    let id = list["id"].as_str().unwrap();
    let as_it_came = std::fs::read(sample(NOTICE)).unwrap();
    office.json(&["notice", &id[..8], "--out", "raw.csv"]);
    assert_eq!(std::fs::read(office.path("raw.csv")).unwrap(), as_it_came);
    // Without a name it says itself what it is.
    let saved = office.json(&["original", id]);
    let path = PathBuf::from(saved["path"].as_str().unwrap());
    assert_eq!(
        path.file_name().unwrap().to_string_lossy(),
        format!("もとのファイル_9970000015_2026-06_74100000_{}.CSV", &id[..8])
    );
    assert_eq!(std::fs::read(path).unwrap(), as_it_came);
    assert_eq!(office.run(&["original", "000000"]).status.code(), Some(1));
    // Nothing was sent from here.
    assert_eq!(office.json(&["history"]), serde_json::json!([]));
}
