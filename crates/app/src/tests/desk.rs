//! Files on the desk: what stands in them, what the office's own records say about them, and papers.

use std::path::{Path, PathBuf};

use super::{NOON, OFFICE, claim, open, refused, running, sample, signed_in, stage, time};
use crate::views::{CheckView, FindingView};
use crate::{App, Clock, Code};

async fn check(app: &App, path: &Path) -> CheckView {
    app.check_files(&[path.to_string_lossy().into_owned()]).await.unwrap().remove(0)
}

async fn import(app: &App, names: &[&str]) {
    let paths: Vec<String> = names.iter().map(|name| sample(name).to_string_lossy().into_owned()).collect();
    assert_eq!(app.import(&paths).await.unwrap().new, paths.len() as u32);
}

/// Writes the clean claim of the sample as it is sent again in July, with `from` turned into `to`.
fn again(folder: &Path, name: &str, from: &str, to: &str) -> PathBuf {
    let text = std::fs::read_to_string(sample("KK260601.CSV")).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text.replacen(",7,202606,", ",7,202607,", 1).replace(from, to)).unwrap();
    path
}

fn rules(view: &CheckView) -> Vec<(&str, Option<&str>)> {
    view.findings.iter().map(|finding| (finding.rule.as_str(), finding.insured.as_deref())).collect()
}

#[tokio::test]
async fn a_file_opens_into_its_parts_and_their_forms() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    let view = check(&app, &sample("KKBAD001.CSV")).await;
    let parts = app.file_parts(&view.sha256).await.unwrap();
    let kinds: Vec<&str> = parts.iter().map(|part| part.kind.as_str()).collect();
    assert_eq!(kinds, ["control", "totals", "person", "person", "person", "end"]);
    assert_eq!((parts[3].insured.as_deref(), parts[3].yen), (Some("0000000202"), view_yen("0000000202")));

    // Every finding points at a line of some part, and its field stands on the form.
    for finding in view.findings.iter().filter(|finding| finding.line > 0 && finding.item > 0) {
        let sheet = app.claim_sheet(&view.sha256, finding.line).await.unwrap();
        let shown = sheet
            .blocks
            .iter()
            .flat_map(|block| &block.rows)
            .any(|row| row.line == finding.line && row.cells.iter().any(|cell| cell.item == finding.item));
        assert!(shown, "{finding:?}");
    }
    refused(app.claim_sheet(&view.sha256, 999).await, Code::UnknownFile);
}

/// Yen of a person of the bad sample, as they stand in its file.
fn view_yen(insured: &str) -> i64 {
    let file = kokuho::read(&std::fs::read(sample("KKBAD001.CSV")).unwrap()).unwrap();
    let claims = kokuho::claims(&file);
    claims.iter().find(|claim| claim.insured.as_str() == insured).unwrap().amount().0
}

#[tokio::test]
async fn the_page_opens_only_what_was_checked_or_stored() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let path = claim(folder.path(), "KK260601.CSV", "0000000404");
    let id = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(std::fs::read(&path).unwrap()));
    for foreign in [id.as_str(), "", "0", "../../etc/passwd"] {
        refused(app.file_parts(foreign).await, Code::UnknownFile);
        refused(app.print_findings(foreign, None).await, Code::UnknownFile);
    }
    assert_eq!(check(&app, &path).await.sha256, id);
    assert_eq!(app.file_parts(&id).await.unwrap().len(), 6);

    // A stored file opens on a computer on which nobody checked it since the start.
    stage(&app, &path).await.unwrap();
    drop(app);
    std::fs::remove_file(&path).unwrap();
    let app = open(folder.path(), running(NOON)).await;
    assert_eq!(app.file_parts(&id).await.unwrap().len(), 6);
}

#[tokio::test]
async fn a_file_that_has_changed_is_not_shown_as_the_one_that_was_checked() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    let path = claim(folder.path(), "KK260601.CSV", "0000000404");
    let view = check(&app, &path).await;
    claim(folder.path(), "KK260601.CSV", "0000000505");
    refused(app.file_parts(&view.sha256).await, Code::ChangedFile);
}

#[tokio::test]
async fn findings_go_to_paper_and_to_a_spreadsheet() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    let view = check(&app, &sample("KKBAD001.CSV")).await;
    let pdf = app.print_findings(&view.sha256, None).await.unwrap();
    let stem = pdf.file.strip_suffix(".pdf").unwrap_or_else(|| panic!("{}", pdf.file));
    assert!(stem.starts_with("直すところ_KKBAD001_"), "{stem}");
    assert!(std::fs::read(&pdf.path).unwrap().starts_with(b"%PDF"));
    let csv = app.export_findings(&view.sha256, Some(folder.path().join("findings.csv"))).await.unwrap();
    let text = std::fs::read_to_string(csv.path).unwrap();
    assert_eq!(text.lines().count(), view.findings.len() + 1);
    let sheet = app.print_sheet(&view.sha256, 4, None).await.unwrap();
    assert!(std::fs::read(&sheet.path).unwrap().starts_with(b"%PDF"));
}

#[tokio::test]
async fn files_checked_together_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    let missing = folder.path().join("NAI.CSV");
    let three = [sample("KKBAD001.CSV"), missing, sample("KK260601.CSV")];
    let paths: Vec<PathBuf> = three.iter().cycle().take(24).cloned().collect();
    let names: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let views = app.check_files(&names).await.unwrap();
    assert_eq!(views.iter().map(|view| view.path.as_str()).collect::<Vec<_>>(), names);
    // Alone or together, with or without records: the same is found.
    let alone = crate::check_paths(&three);
    for (view, alone) in views.iter().zip(alone.iter().cycle()) {
        assert_eq!((&view.findings, view.yen, &view.problem), (&alone.findings, alone.yen, &alone.problem));
    }
    assert_eq!(app.checking(), None);
}

#[test]
fn a_review_can_be_stopped_at_any_statement() {
    let content = crate::files::read_file(&sample("KK260601.CSV")).unwrap();
    let size = content.bytes.len() as u64;
    let file = crate::desk::Opened::new(content).unwrap();
    let known = crate::review::Known {
        office: kokuho::OfficeNumber::from_file(OFFICE),
        cases: Vec::new(),
        areas: ledger::Areas::default(),
        standing: crate::review::StandingClaims::default(),
    };
    let seen = std::sync::atomic::AtomicU64::new(0);
    let count = |bytes: u64| seen.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed) + bytes;
    assert!(known.review(&file, &|bytes| count(bytes) <= size).is_ok());
    assert_eq!(seen.into_inner(), size, "every byte of the file is counted once");
    assert!(known.review(&file, &|_| false).is_err());
}

#[tokio::test]
async fn a_stopped_check_leaves_the_rest_out() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    let paths = vec![sample("KK260601.CSV").to_string_lossy().into_owned(); 500];
    let mut changes = app.changes();
    let checking = {
        let app = app.clone();
        tokio::spawn(async move { app.check_files(&paths).await })
    };
    // The first thing that it tells is that it has begun.
    changes.recv().await.unwrap();
    app.stop_checking();
    assert!(checking.await.unwrap().unwrap().len() < 500);
    assert_eq!(app.checking(), None);
    // A stop is over when it has stopped.
    assert_eq!(app.check_files(&[sample("KK260601.CSV").to_string_lossy().into_owned()]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_unchanged_return_would_come_back_again() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running("2026-07-02T12:00:00")).await;
    import(&app, &["KK260601.CSV", "72100000.CSV", "74100000.CSV"]).await;

    let same = check(&app, &again(folder.path(), "KK260701.CSV", "", "")).await;
    // The first person was returned, the second is held, the third was paid.
    let twice = ("R3", Some("0000000303"));
    assert_eq!(rules(&same), [("R1", Some("0000000101")), ("R2", Some("0000000202")), twice]);
    assert!(same.findings[2].message.contains("令和8年5月分は、令和8年6月の請求"), "{}", same.findings[2].message);
    assert!(same.sendable, "warnings ask, they do not block");
    let answers: Vec<_> =
        same.answers.iter().map(|answer| (answer.kind.as_str(), answer.insured.as_str(), answer.unchanged)).collect();
    assert_eq!(answers, [("returned", "0000000101", Some(true)), ("held", "0000000202", Some(true))]);
    assert_eq!((same.answers[0].yen, same.answers[0].claimed), (57_351, 57_351));
    let FindingView { message, hint, line, .. } = &same.findings[0];
    assert!(message.contains("12PA") && message.contains("令和8年5月") && *line == 4, "{message}");
    assert!(hint.contains("このままで送れます"), "waiting cures it: {hint}");

    // Quotes and zeros are no correction; another day of birth is one.
    let rewritten = check(&app, &again(folder.path(), "KK260702.CSV", "\"", "")).await;
    assert_eq!(rewritten.answers[0].unchanged, Some(true));
    let corrected = check(&app, &again(folder.path(), "KK260703.CSV", "19400105", "19400106")).await;
    assert_eq!(rules(&corrected), [("R2", Some("0000000202")), twice]);
    assert_eq!(corrected.answers[0].unchanged, Some(false));
}

#[tokio::test]
async fn a_file_without_open_returns_answers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    let view = check(&app, &sample("KK260601.CSV")).await;
    assert_eq!(
        (view.answers.as_slice(), view.findings.as_slice(), view.replaces),
        ([].as_slice(), [].as_slice(), None)
    );
}

#[tokio::test]
async fn a_second_file_for_the_months_shows_how_it_differs() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let first = stage(&app, &sample("KK260601.CSV")).await.unwrap();
    let second = check(&app, &claim(folder.path(), "KK260602.CSV", "0000000404")).await;
    let replaces = second.replaces.clone().unwrap();
    assert_eq!(
        (replaces.id.as_str(), replaces.file.as_str(), replaces.yen),
        (first.id.as_str(), "KK260601.CSV", 214_488)
    );
    let difference = app.compare_with(&second.sha256, &replaces.id).await.unwrap();
    assert_eq!((difference.before.as_str(), difference.after.as_str()), ("KK260601.CSV", "KK260602.CSV"));
    assert_eq!((difference.added.len(), difference.removed.len(), difference.unchanged), (1, 1, 2));
    assert_eq!(difference.added[0].insured, "0000000404");
    // The file itself replaces nothing.
    let own = check(&app, &sample("KK260601.CSV")).await;
    assert_eq!((own.replaces, own.same_as.as_deref()), (None, Some(first.id.as_str())));
}

#[tokio::test]
async fn prices_are_held_against_the_area_of_the_office() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let unset = check(&app, &sample("KK260601.CSV")).await;
    let area = unset.area.unwrap();
    assert_eq!((area.state.as_str(), area.set, area.told.as_deref()), ("unset", None, Some("5級地")));
    assert_eq!(unset.findings, [], "an unset area is said, it is no finding");

    let set = app.set_office_area(OFFICE, Some("5級地"), None).await.unwrap();
    assert_eq!((set[0].office.as_str(), set[0].area.as_deref()), (OFFICE, Some("5級地")));
    let fits = check(&app, &sample("KK260601.CSV")).await;
    assert_eq!((fits.area.unwrap().state.as_str(), fits.findings.as_slice()), ("fits", [].as_slice()));

    app.set_office_area(OFFICE, Some("6級地"), Some("2026-04")).await.unwrap();
    let differs = check(&app, &sample("KK260601.CSV")).await;
    let [finding] = differs.findings.as_slice() else { panic!("one cause, one finding: {:?}", differs.findings) };
    assert_eq!((finding.rule.as_str(), finding.severity.as_str()), ("C11", "warning"));
    assert_eq!((finding.found.as_str(), finding.expected.as_str()), ("10.45", "10.27"));
    assert_eq!(differs.area.unwrap().state, "differs");
    assert!(differs.sendable);

    // A revision that moves the municipality does not change what older services cost.
    app.set_office_area(OFFICE, Some("5級地"), Some("2021-04")).await.unwrap();
    app.set_office_area(OFFICE, Some("6級地"), Some("2026-06")).await.unwrap();
    app.set_office_area(OFFICE, Some("5級地"), Some("2026-04")).await.unwrap();
    assert_eq!(check(&app, &sample("KK260601.CSV")).await.area.unwrap().state, "fits");

    refused(app.set_office_area(OFFICE, Some("9級地"), None).await, Code::UnknownArea);
    refused(app.set_office_area(OFFICE, Some("5級地"), Some("来月")).await, Code::UnknownArea);
    refused(app.set_office_area("9970000023", Some("5級地"), None).await, Code::OtherOffice);
}

#[tokio::test]
async fn what_was_paid_tells_the_area() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    assert_eq!(app.office_areas().await.unwrap()[0].paid, None);
    import(&app, &["75200000.CSV"]).await;
    let paid = app.office_areas().await.unwrap().remove(0).paid.unwrap();
    assert_eq!((paid.fitting.as_slice(), paid.rows), (["5級地".to_owned()].as_slice(), 1));
    app.set_office_area(OFFICE, Some("4級地"), None).await.unwrap();
    let against = app.office_areas().await.unwrap().remove(0).paid.unwrap();
    assert!(against.message.contains("設定と違う"), "{}", against.message);
}

#[test]
fn inspecting_names_every_item_of_any_file() {
    let told = |name: &str| serde_json::to_value(crate::inspect_path(&sample(name))).unwrap();
    let claim = told("KK260601.CSV");
    assert_eq!((&claim["kind"], &claim["row_count"]), (&"claim".into(), &17.into()));
    let item = &claim["rows"][2]["items"][12];
    assert_eq!((&item["no"], &item["name"], &item["value"]), (&13.into(), &"生年月日".into(), &"19400105".into()));
    assert_eq!(claim["control"][7]["value"], OFFICE);
    assert_eq!(told("74100000.CSV")["rows"][0]["record"], "7411-H1");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("UNKNOWN.CSV");
    std::fs::write(&path, "1,1,0,1,999,0,0,9970000015,0,7,202606,0\r\n2,2,\"9X99\",77,abc\r\n3,3\r\n").unwrap();
    let unknown = serde_json::to_value(crate::inspect_path(&path)).unwrap();
    assert_eq!((&unknown["unknown"]["9X99-77"], &unknown["rows"][0]["items"][2]["value"]), (&1.into(), &"abc".into()));
    let missing = serde_json::to_value(crate::inspect_path(&folder.path().join("NONE.CSV"))).unwrap();
    assert_eq!((&missing["kind"], &missing["problem"]["code"]), (&"refused".into(), &"E-1009".into()));
}

#[test]
fn two_files_are_compared_without_a_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let other = claim(folder.path(), "KK260602.CSV", "0000000404");
    let view = crate::compare_paths(&sample("KK260601.CSV"), &other).unwrap();
    assert_eq!((view.added.len(), view.removed.len(), view.yen_before, view.yen_after), (1, 1, 214_488, 214_488));
    let notice = folder.path().join("NOTE.CSV");
    std::fs::write(&notice, "hello").unwrap();
    refused(crate::compare_paths(&other, &notice), Code::NotInterchange);
}

/// The clock is only there to be standing: comparing what was sent does not depend on the day.
#[tokio::test]
async fn a_corrected_file_is_compared_with_the_last_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), Clock::standing(time("2026-08-02T12:00:00"))).await;
    import(&app, &["KK260601.CSV", "72100000.CSV", "74100000.CSV"]).await;
    let july = again(folder.path(), "KK260701.CSV", "19400105", "19400106");
    assert_eq!(app.import(&[july.to_string_lossy().into_owned()]).await.unwrap().new, 1);
    // Claimed again in July and not returned since: nothing is open any more, so that nothing is answered.
    let august = folder.path().join("KK260801.CSV");
    let text = std::fs::read_to_string(&july).unwrap().replacen(",7,202607,", ",7,202608,", 1);
    std::fs::write(&august, text).unwrap();
    let answered = check(&app, &august).await.answers;
    assert!(answered.iter().all(|answer| answer.insured != "0000000101"), "{answered:?}");
}

/// The page's backend for browsers shows what the real one shows. `UPDATE_BINDINGS=1` writes it anew.
#[tokio::test]
async fn the_browsers_sheets_are_the_real_ones() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path(), running(NOON)).await;
    let mut files = serde_json::Map::new();
    for name in ["KK260601.CSV", "KKBAD001.CSV"] {
        let CheckView { sha256, .. } = check(&app, &sample(name)).await;
        let parts = app.file_parts(&sha256).await.unwrap();
        let mut sheets = serde_json::Map::new();
        for part in &parts {
            let sheet = app.claim_sheet(&sha256, part.line).await.unwrap();
            sheets.insert(part.line.to_string(), serde_json::to_value(sheet).unwrap());
        }
        files.insert(sha256, serde_json::json!({ "parts": parts, "sheets": sheets }));
    }
    let other = claim(folder.path(), "KK260602.CSV", "0000000404");
    let difference = crate::compare_paths(&sample("KK260601.CSV"), &other).unwrap();
    let made = serde_json::json!({ "files": files, "difference": difference });
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/backend/fake-sheets.json");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&committed, serde_json::to_string(&made).unwrap() + "\n").unwrap();
    }
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&committed).unwrap()).unwrap();
    assert!(kept == made, "run the tests of app with UPDATE_BINDINGS=1");
}
