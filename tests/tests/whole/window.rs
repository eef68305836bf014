//! The main job through the real window, the real relay and a real Secret Service.

use todoke_tests::claims::{fixture, sha256};
use todoke_tests::clerk::{Clerk, End, pdf_text};
use todoke_tests::screen::{Keychain, Screen};
use todoke_tests::window::{Computer, Window, by_id};

#[tokio::test(flavor = "multi_thread")]
async fn clerk_does_the_main_job() -> anyhow::Result<()> {
    let mut clerk = Clerk::arrive().await?;

    clerk.mistype_password().await?;
    clerk.log_in().await?;
    let mut clerk = clerk.come_back(End::Close).await?;

    clerk.check_files().await?;
    clerk.read_findings().await?;
    assert_eq!(clerk.witness().await?.submissions().await?, [], "checking alone sends nothing");

    let receipt = pdf_text(&clerk.send().await?)?;
    let id = sha256(&fixture("KK260601.CSV"))?;
    let held = clerk.witness().await?.submissions().await?;
    let [submission] = held.as_slice() else { panic!("one submission expected: {held:?}") };
    assert_eq!(submission.sha256, id);
    let accept_code = submission.accept_code.as_deref().expect("the relay gave a 受付番号");
    let printed: String = receipt.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(printed.contains(&id), "no SHA-256 on the receipt:\n{receipt}");
    assert!(printed.contains(accept_code), "no 受付番号 {accept_code} on the receipt:\n{receipt}");
    assert!(printed.contains("5C05"), "no 基本状態コード on the receipt:\n{receipt}");

    clerk.send_again().await?;
    assert_eq!(clerk.witness().await?.submissions().await?.len(), 1, "the same file makes no second submission");

    clerk.month_end().await?;
    let form = pdf_text(&clerk.close_the_books().await?)?;
    for word in ["返戻（保留）一覧表", "0000000101", "12PA", "備考", "1 / 2", "2 / 2"] {
        assert!(form.contains(word), "no {word} on the return list:\n{form}");
    }
    let mut clerk = clerk.come_back(End::Kill).await?;
    clerk.work_offline().await?;
    clerk.window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_needs_neither_keychain_nor_relay_and_leaves_nothing() -> anyhow::Result<()> {
    todoke_tests::practice::play(None).await
}

/// Opens the window where nothing listens: the keychain is asked before the relay.
async fn open_on(screen: &Screen) -> anyhow::Result<Window> {
    let computer = Computer::new(screen.folder(), "http://127.0.0.1:9".to_owned())?;
    Window::open(screen, &computer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_keychain_is_explained_and_tried_again() -> anyhow::Result<()> {
    let screen = Screen::with(Keychain::LockedUnattended).await?;
    let window = open_on(&screen).await?;
    window.reads(&by_id("problem"), &["鍵がかかっています", "E-1202"]).await?;
    screen.unlock_keychain()?;
    window.press_css(&format!("{} button", by_id("problem"))).await?;
    window.find("login-submit").await?;
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_keychain_is_explained() -> anyhow::Result<()> {
    let screen = Screen::with(Keychain::Absent).await?;
    let window = open_on(&screen).await?;
    window.reads(&by_id("problem"), &["見つかりません", "E-1201"]).await?;
    window.close().await
}
