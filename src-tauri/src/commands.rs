//! The commands that the page may call. Each unpacks, calls one function of `app`, converts.

use std::path::Path;
use std::sync::Arc;

use app::views::{
    BalanceView, CheckView, FrameView, ImportView, NoticeContentView, NoticeView, ProblemView, ReturnView, SavedView,
    SubmissionView,
};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tauri_plugin_opener::OpenerExt;
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::Changed;
use crate::shell::Shell;

type Shared<'a> = State<'a, Arc<Shell>>;
type Answer<T> = Result<T, ProblemView>;

/// Returns commands and events for the window and for the generated bindings.
pub fn builder() -> Builder<tauri::Wry> {
    Builder::<tauri::Wry>::new()
        // Views only go to the page, so that one shape of each is enough.
        .disable_serde_phases()
        .commands(collect_commands![
            frame,
            set_relay,
            log_in,
            change_password,
            log_out,
            choose_files,
            check_files,
            take_dropped,
            stage,
            submissions,
            retry,
            withdraw,
            receipt,
            sync_now,
            import_files,
            choose_import,
            notices,
            notice,
            returns,
            close_return,
            reopen_return,
            balance,
            advance_demo,
        ])
        .events(collect_events![Changed])
}

#[tauri::command]
#[specta::specta]
async fn frame(shell: Shared<'_>) -> Answer<FrameView> {
    Ok(shell.app().await?.frame().await?)
}

#[tauri::command]
#[specta::specta]
async fn set_relay(shell: Shared<'_>, url: String) -> Answer<FrameView> {
    Ok(shell.app().await?.set_relay(&url).await?)
}

#[tauri::command]
#[specta::specta]
async fn log_in(
    shell: Shared<'_>,
    corporation_number: String,
    login_id: String,
    password: String,
) -> Answer<FrameView> {
    Ok(shell.app().await?.log_in(&corporation_number, &login_id, &password).await?)
}

#[tauri::command]
#[specta::specta]
async fn change_password(shell: Shared<'_>, new_password: String) -> Answer<FrameView> {
    Ok(shell.app().await?.change_password(&new_password).await?)
}

#[tauri::command]
#[specta::specta]
async fn log_out(shell: Shared<'_>) -> Answer<FrameView> {
    Ok(shell.app().await?.log_out().await?)
}

/// Opens the file dialog and checks what was chosen; empty when the dialog was closed.
#[tauri::command]
#[specta::specta]
async fn choose_files(handle: AppHandle, shell: Shared<'_>) -> Answer<Vec<CheckView>> {
    let paths = choose(handle, "請求ファイルを選ぶ").await;
    Ok(shell.app().await?.check_files(&paths).await?)
}

#[tauri::command]
#[specta::specta]
async fn check_files(shell: Shared<'_>, paths: Vec<String>) -> Answer<Vec<CheckView>> {
    Ok(shell.app().await?.check_files(&paths).await?)
}

/// Checks the files that were dropped on the window or given to the program since the last call.
#[tauri::command]
#[specta::specta]
async fn take_dropped(shell: Shared<'_>) -> Answer<Vec<CheckView>> {
    let app = shell.app().await?;
    Ok(app.check_files(&shell.take_dropped()).await?)
}

#[tauri::command]
#[specta::specta]
async fn stage(shell: Shared<'_>, path: String, sha256: String) -> Answer<SubmissionView> {
    Ok(shell.app().await?.stage(&path, &sha256).await?)
}

#[tauri::command]
#[specta::specta]
async fn submissions(shell: Shared<'_>) -> Answer<Vec<SubmissionView>> {
    Ok(shell.app().await?.submissions().await?)
}

#[tauri::command]
#[specta::specta]
async fn retry(shell: Shared<'_>, id: String) -> Answer<SubmissionView> {
    Ok(shell.app().await?.retry(&id).await?)
}

/// Takes back a submission that is not at the relay yet.
#[tauri::command]
#[specta::specta]
async fn withdraw(shell: Shared<'_>, id: String) -> Answer<SubmissionView> {
    Ok(shell.app().await?.withdraw(&id).await?)
}

/// Writes the receipt as PDF and opens it in the person's PDF program, from which it is printed.
#[tauri::command]
#[specta::specta]
async fn receipt(handle: AppHandle, shell: Shared<'_>, id: String) -> Answer<SavedView> {
    let saved = shell.app().await?.receipt(&id, None).await?;
    if let Err(error) = handle.opener().open_path(&saved.path, None::<&str>) {
        tracing::info!(cause = %error, "No program opens the receipt; the page says where it lies");
    }
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn sync_now(shell: Shared<'_>) -> Answer<ImportView> {
    Ok(shell.app().await?.sync().await?)
}

#[tauri::command]
#[specta::specta]
async fn import_files(shell: Shared<'_>, paths: Vec<String>) -> Answer<ImportView> {
    Ok(shell.app().await?.import(&paths).await?)
}

/// Opens the file dialog and imports what was chosen.
#[tauri::command]
#[specta::specta]
async fn choose_import(handle: AppHandle, shell: Shared<'_>) -> Answer<ImportView> {
    let paths = choose(handle, "取り込むファイルを選ぶ").await;
    Ok(shell.app().await?.import(&paths).await?)
}

#[tauri::command]
#[specta::specta]
async fn notices(shell: Shared<'_>) -> Answer<Vec<NoticeView>> {
    Ok(shell.app().await?.notices().await?)
}

#[tauri::command]
#[specta::specta]
async fn notice(shell: Shared<'_>, id: String) -> Answer<NoticeContentView> {
    Ok(shell.app().await?.notice(&id).await?)
}

#[tauri::command]
#[specta::specta]
async fn returns(shell: Shared<'_>) -> Answer<Vec<ReturnView>> {
    Ok(shell.app().await?.returns().await?)
}

/// Decides that nothing more will be claimed for a row of the tracker; the reason is kept.
#[tauri::command]
#[specta::specta]
async fn close_return(shell: Shared<'_>, key: String, reason: String) -> Answer<ReturnView> {
    Ok(shell.app().await?.close_return(&key, &reason).await?)
}

#[tauri::command]
#[specta::specta]
async fn reopen_return(shell: Shared<'_>, key: String) -> Answer<ReturnView> {
    Ok(shell.app().await?.reopen_return(&key).await?)
}

#[tauri::command]
#[specta::specta]
async fn balance(shell: Shared<'_>) -> Answer<Vec<BalanceView>> {
    Ok(shell.app().await?.balance().await?)
}

#[tauri::command]
#[specta::specta]
async fn advance_demo(shell: Shared<'_>, to: String) -> Answer<FrameView> {
    Ok(shell.app().await?.advance_demo(&to).await?)
}

/// Lets a person choose files in the dialog of the operating system.
async fn choose(handle: AppHandle, title: &'static str) -> Vec<String> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    handle
        .dialog()
        .file()
        .set_title(title)
        .add_filter("請求・通知のファイル", &["csv", "CSV"])
        .add_filter("すべてのファイル", &["*"])
        .pick_files(move |chosen| {
            // The page may be gone by now.
            drop(sender.send(chosen.unwrap_or_default()));
        });
    let chosen: Vec<FilePath> = receiver.await.unwrap_or_default();
    chosen
        .into_iter()
        .filter_map(|path| path.into_path().ok())
        .map(|path| Path::to_string_lossy(&path).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use specta_typescript::Typescript;

    /// The committed bindings are what the commands generate. `UPDATE_BINDINGS=1` writes them anew.
    #[test]
    fn bindings_are_current() {
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/lib/backend/bindings.ts");
        let folder = tempfile::tempdir().unwrap();
        let generated = folder.path().join("bindings.ts");
        super::builder().export(Typescript::default(), &generated).unwrap();
        let generated = std::fs::read_to_string(generated).unwrap();
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            std::fs::write(committed, &generated).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(committed).unwrap(),
            generated,
            "run the tests of todoke-desktop with UPDATE_BINDINGS=1"
        );
    }
}
