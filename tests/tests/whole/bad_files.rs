//! Files that are no claim files: each gets its own sentence, and nothing is stored.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::json;
use todoke_tests::claims::fixture;
use todoke_tests::relay::Relay;
use todoke_tests::todoke::{PASSWORD, Todoke};

/// Writes every bad file into `folder`; returns each with the code that it must get.
fn bad_files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, &'static str)>> {
    let claim = fs::read(fixture("KK260601.CSV"))?;
    let write = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, content).map(|()| path)
    };
    let huge = folder.join("HUGE.CSV");
    File::create(&huge)?.set_len(200 * 1024 * 1024)?;
    let directory = folder.join("FOLDER.CSV");
    fs::create_dir(&directory)?;
    let utf8 = String::from_utf8(claim.clone())?.replacen("\"\"", "\"テスト\"", 1);
    Ok(vec![
        (write("EMPTY.CSV", b"")?, "E-1001"),
        (write("PICTURE.CSV", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06")?, "E-1002"),
        (write("LETTER.CSV", "name,value\r\napple,1\r\n".as_bytes())?, "E-1002"),
        (write("UTF8.CSV", utf8.as_bytes())?, "E-1003"),
        (write("EXCEL.CSV", saved_by_excel(&claim)?.as_bytes())?, "E-1004"),
        (write("HALF.CSV", &claim[..claim.len() / 2])?, "E-1005"),
        (write("SHOGAI.CSV", disability_claim().as_bytes())?, "E-1006"),
        (huge, "E-1007"),
        (directory, "E-1008"),
        (folder.join("MISSING.CSV"), "E-1009"),
    ])
}

/// Returns a claim as a spreadsheet writes it: leading zeros and quotes gone, all rows of the same width.
fn saved_by_excel(claim: &[u8]) -> anyhow::Result<String> {
    let text = std::str::from_utf8(claim)?;
    let rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(|cell| shown_by_excel(cell.trim_matches('"'))).collect()).collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|mut row| {
            row.resize(width, String::new());
            row.join(",") + "\r\n"
        })
        .collect())
}

fn shown_by_excel(cell: &str) -> String {
    cell.parse::<u64>().map_or_else(|_| cell.to_owned(), |number| number.to_string())
}

/// Returns the begin of a 障害福祉サービス claim（介護給付費・訓練等給付費等請求書）.
fn disability_claim() -> String {
    ["1,1,0,1,J11,0,0,9910000013,0,1,202606,0", "2,2,\"J111\",\"01\",202605,990010,9910000013,1,12345,12345", "3,3", ""]
        .join("\r\n")
}

#[test]
fn every_bad_file_gets_its_own_sentence() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path());
    for (path, code) in bad_files(folder.path())? {
        let answer = todoke.run(&["check".as_ref(), path.as_os_str()])?.exits(1)?;
        let checked = answer.json()?;
        assert_eq!(checked[0]["problem"]["code"], code, "{}: {answer:#?}", path.display());
        assert_eq!(checked[0]["kind"], "refused", "{}", path.display());
        let message = checked[0]["problem"]["message"].as_str().unwrap_or_default();
        assert!(message.contains('。') && !message.contains("{}"), "{}: {message}", path.display());
    }
    assert!(!todoke.data().exists(), "checking stores nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bad_file_is_stored_or_sent() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::signed_in(folder.path(), &relay)?;
    let mut files = bad_files(folder.path())?;
    files.push((fixture("KKBAD001.CSV"), "E-1012"));
    files.push((fixture("74100000.CSV"), "E-1013"));
    for (path, code) in files {
        let answer = todoke.send(&path, 0)?;
        // What cannot be opened could not be run; everything else is refused.
        assert_eq!(answer.code, if code == "E-1009" { 2 } else { 1 }, "{}: {answer:#?}", path.display());
        assert!(answer.names(code), "{} must name {code}: {answer:#?}", path.display());
    }
    assert_eq!(todoke.run(&["status"])?.exits(0)?.json()?, json!([]), "nothing is stored");
    let witness = relay.witness(&relay.letter()?, PASSWORD).await?;
    assert_eq!(witness.submissions().await?, [], "nothing is sent");
    Ok(())
}
