//! What is left for whoever helps, when the program itself cannot be used.

use std::fs;

use todoke_tests::program::{built, command};
use todoke_tests::todoke::Todoke;

/// No display: the toolkit of the window falls over before there is a page.
#[test]
fn a_window_that_cannot_open_says_what_to_do_and_leaves_a_note() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let ended = command(&built("todoke-desktop")?)
        .env("TODOKE_DATA", folder.path())
        .env("TODOKE_DOCUMENTS", folder.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .arg("/home/yamada/請求/KK260601.CSV")
        .output()?;
    assert!(!ended.status.success(), "{ended:?}");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("todoke support") && said.contains("記録は消えていません"), "{said}");
    let mut logs = 0;
    for entry in fs::read_dir(folder.path().join("logs"))? {
        let text = fs::read_to_string(entry?.path())?;
        logs += 1;
        assert!(!text.contains("yamada") && !text.contains("KK260601"), "{text}");
    }
    assert!(logs > 0, "nothing was noted");
    Ok(())
}

#[test]
fn the_terminal_helps_where_nothing_else_works() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path());
    let health = todoke.run(&["health"])?.exits(1)?.json()?;
    assert_eq!(health["state"], "attention", "no address of a relay yet: {health}");
    let out = folder.path().join("support.zip");
    todoke.run(&["support".as_ref(), "--out".as_ref(), out.as_os_str()])?.exits(0)?;
    assert!(fs::read(&out)?.starts_with(b"PK"));
    assert_eq!(todoke.run(&["copies"])?.exits(0)?.json()?, serde_json::json!([]));
    let refused = todoke.run(&["copies", "restore", "todoke-v1-20260605T093000.db"])?.exits(1)?;
    assert!(refused.names("E-1507"), "{refused:?}");
    // The database is damaged: the commands that help still do.
    let database = todoke.data().join("todoke.db");
    let mut bytes = fs::read(&database)?;
    bytes.iter_mut().skip(100).for_each(|byte| *byte = 0);
    fs::write(&database, bytes)?;
    let health = todoke.run(&["health"])?.exits(1)?.json()?;
    assert_eq!(health["state"], "bad", "{health}");
    todoke.run(&["support".as_ref(), "--out".as_ref(), out.as_os_str()])?.exits(0)?;
    Ok(())
}
