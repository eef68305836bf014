//! The same bytes again, after 国保連 accepted nothing of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use todoke_tests::claims::{OFFICE, sha256, stumbling_claim};
use todoke_tests::relay::Relay;
use todoke_tests::todoke::{PASSWORD, Todoke};
use todoke_tests::wait::until;

const PATIENCE: Duration = Duration::from_mins(1);

fn send_until_accepted(todoke: &Todoke, claim: &Path) -> anyhow::Result<Value> {
    let words = ["send".as_ref(), claim.as_os_str(), "--until-accepted".as_ref()];
    Ok(todoke.run(&words)?.exits(1)?.json()?[0].clone())
}

fn stumbling(folder: &Path) -> anyhow::Result<PathBuf> {
    stumbling_claim(folder, "KK260601.CSV", OFFICE, "0000000911", "202605")
}

fn row(todoke: &Todoke, id: &str) -> anyhow::Result<Value> {
    let rows = todoke.run(&["status"])?.exits(0)?.json()?;
    let found = rows.as_array().and_then(|rows| rows.iter().find(|row| row["id"] == id));
    found.cloned().with_context(|| format!("{id} is not in {rows:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_and_what_was_cancelled_is_sent_again_and_counts_once() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let todoke = Todoke::signed_in(folder.path(), &relay)?;
    let witness = relay.witness(&relay.letter()?, PASSWORD).await?;
    let claim = stumbling(folder.path())?;
    let id = sha256(&claim)?;

    // The line to 国保連 breaks.
    let failed = send_until_accepted(&todoke, &claim)?;
    assert_eq!(failed["state_word"], "外部エラー", "{failed:#}");
    assert_eq!((&failed["can_send_again"], &failed["problem"]["code"]), (&true.into(), &"E-1409".into()));
    let same = send_until_accepted(&todoke, &claim)?;
    assert_eq!((&same["repeated"], &same["round"]), (&true.into(), &1.into()), "laying it down again sends nothing");

    let again = ["send-again", id.as_str(), "--until-accepted"];
    let sent = todoke.run(&again)?.exits(0)?.json()?[0].clone();
    assert_eq!((&sent["state_word"], &sent["round"]), (&"受付完了".into(), &2.into()), "{sent:#}");
    assert_eq!(sent["earlier"][0]["state_word"], "外部エラー");
    assert_eq!(sent["earlier"][0]["accept_code"], failed["accept_code"]);
    assert_ne!(sent["accept_code"], failed["accept_code"]);
    let refused = todoke.run(&again)?;
    assert!(refused.code == 1 && refused.names("E-1417"), "{refused:#?}");

    // The clerk takes it back, and finds that it was right after all.
    todoke.run(&["cancel", &id])?.exits(0)?;
    let cancelled = async || Ok((row(&todoke, &id)?["state"] == "cancelled").then_some(()));
    until("the end of the cancellation", PATIENCE, cancelled).await?;
    let third = todoke.run(&again)?.exits(0)?.json()?[0].clone();
    assert_eq!((&third["state_word"], &third["round"]), (&"受付完了".into(), &3.into()), "{third:#}");
    let ends: Vec<_> = third["earlier"].as_array().into_iter().flatten().map(|end| end["state_word"].clone()).collect();
    assert_eq!(ends, ["外部エラー", "取消完了"]);

    let held = witness.submissions().await?;
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!((held[0].announced.round, held[0].earlier.len()), (3, 2));
    let balance = todoke.run(&["balance", "--office", OFFICE, "--month", "2026-06"])?.exits(0)?.json()?;
    assert_eq!(balance[0]["claimed"], 214_488, "sent three times, claimed once: {balance:#}");
    // What 国保連 reviews is one claim file, too.
    for _ in 0..2 {
        todoke.run(&["advance"])?.exits(0)?;
        todoke.run(&["sync"])?.exits(0)?;
    }
    let balance = todoke.run(&["balance", "--office", OFFICE, "--month", "2026-06"])?.exits(0)?.json()?;
    assert_eq!((&balance[0]["claimed"], &balance[0]["unexplained"]), (&214_488.into(), &0.into()), "{balance:#}");
    Ok(())
}
