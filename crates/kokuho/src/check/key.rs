use super::row::{RowRef, pack, unpack};

/// What makes rows belong to one statement or form. Fixed size, so that holding it costs no allocation; longer values
/// are cut, which their own rules report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub exchange_id: [u8; 4],
    pub month: [u8; 6],
    pub office: [u8; 10],
    pub insurer: [u8; 8],
    pub insured: [u8; 10],
}

impl Key {
    /// Reads the key of a row of a known kind.
    pub fn of(row: RowRef<'_>) -> Self {
        let item = |no: fn(&crate::Layout) -> usize| row.layout.map_or(&b""[..], |layout| row.item(no(layout)));
        Self {
            exchange_id: pack(row.item(1)),
            month: pack(item(|layout| layout.service_month)),
            office: pack(item(|layout| layout.office)),
            insurer: pack(item(|layout| layout.insurer)),
            insured: pack(item(|layout| layout.insured)),
        }
    }

    /// Counts the parts in which two keys differ.
    pub fn differences(&self, other: &Self) -> usize {
        usize::from(self.exchange_id != other.exchange_id)
            + usize::from(self.month != other.month)
            + usize::from(self.office != other.office)
            + usize::from(self.insurer != other.insurer)
            + usize::from(self.insured != other.insured)
    }

    pub fn insured(&self) -> &[u8] {
        unpack(&self.insured)
    }

    /// 生活保護単独: claimed on public funds alone.
    pub fn is_public_only(&self) -> bool {
        self.insured.first() == Some(&b'H')
    }

    /// Returns what tells one person from another: the insurer without padding, and the insured number.
    pub fn person(&self) -> [u8; 18] {
        let insurer = unpack(&self.insurer);
        let start = insurer.iter().position(|byte| *byte != b'0').unwrap_or(insurer.len());
        let mut person = [0; 18];
        for (to, from) in person.iter_mut().zip(insurer.get(start..).unwrap_or_default()) {
            *to = *from;
        }
        for (to, from) in person.iter_mut().skip(8).zip(self.insured) {
            *to = from;
        }
        person
    }
}
