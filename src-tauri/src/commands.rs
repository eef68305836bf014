//! The commands that the page may call. Each unpacks, calls one function of `app`, converts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::everyday::{Preferences, RecentFileView, WatchView};
use app::onboarding::views::{LettersView, OnboardingView, PastedView, PictureView};
use app::onboarding::{ChangeRequest, Draft};
use app::support::{CopyView, HealthView};
use app::update::UpdateView;
use app::views::board::{
    AnalysisView, BankView, BoardView, DepositView, ExportRequest, LockView, OfficeMonthView, RollView,
};
use app::views::{
    CheckView, CheckingView, DifferenceView, FrameView, ImportView, KagoDays, LoginView, NoticeContentView, NoticeView,
    OfficeAreaView, PartView, ProblemView, RescueView, ResetCodeView, SavedView, SecondFactorView, SentClaimsView,
    SentQuery, SheetView, SubmissionView,
};
use app::work::{
    AlarmView, Choice, DecidedView, ImportPreviewView, ImportProgressView, PaperForm, SavedFilterView, WorkItemView,
    WorkPageView, WorkQuery,
};
use app::{Code, Enquiry, Problem};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tauri_plugin_opener::OpenerExt;
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::shell::Shell;
use crate::{Changed, PRACTICE, drop_files};

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
            reset_password,
            sign_out_elsewhere,
            set_up_second_factor,
            confirm_second_factor,
            end_second_factor,
            logins,
            issue_reset_code,
            choose_files,
            check_files,
            take_dropped,
            checking,
            stop_checking,
            file_parts,
            claim_sheet,
            print_findings,
            export_findings,
            print_sheet,
            compare_with,
            office_areas,
            set_office_area,
            stage,
            submissions,
            retry,
            send_again,
            withdraw,
            cancel,
            hide,
            receipt,
            rescue_kit,
            handed_in_on_disc,
            sync_now,
            import_files,
            choose_import,
            notices,
            notice,
            worklist,
            work_item,
            decide_returns,
            undo_decisions,
            set_person,
            saved_filters,
            save_filter,
            alarms,
            choose_folder,
            preview_import,
            import_progress,
            unfinished_import,
            forget_unfinished_import,
            save_worklist,
            save_checklist,
            save_call_sheets,
            board,
            office_month,
            analysis,
            deposits,
            close_month,
            reopen_month,
            roll_forward,
            choose_statement,
            withdrawal_paper,
            sent_claims,
            set_kago_days,
            export_list,
            notice_paper,
            save_original,
            notices_naming,
            mark_notices_read,
            advance_demo,
            switch_account,
            onboarding,
            save_onboarding,
            paste_offices,
            fetch_operator,
            apply,
            withdraw_application,
            fetch_letters,
            power_of_attorney_papers,
            plan_paper,
            plan_calendar,
            done_paper,
            send_test,
            request_change,
            save_change,
            paste_change_offices,
            choose_sealed_photo,
            sealed_photo,
            sealed_photos_paper,
            enquiry_paper,
            preferences,
            set_preferences,
            set_proxy_password,
            choose_company_root,
            forget_company_root,
            watched,
            choose_watched_folder,
            forget_watched_folder,
            take_found,
            recent_files,
            health,
            support_file,
            database_copies,
            newer_version,
            install_update,
            practice,
            begin_practice,
            lay_practice_file,
            end_practice,
        ])
        .events(collect_events![Changed])
}

#[tauri::command]
#[specta::specta]
async fn frame(shell: Shared<'_>) -> Answer<FrameView> {
    Ok(shell.app().await?.frame().await?)
}

/// What a practice is played with.
#[derive(Debug, Clone, serde::Serialize, specta::Type)]
pub struct PracticeView {
    /// Claim files, in the order in which they are to be sent.
    files: Vec<PracticeFileView>,
    /// 法人番号, ID and password, for who signs out in the middle of it.
    corporation_number: String,
    login_id: String,
    password: String,
}

/// A claim file to practise with.
#[derive(Debug, Clone, serde::Serialize, specta::Type)]
pub struct PracticeFileView {
    /// File name.
    name: String,
    /// What it is, in a line.
    about: String,
}

/// Returns what this practice is played with; `null` in the program with real data.
#[tauri::command]
#[specta::specta]
async fn practice(shell: Shared<'_>) -> Answer<Option<PracticeView>> {
    let credentials = practice::Practice::credentials();
    Ok(shell.practice_files().map(|files| PracticeView {
        files: files
            .into_iter()
            .map(|file| PracticeFileView { name: file.name, about: file.about.to_owned() })
            .collect(),
        corporation_number: credentials.corporation_number.to_owned(),
        login_id: credentials.login_id.to_owned(),
        password: credentials.password.to_owned(),
    }))
}

/// Opens a practice in a window of its own, a process beside this one; one that is open comes to the front.
#[tauri::command]
#[specta::specta]
async fn begin_practice() -> Answer<()> {
    let begun = std::env::current_exe().and_then(|program| std::process::Command::new(program).arg(PRACTICE).spawn());
    let mut child = begun.map_err(|error| {
        tracing::error!(cause = %error, "The practice cannot be started");
        ProblemView::from(Problem::from(Code::PracticeFailed))
    })?;
    // Waited for, so that the system can forget it when it ends.
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// Lays a file of the practice on the desk, as if it had been dropped on the window.
#[tauri::command]
#[specta::specta]
async fn lay_practice_file(handle: AppHandle, shell: Shared<'_>, name: String) -> Answer<()> {
    let files = shell.practice_files().unwrap_or_default();
    let file = files.into_iter().find(|file| file.name == name).ok_or(Problem::from(Code::UnknownFile))?;
    drop_files(&handle, vec![file.path.to_string_lossy().into_owned()]);
    Ok(())
}

/// Ends the practice and closes its window.
#[tauri::command]
#[specta::specta]
async fn end_practice(handle: AppHandle, shell: Shared<'_>) -> Answer<()> {
    if shell.practice_files().is_some() {
        handle.exit(0);
    }
    Ok(())
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
    code: Option<String>,
) -> Answer<FrameView> {
    Ok(shell.app().await?.log_in(&corporation_number, &login_id, &password, code.as_deref()).await?)
}

/// Sets a new password with a one-time code and signs in.
#[tauri::command]
#[specta::specta]
async fn reset_password(
    shell: Shared<'_>,
    corporation_number: String,
    login_id: String,
    code: String,
    new_password: String,
) -> Answer<FrameView> {
    Ok(shell.app().await?.reset_password(&corporation_number, &login_id, &code, &new_password).await?)
}

#[tauri::command]
#[specta::specta]
async fn sign_out_elsewhere(shell: Shared<'_>) -> Answer<FrameView> {
    Ok(shell.app().await?.sign_out_elsewhere().await?)
}

#[tauri::command]
#[specta::specta]
async fn set_up_second_factor(shell: Shared<'_>) -> Answer<SecondFactorView> {
    Ok(shell.app().await?.set_up_second_factor().await?)
}

/// Returns the recovery codes, which are shown once.
#[tauri::command]
#[specta::specta]
async fn confirm_second_factor(shell: Shared<'_>, code: String) -> Answer<Vec<String>> {
    Ok(shell.app().await?.confirm_second_factor(&code).await?)
}

#[tauri::command]
#[specta::specta]
async fn end_second_factor(shell: Shared<'_>, code: String) -> Answer<FrameView> {
    Ok(shell.app().await?.end_second_factor(&code).await?)
}

/// Lists the IDs of the corporation.
#[tauri::command]
#[specta::specta]
async fn logins(shell: Shared<'_>) -> Answer<Vec<LoginView>> {
    Ok(shell.app().await?.logins().await?)
}

#[tauri::command]
#[specta::specta]
async fn issue_reset_code(shell: Shared<'_>, login_id: String) -> Answer<ResetCodeView> {
    Ok(shell.app().await?.issue_reset_code(&login_id).await?)
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
    shell.give(&paths);
    Ok(shell.app().await?.lay_files(&paths).await?)
}

/// Checks files again that a person gave before.
#[tauri::command]
#[specta::specta]
async fn check_files(shell: Shared<'_>, paths: Vec<String>) -> Answer<Vec<CheckView>> {
    shell.only_given(&paths)?;
    Ok(shell.app().await?.lay_files(&paths).await?)
}

/// Checks the files that were dropped on the window or given to the program since the last call.
#[tauri::command]
#[specta::specta]
async fn take_dropped(shell: Shared<'_>) -> Answer<Vec<CheckView>> {
    let app = shell.app().await?;
    Ok(app.lay_files(&shell.take_dropped()).await?)
}

/// How far the check at hand has come; `null` while nothing is checked.
#[tauri::command]
#[specta::specta]
async fn checking(shell: Shared<'_>) -> Answer<Option<CheckingView>> {
    Ok(shell.app().await?.checking())
}

/// Stops checking; what was done so far is handed over.
#[tauri::command]
#[specta::specta]
async fn stop_checking(shell: Shared<'_>) -> Answer<()> {
    shell.app().await?.stop_checking();
    Ok(())
}

#[tauri::command]
#[specta::specta]
async fn file_parts(shell: Shared<'_>, sha256: String) -> Answer<Vec<PartView>> {
    Ok(shell.app().await?.file_parts(&sha256).await?)
}

#[tauri::command]
#[specta::specta]
async fn claim_sheet(shell: Shared<'_>, sha256: String, line: u32) -> Answer<SheetView> {
    Ok(shell.app().await?.claim_sheet(&sha256, line.into()).await?)
}

/// Writes the findings as PDF and opens it, to be printed from there.
#[tauri::command]
#[specta::specta]
async fn print_findings(handle: AppHandle, shell: Shared<'_>, sha256: String) -> Answer<SavedView> {
    let saved = shell.app().await?.print_findings(&sha256, None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

/// Writes the findings as CSV and opens it in the person's spreadsheet program.
#[tauri::command]
#[specta::specta]
async fn export_findings(handle: AppHandle, shell: Shared<'_>, sha256: String) -> Answer<SavedView> {
    let saved = shell.app().await?.export_findings(&sha256, None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

/// Writes the claim in which `line` stands as PDF and opens it.
#[tauri::command]
#[specta::specta]
async fn print_sheet(handle: AppHandle, shell: Shared<'_>, sha256: String, line: u32) -> Answer<SavedView> {
    let saved = shell.app().await?.print_sheet(&sha256, line.into(), None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn compare_with(shell: Shared<'_>, sha256: String, earlier: String) -> Answer<DifferenceView> {
    Ok(shell.app().await?.compare_with(&sha256, &earlier).await?)
}

#[tauri::command]
#[specta::specta]
async fn office_areas(shell: Shared<'_>) -> Answer<Vec<OfficeAreaView>> {
    Ok(shell.app().await?.office_areas().await?)
}

#[tauri::command]
#[specta::specta]
async fn set_office_area(
    shell: Shared<'_>,
    office: String,
    area: Option<String>,
    from: Option<String>,
) -> Answer<Vec<OfficeAreaView>> {
    Ok(shell.app().await?.set_office_area(&office, area.as_deref(), from.as_deref()).await?)
}

#[tauri::command]
#[specta::specta]
async fn stage(shell: Shared<'_>, path: String, sha256: String) -> Answer<SubmissionView> {
    shell.only_given(std::slice::from_ref(&path))?;
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

/// Sends a submission again that has ended with nothing accepted.
#[tauri::command]
#[specta::specta]
async fn send_again(shell: Shared<'_>, id: String) -> Answer<SubmissionView> {
    Ok(shell.app().await?.send_again(&id).await?)
}

/// Asks for the cancellation of a submission.
#[tauri::command]
#[specta::specta]
async fn cancel(shell: Shared<'_>, id: String) -> Answer<SubmissionView> {
    Ok(shell.app().await?.cancel(&id).await?)
}

/// Takes a submission off the list, or brings it back.
#[tauri::command]
#[specta::specta]
async fn hide(shell: Shared<'_>, id: String, hidden: bool) -> Answer<SubmissionView> {
    Ok(shell.app().await?.hide(&id, hidden).await?)
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
    open_path(&handle, &saved);
    Ok(saved)
}

/// Writes a rescue kit and opens its folder.
#[tauri::command]
#[specta::specta]
async fn rescue_kit(handle: AppHandle, shell: Shared<'_>) -> Answer<RescueView> {
    let kit = shell.app().await?.rescue_kit(None).await?;
    if let Err(error) = handle.opener().open_path(&kit.folder, None::<&str>) {
        tracing::info!(cause = %error, "No program opens the folder; the page says where it lies");
    }
    Ok(kit)
}

#[tauri::command]
#[specta::specta]
async fn handed_in_on_disc(shell: Shared<'_>, ids: Vec<String>) -> Answer<()> {
    Ok(shell.app().await?.handed_in_on_disc(&ids).await?)
}

#[tauri::command]
#[specta::specta]
async fn sync_now(shell: Shared<'_>) -> Answer<ImportView> {
    Ok(shell.app().await?.sync().await?)
}

#[tauri::command]
#[specta::specta]
async fn import_files(shell: Shared<'_>, paths: Vec<String>) -> Answer<ImportView> {
    shell.only_given(&paths)?;
    Ok(shell.app().await?.import(&paths).await?)
}

/// Opens the file dialog and imports what was chosen.
#[tauri::command]
#[specta::specta]
async fn choose_import(handle: AppHandle, shell: Shared<'_>) -> Answer<ImportView> {
    let paths = choose(handle, "取り込むファイルを選ぶ").await;
    shell.give(&paths);
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
async fn worklist(shell: Shared<'_>, query: WorkQuery, offset: u32, count: u32) -> Answer<WorkPageView> {
    Ok(shell.app().await?.worklist(query, offset, count).await?)
}

#[tauri::command]
#[specta::specta]
async fn work_item(shell: Shared<'_>, id: String) -> Answer<WorkItemView> {
    Ok(shell.app().await?.work_item(&id).await?)
}

#[tauri::command]
#[specta::specta]
async fn decide_returns(shell: Shared<'_>, keys: Vec<String>, choice: Choice) -> Answer<DecidedView> {
    Ok(shell.app().await?.decide_returns(&keys, choice).await?)
}

#[tauri::command]
#[specta::specta]
async fn undo_decisions(shell: Shared<'_>, ids: Vec<u32>) -> Answer<DecidedView> {
    Ok(shell.app().await?.undo_decisions(&ids).await?)
}

#[tauri::command]
#[specta::specta]
async fn set_person(shell: Shared<'_>, name: String) -> Answer<Option<String>> {
    Ok(shell.app().await?.set_person(&name).await?)
}

#[tauri::command]
#[specta::specta]
async fn saved_filters(shell: Shared<'_>) -> Answer<Vec<SavedFilterView>> {
    Ok(shell.app().await?.saved_filters().await?)
}

/// Saves a filter under a name; without a filter the name is forgotten.
#[tauri::command]
#[specta::specta]
async fn save_filter(shell: Shared<'_>, name: String, query: Option<WorkQuery>) -> Answer<Vec<SavedFilterView>> {
    Ok(shell.app().await?.save_filter(&name, query).await?)
}

#[tauri::command]
#[specta::specta]
async fn alarms(shell: Shared<'_>) -> Answer<Vec<AlarmView>> {
    Ok(shell.app().await?.alarms().await?)
}

/// Opens the folder dialog for an import; `null` when it was closed.
#[tauri::command]
#[specta::specta]
async fn choose_folder(handle: AppHandle, shell: Shared<'_>) -> Answer<Option<String>> {
    let chosen = one_folder(handle, "取り込むフォルダーを選ぶ").await;
    let folder = chosen.map(|path| path.to_string_lossy().into_owned());
    shell.give(folder.as_slice());
    Ok(folder)
}

#[tauri::command]
#[specta::specta]
async fn preview_import(shell: Shared<'_>, paths: Vec<String>) -> Answer<ImportPreviewView> {
    shell.only_given(&paths)?;
    Ok(shell.app().await?.preview_import(&paths).await?)
}

#[tauri::command]
#[specta::specta]
async fn import_progress(shell: Shared<'_>) -> Answer<Option<ImportProgressView>> {
    Ok(shell.app().await?.import_progress())
}

#[tauri::command]
#[specta::specta]
async fn unfinished_import(shell: Shared<'_>) -> Answer<Vec<String>> {
    let paths = shell.app().await?.unfinished_import().await?;
    // A person gave them before the import was cut off.
    shell.give(&paths);
    Ok(paths)
}

#[tauri::command]
#[specta::specta]
async fn forget_unfinished_import(shell: Shared<'_>) -> Answer<()> {
    Ok(shell.app().await?.forget_unfinished_import().await?)
}

/// Writes what the query finds as a paper or as a table, and opens it.
#[tauri::command]
#[specta::specta]
async fn save_worklist(handle: AppHandle, shell: Shared<'_>, query: WorkQuery, form: PaperForm) -> Answer<SavedView> {
    let saved = shell.app().await?.save_worklist_in_documents(query, form).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn save_checklist(
    handle: AppHandle,
    shell: Shared<'_>,
    office: Option<String>,
    form: PaperForm,
) -> Answer<SavedView> {
    let saved = shell.app().await?.save_checklist_in_documents(office, form).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

/// Writes one sheet per counterparty and opens the folder that holds them.
#[tauri::command]
#[specta::specta]
async fn save_call_sheets(handle: AppHandle, shell: Shared<'_>, office: Option<String>) -> Answer<Vec<SavedView>> {
    let saved = shell.app().await?.save_call_sheets_in_documents(office).await?;
    if let Some(folder) = saved.first().and_then(|first| Path::new(&first.path).parent())
        && let Err(error) = handle.opener().open_path(folder.to_string_lossy(), None::<&str>)
    {
        tracing::info!(cause = %error, "No program opens the folder; the page says where it lies");
    }
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn board(shell: Shared<'_>, figure: String) -> Answer<BoardView> {
    Ok(shell.app().await?.board(&figure).await?)
}

#[tauri::command]
#[specta::specta]
async fn office_month(shell: Shared<'_>, office: String, month: String) -> Answer<OfficeMonthView> {
    Ok(shell.app().await?.office_month(&office, &month).await?)
}

#[tauri::command]
#[specta::specta]
async fn analysis(shell: Shared<'_>, office: Option<String>) -> Answer<AnalysisView> {
    Ok(shell.app().await?.analysis(office.as_deref()).await?)
}

#[tauri::command]
#[specta::specta]
async fn deposits(shell: Shared<'_>, office: Option<String>) -> Answer<Vec<DepositView>> {
    Ok(shell.app().await?.deposits(office.as_deref()).await?)
}

/// Closes a month of an office, or of all offices, up to a stage.
#[tauri::command]
#[specta::specta]
async fn close_month(shell: Shared<'_>, office: Option<String>, month: String, stage: String) -> Answer<Vec<LockView>> {
    Ok(shell.app().await?.close_month(office.as_deref(), &month, &stage).await?)
}

#[tauri::command]
#[specta::specta]
async fn reopen_month(shell: Shared<'_>, office: String, month: String, reason: String) -> Answer<Vec<LockView>> {
    Ok(shell.app().await?.reopen_month(&office, &month, &reason).await?)
}

#[tauri::command]
#[specta::specta]
async fn roll_forward(shell: Shared<'_>, office: Option<String>, style: String) -> Answer<RollView> {
    Ok(shell.app().await?.roll_forward(office.as_deref(), &style).await?)
}

/// Opens the file dialog and holds the bank statement that was chosen against the deposits; `null` when it was closed.
#[tauri::command]
#[specta::specta]
async fn choose_statement(handle: AppHandle, shell: Shared<'_>, office: Option<String>) -> Answer<Option<BankView>> {
    let paths = choose(handle, "通帳の入出金明細（CSV）を選ぶ").await;
    shell.give(&paths);
    let Some(path) = paths.first() else { return Ok(None) };
    Ok(Some(shell.app().await?.match_bank(path, office.as_deref()).await?))
}

/// Writes the paper by which a claim is taken back, and opens it.
#[tauri::command]
#[specta::specta]
async fn withdrawal_paper(handle: AppHandle, shell: Shared<'_>, key: String) -> Answer<SavedView> {
    let saved = shell.app().await?.withdrawal_paper(&key, None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

/// Returns claims that were sent, each with the only road by which it can be taken back.
#[tauri::command]
#[specta::specta]
async fn sent_claims(shell: Shared<'_>, query: SentQuery) -> Answer<SentClaimsView> {
    Ok(shell.app().await?.sent_claims(query).await?)
}

/// Keeps until when an insurer takes 過誤申立.
#[tauri::command]
#[specta::specta]
async fn set_kago_days(shell: Shared<'_>, insurer: String, days: KagoDays) -> Answer<()> {
    Ok(shell.app().await?.set_kago_days(&insurer, days).await?)
}

/// Asks where to save and writes the list there; `null` when the dialog was closed.
#[tauri::command]
#[specta::specta]
async fn export_list(handle: AppHandle, shell: Shared<'_>, request: ExportRequest) -> Answer<Option<SavedView>> {
    if let Some(file) = &request.file {
        shell.only_given(std::slice::from_ref(file))?;
    }
    let app = shell.app().await?;
    let name = app.export_name(&request).await?;
    let Some(path) = choose_place(handle, app.documents(), &name).await else { return Ok(None) };
    Ok(Some(app.export(&request, Some(path)).await?))
}

/// Writes a notice as PDF and opens it in the person's PDF program, from which it is printed.
#[tauri::command]
#[specta::specta]
async fn notice_paper(handle: AppHandle, shell: Shared<'_>, id: String) -> Answer<SavedView> {
    let saved = shell.app().await?.notice_paper(&id, None).await?;
    if let Err(error) = handle.opener().open_path(&saved.path, None::<&str>) {
        tracing::info!(cause = %error, "No program opens the notice; the page says where it lies");
    }
    Ok(saved)
}

/// Asks where to save a file as it was sent or came, and writes it there; `null` when the dialog was closed. It is not opened:
/// what comes from outside is for a person to open.
#[tauri::command]
#[specta::specta]
async fn save_original(handle: AppHandle, shell: Shared<'_>, id: String) -> Answer<Option<SavedView>> {
    let app = shell.app().await?;
    let name = app.original_name(&id).await?;
    let Some(path) = choose_place(handle, app.documents(), &name).await else { return Ok(None) };
    Ok(Some(app.save_original(&id, Some(path)).await?))
}

#[tauri::command]
#[specta::specta]
async fn notices_naming(shell: Shared<'_>, text: String) -> Answer<Vec<String>> {
    Ok(shell.app().await?.notices_naming(&text).await?)
}

#[tauri::command]
#[specta::specta]
async fn mark_notices_read(shell: Shared<'_>, ids: Vec<String>) -> Answer<()> {
    Ok(shell.app().await?.mark_notices_read(&ids).await?)
}

#[tauri::command]
#[specta::specta]
async fn advance_demo(shell: Shared<'_>, to: String) -> Answer<FrameView> {
    Ok(shell.app().await?.advance_demo(&to).await?)
}

/// Acts under another ID whose password is on this computer.
#[tauri::command]
#[specta::specta]
async fn switch_account(shell: Shared<'_>, corporation_number: String, login_id: String) -> Answer<FrameView> {
    Ok(shell.app().await?.switch_account(&corporation_number, &login_id).await?)
}

#[tauri::command]
#[specta::specta]
async fn onboarding(shell: Shared<'_>) -> Answer<OnboardingView> {
    Ok(shell.app().await?.onboarding().await?)
}

#[tauri::command]
#[specta::specta]
async fn save_onboarding(shell: Shared<'_>, draft: Draft) -> Answer<OnboardingView> {
    Ok(shell.app().await?.save_onboarding(draft).await?)
}

#[tauri::command]
#[specta::specta]
async fn paste_offices(shell: Shared<'_>, text: String) -> Answer<PastedView> {
    Ok(shell.app().await?.paste_offices(&text).await?)
}

#[tauri::command]
#[specta::specta]
async fn fetch_operator(shell: Shared<'_>) -> Answer<OnboardingView> {
    Ok(shell.app().await?.fetch_operator().await?)
}

#[tauri::command]
#[specta::specta]
async fn apply(shell: Shared<'_>) -> Answer<OnboardingView> {
    Ok(shell.app().await?.apply().await?)
}

#[tauri::command]
#[specta::specta]
async fn withdraw_application(shell: Shared<'_>) -> Answer<OnboardingView> {
    Ok(shell.app().await?.withdraw_application().await?)
}

#[tauri::command]
#[specta::specta]
async fn fetch_letters(shell: Shared<'_>) -> Answer<LettersView> {
    Ok(shell.app().await?.fetch_letters().await?)
}

/// Writes the 委任状 and the list for the envelope, and opens the two that are printed.
#[tauri::command]
#[specta::specta]
async fn power_of_attorney_papers(handle: AppHandle, shell: Shared<'_>) -> Answer<Vec<SavedView>> {
    let saved = shell.app().await?.power_of_attorney_papers(None).await?;
    saved.iter().take(2).for_each(|paper| open_path(&handle, paper));
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn plan_paper(handle: AppHandle, shell: Shared<'_>) -> Answer<SavedView> {
    let saved = shell.app().await?.plan_paper(None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn plan_calendar(handle: AppHandle, shell: Shared<'_>) -> Answer<SavedView> {
    let saved = shell.app().await?.plan_calendar(None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn done_paper(handle: AppHandle, shell: Shared<'_>) -> Answer<SavedView> {
    let saved = shell.app().await?.done_paper(None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn send_test(shell: Shared<'_>, office: String) -> Answer<SubmissionView> {
    Ok(shell.app().await?.send_test(&office).await?)
}

#[tauri::command]
#[specta::specta]
async fn request_change(shell: Shared<'_>, request: ChangeRequest) -> Answer<OnboardingView> {
    Ok(shell.app().await?.request_change(request).await?)
}

#[tauri::command]
#[specta::specta]
async fn save_change(shell: Shared<'_>, request: ChangeRequest) -> Answer<OnboardingView> {
    Ok(shell.app().await?.save_change(request).await?)
}

#[tauri::command]
#[specta::specta]
async fn paste_change_offices(shell: Shared<'_>, text: String) -> Answer<PastedView> {
    Ok(shell.app().await?.paste_change_offices(&text).await?)
}

/// Asks for the photo of a sealed 委任状 and keeps it; `null` when the dialog was closed.
#[tauri::command]
#[specta::specta]
async fn choose_sealed_photo(handle: AppHandle, shell: Shared<'_>, office: String) -> Answer<Option<OnboardingView>> {
    let app = shell.app().await?;
    let endings = ["jpg", "jpeg", "png", "JPG", "JPEG", "PNG"];
    let chosen = one_file(handle, "押印した委任状の写真を選ぶ", ("写真（JPEG・PNG）", &endings)).await;
    let Some(path) = chosen else { return Ok(None) };
    Ok(Some(app.keep_sealed_photo(&office, &path).await?))
}

#[tauri::command]
#[specta::specta]
async fn sealed_photo(shell: Shared<'_>, office: String) -> Answer<PictureView> {
    Ok(shell.app().await?.sealed_photo(&office).await?)
}

#[tauri::command]
#[specta::specta]
async fn sealed_photos_paper(handle: AppHandle, shell: Shared<'_>) -> Answer<SavedView> {
    let saved = shell.app().await?.sealed_photos_paper(None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

/// Writes the 問い合わせ票 and opens it.
#[tauri::command]
#[specta::specta]
async fn enquiry_paper(handle: AppHandle, shell: Shared<'_>, enquiry: Enquiry) -> Answer<SavedView> {
    let saved = shell.app().await?.enquiry_paper(&enquiry, None).await?;
    open_path(&handle, &saved);
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn preferences(shell: Shared<'_>) -> Answer<Preferences> {
    Ok(shell.app().await?.preferences().await?)
}

#[tauri::command]
#[specta::specta]
async fn set_preferences(shell: Shared<'_>, wanted: Preferences) -> Answer<Preferences> {
    let kept = shell.app().await?.set_preferences(wanted).await?;
    shell.stay_open(kept.stay_open);
    Ok(kept)
}

#[tauri::command]
#[specta::specta]
async fn set_proxy_password(shell: Shared<'_>, password: String) -> Answer<()> {
    Ok(shell.app().await?.set_proxy_password(&password).await?)
}

/// Opens the file dialog for the company's root certificate; `null` when it was closed.
#[tauri::command]
#[specta::specta]
async fn choose_company_root(handle: AppHandle, shell: Shared<'_>) -> Answer<Option<Preferences>> {
    let endings = ["pem", "crt", "cer", "PEM", "CRT", "CER"];
    let Some(path) = one_file(handle, "会社の証明書を選ぶ", ("証明書", &endings)).await else {
        return Ok(None);
    };
    Ok(Some(shell.app().await?.set_company_root(Some(&path.to_string_lossy())).await?))
}

#[tauri::command]
#[specta::specta]
async fn forget_company_root(shell: Shared<'_>) -> Answer<Preferences> {
    Ok(shell.app().await?.set_company_root(None).await?)
}

#[tauri::command]
#[specta::specta]
async fn watched(shell: Shared<'_>) -> Answer<WatchView> {
    Ok(shell.app().await?.watched().await?)
}

/// Opens the folder dialog and watches what was chosen; `null` when it was closed.
#[tauri::command]
#[specta::specta]
async fn choose_watched_folder(handle: AppHandle, shell: Shared<'_>) -> Answer<Option<WatchView>> {
    let Some(path) = one_folder(handle, "介護ソフトが請求ファイルを作るフォルダーを選ぶ").await
    else {
        return Ok(None);
    };
    Ok(Some(shell.app().await?.watch_folder(Some(&path.to_string_lossy())).await?))
}

#[tauri::command]
#[specta::specta]
async fn forget_watched_folder(shell: Shared<'_>) -> Answer<WatchView> {
    Ok(shell.app().await?.watch_folder(None).await?)
}

/// Checks the files that the watched folder got since the last call.
#[tauri::command]
#[specta::specta]
async fn take_found(shell: Shared<'_>) -> Answer<Vec<CheckView>> {
    let app = shell.app().await?;
    let paths = app.take_found();
    shell.give(&paths);
    Ok(app.lay_files(&paths).await?)
}

/// Lists the files that were looked at last; they may be checked again.
#[tauri::command]
#[specta::specta]
async fn recent_files(shell: Shared<'_>) -> Answer<Vec<RecentFileView>> {
    let recent = shell.app().await?.recent_files().await?;
    shell.give(&recent.iter().map(|file| file.path.clone()).collect::<Vec<_>>());
    Ok(recent)
}

/// Looks whether everything works; also when the program cannot be opened.
#[tauri::command]
#[specta::specta]
async fn health(shell: Shared<'_>) -> Answer<HealthView> {
    Ok(shell.health().await)
}

/// Writes サポート用資料 and shows where it lies.
#[tauri::command]
#[specta::specta]
async fn support_file(handle: AppHandle, shell: Shared<'_>) -> Answer<SavedView> {
    let saved = shell.support_file().await?;
    if let Err(error) = handle.opener().reveal_item_in_dir(&saved.path) {
        tracing::info!(cause = %error, "The folder cannot be shown; the page says where it is");
    }
    Ok(saved)
}

#[tauri::command]
#[specta::specta]
async fn database_copies(shell: Shared<'_>) -> Answer<Vec<CopyView>> {
    Ok(shell.copies()?)
}

#[tauri::command]
#[specta::specta]
async fn newer_version(shell: Shared<'_>) -> Answer<Option<UpdateView>> {
    Ok(shell.app().await?.newer_version().await?)
}

/// Fetches and verifies the newer version, starts its installer and ends the program. The installer opens it again.
#[tauri::command]
#[specta::specta]
async fn install_update(handle: AppHandle, shell: Shared<'_>) -> Answer<()> {
    let app = shell.app().await?;
    let installer = app.fetch_update().await?;
    if let Err(error) = start_installer(&handle, &installer) {
        tracing::error!(cause = %error, "The installer cannot be started");
        app.stay();
        return Err(Problem::from(Code::UpdateFailed).into());
    }
    if cfg!(windows) {
        handle.exit(0);
    } else {
        // The system's own program installs it, and asks for the password; this one goes on until it is opened anew.
        app.stay();
    }
    Ok(())
}

fn start_installer(handle: &AppHandle, installer: &Path) -> Result<(), Box<dyn std::error::Error>> {
    if cfg!(windows) {
        std::process::Command::new(installer).args(["/S", "/RELAUNCH"]).spawn()?;
    } else {
        handle.opener().open_path(installer.to_string_lossy(), None::<&str>)?;
    }
    Ok(())
}

/// Opens a paper in the person's program for it, from which it is printed.
fn open_path(handle: &AppHandle, saved: &SavedView) {
    if let Err(error) = handle.opener().open_path(&saved.path, None::<&str>) {
        tracing::info!(cause = %error, "No program opens the paper; the page says where it lies");
    }
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

/// Lets a person choose one file; those of `kind`（its name and endings）are offered first.
async fn one_file(handle: AppHandle, title: &str, (kind, endings): (&str, &[&str])) -> Option<PathBuf> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let dialog = handle.dialog().file().set_title(title);
    dialog.add_filter(kind, endings).add_filter("すべてのファイル", &["*"]).pick_file(move |chosen| {
        // The page may be gone by now.
        drop(sender.send(chosen));
    });
    receiver.await.ok().flatten().and_then(|path| path.into_path().ok())
}

/// Lets a person choose a folder.
async fn one_folder(handle: AppHandle, title: &str) -> Option<PathBuf> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    handle.dialog().file().set_title(title).pick_folder(move |chosen| {
        // The page may be gone by now.
        drop(sender.send(chosen));
    });
    receiver.await.ok().flatten().and_then(|path| path.into_path().ok())
}

/// Lets a person choose where to save, beginning in `folder` with `name`.
async fn choose_place(handle: AppHandle, folder: &Path, name: &str) -> Option<PathBuf> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // The dialog begins where there is a folder; a person who has printed nothing yet has none.
    drop(std::fs::create_dir_all(folder));
    handle.dialog().file().set_title("保存する場所を選ぶ").set_directory(folder).set_file_name(name).save_file(
        move |chosen| {
            // The page may be gone by now.
            drop(sender.send(chosen));
        },
    );
    receiver.await.ok().flatten().and_then(|path| path.into_path().ok())
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
