//! The drill of the 10th: the relay is down at three in the afternoon.

use super::*;

/// Every file below `folder`, by its path from there.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let parts = path.strip_prefix(folder).unwrap().components();
                let name: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
                found.push((name.join("/"), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn what_cannot_be_sent_goes_onto_a_disc_as_it_is_and_is_never_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    refused(app.rescue_kit(None).await, Code::NothingToRescue);
    let claim = stage(&app, &sample("KK260601.CSV")).await.unwrap();
    let management = stage(&app, &benefit_management(folder.path())).await.unwrap();
    // A test is no claim: nobody hands it in.
    let text = std::fs::read_to_string(sample("KK260601.CSV")).unwrap().replacen(",202606,0", ",202606,*TEST*", 1);
    std::fs::write(folder.path().join("TEST.CSV"), text).unwrap();
    stage(&app, &folder.path().join("TEST.CSV")).await.unwrap();

    let kit = app.rescue_kit(None).await.unwrap();
    assert_eq!(kit.closes, "2026-06-10");
    let [office] = kit.offices.as_slice() else { panic!("{kit:?}") };
    assert_eq!((office.office.as_str(), office.office_name.as_str()), (OFFICE, "さくらデイサービス"));
    assert!(!office.unclear && office.kokuhoren.contains("国民健康保険団体連合会"), "{office:?}");
    let mut ids = office.ids.clone();
    ids.sort();
    let mut expected = vec![claim.id.clone(), management.id.clone()];
    expected.sort();
    assert_eq!(ids, expected);

    let written = files(Path::new(&kit.folder));
    let bytes = |name: &str| {
        let path = format!("{OFFICE}/{name}");
        written.iter().find(|(found, _)| *found == path).map_or_else(|| panic!("{name} in {kit:?}"), |(_, bytes)| bytes)
    };
    for name in ["KK260601.CSV", "KY260601.CSV"] {
        let given =
            std::fs::read(if name.starts_with("KK") { sample(name) } else { folder.path().join(name) }).unwrap();
        assert_eq!(bytes(&format!("ディスクに入れるファイル/{name}")), &given, "byte for byte");
        let image = bytes("CD-R.iso");
        assert!(image.windows(given.len()).any(|part| part == given), "{name} is on the disc");
    }
    assert!(bytes("送付書.pdf").starts_with(b"%PDF"));
    assert_eq!(written.len(), 4, "and nothing else");

    // Handed in: out of the outbox for good, and claimed.
    app.handed_in_on_disc(&office.ids).await.unwrap();
    let left = app.submissions().await.unwrap();
    assert!(left.iter().all(|submission| submission.test), "{left:?}");
    let due = app.store(|store| store.due(time("2026-06-10T23:00:00"))).await.unwrap();
    assert!(due.iter().all(|row| row.test), "the relay that is back gets nothing of it");
    let counted = app.store(store::Store::claim_files).await.unwrap();
    assert_eq!(counted.iter().filter(|file| file.imported_at.is_some()).count(), 2);
    refused(app.rescue_kit(None).await, Code::NothingToRescue);
    refused(app.handed_in_on_disc(&["00".repeat(32)]).await, Code::UnknownSubmission);
}

#[tokio::test]
async fn an_attempt_that_was_cut_off_is_asked_about_before_it_is_handed_in() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    let claim = stage(&app, &sample("KK260601.CSV")).await.unwrap();
    let id = crate::outbox::content_id(&claim.id).unwrap();
    app.store(move |store| {
        store.begin_attempt(&id, time(NOON))?;
        store.mark_ready_again(&id, None, Code::LineCut.as_str(), time(NOON))
    })
    .await
    .unwrap();
    let kit = app.rescue_kit(None).await.unwrap();
    assert!(kit.offices[0].unclear);
}

#[tokio::test]
async fn outside_the_window_there_is_nothing_to_rescue() {
    let folder = tempfile::tempdir().unwrap();
    let app = signed_in(folder.path()).await;
    stage(&app, &sample("KK260601.CSV")).await.unwrap();
    drop(app);
    let late = open(folder.path(), running("2026-06-11T00:00:00")).await;
    refused(late.rescue_kit(None).await, Code::NothingToRescue);
}
