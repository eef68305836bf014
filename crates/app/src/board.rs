//! 本部: the board, a month of an office, what came back and was got again, deposits, closings.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use calendar::{ClaimWindow, Month, wareki_month};
use kokuho::codes::{notice_title, return_code};
use kokuho::{OfficeNumber, Yen};
use ledger::{
    Age, Aging, Area, BUCKETS, Balance, Board, Case, CaseKind, Closing, ClosingKind, Figure, Grouping, HORIZONS,
    Ledger, Lock, Recovery, Roll, Stage, Standing, Style, Tally, Trend, TrendRow, closing_figures, deposits, locks,
    roll_forward, transfer_gap, waterfall,
};
use store::NewClosing;
use unicode_normalization::UnicodeNormalization;

use crate::problem::{Code, Problem};
use crate::tick::rfc3339;
use crate::tracker::{id_of, state_word};
use crate::views::board::{
    AgeView, AnalysisView, BarView, BoardCellView, BoardRowView, BoardView, ChangeView, ClosingView, DepositView,
    HorizonView, LockView, NoticeNameView, OfficeMonthView, PersonView, RecoveryView, RollMonthView, RollView,
    ScoreView, StandingView, TallyView, TrendRowView,
};
use crate::{App, Topic, blocking};

/// Months that the board shows: as far back as 保険給付 may be claimed.
pub(crate) const BOARD_MONTHS: usize = 24;
/// Months of a trend.
const TREND_MONTHS: usize = 12;

/// Names of offices.
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    /// Returns the name; empty when it is unknown here.
    pub(crate) fn of(&self, office: &OfficeNumber) -> String {
        self.0.get(office.as_str()).cloned().unwrap_or_default()
    }

    /// Returns the name, or the number where no name is known.
    pub(crate) fn or_number(&self, office: &OfficeNumber) -> String {
        self.0.get(office.as_str()).cloned().unwrap_or_else(|| office.to_string())
    }
}

impl App {
    /// Returns the board of all offices for a figure（[`ledger::Figure`]; 未収 when the word is unknown）.
    pub async fn board(&self, figure: &str) -> Result<BoardView, Problem> {
        let figure = Figure::find(figure).unwrap_or(Figure::Unpaid);
        let (balances, names, closings) = (self.balances().await?, self.names().await?, self.closings().await?);
        let month = Month::of(self.now().date()).map_err(|_| Code::Internal)?;
        let graded = self.areas().await?.in_month(month);
        blocking(move || Ok(board_view(&balances, figure, &names, &closings, &graded))).await
    }

    /// Returns a month of an office: waterfall, persons, notices, closing.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownMonth`] when neither a claim nor a notice of that month is on hand.
    pub async fn office_month(&self, office: &str, month: &str) -> Result<OfficeMonthView, Problem> {
        let (office, month) = (OfficeNumber::from_file(office), parse_month(month)?);
        let balances = self.balances().await?;
        let balance = find(&balances, &office, month)?.clone();
        let (ledger, names, closings) = (self.books_of(&office).await?, self.names().await?, self.closings().await?);
        let notices = self.store(store::Store::notices).await?;
        let notices = notices
            .into_iter()
            .filter(|notice| notice.office == office && notice.processing_month == Some(month))
            .map(|notice| NoticeNameView {
                id: notice.id.to_string(),
                title: title(&notice.exchange_id),
                exchange_id: notice.exchange_id,
            })
            .collect();
        Ok(office_month_view(&balance, &ledger, &names, &closings, notices))
    }

    /// Returns aging, trends and the recovery score of one office, or of all.
    pub async fn analysis(&self, office: Option<&str>) -> Result<AnalysisView, Problem> {
        let office = office.map(OfficeNumber::from_file);
        let (balances, books, names) = (self.balances().await?, self.books().await?, self.names().await?);
        let today = self.now().date();
        blocking(move || {
            let concerns = |of: &OfficeNumber| office.as_ref().is_none_or(|office| office == of);
            let cases = || books.ledger.cases.iter().filter(|case| concerns(&case.key.office));
            let balances = || balances.iter().filter(|balance| concerns(&balance.office));
            // The newest month whose review may be in.
            let newest = ClaimWindow::current_or_next(today).processing_month.plus(-1);
            let trend = |grouping| Trend::new(cases(), grouping, newest, TREND_MONTHS);
            let (by_code, by_insurer, by_office) =
                (trend(Grouping::Code), trend(Grouping::Insurer), trend(Grouping::Office));
            let aging = Aging::new(cases(), today);
            Ok(AnalysisView {
                ages: aging.ages.iter().enumerate().map(|(bucket, age)| age_view(bucket, *age)).collect(),
                at_risk: aging
                    .at_risk
                    .iter()
                    .zip(HORIZONS)
                    .map(|(claims, days)| HorizonView { days: days as u32, claims: tally_view(*claims) })
                    .collect(),
                lapsed: tally_view(aging.lapsed),
                trend_months: by_code.months.iter().map(ToString::to_string).collect(),
                by_code: trend_rows(by_code, |code| return_code(code).message.to_owned()),
                by_insurer: trend_rows(by_insurer, |_| String::new()),
                by_office: trend_rows(by_office, |office| names.of(&OfficeNumber::from_file(office))),
                recovery: recovery_view(&Recovery::new(balances(), cases(), today)),
            })
        })
        .await
    }

    /// Returns deposits of the last two months and those to come, by day, of one office or of all.
    pub async fn deposits(&self, office: Option<&str>) -> Result<Vec<DepositView>, Problem> {
        let office = office.map(OfficeNumber::from_file);
        let (balances, names) = (self.balances().await?, self.names().await?);
        let today = self.now().date();
        let since = Month::of(today).map_or(today, |month| month.plus(-1).first_day());
        Ok(deposits(&balances, since, today)
            .into_iter()
            .filter(|deposit| office.as_ref().is_none_or(|office| *office == deposit.office))
            .map(|deposit| DepositView {
                day: deposit.day.to_string(),
                office_name: names.of(&deposit.office),
                office: deposit.office.to_string(),
                month: deposit.processing_month.to_string(),
                certainty: deposit.certainty.as_str().to_owned(),
                certainty_word: deposit.certainty.name().to_owned(),
                yen: deposit.yen.0,
                overdue: deposit.overdue,
            })
            .collect())
    }

    /// Closes a month of an office, or of all offices that have it, up to a stage. The figures are kept as they are now.
    /// Offices whose notices are not complete are left open when their payment is to be closed.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownMonth`]; [`Code::NotReadyToClose`] when there is nothing left that could be closed.
    pub async fn close_month(&self, office: Option<&str>, month: &str, stage: &str) -> Result<Vec<LockView>, Problem> {
        let stage = Stage::find(stage).ok_or(Code::Internal)?;
        let (office, month) = (office.map(OfficeNumber::from_file), parse_month(month)?);
        let balances = self.balances().await?;
        let of_month: Vec<&Balance> = balances
            .iter()
            .filter(|balance| balance.processing_month == month)
            .filter(|balance| office.as_ref().is_none_or(|office| *office == balance.office))
            .collect();
        if of_month.is_empty() {
            return Err(Code::UnknownMonth.into());
        }
        let books = self.books().await?;
        let locked = locks(&self.closings().await?);
        let by = self.decider().await?;
        let to_close =
            of_month.into_iter().filter(|balance| stage == Stage::Claims || is_complete(balance)).filter(|balance| {
                let lock = locked.get(&(balance.office.clone(), month));
                lock.is_none_or(|lock| lock.stage < stage)
            });
        let closings = to_close
            .map(|balance| {
                let figures = closing_figures(
                    balances_of(&balances, &balance.office),
                    cases_of(&books.ledger.cases, &balance.office),
                    &locks_of(&locked, &balance.office),
                    month,
                    stage,
                );
                Ok(NewClosing {
                    office: balance.office.clone(),
                    processing_month: month,
                    kind: stage.as_str().to_owned(),
                    figures: serde_json::to_string(&figures).map_err(|_| Code::Internal)?,
                    reason: String::new(),
                    by: by.clone(),
                })
            })
            .collect::<Result<Vec<_>, Problem>>()?;
        if closings.is_empty() {
            return Err(Code::NotReadyToClose.into());
        }
        self.decide_closings(closings, month).await
    }

    /// Opens a closed month of an office again. `reason` is kept and may not be empty.
    ///
    /// # Errors
    ///
    /// [`Code::ReasonMissing`]; [`Code::UnknownMonth`] when the month is not closed.
    pub async fn reopen_month(&self, office: &str, month: &str, reason: &str) -> Result<Vec<LockView>, Problem> {
        let (office, month, reason) = (OfficeNumber::from_file(office), parse_month(month)?, reason.trim());
        if reason.is_empty() {
            return Err(Code::ReasonMissing.into());
        }
        if !locks(&self.closings().await?).contains_key(&(office.clone(), month)) {
            return Err(Code::UnknownMonth.into());
        }
        let closing = NewClosing {
            office,
            processing_month: month,
            kind: REOPEN.to_owned(),
            figures: "{}".to_owned(),
            reason: reason.to_owned(),
            by: self.decider().await?,
        };
        self.decide_closings(vec![closing], month).await
    }

    async fn decide_closings(&self, closings: Vec<NewClosing>, month: Month) -> Result<Vec<LockView>, Problem> {
        let now = self.now();
        self.store(move |store| store.close_months(&closings, now)).await?;
        self.announce_change(Topic::Returns);
        let (balances, closings) = (self.balances().await?, self.closings().await?);
        let mut views = lock_views(&balances, &closings);
        views.retain(|view| view.month == month.to_string());
        Ok(views)
    }

    /// Returns 事業未収金 from month to month by a style of bookkeeping（[`ledger::Style`]）, of one office or of all together.
    pub async fn roll_forward(&self, office: Option<&str>, style: &str) -> Result<RollView, Problem> {
        let style = Style::find(style).unwrap_or(Style::KeepReceivable);
        let rolled = together(&self.rolls(office, style).await?);
        Ok(RollView {
            style: style.as_str().to_owned(),
            style_name: style.name().to_owned(),
            months: rolled.iter().rev().map(|(month, roll)| roll_view(*month, roll, style)).collect(),
        })
    }

    /// Rolls the receivables of one office, or of each.
    pub(crate) async fn rolls(&self, office: Option<&str>, style: Style) -> Result<Rolls, Problem> {
        let office = office.map(OfficeNumber::from_file);
        let (balances, books) = (self.balances().await?, self.books().await?);
        let locked = locks(&self.closings().await?);
        let until = Month::of(self.now().date()).map_err(|_| Code::Internal)?;
        blocking(move || {
            Ok(balances
                .chunk_by(|a, b| a.office == b.office)
                .filter(|of_office| office.as_ref().is_none_or(|office| *office == of_office[0].office))
                .map(|of_office| {
                    let number = &of_office[0].office;
                    let cases = cases_of(&books.ledger.cases, number);
                    (number.clone(), roll_forward(of_office, cases, &locks_of(&locked, number), style, until))
                })
                .collect())
        })
        .await
    }

    /// Returns the closings that people decided, oldest first.
    pub(crate) async fn closings(&self) -> Result<Vec<Closing>, Problem> {
        let kept = self.store(store::Store::closings).await?;
        Ok(kept.into_iter().filter_map(closing).collect())
    }

    /// Returns the names of the offices.
    pub(crate) async fn names(&self) -> Result<Names, Problem> {
        Ok(Names(self.office_names().await?))
    }
}

/// Receivables by office and month.
pub(crate) type Rolls = BTreeMap<OfficeNumber, BTreeMap<Month, Roll>>;

/// Adds up the offices.
pub(crate) fn together(rolls: &Rolls) -> BTreeMap<Month, Roll> {
    let mut all: BTreeMap<Month, Roll> = BTreeMap::new();
    for months in rolls.values() {
        for (month, roll) in months {
            all.entry(*month).or_default().join(roll);
        }
    }
    all
}

fn balances_of<'a>(balances: &'a [Balance], office: &OfficeNumber) -> &'a [Balance] {
    let start = balances.partition_point(|balance| balance.office < *office);
    let length = balances[start..].partition_point(|balance| balance.office == *office);
    &balances[start..start + length]
}

fn cases_of<'a>(cases: &'a [Case], office: &OfficeNumber) -> &'a [Case] {
    let start = cases.partition_point(|case| case.key.office < *office);
    let length = cases[start..].partition_point(|case| case.key.office == *office);
    &cases[start..start + length]
}

fn locks_of<'a>(locks: &'a BTreeMap<(OfficeNumber, Month), Lock>, office: &OfficeNumber) -> BTreeMap<Month, &'a Lock> {
    locks.iter().filter(|((of, _), _)| of == office).map(|((_, month), lock)| (*month, lock)).collect()
}

/// The kind of a closing that opens a month again.
const REOPEN: &str = "reopen";

/// Reads a closing as the database keeps it. One that this version does not know decides nothing.
fn closing(kept: store::Closing) -> Option<Closing> {
    let NewClosing { office, processing_month: month, kind, figures, reason, by } = kept.closing;
    let what = match Stage::find(&kind) {
        Some(stage) => ClosingKind::Close { stage, figures: serde_json::from_str(&figures).ok()? },
        None if kind == REOPEN => ClosingKind::Reopen { reason },
        None => return None,
    };
    Some(Closing { office, month, what, by, at: kept.at })
}

pub(crate) fn parse_month(text: &str) -> Result<Month, Problem> {
    text.parse().map_err(|_| Code::UnknownMonth.into())
}

pub(crate) fn find<'a>(balances: &'a [Balance], office: &OfficeNumber, month: Month) -> Result<&'a Balance, Problem> {
    let place = balances.binary_search_by(|balance| (&balance.office, balance.processing_month).cmp(&(office, month)));
    place.ok().and_then(|place| balances.get(place)).ok_or_else(|| Code::UnknownMonth.into())
}

/// Returns whether nothing about payment is still to come.
fn is_complete(balance: &Balance) -> bool {
    balance.missing_notices.is_empty() && (balance.claimed == Yen::ZERO || (balance.is_decided && balance.is_paid))
}

/// Names a notice, or says its number where it has no name here.
pub(crate) fn title(exchange_id: &str) -> String {
    notice_title(exchange_id).map_or_else(|| format!("通知{exchange_id}"), str::to_owned)
}

fn board_view(
    balances: &[Balance],
    figure: Figure,
    names: &Names,
    closings: &[Closing],
    graded: &BTreeMap<OfficeNumber, Area>,
) -> BoardView {
    let board = Board::new(balances, figure, BOARD_MONTHS);
    BoardView {
        figure: figure.as_str().to_owned(),
        figure_name: figure.name().to_owned(),
        months: board.months.iter().map(ToString::to_string).collect(),
        total: board.totals.iter().map(|yen| yen.0).sum(),
        totals: board.totals.iter().map(|yen| yen.0).collect(),
        unpaid: balances.iter().map(|balance| balance.unpaid.0).sum(),
        unexplained: balances.iter().map(|balance| (balance.unexplained.0).abs() + transfer_gap(balance).0.abs()).sum(),
        incomplete: balances.iter().filter(|balance| !balance.missing_notices.is_empty()).count() as u32,
        locks: lock_views(balances, closings),
        rows: board
            .rows
            .into_iter()
            .map(|row| BoardRowView {
                office_name: names.of(&row.office),
                area_unset: !graded.contains_key(&row.office),
                office: row.office.to_string(),
                cells: row
                    .cells
                    .iter()
                    .map(|cell| cell.map(|cell| BoardCellView { yen: cell.yen.0, standing: standing(cell.standing) }))
                    .collect(),
                total: row.total.0,
            })
            .collect(),
    }
}

fn lock_views(balances: &[Balance], closings: &[Closing]) -> Vec<LockView> {
    locks(closings)
        .into_iter()
        .map(|((office, month), lock)| {
            let balance = find(balances, &office, month).ok();
            lock_view(&office, month, &lock, balance)
        })
        .collect()
}

fn lock_view(office: &OfficeNumber, month: Month, lock: &Lock, balance: Option<&Balance>) -> LockView {
    let changes = balance.map(|balance| lock.later_changes(balance)).unwrap_or_default();
    LockView {
        office: office.to_string(),
        month: month.to_string(),
        stage: lock.stage.as_str().to_owned(),
        stage_name: lock.stage.name().to_owned(),
        by: lock.by.clone(),
        at: rfc3339(lock.at),
        changes: changes
            .iter()
            .map(|change| ChangeView { name: change.figure.name().to_owned(), then: change.then.0, now: change.now.0 })
            .collect(),
    }
}

fn office_month_view(
    balance: &Balance,
    ledger: &Ledger,
    names: &Names,
    closings: &[Closing],
    notices: Vec<NoticeNameView>,
) -> OfficeMonthView {
    let (office, month) = (&balance.office, balance.processing_month);
    let ours: Vec<&Closing> =
        closings.iter().filter(|closing| closing.office == *office && closing.month == month).collect();
    let lock = locks(closings).remove(&(office.clone(), month));
    OfficeMonthView {
        office: office.to_string(),
        office_name: names.of(office),
        month: month.to_string(),
        standing: standing(Standing::of(balance)),
        claims: balance.claims,
        bars: bar_views(balance),
        unexplained: (balance.unexplained + transfer_gap(balance)).0,
        unpaid: balance.unpaid.0,
        missing: balance
            .missing_notices
            .iter()
            .map(|id| NoticeNameView { id: String::new(), exchange_id: id.clone(), title: title(id) })
            .collect(),
        notices,
        persons: persons(ledger, office, month),
        lock: lock.map(|lock| lock_view(office, month, &lock, Some(balance))),
        closings: ours.into_iter().map(closing_view).collect(),
    }
}

pub(crate) fn bar_views(balance: &Balance) -> Vec<BarView> {
    waterfall(balance)
        .iter()
        .map(|bar| BarView {
            step: bar.step.as_str().to_owned(),
            name: bar.step.name().to_owned(),
            yen: bar.yen.0,
            from: bar.from.0,
            to: bar.to.0,
            is_level: bar.step.is_level(),
        })
        .collect()
}

fn closing_view(closing: &Closing) -> ClosingView {
    let (what, reason) = match &closing.what {
        ClosingKind::Close { stage, .. } => (stage.name().to_owned(), String::new()),
        ClosingKind::Reopen { reason } => ("締めを開く".to_owned(), reason.clone()),
    };
    ClosingView { at: rfc3339(closing.at), by: closing.by.clone(), what, reason }
}

/// Returns the persons to whom something other than a plain claim and its payment happened in the month.
pub(crate) fn persons(ledger: &Ledger, office: &OfficeNumber, month: Month) -> Vec<PersonView> {
    let start = ledger.cases.partition_point(|case| case.key.office < *office);
    // A 査定 and a return of the same claim tell one story.
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut persons: Vec<PersonView> = ledger.cases[start..]
        .iter()
        .take_while(|case| case.key.office == *office)
        .filter(|case| case.story.iter().any(|event| event.month == month) || case.stands_on == month)
        .filter(|case| seen.insert(case.key.to_string()))
        .map(|case| person(case, month))
        .collect();
    persons.sort_by(|a, b| (b.yen, &a.key).cmp(&(a.yen, &b.key)));
    persons
}

fn person(case: &Case, month: Month) -> PersonView {
    PersonView {
        key: id_of(case),
        insured: case.key.insured.to_string(),
        insured_kana: case.insured_kana.as_ref().map(|name| name.nfkc().collect()),
        service_month: case.key.service_month.to_string(),
        events: case.story.iter().filter(|event| event.month == month).map(|event| event.what.to_string()).collect(),
        state_word: if case.kind == CaseKind::Assessed {
            "査定".to_owned()
        } else {
            state_word(case.state).to_owned()
        },
        yen: case.yen.0,
        estimated: case.estimated,
    }
}

pub(crate) const fn standing(standing: Standing) -> StandingView {
    match standing {
        Standing::NoticesMissing => StandingView::NoticesMissing,
        Standing::Unexplained => StandingView::Unexplained,
        Standing::Open => StandingView::Open,
        Standing::Waiting => StandingView::Waiting,
        Standing::Done => StandingView::Done,
    }
}

const fn tally_view(tally: Tally) -> TallyView {
    TallyView { count: tally.count, yen: tally.yen.0 }
}

fn age_view(bucket: usize, age: Age) -> AgeView {
    let name = match (bucket.checked_sub(1).map(|before| BUCKETS[before]), BUCKETS.get(bucket)) {
        (None, Some(end)) => format!("提供月から{end}か月まで"),
        (Some(before), Some(end)) => format!("{}〜{end}か月", before + 1),
        (before, None) => format!("{}か月以上", before.unwrap_or_default() + 1),
    };
    AgeView {
        name,
        open: tally_view(age.open),
        reclaimed: tally_view(age.reclaimed),
        held: tally_view(age.held),
        all: tally_view(age.all()),
    }
}

fn trend_rows(trend: Trend, name: impl Fn(&str) -> String) -> Vec<TrendRowView> {
    trend
        .rows
        .into_iter()
        .map(|TrendRow { key, months, total, repeated }| TrendRowView {
            name: name(&key),
            key,
            counts: months.iter().map(|tally| tally.count).collect(),
            total: tally_view(total),
            repeated,
        })
        .collect()
}

/// Tells the score with the definitions that it is computed by, beside the two figures of an advertisement for the return
/// option of a proxy service（74 % of offices, 280,000 yen a year）, so that an office can compare itself honestly.
fn recovery_view(score: &Recovery) -> RecoveryView {
    let figure = |name: &str, value: String, definition: &str| ScoreView {
        name: name.to_owned(),
        value,
        definition: definition.to_owned(),
    };
    let of = |part: u32, whole: u32, unit: &str| {
        if whole == 0 {
            "対象なし".to_owned()
        } else {
            format!("{}{unit}中 {}{unit}", Yen(whole.into()), Yen(part.into()))
        }
    };
    let money = |tally: Tally| format!("{}件 {}円", tally.count, tally.yen);
    RecoveryView {
        from: score.from.to_string(),
        to: score.to.to_string(),
        figures: vec![
            figure(
                "請求し直していない返戻のある事業所",
                of(score.offices_unanswered, score.offices, "か所"),
                "この期間に請求した事業所のうち、返戻か過誤になり、その次の受付期間が終わっても請求し直していないものが、いま1件でもある事業所。終わりにしたものは数えません。ある広告では「74%の事業所で、12か月のどこかの月に残っていた」とされています。",
            ),
            figure(
                "請求し直していない返戻のある月",
                of(score.months_unanswered, score.months_with_returns, "か月"),
                "返戻か過誤のあった審査月（事業所ごとに数えます）のうち、請求し直していないものが、いま残っている月。",
            ),
            figure(
                "請求し直していない金額",
                money(score.unanswered),
                "上の返戻と過誤の、保険請求額と公費請求額の合計。時効になったものを含みます。",
            ),
            figure(
                "1事業所あたり",
                score.unanswered_per_office().map_or_else(|| "対象なし".to_owned(), |yen| format!("{yen}円")),
                "請求し直していない金額を、残っている事業所の数で割ったもの（円未満は切り捨て）。ある広告では「年平均28万円」とされています。",
            ),
            figure(
                "初回通過率",
                if score.claims == 0 {
                    "対象なし".to_owned()
                } else {
                    let tenths = u64::from(score.passed) * 1000 / u64::from(score.claims);
                    format!("{}.{}%（{}）", tenths / 10, tenths % 10, of(score.passed, score.claims, "件"))
                },
                "支払いの通知がそろった月に送った請求のうち、その月の審査で返戻にも保留にもならなかったもの（0.1%未満は切り捨て）。",
            ),
            figure(
                "返戻から再請求まで",
                score
                    .median_months_to_reclaim()
                    .map_or_else(|| "対象なし".to_owned(), |months| format!("{months}か月（中央値）")),
                "返戻か過誤の審査月から、請求し直した処理対象年月までの月数。1か月が、いちばん早い請求です。",
            ),
            figure(
                "取り戻した金額",
                money(score.recovered),
                "返戻か過誤のあとに請求し直し、この期間の審査で支払いが決まったもの。",
            ),
            figure(
                "あきらめた金額",
                money(score.given_up),
                "この期間に返戻か過誤になり、理由を書いて終わりにしたもの、または時効になったもの。",
            ),
        ],
    }
}

/// Columns of the receivables: what a month itself moved, what earlier closed months changed, and both ends.
pub(crate) fn roll_view(month: Month, roll: &Roll, style: Style) -> RollMonthView {
    let keeps = style == Style::KeepReceivable;
    let own = roll.own();
    RollMonthView {
        month: month.to_string(),
        opening: roll.opening.0,
        claimed: own.claimed.0,
        returned: if keeps { 0 } else { -own.returned.0 },
        claimed_again: if keeps { -own.claimed_again.0 } else { 0 },
        assessed: own.assessed.0,
        kago: if keeps { (own.kago + own.taken_back).0 } else { own.kago.0 },
        unexplained: own.unexplained.0,
        received: -own.received.0,
        written_off: -(own.held_written_off + if keeps { own.returned_written_off } else { Yen::ZERO }).0,
        corrected: roll.corrected(style).0,
        closing: roll.closing.0,
        closing_returned: roll.closing_returned.0,
    }
}

/// Says which month of which office a paper or a file is about.
pub(crate) fn month_name(office: &str, month: Month) -> String {
    format!("{office} {}", wareki_month(month))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use calamine::{Data, Range, Reader, Xlsx, open_workbook};
    use kokuho::Yen;
    use relay_api::{Account, Office, Role};

    use crate::tests::{SAMPLES, keep, printed, printed_densely};
    use crate::views::board::{BarView, ExportRequest, StandingView};
    use crate::{App, Clock, Code, Config, KeyFile, Secrets};

    const OFFICE: &str = "9970000015";

    fn sample(name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kokuho/tests/data").join(name);
        path.to_string_lossy().into_owned()
    }

    /// Starts the program of an office on a day that a person gave.
    async fn open(folder: &Path, today: &str) -> App {
        let app = App::open(Config {
            data: folder.join("data"),
            documents: folder.join("documents"),
            relay: None,
            clock: Clock::standing(format!("{today}T12:00:00").parse().unwrap()),
            secrets: Secrets::new(KeyFile::new(folder.join("keys"))),
        })
        .await
        .unwrap();
        let account = Account {
            corporation_number: "9900000001".into(),
            corporation_name: "さくら会".into(),
            login_id: "sakura-honbu".into(),
            role: Role::Corporation,
            must_change_password: false,
            second_factor: false,
            offices: vec![Office { number: OFFICE.into(), name: "さくらデイサービス".into() }],
        };
        app.remember_account(&account).await.unwrap();
        app
    }

    /// Starts the program on the same day while nobody is signed in, so that it takes the files of any office.
    async fn unsigned(folder: &Path) -> App {
        let config = Config {
            data: folder.join("data"),
            documents: folder.join("documents"),
            relay: None,
            clock: Clock::standing("2026-07-25T12:00:00".parse().unwrap()),
            secrets: Secrets::new(KeyFile::new(folder.join("keys"))),
        };
        App::open(config).await.unwrap()
    }

    async fn import(app: &App, names: &[&str]) {
        let view = app.import(&names.iter().map(|name| sample(name)).collect::<Vec<_>>()).await.unwrap();
        assert!(view.refused.is_empty(), "{view:?}");
    }

    fn bars(bars: &[BarView]) -> Vec<(&str, i64)> {
        bars.iter().map(|bar| (bar.step.as_str(), bar.yen)).collect()
    }

    #[tokio::test]
    async fn the_sample_month_stands_on_the_board_and_opens_down_to_the_person() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES).await;
        let board = app.board("unpaid").await.unwrap();
        assert_eq!((board.total, board.unpaid, board.unexplained, board.incomplete), (121_254, 121_254, 0, 0));
        assert_eq!(board.months, ["2026-06"]);
        assert_eq!(board.rows[0].office_name, "さくらデイサービス");
        assert_eq!(board.rows[0].cells[0].unwrap().standing, StandingView::Open);
        let unset = |alarms: Vec<crate::work::AlarmView>| {
            alarms.into_iter().filter(|alarm| alarm.kind == "area_unset").map(|alarm| alarm.office).collect::<Vec<_>>()
        };
        assert!(board.rows[0].area_unset, "nobody has set the 地域区分");
        assert_eq!(unset(app.alarms().await.unwrap()), [OFFICE]);
        app.set_office_area(OFFICE, Some("5級地"), None).await.unwrap();
        assert!(!app.board("unpaid").await.unwrap().rows[0].area_unset);
        assert_eq!(unset(app.alarms().await.unwrap()), Vec::<String>::new());
        assert_eq!(app.board("claimed").await.unwrap().total, 214_488);

        let month = app.office_month(OFFICE, "2026-06").await.unwrap();
        let told = bars(&month.bars);
        assert_eq!(told[..3], [("claimed", 214_488), ("returned", -57_351), ("held", -63_903)]);
        assert_eq!(told.last(), Some(&("paid", 93_234)));
        let persons: Vec<_> = month.persons.iter().map(|person| (person.insured.as_str(), person.yen)).collect();
        assert_eq!(persons, [("0000000202", 63_903), ("0000000101", 57_351)]);
        assert_eq!(month.persons[1].events, ["請求 57,351円", "返戻（12PA）"]);
        assert_eq!(month.notices.len(), 4);
        assert_eq!(app.office_month(OFFICE, "2026-01").await.unwrap_err().code, Code::UnknownMonth);

        let deposits = app.deposits(Some(OFFICE)).await.unwrap();
        assert_eq!(
            deposits.iter().map(|deposit| (deposit.yen, deposit.overdue)).collect::<Vec<_>>(),
            [(93_234, false)]
        );
        let analysis = app.analysis(None).await.unwrap();
        assert_eq!(analysis.ages.iter().map(|age| age.all.yen).sum::<i64>(), 121_254);
        assert_eq!(analysis.by_code[0].key, "12PA");
        let roll = app.roll_forward(None, "keep").await.unwrap();
        assert_eq!(roll.months[0].closing, 121_254, "what is held and what came back");
    }

    #[tokio::test]
    async fn balances_are_kept_and_told_as_of_another_day_without_settling() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-05").await;
        import(&app, &SAMPLES[..4]).await;
        let early = app.board("unpaid").await.unwrap();
        assert_eq!(early.incomplete, 0, "the transfer notice is not due yet");
        drop(app);

        // On another day and in another process the kept balances say what settling would.
        for today in ["2026-07-25", "2029-01-01"] {
            let app = open(folder.path(), today).await;
            let kept = app.store(store::Store::kept_balances).await.unwrap();
            assert_eq!(kept.len(), 1);
            let told = app.balances().await.unwrap();
            assert_eq!(*told, app.books().await.unwrap().ledger.balances, "{today}");
            assert_eq!(told[0].missing_notices, ["7513"], "{today}");
            assert_eq!(app.store(store::Store::kept_balances).await.unwrap(), kept, "nothing was settled anew");
        }

        // Another file is another basis.
        let app = open(folder.path(), "2026-07-25").await;
        app.balances().await.unwrap();
        import(&app, &SAMPLES[4..]).await;
        let told = app.balances().await.unwrap();
        assert_eq!((told[0].paid, told[0].missing_notices.len()), (Yen(93_234), 0));

        // What cannot be read back is settled anew.
        let mut broken = app.store(store::Store::kept_balances).await.unwrap();
        broken[0].bytes = vec![0xff; 40];
        app.store(move |store| store.keep_balances(&broken)).await.unwrap();
        assert_eq!(app.balances().await.unwrap()[0].paid, Yen(93_234));
    }

    #[tokio::test]
    async fn a_closed_month_tells_what_changed_later_and_opens_for_a_reason_only() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES[1..]).await;
        let refused = |result: Result<_, crate::Problem>| result.map(drop).unwrap_err().code;
        assert_eq!(refused(app.close_month(None, "2026-01", "claims").await), Code::UnknownMonth);
        let locks = app.close_month(None, "2026-06", "claims").await.unwrap();
        assert_eq!((locks[0].stage.as_str(), locks[0].by.as_str()), ("claims", "sakura-honbu"));
        assert_eq!(refused(app.close_month(None, "2026-06", "claims").await), Code::NotReadyToClose);

        import(&app, &SAMPLES[..1]).await;
        let month = app.office_month(OFFICE, "2026-06").await.unwrap();
        let changes = &month.lock.unwrap().changes;
        assert_eq!(changes.iter().map(|change| (change.then, change.now)).collect::<Vec<_>>(), [(0, 214_488)]);

        assert_eq!(refused(app.reopen_month(OFFICE, "2026-06", " ").await), Code::ReasonMissing);
        assert!(app.reopen_month(OFFICE, "2026-06", "請求ファイルの取り込み忘れ").await.unwrap().is_empty());
        assert_eq!(refused(app.reopen_month(OFFICE, "2026-06", "もう一度").await), Code::UnknownMonth);
        app.close_month(Some(OFFICE), "2026-06", "payment").await.unwrap();
        let month = app.office_month(OFFICE, "2026-06").await.unwrap();
        assert_eq!(month.closings.len(), 3);
        assert_eq!(month.closings[1].reason, "請求ファイルの取り込み忘れ");
        assert!(month.lock.is_some_and(|lock| lock.changes.is_empty()));
    }

    #[tokio::test]
    async fn the_payment_of_a_month_without_its_notices_cannot_be_closed() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES[..3]).await;
        let refused = app.close_month(None, "2026-06", "payment").await.unwrap_err();
        assert_eq!(refused.code, Code::NotReadyToClose);
    }

    /// Returns the sheets of a workbook with their names, each cell as text.
    fn sheets_of(path: &str) -> Vec<(String, Vec<Vec<String>>)> {
        let mut book: Xlsx<_> = open_workbook(path).unwrap();
        let rows = |range: Range<Data>| {
            range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect::<Vec<Vec<String>>>()
        };
        book.worksheets().into_iter().map(|(name, range)| (name, rows(range))).collect()
    }

    #[tokio::test]
    async fn every_list_is_written_in_every_form() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES).await;
        let returned = "0000000101";
        for (what, titles, told) in [
            ("board", &["本部の表（未収）"][..], &["121254"][..]),
            ("balance", &["収支の一覧"], &["214488", "93234"]),
            ("month", &["請求から振込まで", "この月に動きのあった方"], &["214488", "93234", returned, "57351"]),
            ("returns", &["返戻・未収の一覧"], &[returned, "57351", "63903"]),
            ("deposits", &["入金の予定"], &["93234"]),
            (
                "analysis",
                &[
                    "未収の年齢表",
                    "返戻の傾向（コード）",
                    "返戻の傾向（保険者）",
                    "返戻の傾向（事業所）",
                    "取り戻しの成績",
                ],
                &["12PA", "57351", "63903"],
            ),
            ("roll", &["事業未収金の増減"], &["214488", "121254"]),
            ("journal", &["仕訳"], &["214488"]),
        ] {
            let saved = async |format: &str| {
                let request = ExportRequest {
                    office: Some(OFFICE.to_owned()),
                    month: Some("2026-06".to_owned()),
                    ..request(what, format)
                };
                let saved = app.export(&request, None).await.unwrap();
                keep(&saved, &format!("{what}.{format}"));
                saved.path
            };
            // A workbook holds every table on a sheet of its own, below a title and an empty line.
            let book = sheets_of(&saved("xlsx").await);
            let names: Vec<&str> = book.iter().map(|(name, _)| name.as_str()).take(titles.len()).collect();
            assert_eq!(names, titles, "{what}");
            // A CSV holds them all below each other, each under its title, with the same cells.
            let csv = std::fs::read_to_string(saved("csv").await).unwrap();
            let csv = csv.strip_prefix('\u{feff}').expect("a byte order mark");
            assert_eq!(csv.matches("\r\n\r\n").count(), titles.len() - 1, "{what}: an empty line between the tables");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(csv.as_bytes());
            let mut lines = reader.records().map(Result::unwrap);
            for (name, rows) in book.iter().take(titles.len()) {
                if titles.len() > 1 {
                    assert_eq!(lines.next().unwrap(), vec![name.as_str()], "{what}");
                }
                let head = rows.iter().position(|row| row.iter().filter(|cell| !cell.is_empty()).count() > 1).unwrap();
                for row in &rows[head..] {
                    let line = lines.next().unwrap_or_else(|| panic!("{what}: {name} is cut before {row:?}"));
                    assert_eq!(line.len(), row.len(), "{what}: {line:?}");
                    // Months and days are numbers in a workbook.
                    for (cell, kept) in line.iter().zip(row).filter(|(cell, _)| !cell.contains(['年', '/'])) {
                        assert_eq!(cell, kept, "{what}: {line:?}");
                    }
                }
            }
            assert!(lines.next().is_none(), "{what}: nothing more stands in the CSV");
            // And a paper prints them all.
            let paper = printed_densely(&saved("pdf").await);
            for title in titles {
                assert!(paper.contains(title), "{what}: {title} is not on the paper");
            }
            for text in told {
                assert!(csv.contains(text), "{what}: {text} is not in the CSV");
                assert!(book.iter().any(|(_, rows)| rows.iter().flatten().any(|cell| cell == text)), "{what}: {text}");
                assert!(paper.replace(',', "").contains(text), "{what}: {text} is not on the paper");
            }
        }
        let unknown = ExportRequest {
            what: "board".to_owned(),
            format: "doc".to_owned(),
            office: None,
            month: None,
            figure: None,
            style: None,
            file: None,
        };
        assert_eq!(app.export(&unknown, None).await.unwrap_err().code, Code::UnknownExport);
        let csv = app.export(&ExportRequest { format: "csv".to_owned(), ..unknown }, None).await.unwrap();
        let text = std::fs::read_to_string(csv.path).unwrap();
        assert!(text.contains("9970000015,さくらデイサービス,121254,121254"), "{text}");
    }

    fn request(what: &str, format: &str) -> ExportRequest {
        ExportRequest {
            what: what.to_owned(),
            format: format.to_owned(),
            office: None,
            month: None,
            figure: None,
            style: None,
            file: None,
        }
    }

    #[tokio::test]
    async fn a_bank_statement_is_held_against_the_notices_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES).await;
        let statement = |yen: &str| {
            let path = folder.path().join("meisai.csv");
            let text = format!(
                "取引日,出金金額,入金金額,摘要\n2026/07/24,,{yen},振込 カクウケンコクホレン\n2026/07/27,,800,利息\n"
            );
            std::fs::write(&path, text).unwrap();
            path.to_string_lossy().into_owned()
        };
        let path = statement("\"93,234\"");
        let view = app.match_bank(&path, None).await.unwrap();
        assert_eq!((view.came, view.expected, view.lines, view.others), (93_234, 93_234, 2, 1));
        assert_eq!((view.rows[0].verdict.as_str(), view.rows[0].offices.as_str()), ("matches", "さくらデイサービス"));
        let path = statement("93000");
        let view = app.match_bank(&path, Some(OFFICE)).await.unwrap();
        assert_eq!((view.rows[0].verdict.as_str(), view.rows[0].difference), ("differs", -234));
        let saved =
            app.export(&ExportRequest { file: Some(path.clone()), ..request("bank", "csv") }, None).await.unwrap();
        assert!(std::fs::read_to_string(saved.path).unwrap().contains("-234"));
        let refused = app.match_bank(&sample("75100000.CSV"), None).await.unwrap_err();
        assert_eq!(refused.code, Code::NotAStatement);
    }

    #[tokio::test]
    async fn offices_keep_their_names_while_nobody_is_signed_in() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES).await;
        app.log_out().await.unwrap();
        assert_eq!(app.board("unpaid").await.unwrap().rows[0].office_name, "さくらデイサービス");

        // Where nobody ever was, the notices tell it.
        let elsewhere = tempfile::tempdir().unwrap();
        let app = App::open(Config {
            data: elsewhere.path().join("data"),
            documents: elsewhere.path().join("documents"),
            relay: None,
            clock: Clock::standing("2026-07-25T12:00:00".parse().unwrap()),
            secrets: Secrets::new(KeyFile::new(elsewhere.path().join("keys"))),
        })
        .await
        .unwrap();
        import(&app, &SAMPLES).await;
        assert_eq!(app.board("unpaid").await.unwrap().rows[0].office_name, "テスト通所介護事業所");
    }

    /// A new file costs the settling of its own office: what was kept of the others is taken as it is.
    #[tokio::test]
    async fn a_new_file_settles_its_own_office_alone() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("KK260602.CSV");
        let text = std::fs::read_to_string(sample("KK260601.CSV")).unwrap().replace(OFFICE, "9970000023");
        std::fs::write(&other, text).unwrap();
        let app = unsigned(folder.path()).await;
        import(&app, &SAMPLES).await;
        app.import(&[other.to_string_lossy().into_owned()]).await.unwrap();
        assert_eq!(app.balances().await.unwrap().len(), 2);
        drop(app);

        // The kept balances of the first office are spoilt, so that a second look at its files would show.
        let app = unsigned(folder.path()).await;
        let mut kept = app.store(store::Store::kept_balances).await.unwrap();
        assert_eq!(kept.len(), 2);
        let first = kept.iter_mut().find(|row| row.office.as_str() == OFFICE).unwrap();
        let mut balances: Vec<ledger::Balance> = postcard::from_bytes(&first.bytes).unwrap();
        balances[0].paid = Yen(7);
        first.bytes = postcard::to_allocvec(&balances).unwrap();
        app.store(move |store| store.keep_balances(&kept)).await.unwrap();
        let later = folder.path().join("KK260603.CSV");
        let text = std::fs::read_to_string(&other).unwrap().replace("202606", "202607");
        std::fs::write(&later, text).unwrap();
        app.import(&[later.to_string_lossy().into_owned()]).await.unwrap();
        let told = app.balances().await.unwrap();
        let paid: Vec<_> = told.iter().map(|balance| (balance.office.as_str(), balance.paid.0)).collect();
        assert_eq!(paid, [(OFFICE, 7), ("9970000023", 0), ("9970000023", 0)]);
        let settled = app.books().await.unwrap();
        assert_eq!(told[1..], settled.ledger.balances[1..], "as settling everything tells it");
        let month = app.office_month("9970000023", "2026-07").await.unwrap();
        assert_eq!(month.claims, 3);
    }

    /// A file whose control record names one office and whose rows another: the rows count for the office that they name,
    /// on the board and in its month alike.
    #[tokio::test]
    async fn rows_in_the_file_of_another_office_count_where_they_belong() {
        let folder = tempfile::tempdir().unwrap();
        let app = unsigned(folder.path()).await;
        let text = std::fs::read_to_string(sample("KK260601.CSV")).unwrap();
        let (control, rows) = text.split_once("\r\n").unwrap();
        let mixed = folder.path().join("KK260604.CSV");
        std::fs::write(&mixed, format!("{}\r\n{rows}", control.replace(OFFICE, "9970000023"))).unwrap();
        let taken = app.import(&[mixed.to_string_lossy().into_owned()]).await.unwrap();
        assert!(taken.refused.is_empty(), "{taken:?}");
        import(&app, &SAMPLES[1..]).await;
        let month = app.office_month(OFFICE, "2026-06").await.unwrap();
        assert_eq!(month.claims, 3);
        let board = app.balances().await.unwrap();
        let of_office = board.iter().find(|balance| balance.office.as_str() == OFFICE).unwrap();
        assert_eq!((of_office.claims, of_office.unpaid.0), (month.claims, month.unpaid));
        let persons: i64 = month.persons.iter().map(|person| person.yen).sum();
        assert_eq!(persons, month.unpaid, "{month:?}");
        assert!(month.persons.iter().all(|person| !person.estimated), "{month:?}");
        assert_eq!(app.books().await.unwrap().ledger.balances, **board);
    }

    /// The journal of a closed month does not change when a claim file turns up; the next month says what changed.
    #[tokio::test]
    async fn the_journal_of_a_closed_month_stays() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES[1..]).await;
        app.close_month(None, "2026-06", "payment").await.unwrap();
        let journal = async |month: &str| {
            let request = ExportRequest { month: Some(month.to_owned()), ..request("journal", "csv") };
            let saved = app.export(&request, None).await.unwrap();
            std::fs::read_to_string(saved.path).unwrap()
        };
        let closed = journal("2026-06").await;
        import(&app, &SAMPLES[..1]).await;
        assert_eq!(journal("2026-06").await, closed);
        let july = journal("2026-07").await;
        assert!(july.contains("請求（締めた令和8年6月の訂正）") && july.contains("2026/07/31"), "{july}");
        let roll = app.roll_forward(None, "keep").await.unwrap();
        assert_eq!((roll.months[0].closing, roll.months[1].corrected), (121_254, 0));
        assert_ne!(roll.months[0].corrected, 0);
    }

    /// The rows of a notice in the order of its form, and the number of the first of their items that means something.
    const ROWS: [&str; 5] = ["H1", "D1", "T1", "T2", "T3"];

    /// The number that stands in an item of an invented notice: no other item, name or head has it.
    fn figure_in(row: usize, item: u16) -> usize {
        30_100 + row * 100 + usize::from(item)
    }

    /// Writes a notice of this kind with one row of each sort; every item that may hold it holds a figure of its own.
    fn invented(layouts: &[(usize, &kokuho::Layout)]) -> Vec<u8> {
        let exchange_id = layouts[0].1.exchange_id;
        let mut lines = vec![format!("1,1,0,{},{},0,0,{OFFICE},0,7,202606,0", layouts.len(), &exchange_id[..3])];
        for (line, (row, layout)) in (2..).zip(layouts) {
            let values = layout.items.iter().skip(2).map(|item| match item.name_ja {
                "事業所番号" => OFFICE.to_owned(),
                name if name.contains("審査年月") && *row == 0 => "202606".to_owned(),
                _ => figure_in(*row, item.no).to_string(),
            });
            let values: Vec<String> = values.collect();
            lines.push(format!("2,{line},\"{exchange_id}\",\"{}\",{}", ROWS[*row], values.join(",")));
        }
        lines.push(format!("3,{}\r\n", layouts.len() + 2));
        lines.join("\r\n").into_bytes()
    }

    /// Lists the figures of an invented notice in the order of its form: the head, the rows, below them the totals; what of a
    /// total stands below no column comes after it. The transfer notice ends in its sums.
    fn expected(layouts: &[(usize, &kokuho::Layout)]) -> Vec<usize> {
        let mut figures = Vec::new();
        for (row, layout) in layouts {
            let mut own: Vec<(u8, &kokuho::Item)> = layout
                .items
                .iter()
                .skip(2)
                .filter(|item| {
                    item.name_ja != "事業所番号"
                        && item.name_ja != "頁"
                        && !(*row == 0 && item.name_ja.contains("審査年月"))
                })
                .map(|item| (0, item))
                .collect();
            if matches!(layout.exchange_id, "7511" | "7513") {
                for (place, item) in &mut own {
                    *place = match item.name_ja {
                        "振込金額" => 3,
                        "合計金額" => 2,
                        name if name.contains("額") || name.contains("料") => 1,
                        _ => 0,
                    };
                }
                own.sort_by_key(|(place, _)| *place);
            }
            figures.extend(own.into_iter().map(|(_, item)| figure_in(*row, item.no)));
        }
        figures
    }

    #[tokio::test]
    async fn every_notice_is_printed_in_the_order_of_its_form() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        let mut kinds: BTreeMap<&str, Vec<(usize, &kokuho::Layout)>> = BTreeMap::new();
        for layout in
            kokuho::layouts().iter().filter(|layout| kokuho::codes::notice_title(layout.exchange_id).is_some())
        {
            // Of the two editions of the 返戻一覧表 the one in use; both are read alike.
            let row = ROWS.iter().position(|kind| layout.record_kind == Some(*kind));
            if let Some(row) = row.filter(|_| !layout.id.ends_with("kyotaku2003")) {
                kinds.entry(layout.exchange_id).or_default().push((row, layout));
            }
        }
        let known = [
            "7211", "7221", "7231", "7311", "7411", "7421", "7511", "7513", "7521", "7541", "7551", "7611", "7621",
            "7631",
        ];
        assert_eq!(kinds.keys().copied().collect::<Vec<_>>(), known);
        let mut paths = Vec::new();
        for (id, layouts) in &mut kinds {
            layouts.sort_by_key(|(row, _)| *row);
            let path = folder.path().join(format!("{id}.CSV"));
            std::fs::write(&path, invented(layouts)).unwrap();
            paths.push(path.to_string_lossy().into_owned());
        }
        let taken = app.import(&paths).await.unwrap();
        assert_eq!((taken.new as usize, taken.refused.len()), (known.len(), 0), "{taken:?}");
        for notice in app.notices().await.unwrap() {
            let layouts = &kinds[notice.exchange_id.as_str()];
            // On the screen: every cell in its order.
            let view = app.notice(&notice.id).await.unwrap();
            let cells =
                view.head.iter().map(|fact| fact.value.clone()).chain(
                    view.tables.iter().flat_map(|table| table.rows.iter().chain(&table.totals)).flatten().cloned(),
                );
            let shown = figures_of(&cells.collect::<Vec<_>>().join(" "));
            // On paper: the same, from the top to the bottom.
            let saved = app.notice_paper(&notice.id, None).await.unwrap();
            let on_paper = figures_of(&printed(&saved.path));
            keep(&saved, &format!("{}.pdf", notice.exchange_id));
            let expected = expected(layouts);
            assert_eq!(in_order(&shown, layouts), expected, "{} on the screen", notice.title);
            assert_eq!(on_paper, shown, "{} on paper", notice.title);
        }
        assert!(app.notices().await.unwrap().iter().all(|notice| !notice.unread));
    }

    /// Returns the figures of invented notices that stand in a text, each at its first place: the head is on every page.
    fn figures_of(text: &str) -> Vec<usize> {
        let text = text.replace(',', "");
        let all = text.split(|character: char| !character.is_ascii_digit()).filter(|part| part.len() == 5);
        let mut figures: Vec<usize> = Vec::new();
        for figure in all.filter_map(|part| part.parse().ok()).filter(|figure| (30_100..30_700).contains(figure)) {
            if !figures.contains(&figure) {
                figures.push(figure);
            }
        }
        figures
    }

    /// Puts what of a total stands below no column back behind the total that it belongs to; everything else keeps its place.
    fn in_order(shown: &[usize], layouts: &[(usize, &kokuho::Layout)]) -> Vec<usize> {
        let mut figures = shown.to_vec();
        let first_total = figure_in(2, 0);
        let totals = figures.iter().position(|figure| *figure > first_total).unwrap_or(figures.len());
        if layouts.len() > 1 {
            figures[totals..].sort_unstable();
        }
        figures
    }

    #[tokio::test]
    async fn the_notices_of_the_sample_month_are_printed_and_found() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES).await;
        for notice in app.notices().await.unwrap() {
            let saved = app.notice_paper(&notice.id, None).await.unwrap();
            assert!(printed_densely(&saved.path).contains(&notice.title), "{}", notice.title);
            assert!(saved.file.contains("2026-06"), "{}", saved.file);
            keep(&saved, &format!("sample-{}.pdf", notice.exchange_id));
        }
        assert_eq!(app.notices_naming("０００００００１０１").await.unwrap().len(), 1);
        assert!(app.notices_naming("101").await.unwrap().is_empty(), "too short to mean a person");
        // The list holds ﾃｽﾄ ｲﾁﾛｳ in half width.
        for name in ["テスト イチロウ", "ﾃｽﾄｲﾁﾛｳ", "てすと　いちろう", "いちろう"] {
            assert_eq!(app.notices_naming(name).await.unwrap().len(), 1, "{name}");
        }
        assert!(app.notices_naming("テスト ハナコ").await.unwrap().is_empty(), "every word must stand there");
        assert!(app.notices_naming("ロ").await.unwrap().is_empty(), "one letter stands everywhere");
        let issued: Vec<_> =
            app.notices().await.unwrap().into_iter().map(|notice| (notice.exchange_id, notice.issued)).collect();
        assert!(issued.contains(&("7411".to_owned(), Some("2026-06-30".to_owned()))), "{issued:?}");
        assert!(issued.contains(&("7513".to_owned(), None)), "{issued:?}");
    }

    #[tokio::test]
    async fn many_notices_are_marked_read_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path(), "2026-07-25").await;
        import(&app, &SAMPLES).await;
        let ids: Vec<String> = app.notices().await.unwrap().into_iter().map(|notice| notice.id).collect();
        let unread = async || app.frame().await.unwrap().unread_notices as usize;
        assert_eq!(unread().await, ids.len());
        let with_stranger = [ids[0].clone(), "0".repeat(64)];
        assert_eq!(app.mark_notices_read(&with_stranger).await.unwrap_err().code, Code::UnknownNotice);
        assert_eq!(unread().await, ids.len(), "all or none");
        app.mark_notices_read(&ids[1..]).await.unwrap();
        assert_eq!(unread().await, 1);
        assert!(app.notices().await.unwrap().iter().find(|notice| notice.id == ids[0]).unwrap().unread);
    }
}
