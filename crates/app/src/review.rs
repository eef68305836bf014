//! What the office's own records say about a file before it is sent: which returns it answers, what would come back
//! again（idea 15）, what it would replace, and whether its prices are those of the office's 地域区分（rules.md C11）.

use std::collections::{BTreeMap, HashMap};

use calendar::{Month, wareki_month};
use kokuho::codes::{Route, return_code};
use kokuho::{Claim, ClaimRole, InsuredNumber, InsurerNumber, OfficeNumber, Section};
use ledger::{Area, Areas, Case, CaseKind, CaseState};
use unicode_normalization::UnicodeNormalization;

use crate::desk::Opened;
use crate::files::{Content, Stopped, Watch};
use crate::problem::Problem;
use crate::tracker::kind_word;
use crate::views::{AnswerView, AreaCheckView, CheckView, FindingView, ReplacesView};
use crate::{App, blocking, outbox, yen_text};

/// Ids of the rules that only the office's own records can fire; explained in `docs/guide/直すところ.md`.
pub(crate) mod rule {
    /// A returned claim is sent again unchanged.
    pub const UNCHANGED: &str = "R1";
    /// A held claim is claimed again.
    pub const HELD: &str = "R2";
    /// A claim that stands is claimed again.
    pub const TWICE: &str = "R3";
    /// The unit price is not that of the office's 地域区分.
    pub const PRICE: &str = "C11";
}

/// What is known about an office.
pub(crate) struct Known {
    pub office: OfficeNumber,
    /// Cases that are open or held.
    pub cases: Vec<Case>,
    pub areas: Areas,
    pub standing: StandingClaims,
}

/// Claims of earlier months that were neither returned nor given up, with the latest month they were claimed in.
#[derive(Default)]
pub(crate) struct StandingClaims(HashMap<ClaimKey, Month>);

type ClaimKey = (InsurerNumber, InsuredNumber, Month, String);

/// Earlier months that are looked at: what is older has lapsed, but for 総合事業.
const MONTHS_BACK: i32 = 60;

fn key_of(claim: &Claim) -> ClaimKey {
    let form = if claim.role == ClaimRole::BenefitManagement { "8222" } else { claim.exchange_id.as_str() };
    (claim.insurer.clone(), claim.insured.clone(), claim.service_month, form.to_owned())
}

/// What a file says about what is known.
#[derive(Default)]
pub(crate) struct Review {
    /// Cases that the file claims again: index of the case, its statement, and the claim made of it.
    matches: Vec<(usize, Section, Claim)>,
    /// Claims that stand already, with the month they were claimed in.
    twice: Vec<(Month, Claim)>,
    /// Price of each service type and month, with the first statement that carries it and how many do.
    prices: BTreeMap<(Month, String, i64), Carried>,
}

/// Who carries a price.
struct Carried {
    line: u64,
    insured: String,
    statements: usize,
}

impl Known {
    /// Goes through the statements of a file once, unless `watch` stops it.
    pub fn review(&self, file: &Opened, watch: Watch<'_>) -> Result<Review, Stopped> {
        let mut review = Review::default();
        let Some(month) = file.processing_month() else { return Ok(review) };
        let cases: HashMap<_, usize> = self
            .cases
            .iter()
            .enumerate()
            .map(|(at, case)| {
                let key = &case.key;
                ((key.insurer.as_str(), key.insured.as_str(), key.service_month, key.exchange_id.as_str()), at)
            })
            .collect();
        for section in &file.sections {
            if !watch(section.bytes.len() as u64) {
                return Err(Stopped);
            }
            let Ok(Some(claim)) = section.claim(&file.bytes, month) else { continue };
            if claim.office != self.office {
                continue;
            }
            for service in &claim.services {
                let key = (claim.service_month, service.service_type.clone(), service.unit_price);
                let carried = review.prices.entry(key).or_insert_with(|| Carried {
                    line: claim.line,
                    insured: claim.insured.to_string(),
                    statements: 0,
                });
                carried.statements += 1;
            }
            let key = key_of(&claim);
            if let Some(at) = cases.get(&(key.0.as_str(), key.1.as_str(), key.2, key.3.as_str())) {
                review.matches.push((*at, section.clone(), claim));
            } else if let Some(before) = self.standing.0.get(&key) {
                review.twice.push((*before, claim));
            }
        }
        Ok(review)
    }

    /// Holds the prices of a file against the setting of the office.
    fn area_check(&self, review: &Review) -> (Option<AreaCheckView>, Vec<FindingView>) {
        let graded: Vec<(&(Month, String, i64), &Carried)> = review
            .prices
            .iter()
            .filter(|((month, service_type, _), _)| Area::Other.graded_price(service_type, *month).is_some())
            .collect();
        let Some(((newest, ..), _)) = graded.last() else { return (None, Vec::new()) };
        let set = self.areas.of(&self.office, *newest);
        let mut told: Vec<Area> = graded
            .iter()
            .filter(|((month, ..), _)| month == newest)
            .filter_map(|((_, service_type, price), _)| Area::from_unit_price(service_type, *price))
            .collect();
        told.sort_unstable();
        told.dedup();
        let told = if let [only] = told.as_slice() { Some(*only) } else { None };
        let findings: Vec<FindingView> = graded
            .iter()
            .filter_map(|((month, service_type, price), carried)| {
                let area = self.areas.of(&self.office, *month)?;
                let expected = area.graded_price(service_type, *month).filter(|expected| expected != price)?;
                Some(wrong_price(area, service_type, *month, *price, expected, carried))
            })
            .collect();
        let (state, message) = match (set, findings.is_empty()) {
            (None, _) => (
                "unset",
                match told {
                    Some(area) => format!(
                        "この事業所の地域区分がまだ決まっていないため、単価が正しいかを確かめられません。このファイルの単価は{}のものです。設定で地域区分を選んでください。",
                        area.name()
                    ),
                    None => "この事業所の地域区分がまだ決まっていないため、単価が正しいかを確かめられません。設定で地域区分を選んでください。".to_owned(),
                },
            ),
            (Some(area), true) => ("fits", format!("単価は、設定した地域区分（{}）のものと合っています。", area.name())),
            (Some(area), false) => (
                "differs",
                format!(
                    "単価が、設定した地域区分（{}）のものと違います。介護ソフトの地域区分と、とどけの設定のどちらが正しいかを確かめてください。",
                    area.name()
                ),
            ),
        };
        let name = |area: Option<Area>| area.map(|area| area.name().to_owned());
        (Some(AreaCheckView { state: state.to_owned(), set: name(set), told: name(told), message }), findings)
    }
}

impl App {
    /// Returns the cases of an office that someone must act on or wait for.
    pub(crate) async fn open_cases(&self, office: &OfficeNumber) -> Result<Vec<Case>, Problem> {
        let books = self.books().await?;
        Ok(books
            .ledger
            .cases
            .iter()
            .filter(|case| case.key.office == *office && matches!(case.state, CaseState::Open | CaseState::Held))
            .filter(|case| case.kind != CaseKind::Assessed)
            .cloned()
            .collect())
    }

    /// Returns the claims of an office from before `month` that stand: claimed, and neither returned nor given up. 給付管理票
    /// stand too, but a corrected one is sent again on purpose, so that they are left out.
    pub(crate) async fn claims_that_stand(
        &self,
        office: &OfficeNumber,
        month: Month,
    ) -> Result<StandingClaims, Problem> {
        let books = self.books().await?;
        let office = office.clone();
        let blobs = {
            let office = office.clone();
            self.store(move |store| {
                store.claim_blobs(&office, |file| {
                    file.processing_month < month
                        && file.processing_month >= month.plus(-MONTHS_BACK)
                        && (file.imported_at.is_some() || file.submission.as_ref().is_some_and(outbox::counts))
                })
            })
            .await?
        };
        blocking(move || {
            let mut standing = HashMap::new();
            for blob in blobs {
                let Ok(file) = kokuho::read(&blob.bytes) else { continue };
                let Some(claimed) = file.processing_month().filter(|_| !file.is_test()) else { continue };
                for claim in kokuho::claims(&file) {
                    if claim.role != ClaimRole::BenefitManagement && claim.office == office {
                        let latest = standing.entry(key_of(&claim)).or_insert(claimed);
                        *latest = claimed.max(*latest);
                    }
                }
            }
            // What came back may be claimed again: also what a person has given up or what has lapsed.
            for case in books.ledger.cases.iter().filter(|case| case.key.office == office) {
                if !matches!(case.state, CaseState::Reclaimed | CaseState::Settled) {
                    let key = &case.key;
                    let form = key.exchange_id.clone();
                    standing.remove(&(key.insurer.clone(), key.insured.clone(), key.service_month, form));
                }
            }
            Ok(StandingClaims(standing))
        })
        .await
    }

    /// Finds the file that was sent for the same office, months and kind and still stands.
    pub(crate) async fn replaced(&self, view: &CheckView, data_type: String) -> Result<Option<ReplacesView>, Problem> {
        let (Some(processing_month), Ok(id)) =
            (view.processing_month.as_ref().and_then(|month| month.parse().ok()), view.sha256.parse())
        else {
            return Ok(None);
        };
        if view.test || view.same_as.is_some() {
            return Ok(None);
        }
        let facts = store::NewSubmission {
            file_name: view.file.clone(),
            office: OfficeNumber::from_file(&view.office),
            processing_month,
            data_type,
            service_months: view.service_months.iter().filter_map(|month| month.parse().ok()).collect(),
            claims: view.claims,
            yen: kokuho::Yen(view.yen),
            test: view.test,
        };
        let others = self.store(move |store| store.others_for(&id, &facts)).await?;
        let Some(other) = others.into_iter().find(|other| !other.test && outbox::stands(other)) else {
            return Ok(None);
        };
        let shown = self.submission(other.id).await?;
        Ok(Some(ReplacesView {
            id: shown.id,
            file: shown.file,
            state_word: shown.state_word,
            created_at: shown.created_at,
            claims: shown.claims,
            yen: shown.yen,
        }))
    }

    /// Adds to a view what the review of its file has shown.
    pub(crate) async fn take_review(
        &self,
        view: &mut CheckView,
        known: &Known,
        review: Review,
        file: &Opened,
    ) -> Result<(), Problem> {
        let (area, mut findings) = known.area_check(&review);
        view.area = area;
        // What was sent already answers nothing any more.
        if view.same_as.is_none() {
            findings.extend(review.twice.iter().map(|(before, claim)| claimed_twice(*before, claim)));
            let mut earlier: HashMap<(Month, OfficeNumber), Vec<Opened>> = HashMap::new();
            for (at, section, claim) in &review.matches {
                let Some(case) = known.cases.get(*at) else { continue };
                let unchanged = match case.attempts.last() {
                    Some(month) => {
                        let key = (*month, known.office.clone());
                        if !earlier.contains_key(&key) {
                            earlier.insert(key.clone(), self.sent_files(&known.office, *month).await?);
                        }
                        earlier.get(&key).and_then(|files| says_the_same(files, file, section, claim))
                    }
                    None => None,
                };
                findings.extend(of_case(case, claim, unchanged));
                view.answers.push(answer(case, claim, unchanged));
            }
        }
        view.findings.extend(findings);
        view.findings.sort_by_key(|finding| (severity_rank(&finding.severity), finding.line, finding.item));
        Ok(())
    }

    /// Returns the claim files of an office that count as sent in a processing month.
    async fn sent_files(&self, office: &OfficeNumber, month: Month) -> Result<Vec<Opened>, Problem> {
        let office = office.clone();
        let blobs = self
            .store(move |store| {
                store.claim_blobs(&office, |file| {
                    file.processing_month == month
                        && (file.imported_at.is_some() || file.submission.as_ref().is_some_and(outbox::counts))
                })
            })
            .await?;
        blocking(move || {
            let open = |blob: store::Blob| {
                let content = Content { name: blob.file_name, sha256: blob.id.to_string(), bytes: blob.bytes };
                Opened::new(content).ok()
            };
            Ok(blobs.into_iter().filter_map(open).collect())
        })
        .await
    }
}

const fn severity_rank(severity: &str) -> u8 {
    match severity.as_bytes() {
        b"error" => 0,
        b"warning" => 1,
        _ => 2,
    }
}

/// Says whether a statement is, value for value, the one that was sent before; `None` when that one is not on hand.
fn says_the_same(earlier: &[Opened], file: &Opened, section: &Section, claim: &Claim) -> Option<bool> {
    let rows = section.rows(&file.bytes).ok()?;
    earlier
        .iter()
        .flat_map(|before| before.sections.iter().map(move |section| (before, section)))
        .filter(|(_, other)| {
            other.insured.as_ref() == Some(&claim.insured)
                && other.insurer == claim.insurer
                && other.exchange_id == section.exchange_id
                && other.service_month == section.service_month
        })
        .filter_map(|(before, other)| other.rows(&before.bytes).ok())
        .map(|before| kokuho::row_changes(&before, &rows).is_empty())
        .reduce(|one, other| one || other)
}

fn answer(case: &Case, claim: &Claim, unchanged: Option<bool>) -> AnswerView {
    let mut reasons: Vec<&str> = case.codes.iter().map(|code| return_code(code).message).collect();
    reasons.dedup();
    AnswerView {
        key: case.key.to_string(),
        insurer: case.key.insurer.to_string(),
        insured: case.key.insured.to_string(),
        insured_kana: case.insured_kana.as_ref().map(|name| name.nfkc().collect()),
        service_month: case.key.service_month.to_string(),
        exchange_id: case.key.exchange_id.clone(),
        kind: case.kind.as_str().to_owned(),
        kind_word: kind_word(case.kind).to_owned(),
        codes: case.codes.clone(),
        reason: reasons.concat(),
        yen: case.yen.0,
        claimed: claim.amount().0,
        unchanged,
        line: claim.line,
    }
}

/// Warns of what would come back again.
fn of_case(case: &Case, claim: &Claim, unchanged: Option<bool>) -> Option<FindingView> {
    let month = wareki_month(case.key.service_month);
    let codes = || case.codes.join("・");
    let (rule, message, hint) = match (case.state, case.kind) {
        (CaseState::Held, _) => (
            rule::HELD,
            format!("{month}分は、国保連で保留になっています。もう一度請求すると、重複として返戻になります。"),
            "この人の請求をこのファイルから外し、給付管理票が届くのを待ってください。急ぐときはケアマネジャーに確かめてください。"
                .to_owned(),
        ),
        (CaseState::Open, CaseKind::Returned | CaseKind::Unmatched) if unchanged == Some(true) => {
            let known = case.codes.first().map(|code| return_code(code));
            let waits = known.as_ref().is_some_and(|code| matches!(code.route, Route::Wait | Route::AskInsurer));
            let hint = match &known {
                Some(code) if waits => {
                    format!("{}それが済んでいれば、このままで送れます。", code.action)
                }
                Some(code) => code.action.to_owned(),
                None => "通知の「内容」を読み、返戻の理由にあたるところを直してから送ってください。".to_owned(),
            };
            (
                rule::UNCHANGED,
                format!(
                    "{month}分は前に返戻（{}）になりました。そのときの請求と中身が同じなので、また返戻になるおそれがあります。",
                    codes()
                ),
                hint,
            )
        }
        _ => return None,
    };
    Some(FindingView {
        rule: rule.to_owned(),
        severity: "warning".to_owned(),
        line: claim.line,
        record: String::new(),
        item: 0,
        item_name: String::new(),
        insured: Some(claim.insured.to_string()),
        found: String::new(),
        expected: String::new(),
        message,
        hint,
    })
}

/// Warns of a claim that 国保連 has already: the later one is invalid（rules.md F11, C8: ANN2）.
fn claimed_twice(before: Month, claim: &Claim) -> FindingView {
    FindingView {
        rule: rule::TWICE.to_owned(),
        severity: "warning".to_owned(),
        line: claim.line,
        record: String::new(),
        item: 0,
        item_name: String::new(),
        insured: Some(claim.insured.to_string()),
        found: String::new(),
        expected: String::new(),
        message: format!(
            "{}分は、{}の請求で送ってあり、返戻になっていません。もう一度請求すると、重複として返戻になります（ANN2）。",
            wareki_month(claim.service_month),
            wareki_month(before)
        ),
        hint: "この人の請求をファイルから外してください。直したいときは過誤の申し立てをし、取下げが決まってから請求しなおします。"
            .to_owned(),
    }
}

fn wrong_price(
    area: Area,
    service_type: &str,
    month: Month,
    price: i64,
    expected: i64,
    carried: &Carried,
) -> FindingView {
    let yen = |price: i64| format!("{}.{:02}", price / 100, price % 100);
    let service = kokuho::codes::service_type_name(service_type).unwrap_or(service_type);
    let others = match carried.statements {
        0 | 1 => String::new(),
        several => format!("同じ単価の明細書は全部で{}件あります。", yen_text(several as i64)),
    };
    FindingView {
        rule: rule::PRICE.to_owned(),
        severity: "warning".to_owned(),
        line: carried.line,
        record: String::new(),
        item: 0,
        item_name: "単位数単価".to_owned(),
        insured: Some(carried.insured.clone()),
        found: yen(price),
        expected: yen(expected),
        message: format!(
            "{}の{service}の単価が、設定した地域区分（{}）のものではありません。{others}",
            wareki_month(month),
            area.name()
        ),
        hint: "介護ソフトの地域区分か、とどけの設定の地域区分のどちらかを直してください。".to_owned(),
    }
}
