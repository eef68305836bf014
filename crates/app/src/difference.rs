//! Comparing two claim files before one takes the other's place（idea 13）.

use std::path::Path;

use kokuho::{Claim, Comparison, RowChange};

use crate::files::{Content, of_not_interchange, read_file};
use crate::problem::Problem;
use crate::views::{ChangedView, ClaimLineView, DifferenceView, ItemChangeView, RowChangeView};
use crate::{App, blocking};

impl App {
    /// Tells how a file on the desk differs from one that was sent or imported.
    ///
    /// # Errors
    ///
    /// [`Code::UnknownFile`](crate::Code::UnknownFile) when either is neither on the desk nor stored.
    pub async fn compare_with(&self, sha256: &str, earlier: &str) -> Result<DifferenceView, Problem> {
        let after = self.open_file(sha256).await?;
        let before = self.stored_file(earlier).await?;
        blocking(move || difference((&before.name, &before.bytes), (&after.name, &after.bytes))).await
    }
}

/// Compares two files without a data folder, for scripts.
///
/// # Errors
///
/// Why either cannot be read, with its name.
pub fn compare_paths(before: &Path, after: &Path) -> Result<DifferenceView, Problem> {
    let (before, after): (Content, Content) = (read_file(before)?, read_file(after)?);
    // Refuses whatever is no interchange file; comparing alone would find nothing in it.
    for content in [&before, &after] {
        kokuho::read(&content.bytes).map_err(|not| of_not_interchange(&not))?;
    }
    difference((&before.name, &before.bytes), (&after.name, &after.bytes))
}

fn difference(before: (&str, &[u8]), after: (&str, &[u8])) -> Result<DifferenceView, Problem> {
    let Comparison { added, removed, changed, unchanged, others, yen } =
        kokuho::compare(before.1, after.1).map_err(|not| of_not_interchange(&not))?;
    Ok(DifferenceView {
        before: before.0.to_owned(),
        after: after.0.to_owned(),
        yen_before: yen.0.0,
        yen_after: yen.1.0,
        unchanged: unchanged as u32,
        added: added.iter().map(claim_line).collect(),
        removed: removed.iter().map(claim_line).collect(),
        changed: changed
            .into_iter()
            .map(|change| ChangedView {
                claim: claim_line(&change.after),
                yen_before: change.before.amount().0,
                rows: change.rows.into_iter().map(row_change).collect(),
            })
            .collect(),
        others: others.into_iter().map(row_change).collect(),
    })
}

fn claim_line(claim: &Claim) -> ClaimLineView {
    ClaimLineView {
        insured: claim.insured.to_string(),
        insurer: claim.insurer.to_string(),
        service_month: claim.service_month.to_string(),
        exchange_id: claim.exchange_id.clone(),
        yen: claim.amount().0,
    }
}

fn row_change(change: RowChange) -> RowChangeView {
    RowChangeView {
        record: change.record,
        name: change.name.to_owned(),
        before_line: change.before_line,
        after_line: change.after_line,
        items: change
            .items
            .into_iter()
            .map(|item| ItemChangeView {
                item: item.no as u32,
                name: item.name.to_owned(),
                before: item.before,
                after: item.after,
            })
            .collect(),
    }
}
