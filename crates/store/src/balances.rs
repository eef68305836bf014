use std::collections::BTreeMap;

use kokuho::OfficeNumber;
use rusqlite::params;

use crate::text::OfficeText;
use crate::{Result, Store, Submission, outbox};

/// What was settled from the files of an office, kept for the next start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBalances {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// What it was settled from, in the words of [`Store::bases`] and of the caller.
    pub basis: String,
    /// The balances, in the caller's own form.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Returns what each office has on hand, in few characters: equal texts mean equal files and decisions. Files and
    /// decisions are only ever added, so that counting them tells them apart; submissions change, so that those which
    /// `counts` picks are named.
    pub fn bases(&self, counts: impl Fn(&Submission) -> bool) -> Result<BTreeMap<OfficeNumber, String>> {
        let db = self.db();
        let tx = db.unchecked_transaction()?;
        let mut bases: BTreeMap<OfficeNumber, String> = BTreeMap::new();
        for (mark, query) in [
            // An お知らせ to a whole prefecture, `99********`, is nobody's books.
            ('n', "SELECT office, count(*) FROM notice WHERE office NOT LIKE '%********' GROUP BY office"),
            ('c', "SELECT office, count(*) FROM claim_file GROUP BY office"),
            // A key begins with the number of its office.
            ('d', "SELECT substr(case_key, 1, instr(case_key, '/') - 1) AS office, count(*) FROM decision GROUP BY 1"),
        ] {
            let mut query = tx.prepare_cached(query)?;
            let rows = query.query_map([], |row| Ok((row.get::<_, OfficeText>(0)?.0, row.get::<_, i64>(1)?)))?;
            for row in rows {
                let (office, count) = row?;
                let text = bases.entry(office).or_default();
                text.push(mark);
                text.push_str(&count.to_string());
            }
        }
        let mut sent = outbox::select(&tx, "", [], outbox::from_row)?;
        sent.sort_by_key(|submission| submission.id);
        for submission in sent.iter().filter(|submission| counts(submission)) {
            let text = bases.entry(submission.office.clone()).or_default();
            text.push('s');
            text.push_str(&submission.id.to_string());
        }
        Ok(bases)
    }

    /// Returns what was kept.
    pub fn kept_balances(&self) -> Result<Vec<KeptBalances>> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT office, basis, bytes FROM kept_balance")?;
        let rows = query.query_map([], |row| {
            Ok(KeptBalances {
                office: row.get::<_, OfficeText>("office")?.0,
                basis: row.get("basis")?,
                bytes: row.get("bytes")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Keeps balances in place of what was kept for the same offices.
    pub fn keep_balances(&self, kept: &[KeptBalances]) -> Result<()> {
        self.write(|tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO kept_balance (office, basis, bytes) VALUES (?1, ?2, ?3)
                 ON CONFLICT (office) DO UPDATE SET basis = excluded.basis, bytes = excluded.bytes",
            )?;
            for row in kept {
                insert.execute(params![row.office.as_str(), row.basis, row.bytes])?;
            }
            Ok(())
        })
    }
}
