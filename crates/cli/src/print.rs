//! Output for people; JSON is the views as they are.

use std::io::Write;

use app::onboarding::StartPlanView;
use app::onboarding::views::{OnboardingView, PlanItemView};
use app::support::{HealthState, HealthView};
use app::views::board::{
    AnalysisView, BankView, BoardView, DepositView, LockView, OfficeMonthView, RollView, StandingView,
};
use app::views::{
    BalanceView, CheckView, ClaimLineView, DifferenceView, FrameView, ImportView, LoginView, NoticeContentView,
    NoticeView, OfficeAreaView, ProblemView, RescueView, ReturnView, RowChangeView, SentClaimsView, SubmissionView,
    WithdrawalView,
};
use app::work::{AlarmView, ImportPreviewView, WorkItemView};
use app::{Inspected, Problem};
use serde::Serialize;

/// Prints a line; a closed pipe (`todoke … | head`) ends the output without a fuss.
macro_rules! say {
    ($($argument:tt)*) => {
        drop(writeln!(std::io::stdout().lock(), $($argument)*))
    };
}

pub fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say!("{text}"),
        Err(error) => tracing::error!(cause = %error, "A view is not JSON"),
    }
}

pub fn problem(problem: &Problem, as_json: bool) {
    if as_json {
        json(&serde_json::json!({ "problem": ProblemView::from(problem) }));
    } else {
        drop(writeln!(std::io::stderr().lock(), "{problem}"));
    }
}

/// Says something beside the output, so that scripts which read the output are not disturbed.
pub fn aside(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Lists claims that were sent with the road by which each can be taken back.
pub fn sent_claims(view: &SentClaimsView) {
    for claim in &view.claims {
        say!(
            "{}  {}  {}提供分  {}  {}",
            claim.insured,
            claim.insured_kana.as_deref().unwrap_or("氏名の記載なし"),
            claim.service_month,
            claim.yen.map_or_else(
                || "金額は不明".to_owned(),
                |told| format!("{}{}", if claim.estimated { "約" } else { "" }, yen(told))
            ),
            claim.state_word
        );
        say!("  鍵  {}", claim.key);
        say!("  送った月  {}", if claim.attempts.is_empty() { "不明".to_owned() } else { claim.attempts.join("、") });
        withdrawal(&claim.withdrawal);
    }
    let shown = view.claims.len();
    if shown < view.total as usize {
        say!("{}件のうち、はじめの{shown}件です。月か被保険者番号でしぼってください。", view.total);
    } else {
        say!("{}件", view.total);
    }
}

fn withdrawal(view: &WithdrawalView) {
    say!("  取り下げるとき  {}：{}", view.name, view.text);
    if let Some(until) = &view.until {
        say!("    {until}まで");
    }
    if let Some(kago) = &view.kago {
        let next = |day: &Option<String>| day.clone().unwrap_or_else(|| "記録なし".to_owned());
        let same_month = if kago.days.takes_same_month == Some(false) {
            "受けていません".to_owned()
        } else {
            next(&kago.same_month_next)
        };
        say!(
            "    保険者 {} の次のしめ切り  通常過誤 {}、同月過誤 {same_month}",
            kago.insurer,
            next(&kago.ordinary_next)
        );
    }
}

/// Says of each thing how it is, and what to do.
pub fn health(view: &HealthView) {
    for item in &view.items {
        let word = match item.state {
            HealthState::Good => "よい　",
            HealthState::Attention => "注意　",
            HealthState::Bad => "だめ　",
        };
        say!("{word}{}：{}", item.name, item.found);
        if let Some(remedy) = &item.remedy {
            say!("　　　→ {remedy}");
        }
    }
}

/// A list that is printed while it is made.
pub struct List {
    json: bool,
    any: bool,
}

impl List {
    pub fn begin(json: bool) -> Self {
        if json {
            say!("[");
        }
        Self { json, any: false }
    }

    /// Prints one entry: as JSON, or as `text` does.
    pub fn add<T: Serialize>(&mut self, entry: &T, text: impl FnOnce(&T)) {
        if !self.json {
            text(entry);
            return;
        }
        if std::mem::replace(&mut self.any, true) {
            say!(",");
        }
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        // A closed pipe ends the output without a fuss.
        drop(serde_json::to_writer(&mut out, entry));
        drop(out.write_all(b"\n").and_then(|()| out.flush()));
    }

    pub fn end(self) {
        if self.json {
            say!("]");
        }
    }
}

pub fn inspected(file: &Inspected) {
    if let Some(problem) = file.problem() {
        say!("✖ {}  {}（番号 {}）", file.file(), problem.message, problem.code);
        return;
    }
    say!("{}", file.file());
    say!("  1行目 コントロールレコード");
    named_items(&file.control());
    for row in file.rows() {
        if row.known {
            say!("  {}行目 {} {}", row.line, row.record, row.name);
        } else {
            say!("  {}行目 {}（登録されていない種類の行。そのまま表示します）", row.line, row.record);
        }
        named_items(&row.items);
    }
    for (record, count) in file.unknown() {
        say!("  登録されていない種類 {record}：{count}行");
    }
}

fn named_items(items: &[app::NamedItem<'_>]) {
    for item in items.iter().filter(|item| !item.value.is_empty()) {
        let meaning = item.meaning.map(|meaning| format!("（{meaning}）")).unwrap_or_default();
        say!("    {:>2} {}  {}{meaning}", item.no, item.name, item.value);
    }
}

pub fn difference(view: &DifferenceView) {
    say!("前 {}  {}", view.before, yen(view.yen_before));
    say!("後 {}  {}（{}）", view.after, yen(view.yen_after), change(view.yen_after - view.yen_before));
    say!(
        "増えた人 {}件  なくなった人 {}件  変わった人 {}件  同じ人 {}件",
        view.added.len(),
        view.removed.len(),
        view.changed.len(),
        view.unchanged
    );
    for claim in &view.added {
        say!("＋ {}  {}", claim_line(claim), yen(claim.yen));
    }
    for claim in &view.removed {
        say!("－ {}  {}", claim_line(claim), yen(claim.yen));
    }
    for changed in &view.changed {
        let difference = change(changed.claim.yen - changed.yen_before);
        say!(
            "△ {}  {} → {}（{difference}）",
            claim_line(&changed.claim),
            yen(changed.yen_before),
            yen(changed.claim.yen)
        );
        rows(&changed.rows);
    }
    if !view.others.is_empty() {
        say!("△ 請求書など");
        rows(&view.others);
    }
}

fn claim_line(claim: &ClaimLineView) -> String {
    format!("被保険者 {}（保険者 {}） {}提供 {}", claim.insured, claim.insurer, claim.service_month, claim.exchange_id)
}

fn change(amount: i64) -> String {
    if amount > 0 { format!("+{}", yen(amount)) } else { yen(amount) }
}

fn rows(rows: &[RowChangeView]) {
    for row in rows {
        let what = match (row.before_line, row.after_line) {
            (None, _) => "増えた行",
            (_, None) => "なくなった行",
            _ => "変わった行",
        };
        let line = row.after_line.or(row.before_line).unwrap_or_default();
        say!("    {what}  {line}行目 {} {}", row.record, row.name);
        for item in &row.items {
            say!("      {:>2} {}  {} → {}", item.item, item.name, or_none(&item.before), or_none(&item.after));
        }
    }
}

fn or_none(value: &str) -> &str {
    if value.trim().is_empty() { "（なし）" } else { value }
}

pub fn areas(views: &[OfficeAreaView]) {
    if views.is_empty() {
        say!("事業所がまだありません。ログインすると表示されます。");
    }
    for view in views {
        say!("{} {}  {}", view.office, view.office_name, view.area.as_deref().unwrap_or("地域区分が決まっていません"));
        for from in &view.history {
            say!("  {}のサービスから  {}", from.from, from.area.as_deref().unwrap_or("取り消し"));
        }
        if let Some(paid) = &view.paid {
            say!("  {}", paid.message);
        }
    }
}

pub fn yen(amount: i64) -> String {
    format!("{}円", app::yen_text(amount))
}

pub fn check(views: &[CheckView]) {
    for view in views {
        if let Some(problem) = &view.problem {
            say!("✖ {}  {}（番号 {}）", view.file, problem.message, problem.code);
            continue;
        }
        let months = view.service_months.join("・");
        say!("{} {}", if view.sendable { "✔" } else { "✖" }, view.file);
        say!(
            "  事業所 {}{}  処理対象年月 {}  提供年月 {}",
            view.office,
            view.office_name.as_ref().map(|name| format!(" {name}")).unwrap_or_default(),
            view.processing_month.as_deref().unwrap_or("不明"),
            months
        );
        say!(
            "  {}人  {}{}",
            view.persons,
            yen(view.yen),
            if view.test { "  テスト送信用（支払われません）" } else { "" }
        );
        if view.persons_with_errors > 0 {
            say!("  {}人中{}人に直すところがあります。", view.persons, view.persons_with_errors);
        } else if view.sendable {
            say!("  送れます。");
        }
        if let Some(other) = &view.replaces {
            say!(
                "  同じ事業所・同じ月の請求 {}（{}、{}件 {}）が、すでに送られています。",
                other.file,
                other.state_word,
                other.claims,
                yen(other.yen)
            );
        }
        if let Some(area) = view.area.as_ref().filter(|area| area.state != "fits") {
            say!("  {}", area.message);
        }
        if !view.answers.is_empty() {
            say!("  このファイルで、次の{}件の返戻などに答えます。", view.answers.len());
        }
        for answer in &view.answers {
            say!(
                "    {}（{}） 被保険者 {} {} {}提供  {}{}",
                answer.kind_word,
                answer.codes.join("・"),
                answer.insured,
                answer.insured_kana.as_deref().unwrap_or(""),
                answer.service_month,
                yen(answer.claimed),
                match answer.unchanged {
                    Some(true) => "  前と同じ内容です",
                    Some(false) => "  前から変わっています",
                    None => "",
                }
            );
        }
        for (person, findings) in app::by_person(&view.findings) {
            say!(
                "  [{}]",
                person.as_deref().map_or_else(|| "ファイル全体".to_owned(), |number| format!("被保険者 {number}"))
            );
            for finding in findings {
                let mark = match finding.severity.as_str() {
                    "error" => "✖",
                    "warning" => "⚠",
                    _ => "ℹ",
                };
                let place = if finding.line > 0 {
                    format!("{}行目 {}", finding.line, finding.item_name)
                } else {
                    String::new()
                };
                say!("    {mark} {}（{} {}）", finding.message, finding.rule, place.trim());
                if !finding.hint.is_empty() {
                    say!("      → {}", finding.hint);
                }
            }
        }
    }
}

/// Prints where a rescue kit lies and whom to call.
pub fn rescue(kit: &RescueView) {
    say!("CD-Rで出すものを用意しました：{}", kit.folder);
    for office in &kit.offices {
        say!("{} {}（{}件）", office.office, office.office_name, office.ids.len());
        let call = [office.phone.as_str(), office.section.as_str()].join(" ");
        say!("  {} {}", office.kokuhoren, call.trim());
        if let Some(counter) = &office.counter {
            say!("  {counter}");
        }
        if office.unclear {
            say!("  中継サーバーに届いているかもしれないファイルがあります。出す前に運営者へ電話で確かめてください。");
        }
    }
    say!("{}までに窓口へ出し、出し終えたら todoke rescue --handed-in 番号 で知らせてください。", kit.closes);
}

pub fn submissions(views: &[SubmissionView]) {
    if views.is_empty() {
        say!("送ったファイルはまだありません。");
    }
    for view in views {
        say!(
            "{}  {} {}  {}請求  {}件 {}",
            view.state_word,
            view.file,
            view.office_name,
            view.processing_month,
            view.claims,
            yen(view.yen)
        );
        say!(
            "  番号 {}  受付番号 {}  {}",
            view.id.get(..12).unwrap_or(&view.id),
            view.accept_code.as_deref().unwrap_or("なし"),
            view.basic_code.as_deref().unwrap_or("")
        );
        for earlier in &view.earlier {
            say!(
                "  {}回目：{}  受付番号 {}",
                earlier.round,
                earlier.state_word,
                earlier.accept_code.as_deref().unwrap_or("なし")
            );
        }
        if view.repeated {
            say!("  同じ内容がすでに送られています。新しくは送っていません。");
        }
        if view.can_send_again {
            say!("  同じファイルをもう一度送るとき：todoke send-again {}", view.id.get(..12).unwrap_or(&view.id));
        }
        if let Some(problem) = &view.problem {
            say!("  {}（番号 {}）", problem.message, problem.code);
        }
        if let Some(message) = &view.message {
            say!("  国保連から：{message}");
        }
    }
}

pub fn import(view: &ImportView) {
    say!("{}件を見ました。新しいもの{}件、すでにあるもの{}件。", view.files, view.new, view.repeated);
    for refused in &view.refused {
        say!("✖ {}  {}（番号 {}）", refused.file, refused.problem.message, refused.problem.code);
    }
}

pub fn preview(view: &ImportPreviewView) {
    say!(
        "{}件を見ました。新しいもの{}件、すでにあるもの{}件、同じ内容のもの{}件、取り込めないもの{}件。",
        view.files,
        view.new,
        view.repeated,
        view.twice,
        view.refused_count
    );
    for office in &view.offices {
        say!(
            "  {} {}  {}から{}  請求ファイル{}件（{}人月 {}）  通知{}件",
            office.office,
            office.office_name,
            office.from.as_deref().unwrap_or("不明"),
            office.to.as_deref().unwrap_or("不明"),
            office.claim_files,
            office.claims,
            yen(office.yen),
            office.notices
        );
    }
    for file in &view.odd {
        say!("ℹ {file}  形の分からない行があります。取り込んで表示はしますが、計算には使いません。");
    }
    for refused in &view.refused {
        say!("✖ {}  {}（番号 {}）", refused.file, refused.problem.message, refused.problem.code);
    }
}

pub fn alarms(views: &[AlarmView]) {
    if views.is_empty() {
        say!("届いていない通知や、つじつまの合わないことはありません。");
    }
    for view in views {
        say!("{} {}  {}", view.office, view.month.as_deref().unwrap_or("全体"), view.text);
        say!("  → {}", view.action);
    }
}

pub fn work_item(view: &WorkItemView) {
    returns(std::slice::from_ref(&view.item));
    say!("  次に  {}", view.row.next);
    if let Some(due) = &view.row.due {
        say!("  期日  {due}");
    }
    say!("  担当  {}", view.row.owner.as_deref().unwrap_or("なし"));
    if let Some(proposal) = &view.proposal {
        say!("  あきらめる候補  {}（{}）", proposal.reason, proposal.by);
    }
    if let Some(forecast) = &view.forecast {
        say!("  通る見込み  {forecast}");
    }
    withdrawal(&view.withdrawal);
    for alarm in &view.alarms {
        say!("  ⚠ {}", alarm.text);
    }
    for step in &view.item.story {
        say!("  {}  {}", step.month, step.text);
    }
    for attempt in &view.attempts {
        say!(
            "  請求 {}  {}単位 {}  {} {}行目",
            attempt.processing_month,
            attempt.units,
            yen(attempt.yen),
            attempt.file,
            attempt.line
        );
    }
    for line in &view.notice_lines {
        say!("  通知 {}  {}  {}", line.month, line.title, line.text);
    }
    for past in &view.history {
        say!(
            "  {}番  {}  {}  {}{}",
            past.id,
            past.at,
            past.by,
            past.text,
            if past.undone { "（元に戻した）" } else { "" }
        );
    }
}

pub fn returns(views: &[ReturnView]) {
    if views.is_empty() {
        say!("返戻や保留はありません。");
    }
    for view in views {
        say!(
            "{}（{}）  {} {}  {}提供  {}{}",
            view.kind_word,
            view.state_word,
            view.insured,
            view.insured_kana.as_deref().unwrap_or(""),
            view.service_month,
            yen(view.yen),
            if view.estimated { "（見込み）" } else { "" }
        );
        say!("  請求の鍵  {}", view.key);
        say!("  理由  {}（{}）", view.reason, view.codes.join("・"));
        say!("  すること  {}", view.action);
        if let Some(date) = &view.limitation_date {
            say!(
                "  時効  {date}{}",
                view.next_window.as_ref().map(|month| format!("  次に請求できる月 {month}")).unwrap_or_default()
            );
        }
    }
}

pub fn balance(views: &[BalanceView]) {
    for view in views {
        say!("{} {}", view.office, view.processing_month);
        say!(
            "  請求 {}  返戻 {}  保留 {}  査定 {}  復活 {}",
            yen(view.claimed),
            yen(view.returned),
            yen(view.held),
            yen(view.assessed),
            yen(view.released)
        );
        say!(
            "  決定 {}  過誤 {}  支払 {}  振込 {}",
            yen(view.decided),
            yen(view.kago),
            yen(view.payable),
            yen(view.paid)
        );
        say!("  未収 {}  説明できない差額 {}", yen(view.unpaid), yen(view.unexplained));
        if !view.missing_notices.is_empty() {
            say!("  届いていない通知 {}", view.missing_notices.join("・"));
        }
        if !view.unused_notices.is_empty() {
            say!("  内容が食い違うため計算に使っていない通知 {}", view.unused_notices.join("・"));
        }
    }
}

const fn standing(standing: StandingView) -> &'static str {
    match standing {
        StandingView::NoticesMissing => "通知不足",
        StandingView::Unexplained => "差額あり",
        StandingView::Open => "要対応",
        StandingView::Waiting => "待ち",
        StandingView::Done => "済",
    }
}

pub fn board(view: &BoardView) {
    say!("{}  合計 {}", view.figure_name, yen(view.total));
    for row in &view.rows {
        say!("{} {}  合計 {}", row.office, row.office_name, yen(row.total));
        for (month, cell) in view.months.iter().zip(&row.cells) {
            if let Some(cell) = cell {
                say!("  {month}  {}  {}", yen(cell.yen), standing(cell.standing));
            }
        }
    }
    say!("説明できない差額の合計 {}  通知のそろっていない月 {}件", yen(view.unexplained), view.incomplete);
    locks(&view.locks);
}

pub fn office_month(view: &OfficeMonthView) {
    say!("{} {}  {}  {}", view.office, view.office_name, view.month, standing(view.standing));
    for bar in &view.bars {
        say!("  {}{} {}", if bar.is_level { "" } else { "  " }, bar.name, yen(bar.yen));
    }
    say!("  説明できない差額 {}  未収 {}", yen(view.unexplained), yen(view.unpaid));
    for missing in &view.missing {
        say!("  届いていない通知 {}（{}）", missing.title, missing.exchange_id);
    }
    for person in &view.persons {
        say!(
            "  {} {}  {}提供  {}  {}  {}",
            person.insured,
            person.insured_kana.as_deref().unwrap_or(""),
            person.service_month,
            person.events.join("、"),
            person.state_word,
            yen(person.yen)
        );
    }
    if let Some(lock) = &view.lock {
        locks(std::slice::from_ref(lock));
    }
}

pub fn locks(views: &[LockView]) {
    for view in views {
        say!("{} {}  {}  {} {}", view.office, view.month, view.stage_name, view.at, view.by);
        for change in &view.changes {
            say!("  締めたあとの変更  {} {} → {}", change.name, yen(change.then), yen(change.now));
        }
    }
}

pub fn deposits(views: &[DepositView]) {
    if views.is_empty() {
        say!("入金の予定はありません。");
    }
    for view in views {
        say!(
            "{}  {}  {} {}  {}請求  {}{}",
            view.day,
            view.certainty_word,
            view.office,
            view.office_name,
            view.month,
            yen(view.yen),
            if view.overdue { "  予定の日を過ぎました。振込の通知がありません" } else { "" }
        );
    }
}

pub fn bank(view: &BankView) {
    say!("{}  入金 {}  予定 {}", view.file, yen(view.came), yen(view.expected));
    for row in &view.rows {
        let day = row.day.as_deref().or(row.expected_day.as_deref()).unwrap_or("----------");
        let month = row.month.as_ref().map(|month| format!("{month}請求")).unwrap_or_default();
        say!(
            "{}  {day}  {} {month}  入金 {}  予定 {}  差 {}  {}",
            row.verdict_word,
            row.offices,
            yen(row.came),
            yen(row.expected),
            yen(row.difference),
            row.text
        );
    }
    if view.unreadable > 0 {
        say!("日付の読めない行が{}行あります。", view.unreadable);
    }
    say!("ほかの入金 {}件は、国保連のものではないため、照らし合わせていません。", view.others);
}

pub fn analysis(view: &AnalysisView) {
    say!("未収の年齢");
    for age in &view.ages {
        say!("  {}  {}件 {}", age.name, age.all.count, yen(age.all.yen));
    }
    for risk in &view.at_risk {
        say!("  {}日以内に時効  {}件 {}", risk.days, risk.claims.count, yen(risk.claims.yen));
    }
    for (name, rows) in [("コード", &view.by_code), ("保険者", &view.by_insurer), ("事業所", &view.by_office)]
    {
        say!("返戻の傾向（{name}）");
        for row in rows {
            say!("  {} {}  {}件 {}", row.key, row.name, row.total.count, yen(row.total.yen));
        }
    }
    say!("取り戻しの成績（{} から {} の審査）", view.recovery.from, view.recovery.to);
    for figure in &view.recovery.figures {
        say!("  {}  {}", figure.name, figure.value);
        say!("    {}", figure.definition);
    }
}

pub fn roll(view: &RollView) {
    say!("事業未収金（{}）", view.style_name);
    for month in &view.months {
        say!(
            "{}  前月繰越 {}  請求 {}  返戻 {}  再請求 {}  査定 {}  過誤 {}  差額 {}  振込 {}  徴収不能 {}  締めた月の訂正 {}  次月繰越 {}（うち返戻未収 {}）",
            month.month,
            yen(month.opening),
            yen(month.claimed),
            yen(month.returned),
            yen(month.claimed_again),
            yen(month.assessed),
            yen(month.kago),
            yen(month.unexplained),
            yen(month.received),
            yen(month.written_off),
            yen(month.corrected),
            yen(month.closing),
            yen(month.closing_returned)
        );
    }
}

pub fn notices(views: &[NoticeView]) {
    if views.is_empty() {
        say!("通知はまだありません。");
    }
    for view in views {
        say!(
            "{} {}  {}  {}  {}",
            if view.unread { "●" } else { "　" },
            view.processing_month.as_deref().unwrap_or("-------"),
            view.title,
            view.office_name,
            view.id.get(..12).unwrap_or(&view.id)
        );
    }
}

pub fn notice(view: &NoticeContentView) {
    say!("{}（{}）", view.notice.title, view.notice.file);
    for fact in &view.head {
        say!("  {}：{}", fact.name, fact.value);
    }
    for table in &view.tables {
        say!("{}", table.title);
        for row in &table.rows {
            let cells: Vec<String> = table
                .columns
                .iter()
                .zip(row)
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            say!("  {}", cells.join("  "));
        }
    }
}

pub fn frame(view: &FrameView) {
    match &view.account {
        None => say!("ログインしていません。"),
        Some(account) => {
            say!("{}  法人番号 {}  ID {}", account.corporation_name, account.corporation_number, account.login_id);
            for office in &account.offices {
                say!("  {} {}", office.number, office.name);
            }
            if account.must_change_password {
                say!("仮のパスワードです。todoke password で変えてください。");
            }
        }
    }
    if let Some(problem) = &view.connection.problem {
        say!("{}（番号 {}）", problem.message, problem.code);
    }
    if let Some(demo) = &view.demo {
        say!("練習の中継サーバーです。練習の時刻 {}", demo.now);
        for milestone in &demo.milestones {
            say!("  {} {}", milestone.at, milestone.label);
        }
    }
}

pub fn logins(logins: &[LoginView]) {
    for login in logins {
        let office = login
            .office
            .as_ref()
            .map_or("法人用ID".to_owned(), |office| format!("{} {}", office.number, office.name));
        let temporary = if login.must_change_password { "  仮のパスワード" } else { "" };
        let second = if login.second_factor { "  2段階認証" } else { "" };
        say!("{}  {office}{temporary}{second}", login.login_id);
    }
}

pub fn line(text: &str) {
    say!("{text}");
}

pub fn plan(view: &StartPlanView) {
    let plan = &view.plan;
    say!("はじめて請求する月  {}（{}に提供した分）", plan.first_claim, view.service_month);
    items(&plan.items);
    if let Some(date) = &plan.first_debit {
        say!("はじめての引き落とし  {date}");
    }
    say!(
        "1事業所あたり  初回登録料 {}  月額 {}  （返戻管理  登録 {}  月額 {}）",
        yen(view.registration),
        yen(view.monthly),
        yen(view.option_registration),
        yen(view.option_monthly)
    );
    if let Some(problem) = &view.problem {
        say!("✖ {problem}");
    }
}

fn items(items: &[PlanItemView]) {
    for item in items {
        let firmness = if item.rule { "締切　" } else { "めやす" };
        say!("  {}{} {firmness} {}", item.date, if item.certain { "" } else { "（仮）" }, item.title);
    }
}

pub fn onboarding(view: &OnboardingView) {
    for step in &view.steps {
        let mark = match step.state {
            app::onboarding::StepState::Done => "✔",
            app::onboarding::StepState::Current => "▶",
            app::onboarding::StepState::Waiting => "…",
            app::onboarding::StepState::Ahead => "　",
        };
        say!("{mark} {} {}", step.title, step.date.as_deref().unwrap_or(""));
        if !step.waits.is_empty() && step.state == app::onboarding::StepState::Waiting {
            say!("    {}", step.waits);
        }
    }
    if let Some(problem) = &view.plan_problem {
        say!("✖ {problem}");
    }
    for application in &view.applications {
        say!("{}  受付番号 {}", application.title, application.number);
        for office in &application.offices {
            say!("  {} {}  委任状 {}", office.number, office.name, office.poa);
            if let Some(reason) = &office.reason {
                say!("    {reason}");
            }
        }
    }
}
