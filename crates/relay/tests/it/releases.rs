//! Newer versions of the program: what the operator puts there, and who is offered it.

use std::io::Cursor;
use std::path::Path;

use minisign::KeyPair;
use relay::release::{NewRelease, ReleaseError};
use relay_api::RefusalCode;
use relay_api::releases::{Release, trusted_comment};
use reqwest::StatusCode;

use crate::support::{TestRelay, ok, refused};

const INSTALLER: &[u8] = b"MZ installer";

fn signed(folder: &Path, keys: &KeyPair, version: &str, comment: &str) -> NewRelease {
    let (file, signature) = (folder.join("setup.exe"), folder.join("setup.exe.minisig"));
    std::fs::write(&file, INSTALLER).unwrap();
    let made = minisign::sign(Some(&keys.pk), &keys.sk, Cursor::new(INSTALLER), Some(comment), None).unwrap();
    std::fs::write(&signature, made.into_string()).unwrap();
    NewRelease {
        version: version.into(),
        target: "windows".into(),
        arch: "x86_64".into(),
        file,
        signature,
        notes: "返戻の一覧が速くなりました。\n".into(),
        public_key: keys.pk.to_base64(),
    }
}

#[tokio::test]
async fn a_signed_version_is_offered_to_older_ones_alone() {
    let relay = TestRelay::start().await;
    let keys = KeyPair::generate_unencrypted_keypair().unwrap();
    let ask = async |path: &str| relay.http.get(relay.url(path)).send().await.unwrap();
    assert_eq!(ask("/v1/releases/windows/x86_64/0.1.0").await.status(), StatusCode::NO_CONTENT, "none is there");

    let new = signed(relay.folder.path(), &keys, "0.2.0", &trusted_comment("0.2.0", "windows", "x86_64"));
    relay.relay.add_release(&new).unwrap();
    let offered: Release = ok(ask("/v1/releases/windows/x86_64/0.1.9").await).await;
    assert_eq!((offered.version.as_str(), offered.notes.as_str()), ("0.2.0", "返戻の一覧が速くなりました。"));
    assert_eq!((offered.size, offered.pub_date.as_str()), (INSTALLER.len() as u64, "2026-06-05T10:00:00+09:00"));
    let content = ask(&offered.url).await.bytes().await.unwrap();
    assert_eq!(&content[..], INSTALLER);
    for newest in ["windows/x86_64/0.2.0", "windows/x86_64/1.0.0", "linux/x86_64/0.1.0", "windows/arm/0.1.0"] {
        let answer = ask(&format!("/v1/releases/{newest}")).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{newest}");
    }
    for wrong in ["windows/x86_64/latest", "files/relay.db", "files/windows-x86_64.json", "files/..%2Frelay.db"] {
        refused(ask(&format!("/v1/releases/{wrong}")).await, 404, RefusalCode::NotFound).await;
    }
}

#[tokio::test]
async fn what_is_not_signed_as_this_version_is_not_taken() {
    let relay = TestRelay::start().await;
    let (keys, others) =
        (KeyPair::generate_unencrypted_keypair().unwrap(), KeyPair::generate_unencrypted_keypair().unwrap());
    let comment = |version: &str| trusted_comment(version, "windows", "x86_64");
    let make = |version: &str, comment: &str| signed(relay.folder.path(), &keys, version, comment);

    let foreign = NewRelease { public_key: others.pk.to_base64(), ..make("0.2.0", &comment("0.2.0")) };
    assert!(matches!(relay.relay.add_release(&foreign), Err(ReleaseError::Signature)));
    let relabelled = make("0.3.0", &comment("0.2.0"));
    assert!(
        matches!(relay.relay.add_release(&relabelled), Err(ReleaseError::Comment(wanted)) if wanted == comment("0.3.0"))
    );
    let silent = NewRelease { notes: " \n".into(), ..make("0.2.0", &comment("0.2.0")) };
    assert!(matches!(relay.relay.add_release(&silent), Err(ReleaseError::Notes)));
    assert!(!relay.folder.path().join("releases").exists());

    relay.relay.add_release(&make("0.2.0", &comment("0.2.0"))).unwrap();
    for version in ["0.2.0", "0.1.9"] {
        let again = relay.relay.add_release(&make(version, &comment(version)));
        assert!(matches!(again, Err(ReleaseError::Older(newest)) if newest == "0.2.0"), "{version}");
    }
}
