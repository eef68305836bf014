//! The balances of all offices, kept in the database, so that the board opens without reading every file again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use calendar::Month;
use chrono::NaiveDate;
use kokuho::OfficeNumber;
use ledger::Balance;
use store::{KeptBalances, Revision};

use crate::areas::areas_of;
use crate::problem::{Code, Problem};
use crate::{App, Inner, blocking, outbox};

/// Balances, with the state of the database and the day that they hold for.
pub(crate) struct OnHand {
    revision: Revision,
    today: NaiveDate,
    balances: Arc<Vec<Balance>>,
    /// Each office was settled alone: no file of one speaks of another.
    pub alone: bool,
}

/// Names the rules that this program was built with; other rules may settle otherwise.
const RULES: &str = env!("TODOKE_RULES");

impl App {
    /// Returns the balances of all offices as of today, sorted by office and month.
    ///
    /// What was kept is taken when it was settled by the same rules from the same files and decisions; of the other offices
    /// alone the books are settled, and kept.
    pub(crate) async fn balances(&self) -> Result<Arc<Vec<Balance>>, Problem> {
        Ok(Arc::clone(&self.on_hand().await?.balances))
    }

    /// Returns the balances and how they were settled.
    pub(crate) async fn on_hand(&self) -> Result<Arc<OnHand>, Problem> {
        let today = self.now().date();
        let revision = self.store(store::Store::revision).await?;
        let known = self.0.balances.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(on_hand) = known.filter(|on_hand| on_hand.revision == revision && on_hand.today == today) {
            return Ok(on_hand);
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
        let inner = Arc::clone(&self.0);
        let renewed = blocking(move || {
            let (mut balances, stale) = unpack(&bases, kept);
            if stale.is_empty() {
                return Ok(Some(balances));
            }
            let Some(ledger) = inner.settle_only(&stale, today)? else { return Ok(None) };
            inner.keep(&pack(&bases, &stale, &ledger.balances));
            balances.extend(ledger.balances);
            Ok(Some(balances))
        })
        .await?;
        let alone = renewed.is_some();
        let mut balances = match renewed {
            Some(balances) => balances,
            // Files that name other offices are rare; their balances are not kept.
            None => self.books().await?.ledger.balances.clone(),
        };
        balances.sort_by(|a, b| (&a.office, a.processing_month).cmp(&(&b.office, b.processing_month)));
        for balance in &mut balances {
            balance.date(today);
        }
        let on_hand = Arc::new(OnHand { revision, today, balances: Arc::new(balances), alone });
        *self.0.balances.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&on_hand));
        Ok(on_hand)
    }
}

impl Inner {
    /// Keeps balances for the next start, which is a convenience: a database that refuses it changes nothing of the answer.
    fn keep(&self, packed: &[KeptBalances]) {
        if let Err(error) = self.store.keep_balances(packed) {
            tracing::warn!(cause = %error, "The balances could not be kept");
        }
    }
}

/// Returns the balances that were kept and still hold, and the offices of which something else is on hand now.
fn unpack(bases: &BTreeMap<OfficeNumber, String>, kept: Vec<KeptBalances>) -> (Vec<Balance>, BTreeSet<OfficeNumber>) {
    let mut stale: BTreeSet<OfficeNumber> = bases.keys().cloned().collect();
    let mut balances: Vec<Balance> = Vec::new();
    for row in kept.into_iter().filter(|row| bases.get(&row.office) == Some(&row.basis)) {
        match postcard::from_bytes::<Vec<Balance>>(&row.bytes) {
            Ok(of_office) => {
                stale.remove(&row.office);
                balances.extend(of_office);
            }
            Err(error) => tracing::warn!(cause = %error, "Kept balances cannot be read; they are settled anew"),
        }
    }
    (balances, stale)
}

/// Packs the balances of `offices`, each under what it was settled from.
fn pack(
    bases: &BTreeMap<OfficeNumber, String>,
    offices: &BTreeSet<OfficeNumber>,
    balances: &[Balance],
) -> Vec<KeptBalances> {
    offices
        .iter()
        .filter_map(|office| {
            // The ledger tells them sorted by office.
            let start = balances.partition_point(|balance| balance.office < *office);
            let ours: Vec<&Balance> =
                balances[start..].iter().take_while(|balance| balance.office == *office).collect();
            let bytes = postcard::to_allocvec(&ours).ok()?;
            Some(KeptBalances { office: office.clone(), basis: bases.get(office)?.clone(), bytes })
        })
        .collect()
}
