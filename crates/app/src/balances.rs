//! The balances of all offices, kept in the database, so that the board opens without reading every file again.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use calendar::Month;
use chrono::NaiveDate;
use kokuho::OfficeNumber;
use ledger::Balance;
use store::{KeptBalances, Revision};

use crate::areas::areas_of;
use crate::problem::{Code, Problem};
use crate::{App, blocking, of_store, outbox};

/// Balances, with the state of the database and the day that they hold for.
pub(crate) struct OnHand {
    revision: Revision,
    today: NaiveDate,
    balances: Arc<Vec<Balance>>,
}

/// Names the rules that this program was built with; other rules may settle otherwise.
const RULES: &str = env!("TODOKE_RULES");

impl App {
    /// Returns the balances of all offices as of today, sorted by office and month.
    ///
    /// What was kept is taken when it was settled by the same rules from the same files and decisions; else the books are
    /// settled and kept. Keeping is a convenience: a database that refuses it changes nothing of the answer.
    pub(crate) async fn balances(&self) -> Result<Arc<Vec<Balance>>, Problem> {
        let today = self.now().date();
        let revision = self.store(store::Store::revision).await?;
        let known = self.0.balances.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|on_hand| {
            (on_hand.revision == revision && on_hand.today == today).then(|| Arc::clone(&on_hand.balances))
        });
        if let Some(balances) = known {
            return Ok(balances);
        }
        let (bases, areas, kept) =
            self.store(|store| Ok((store.bases(outbox::counts)?, store.areas()?, store.kept_balances()?))).await?;
        // Estimates rest on the 地域区分 of this month.
        let month = Month::of(today).map_err(|_| Code::Internal)?;
        let areas = areas_of(areas).in_month(month);
        let bases: BTreeMap<OfficeNumber, String> = bases
            .into_iter()
            .map(|(office, held)| {
                let area = areas.get(&office).map_or("", |area| area.name());
                (office, format!("{RULES} {held} {area}"))
            })
            .collect();
        let mut balances = match blocking(move || Ok(unpack(&bases, kept))).await? {
            Ok(balances) => balances,
            Err(bases) => {
                let balances = self.books().await?.ledger.balances.clone();
                let (packed, balances) = blocking(move || Ok((pack(&bases, &balances), balances))).await?;
                let inner = Arc::clone(&self.0);
                let result = blocking(move || inner.store.keep_balances(&packed).map_err(of_store)).await;
                if let Err(problem) = result {
                    tracing::warn!(code = problem.code.as_str(), "The balances could not be kept");
                }
                balances
            }
        };
        for balance in &mut balances {
            balance.date(today);
        }
        let balances = Arc::new(balances);
        let on_hand = OnHand { revision, today, balances: Arc::clone(&balances) };
        *self.0.balances.lock().unwrap_or_else(PoisonError::into_inner) = Some(on_hand);
        Ok(balances)
    }
}

/// Returns the balances that were kept, or the bases back when something else is on hand now.
fn unpack(
    bases: &BTreeMap<OfficeNumber, String>,
    kept: Vec<KeptBalances>,
) -> Result<Vec<Balance>, BTreeMap<OfficeNumber, String>> {
    let is_current = |row: &KeptBalances| bases.get(&row.office) == Some(&row.basis);
    if kept.len() != bases.len() || !kept.iter().all(is_current) {
        return Err(bases.clone());
    }
    let mut balances: Vec<Balance> = Vec::new();
    for row in kept {
        match postcard::from_bytes::<Vec<Balance>>(&row.bytes) {
            Ok(of_office) => balances.extend(of_office),
            Err(error) => {
                tracing::warn!(cause = %error, "Kept balances cannot be read; they are settled anew");
                return Err(bases.clone());
            }
        }
    }
    balances.sort_by(|a, b| (&a.office, a.processing_month).cmp(&(&b.office, b.processing_month)));
    Ok(balances)
}

/// Packs balances by the office under which their files are on hand. Rows of a file may name another office: their balances
/// go to the first of all, so that none is lost and each is kept once.
fn pack(bases: &BTreeMap<OfficeNumber, String>, balances: &[Balance]) -> Vec<KeptBalances> {
    let mut by_office: BTreeMap<&OfficeNumber, Vec<&Balance>> = BTreeMap::new();
    for balance in balances {
        let home = bases.get_key_value(&balance.office).or_else(|| bases.iter().next()).map(|(office, _)| office);
        if let Some(home) = home {
            by_office.entry(home).or_default().push(balance);
        }
    }
    bases
        .iter()
        .filter_map(|(office, basis)| {
            let balances = by_office.get(office).map_or(&[][..], Vec::as_slice);
            let bytes = postcard::to_allocvec(balances).ok()?;
            Some(KeptBalances { office: office.clone(), basis: basis.clone(), bytes })
        })
        .collect()
}
