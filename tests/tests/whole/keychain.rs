//! The keychain of the operating system: open, locked, absent.

use std::fs;

use todoke_tests::program::tool;
use todoke_tests::relay::Relay;
use todoke_tests::screen::{Keychain, Screen};
use todoke_tests::todoke::{PASSWORD, Todoke};

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_the_keychain_and_nowhere_else() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let screen = Screen::start().await?;
    let todoke = Todoke::new(folder.path()).with_relay(relay.url()).with_keychain(screen.environment().to_vec());
    todoke.log_in(&relay.letter()?)?;
    // A new process asks for nothing.
    todoke.run(&["sync"])?.exits(0)?;

    let found = screen.command(&tool("secret-tool")?).args(["search", "--all", "service", "todoke"]).output()?;
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(found.contains(PASSWORD), "the password is not in the keychain:\n{found}");

    let mut files = 0;
    for entry in fs::read_dir(todoke.data())? {
        let path = entry?.path();
        if path.is_file() {
            files += 1;
            let content = fs::read(&path)?;
            assert!(!content.starts_with(b"SQLite format 3"), "{} is not encrypted", path.display());
            let password = PASSWORD.as_bytes();
            assert!(!content.windows(password.len()).any(|part| part == password), "{}", path.display());
        }
    }
    assert!(files > 0, "the database is somewhere else");
    Ok(())
}

/// Without a display nobody can be asked for the password of the keychain.
#[tokio::test(flavor = "multi_thread")]
async fn locked_keychain_that_cannot_ask_is_named() -> anyhow::Result<()> {
    let screen = Screen::with(Keychain::LockedUnattended).await?;
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path()).with_keychain(screen.environment().to_vec());
    let answer = todoke.run(&["status"])?.exits(2)?;
    assert!(answer.names("E-1202"), "{answer:#?}");
    Ok(())
}

/// The keychain asks for its password and nobody answers.
#[tokio::test(flavor = "multi_thread")]
async fn locked_keychain_that_waits_for_a_person_hangs_nothing() -> anyhow::Result<()> {
    let screen = Screen::with(Keychain::Locked).await?;
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path()).with_keychain(screen.environment().to_vec());
    let answer = todoke.run(&["status"])?.exits(2)?;
    assert!(answer.names("E-1203"), "{answer:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_keychain_is_named() -> anyhow::Result<()> {
    let screen = Screen::with(Keychain::Absent).await?;
    let folder = tempfile::tempdir()?;
    let todoke = Todoke::new(folder.path()).with_keychain(screen.environment().to_vec());
    let answer = todoke.run(&["status"])?.exits(2)?;
    assert!(answer.names("E-1201"), "{answer:#?}");
    Ok(())
}

#[test]
fn absent_session_bus_is_named() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let run = folder.path().join("run");
    fs::create_dir(&run)?;
    let environment = vec![("XDG_RUNTIME_DIR".to_owned(), run.to_string_lossy().into_owned())];
    let todoke = Todoke::new(folder.path()).with_keychain(environment);
    let answer = todoke.run(&["status"])?.exits(2)?;
    assert!(answer.names("E-1201"), "{answer:#?}");
    Ok(())
}
