use std::collections::HashSet;
use std::path::{Path, PathBuf};

use app::support::{HealthState, Program};
use app::views::board::ExportRequest;
use app::views::{CheckView, FrameView, KagoDays, SentQuery, SubmissionState, SubmissionView};
use app::work::{Choice, WorkQuery};
use app::{App, Clock, Code, Config, Enquiry, KeyFile, Keychain, Problem, Secrets, TICK};

use crate::arguments::{
    Arguments, Command, Copies, Format, IdsCommand, Options, Recovery, Returns, SecondFactorCommand, Work,
};
use crate::{Outcome, print, read_password};

/// Carries out one command.
pub async fn run(
    arguments: Arguments,
    clock: impl FnOnce(Option<chrono::NaiveDate>) -> Clock,
) -> Result<Outcome, Problem> {
    let Arguments { options, command } = arguments;
    let json = options.format == Format::Json;
    match &command {
        Command::Inspect { files } => return Ok(inspect(json, files)),
        Command::Compare { before, after } => {
            let view = app::compare_paths(before, after)?;
            show(json, &view, print::difference);
            let same =
                view.added.is_empty() && view.removed.is_empty() && view.changed.is_empty() && view.others.is_empty();
            return Ok(if same { Outcome::Done } else { Outcome::Findings });
        }
        _ => {}
    }
    let clock = clock(options.today);
    match &command {
        Command::Plan { apply, first_claim, ics } => {
            let plan = app::onboarding::plan_of(*apply, first_claim.as_deref(), clock.now(), ics.as_deref())?;
            show(json, &plan, print::plan);
            return Ok(Outcome::Done);
        }
        Command::Poa { application, out } => {
            let text = std::fs::read(application).map_err(|_| Problem::from(Code::Unreadable))?;
            let saved = app::onboarding::powers_of_attorney(&text, out, clock.now())?;
            show(json, &saved, |saved| saved.iter().for_each(|paper| print::line(&paper.path)));
            return Ok(Outcome::Done);
        }
        _ => {}
    }
    let config = config(&options, clock);
    if let Command::Recovery { command: Recovery::Restore } = &command {
        app::restore_key(&config, &read_password("復旧キー: ")?).await?;
        print::line("復旧キーをキーチェーンへ戻しました。");
        return Ok(Outcome::Done);
    }
    if let Some(outcome) = support(&config, json, &command).await? {
        return Ok(outcome);
    }
    if let Command::Check { files } = &command {
        return Ok(check(config, json, files).await);
    }
    let app = App::open(config).await?;
    if let Some(address) = &options.relay {
        app.use_relay(address).await?;
    }
    match command {
        Command::Check { .. }
        | Command::Health
        | Command::Support { .. }
        | Command::Copies { .. }
        | Command::Inspect { .. }
        | Command::Compare { .. }
        | Command::Plan { .. }
        | Command::Poa { .. } => {}
        Command::Region { office, set, from } => {
            let views = match (&office, &set) {
                (Some(office), Some(area)) => {
                    let area = Some(area.as_str()).filter(|area| *area != "なし");
                    app.set_office_area(office, area, from.as_deref()).await?
                }
                _ => app.office_areas().await?,
            };
            let views: Vec<_> =
                views.into_iter().filter(|view| office.as_ref().is_none_or(|office| view.office == *office)).collect();
            show(json, &views, |views| print::areas(views));
        }
        Command::Start { ics, poa, draft, apply, photo, photos, plan, test, done } => {
            app.look_at_relay().await;
            if let Some(file) = draft {
                let text = std::fs::read(file).map_err(|_| Problem::from(Code::Unreadable))?;
                app.read_onboarding(&text).await?;
            }
            if apply {
                app.fetch_operator().await?;
                app.apply().await?;
            }
            for pair in photo.chunks(2) {
                if let [office, file] = pair {
                    app.keep_sealed_photo(&office.to_string_lossy(), file).await?;
                }
            }
            if let Some(office) = test {
                app.send_test(&office).await?;
            }
            // The desk may have worked, and the test is to be sent: one turn of what the window does all the time.
            if let Err(problem) = app.tick().await {
                print::problem(&problem, false);
            }
            let mut saved = Vec::new();
            if let Some(path) = plan {
                saved.push(app.plan_paper(Some(path)).await?);
            }
            if let Some(path) = done {
                saved.push(app.done_paper(Some(path)).await?);
            }
            if let Some(path) = photos {
                saved.push(app.sealed_photos_paper(Some(path)).await?);
            }
            if let Some(path) = ics {
                saved.push(app.plan_calendar(Some(path)).await?);
            }
            if let Some(folder) = poa {
                saved.extend(app.power_of_attorney_papers(Some(folder)).await?);
            }
            let view = app.onboarding().await?;
            show(json, &view, |view| {
                print::onboarding(view);
                for paper in &saved {
                    print::line(&paper.path);
                }
            });
        }
        Command::Enquiry { problem, what, name, phone, out } => {
            app.look_at_relay().await;
            let saved = app.enquiry_paper(&Enquiry { problem, what, name, phone }, out).await?;
            show(json, &saved, |saved| print::line(&saved.path));
        }
        Command::Login { corporation, id, code } => {
            let frame = app.log_in(&corporation, &id, &read_password("パスワード: ")?, code.as_deref()).await?;
            show(json, &frame, print::frame);
        }
        Command::Logout { elsewhere } => {
            let frame = if elsewhere { app.sign_out_elsewhere().await? } else { app.log_out().await? };
            show(json, &frame, print::frame);
        }
        Command::ResetPassword { corporation, id } => {
            let (code, new) = (read_password("使い捨てコード: ")?, read_password("新しいパスワード: ")?);
            let frame = app.reset_password(&corporation, &id, &code, &new).await?;
            show(json, &frame, print::frame);
        }
        Command::SecondFactor(SecondFactorCommand::Begin) => {
            let view = app.set_up_second_factor().await?;
            show(json, &view, |view| {
                print::line(&format!("認証アプリに入れる文字：{}", view.secret));
                print::line("アプリに出た6桁の数字で todoke second-factor confirm をすると、使いはじめます。");
            });
        }
        Command::SecondFactor(SecondFactorCommand::Confirm { code }) => {
            let codes = app.confirm_second_factor(&code).await?;
            show(json, &codes, |codes| {
                print::line("2段階認証を使いはじめました。予備コードを紙に控えてください（もう表示できません）。");
                for code in codes {
                    print::line(code);
                }
            });
        }
        Command::SecondFactor(SecondFactorCommand::End { code }) => {
            let frame = app.end_second_factor(&code).await?;
            show(json, &frame, print::frame);
        }
        Command::Ids(IdsCommand::List) => {
            let logins = app.logins().await?;
            show(json, &logins, |logins| print::logins(logins));
        }
        Command::Ids(IdsCommand::Code { id }) => {
            let view = app.issue_reset_code(&id).await?;
            show(json, &view, |view| {
                print::line(&format!("使い捨てコード（{}分、1回だけ）：{}", view.minutes, view.code));
                print::line("本人であることを確かめてから伝えてください。");
            });
        }
        Command::Password => {
            let frame = app.change_password(&read_password("新しいパスワード: ")?).await?;
            show(json, &frame, print::frame);
        }
        Command::Whoami => {
            app.look_at_relay().await;
            let frame = app.frame().await?;
            show(json, &frame, print::frame);
        }
        Command::Send { files, wait, until_accepted } => return send(&app, json, &files, wait, until_accepted).await,
        Command::SendAgain { id, wait, until_accepted } => {
            app.look_at_relay().await;
            let again = app.send_again(&app.full_id(&id).await?).await?;
            return arrive(&app, json, &[again], wait, until_accepted).await;
        }
        Command::Status => {
            follow(&app).await?;
            let views = app.submissions().await?;
            show(json, &views, |views| print::submissions(views));
        }
        Command::History => {
            let views = app.submissions().await?;
            show(json, &views, |views| print::submissions(views));
        }
        Command::Original { id, out } => {
            let saved = app.save_original(&app.full_id(&id).await?, out).await?;
            show(json, &saved, |saved| print::line(&saved.path));
        }
        Command::Withdraw { id } => {
            let id = app.full_id(&id).await?;
            let view = app.withdraw(&id).await?;
            show(json, &view, |view| print::line(&format!("{} の送信をやめました。", view.file)));
        }
        Command::Rescue { out, handed_in } if handed_in.is_empty() => {
            let kit = app.rescue_kit(out).await?;
            show(json, &kit, print::rescue);
        }
        Command::Rescue { handed_in, .. } => {
            let mut ids = Vec::new();
            for id in &handed_in {
                ids.push(app.full_id(id).await?);
            }
            app.handed_in_on_disc(&ids).await?;
            show(json, &ids, |ids| print::line(&format!("{}件を、CD-Rで出したものとして記録しました。", ids.len())));
        }
        Command::Hide { id } => {
            let view = app.hide(&app.full_id(&id).await?, true).await?;
            show(json, &view, |view| print::line(&format!("{} を一覧から消しました。restore で戻せます。", view.file)));
        }
        Command::Restore { id } => {
            let view = app.hide(&app.full_id(&id).await?, false).await?;
            show(json, &view, |view| print::line(&format!("{} を一覧に戻しました。", view.file)));
        }
        Command::Cancel { id } => {
            follow(&app).await?;
            let id = app.full_id(&id).await?;
            let view = app.cancel(&id).await?;
            show(json, &view, |view| print::line(&format!("{}：{}", view.file, view.state_word)));
        }
        Command::Receipt { id, out } => {
            let id = app.full_id(&id).await?;
            let saved = app.receipt(&id, out).await?;
            show(json, &saved, |saved| print::line(&saved.path));
        }
        Command::Sync => {
            let view = app.sync().await?;
            app.follow().await?;
            show(json, &view, print::import);
        }
        Command::Import { paths, resume, preview } => {
            let paths: Vec<String> = if resume {
                app.unfinished_import().await?
            } else {
                paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()
            };
            if preview {
                let view = app.preview_import(&paths).await?;
                show(json, &view, print::preview);
                return Ok(if view.refused_count == 0 { Outcome::Done } else { Outcome::Findings });
            }
            let view = app.import(&paths).await?;
            show(json, &view, print::import);
            return Ok(if view.refused.is_empty() { Outcome::Done } else { Outcome::Findings });
        }
        Command::Returns(filter) => returns(&app, json, filter).await?,
        Command::Alarms => {
            let views = app.alarms().await?;
            show(json, &views, |views| print::alarms(views));
        }
        Command::Work { command } => work(&app, json, command).await?,
        Command::Close { key, reason, give_up } => {
            decide(&app, json, vec![key], Choice::Close { reason, looked_twice: give_up }).await?;
        }
        Command::Reopen { key } => decide(&app, json, vec![key], Choice::Reopen).await?,
        Command::Balance { office, month: _, out: Some(out) } => {
            export(&app, json, "balance", &out, |request| request.office = office).await?;
        }
        Command::Board { figure, out: Some(out) } => {
            export(&app, json, "board", &out, |request| request.figure = Some(figure)).await?;
        }
        Command::Board { figure, out: None } => {
            let view = app.board(&figure).await?;
            show(json, &view, print::board);
        }
        Command::Month { office, month, out: Some(out) } => {
            export(&app, json, "month", &out, |request| {
                (request.office, request.month) = (Some(office), Some(month));
            })
            .await?;
        }
        Command::Month { office, month, out: None } => {
            let view = app.office_month(&office, &month).await?;
            show(json, &view, print::office_month);
        }
        Command::Deposits { office, bank: Some(bank), out: Some(out) } => {
            export(&app, json, "bank", &out, |request| {
                (request.office, request.file) = (office, Some(bank.to_string_lossy().into_owned()));
            })
            .await?;
        }
        Command::Deposits { office, bank: Some(bank), out: None } => {
            let view = app.match_bank(&bank.to_string_lossy(), office.as_deref()).await?;
            show(json, &view, print::bank);
        }
        Command::Deposits { office, bank: None, out: Some(out) } => {
            export(&app, json, "deposits", &out, |request| request.office = office).await?;
        }
        Command::Deposits { office, bank: None, out: None } => {
            let views = app.deposits(office.as_deref()).await?;
            show(json, &views, |views| print::deposits(views));
        }
        Command::Analysis { office, out: Some(out) } => {
            export(&app, json, "analysis", &out, |request| request.office = office).await?;
        }
        Command::Analysis { office, out: None } => {
            let view = app.analysis(office.as_deref()).await?;
            show(json, &view, print::analysis);
        }
        Command::CloseMonth { month, office, stage } => {
            let views = app.close_month(office.as_deref(), &month, &stage).await?;
            show(json, &views, |views| print::locks(views));
        }
        Command::ReopenMonth { month, office, reason } => {
            let views = app.reopen_month(&office, &month, &reason).await?;
            show(json, &views, |views| print::locks(views));
        }
        Command::Roll { office, style, out: Some(out) } => {
            export(&app, json, "roll", &out, |request| {
                (request.office, request.style) = (office, Some(style));
            })
            .await?;
        }
        Command::Roll { office, style, out: None } => {
            let view = app.roll_forward(office.as_deref(), &style).await?;
            show(json, &view, print::roll);
        }
        Command::Journal { out, office, month, style } => {
            export(&app, json, "journal", &out, |request| {
                (request.office, request.month, request.style) = (office, month, Some(style));
            })
            .await?;
        }
        Command::Balance { office, month, out: None } => {
            let mut views = app.balance().await?;
            views.retain(|view| {
                office.as_ref().is_none_or(|office| view.office == *office)
                    && month.as_ref().is_none_or(|month| view.processing_month == *month)
            });
            show(json, &views, |views| print::balance(views));
        }
        Command::Notices => {
            let views = app.notices().await?;
            show(json, &views, |views| print::notices(views));
        }
        Command::Notice { id, out: Some(out) } => {
            let id = app.full_id(&id).await?;
            let saved = app.save_notice(&id, &out).await?;
            show(json, &saved, |saved| print::line(&saved.path));
        }
        Command::Notice { id, out: None } => {
            let id = app.full_id(&id).await?;
            let view = app.notice(&id).await?;
            show(json, &view, print::notice);
        }
        Command::Recovery { .. } => {
            let key = app.recovery_key().await?;
            print::line(&key);
        }
        Command::Advance { to } => {
            app.look_at_relay().await;
            let FrameView { demo, connection, .. } = app.frame().await?;
            let next = demo.and_then(|demo| demo.milestones.into_iter().next()).map(|milestone| milestone.at);
            // The milestones are unknown while the relay does not answer.
            let why_not = connection.problem.and_then(|problem| Code::find(&problem.code)).unwrap_or(Code::NotADemo);
            let to = to.or(next).ok_or(why_not)?;
            let frame = app.advance_demo(&to).await?;
            show(json, &frame, print::frame);
        }
    }
    Ok(Outcome::Done)
}

/// Lists what the filter lets through, as the whole list does; or writes it to a file.
async fn returns(app: &App, json: bool, filter: Returns) -> Result<(), Problem> {
    let Returns { office, state, route, code, owner, min_yen, max_yen, min_age, tab, out } = filter;
    let query = WorkQuery {
        tab: tab.unwrap_or_else(|| "all".to_owned()),
        office,
        states: state,
        routes: route,
        codes: code,
        owner,
        min_yen,
        max_yen,
        min_age,
        ..WorkQuery::default()
    };
    if let Some(path) = out {
        let saved = app.save_worklist(query, &path).await?;
        show(json, &saved, |saved| print::line(&saved.path));
        return Ok(());
    }
    let found: HashSet<String> = app.found_returns(query).await?;
    let mut views = app.returns().await?;
    views.retain(|view| found.contains(&app::return_id(view)));
    show(json, &views, |views| print::returns(views));
    Ok(())
}

async fn work(app: &App, json: bool, command: Work) -> Result<(), Problem> {
    match command {
        Work::Show { key } => {
            let view = app.work_item_of(&key).await?;
            show(json, &view, print::work_item);
            Ok(())
        }
        Work::Assign { keys, to } => decide(app, json, keys, Choice::Owner { name: to }).await,
        Work::Due { keys, on } => decide(app, json, keys, Choice::Due { date: on }).await,
        Work::Note { key, text } => decide(app, json, vec![key], Choice::Note { text }).await,
        Work::Route { keys, to } => decide(app, json, keys, Choice::Route { route: to }).await,
        Work::Keep { keys } => decide(app, json, keys, Choice::Keep).await,
        Work::Undo { ids } => {
            let view = app.undo_decisions(&ids).await?;
            show(json, &view, |view| print::line(&view.text));
            Ok(())
        }
        Work::Me { name } => {
            let person = app.set_person(&name).await?;
            show(json, &person, |person| {
                print::line(
                    &person.as_ref().map_or_else(
                        || "名前を消しました。".to_owned(),
                        |name| format!("{name}さんとして記録します。"),
                    ),
                );
            });
            Ok(())
        }
        Work::Calls { office, out } => {
            let saved = app.save_call_sheets(office, &out).await?;
            show(json, &saved, |saved| saved.iter().for_each(|saved| print::line(&saved.path)));
            Ok(())
        }
        Work::Withdraw { key, out } => {
            let saved = app.withdrawal_paper(&key, Some(out)).await?;
            show(json, &saved, |saved| print::line(&saved.path));
            Ok(())
        }
        Work::Sent { office, month, insured } => {
            let query = SentQuery { office, month: month.unwrap_or_default(), insured: insured.unwrap_or_default() };
            show(json, &app.sent_claims(query).await?, print::sent_claims);
            Ok(())
        }
        Work::KagoDays { insurer, ordinary, same_month, no_same_month } => {
            let takes_same_month = if no_same_month { Some(false) } else { same_month.map(|_| true) };
            let days = KagoDays { ordinary, takes_same_month, same_month };
            app.set_kago_days(&insurer, days).await?;
            show(json, &days, |days| {
                print::line(if *days == KagoDays::default() {
                    "記録を消しました。"
                } else {
                    "記録しました。"
                });
            });
            Ok(())
        }
        Work::Checklist { office, out } => {
            let saved = app.save_checklist(office, &out).await?;
            show(json, &saved, |saved| print::line(&saved.path));
            Ok(())
        }
    }
}

/// Does what must work even when keychain or database do not; `None` for every other command.
async fn support(config: &Config, json: bool, command: &Command) -> Result<Option<Outcome>, Problem> {
    match command {
        Command::Health => {
            let view = app::support::health(config, None).await;
            show(json, &view, print::health);
            let good = view.state == HealthState::Good;
            Ok(Some(if good { Outcome::Done } else { Outcome::Findings }))
        }
        Command::Support { out } => {
            let app = App::open(config.clone()).await.ok();
            let health = app::support::health(config, app.as_ref()).await;
            let program = Program { name: "terminal", webview: None };
            let saved = app::support::support_file(config, app.as_ref(), &health, &program, out.clone()).await?;
            show(json, &saved, |saved| print::line(&saved.path));
            Ok(Some(Outcome::Done))
        }
        Command::Copies { command: None } => {
            let copies = app::support::copies(config)?;
            show(json, &copies, |copies| {
                for copy in copies {
                    print::line(&format!("{}\t{}バイト", copy.name, copy.bytes));
                }
            });
            Ok(Some(Outcome::Done))
        }
        Command::Copies { command: Some(Copies::Restore { name }) } => {
            app::support::restore_copy(config, name).await?;
            print::line("控えを記録の代わりに置きました。前の記録は、データのフォルダーの aside に残っています。");
            Ok(Some(Outcome::Done))
        }
        _ => Ok(None),
    }
}

async fn decide(app: &App, json: bool, keys: Vec<String>, choice: Choice) -> Result<(), Problem> {
    let view = app.decide_returns(&keys, choice).await?;
    show(json, &view, |view| {
        print::line(&view.text);
        let ids: Vec<String> = view.ids.iter().map(ToString::to_string).collect();
        print::line(&format!("元に戻すには：todoke work undo {}", ids.join(" ")));
    });
    Ok(())
}

/// Checks files. Where this computer has records of the office, what they say about the file is told too; nothing is stored
/// and nothing is needed for checking alone.
async fn check(config: Config, json: bool, files: &[PathBuf]) -> Outcome {
    let views = match with_records(config, files).await {
        Ok(Some(views)) => views,
        Ok(None) => app::check_paths(files),
        Err(problem) => {
            print::aside(&format!("事業所の記録を見られないため、ファイルだけを確かめました。{problem}"));
            app::check_paths(files)
        }
    };
    show(json, &views, |views| print::check(views));
    let clean =
        |view: &CheckView| view.problem.is_none() && view.findings.iter().all(|finding| finding.severity != "error");
    if views.iter().all(clean) { Outcome::Done } else { Outcome::Findings }
}

/// Checks files with the office's own records; `None` when this computer has none.
async fn with_records(config: Config, files: &[PathBuf]) -> Result<Option<Vec<CheckView>>, Problem> {
    if !App::has_records(&config) {
        return Ok(None);
    }
    let paths: Vec<String> = files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    App::open(config).await?.check_files(&paths).await.map(Some)
}

/// Tells what files contain. One is read, told and forgotten before the next.
fn inspect(json: bool, files: &[PathBuf]) -> Outcome {
    let mut outcome = Outcome::Done;
    let mut all = print::List::begin(json);
    for file in files {
        let inspected = app::inspect_path(file);
        if inspected.problem().is_some() {
            outcome = Outcome::Findings;
        }
        all.add(&inspected, print::inspected);
    }
    all.end();
    outcome
}

/// Writes a list to `out`; its name says which kind of file.
async fn export(
    app: &App,
    json: bool,
    what: &str,
    out: &Path,
    choose: impl FnOnce(&mut ExportRequest),
) -> Result<(), Problem> {
    let format = out.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    let mut request = ExportRequest {
        what: what.to_owned(),
        format,
        office: None,
        month: None,
        figure: None,
        style: None,
        file: None,
    };
    choose(&mut request);
    let saved = app.export(&request, Some(out.to_owned())).await?;
    show(json, &saved, |saved| print::line(&saved.path));
    Ok(())
}

fn show<T: serde::Serialize>(json: bool, value: &T, text: impl FnOnce(&T)) {
    if json { print::json(value) } else { text(value) }
}

fn config(options: &Options, clock: Clock) -> Config {
    Config {
        data: options.data.clone().unwrap_or_else(app::places::data),
        documents: app::places::documents(),
        relay: options.relay.clone(),
        clock,
        secrets: match &options.key_file {
            Some(path) => Secrets::new(KeyFile::new(path)),
            None => Secrets::new(Keychain),
        },
    }
}

/// Asks the relay how things stand; without a line the last known state is shown.
async fn follow(app: &App) -> Result<(), Problem> {
    match app.follow().await {
        Err(problem) if problem.code.retryable() => {
            print::problem(&problem, false);
            Ok(())
        }
        other => other,
    }
}

/// Checks all files, stages them and sends them.
async fn send(app: &App, json: bool, files: &[PathBuf], wait: u32, until_accepted: bool) -> Result<Outcome, Problem> {
    app.look_at_relay().await;
    let paths: Vec<String> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    let views = app.check_files(&paths).await?;
    if !json {
        let told: Vec<_> = views.iter().filter(|view| !view.sendable).cloned().collect();
        print::check(&told);
    }
    // Nothing goes out before all of it can.
    if let Some(view) = views.iter().find(|view| !view.sendable) {
        let code = match (&view.problem, view.kind.as_str()) {
            (Some(problem), _) => Code::find(&problem.code).unwrap_or(Code::Internal),
            (None, "claim" | "benefit_management") => Code::FileHasErrors,
            (None, _) => Code::NotSendable,
        };
        return Err(code.into());
    }
    let mut staged: Vec<SubmissionView> = Vec::new();
    for view in views {
        staged.push(app.stage(&view.path, &view.sha256).await?);
    }
    arrive(app, json, &staged, wait, until_accepted).await
}

/// Works until each of the staged files has reached the relay (or was accepted), or the time is over. What has not gone by then
/// stays in the outbox and goes with the next command or the window.
async fn arrive(
    app: &App,
    json: bool,
    staged: &[SubmissionView],
    wait: u32,
    until_accepted: bool,
) -> Result<Outcome, Problem> {
    let mut ticks = tokio::time::interval(TICK);
    let turns = u64::from(wait) * 1000 / TICK.as_millis() as u64;
    for turn in 0..=turns {
        ticks.tick().await;
        app.tick().await?;
        let views = now(app, staged).await?;
        if turn == turns || views.iter().all(|view| arrived(view, until_accepted)) {
            break;
        }
    }
    let views = now(app, staged).await?;
    show(json, &views, |views| print::submissions(views));
    let stuck = views.iter().any(|view| {
        let failed = matches!(
            view.state,
            SubmissionState::Ready
                | SubmissionState::Sending
                | SubmissionState::Refused
                | SubmissionState::FormatError
                | SubmissionState::ExternalError
        );
        // What was cancelled and is laid down again was not sent either.
        failed || (view.repeated && view.can_send_again)
    });
    Ok(if stuck { Outcome::Findings } else { Outcome::Done })
}

async fn now(app: &App, staged: &[SubmissionView]) -> Result<Vec<SubmissionView>, Problem> {
    let all = app.submissions().await?;
    Ok(staged
        .iter()
        .map(|was| {
            let mut view = all.iter().find(|view| view.id == was.id).cloned().unwrap_or_else(|| was.clone());
            view.repeated = was.repeated;
            view
        })
        .collect())
}

fn arrived(view: &SubmissionView, until_accepted: bool) -> bool {
    match view.state {
        SubmissionState::Ready | SubmissionState::Sending => false,
        SubmissionState::AtRelay
        | SubmissionState::Transmitting
        | SubmissionState::Arrived
        | SubmissionState::Receiving => !until_accepted,
        SubmissionState::Refused
        | SubmissionState::Accepted
        | SubmissionState::Processing
        | SubmissionState::Completed
        | SubmissionState::FormatError
        | SubmissionState::ExternalError
        | SubmissionState::CancelRequested
        | SubmissionState::Cancelling
        | SubmissionState::Cancelled => true,
    }
}
