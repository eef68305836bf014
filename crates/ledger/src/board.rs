//! 本部: offices by months, one figure at a time.

use calendar::Month;
use kokuho::{OfficeNumber, Yen};

use crate::Balance;

/// A figure of a month that the board can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// 未収 as of today.
    Unpaid,
    /// 請求.
    Claimed,
    /// 返戻.
    Returned,
    /// 保留.
    Held,
    /// 査定.
    Assessed,
    /// 保留復活.
    Released,
    /// 決定.
    Decided,
    /// 過誤.
    Kago,
    /// 支払.
    Payable,
    /// 振込.
    Paid,
    /// 説明できない差額.
    Unexplained,
}

impl Figure {
    /// All figures, the one that asks for action first, then in the order in which they add up.
    pub const ALL: [Self; 11] = [
        Self::Unpaid,
        Self::Claimed,
        Self::Returned,
        Self::Held,
        Self::Assessed,
        Self::Released,
        Self::Decided,
        Self::Kago,
        Self::Payable,
        Self::Paid,
        Self::Unexplained,
    ];

    /// Returns the word for programs, for example `unpaid`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Claimed => "claimed",
            Self::Returned => "returned",
            Self::Held => "held",
            Self::Assessed => "assessed",
            Self::Released => "released",
            Self::Decided => "decided",
            Self::Kago => "kago",
            Self::Payable => "payable",
            Self::Paid => "paid",
            Self::Unexplained => "unexplained",
        }
    }

    /// Finds the figure that [`Figure::as_str`] writes as `text`.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.as_str() == text)
    }

    /// Returns the word that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unpaid => "未収",
            Self::Claimed => "請求",
            Self::Returned => "返戻",
            Self::Held => "保留",
            Self::Assessed => "査定",
            Self::Released => "保留復活",
            Self::Decided => "決定",
            Self::Kago => "過誤",
            Self::Payable => "支払",
            Self::Paid => "振込",
            Self::Unexplained => "説明できない差額",
        }
    }

    /// Returns the figure of a month.
    pub fn of(self, balance: &Balance) -> Yen {
        match self {
            Self::Unpaid => balance.unpaid,
            Self::Claimed => balance.claimed,
            Self::Returned => balance.returned,
            Self::Held => balance.held,
            Self::Assessed => balance.assessed,
            Self::Released => balance.released,
            Self::Decided => balance.decided,
            Self::Kago => balance.kago,
            Self::Payable => balance.payable,
            Self::Paid => balance.paid,
            Self::Unexplained => balance.unexplained,
        }
    }
}

/// How an office stands in a month; what needs a person first comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A notice that should be here is not, so that the figures cannot be trusted yet.
    NoticesMissing,
    /// The files do not explain the decided amount.
    Unexplained,
    /// Something is to be claimed again.
    Open,
    /// Held, claimed again, or the month's answer or transfer is not in yet.
    Waiting,
    /// Decided, transferred and explained, nothing outstanding.
    Done,
}

impl Standing {
    /// Tells how a month stands.
    pub fn of(balance: &Balance) -> Self {
        let answered = balance.claimed == Yen::ZERO || (balance.is_decided && balance.is_paid);
        if !balance.missing_notices.is_empty() {
            Self::NoticesMissing
        } else if balance.unexplained != Yen::ZERO {
            Self::Unexplained
        } else if balance.open != Yen::ZERO {
            Self::Open
        } else if balance.waiting != Yen::ZERO || !answered {
            Self::Waiting
        } else {
            Self::Done
        }
    }

    /// Returns the word that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoticesMissing => "通知不足",
            Self::Unexplained => "差額あり",
            Self::Open => "要対応",
            Self::Waiting => "待ち",
            Self::Done => "済",
        }
    }
}

/// One office in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The figure.
    pub yen: Yen,
    /// How the month stands, whatever the figure.
    pub standing: Standing,
}

/// One office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// 事業所番号.
    pub office: OfficeNumber,
    /// One per month of the board; `None` where neither a claim nor a notice is on hand.
    pub cells: Vec<Option<Cell>>,
    /// Sum over the months of the board.
    pub total: Yen,
}

/// Offices by months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// 処理対象年月, newest first, without gaps.
    pub months: Vec<Month>,
    /// Sorted by office.
    pub rows: Vec<BoardRow>,
    /// Sum over the offices, one per month.
    pub totals: Vec<Yen>,
}

impl Board {
    /// Lays out the newest `count` months of `balances`, which must be sorted by office as [`crate::Ledger`] has them.
    pub fn new(balances: &[Balance], figure: Figure, count: usize) -> Self {
        let newest = balances.iter().map(|balance| balance.processing_month).max();
        let oldest = balances.iter().map(|balance| balance.processing_month).min();
        let span = match (newest, oldest) {
            (Some(newest), Some(oldest)) => (newest.months_since(oldest) as usize + 1).min(count),
            _ => 0,
        };
        let months: Vec<Month> =
            newest.iter().flat_map(|newest| (0..span).map(|back| newest.plus(-(back as i32)))).collect();
        let mut board = Self { totals: vec![Yen::ZERO; span], rows: Vec::new(), months };
        for of_office in balances.chunk_by(|a, b| a.office == b.office) {
            let mut row = BoardRow { office: of_office[0].office.clone(), cells: vec![None; span], total: Yen::ZERO };
            for balance in of_office {
                let back = newest.map_or(0, |newest| newest.months_since(balance.processing_month)) as usize;
                let (Some(cell), Some(total)) = (row.cells.get_mut(back), board.totals.get_mut(back)) else { continue };
                let yen = figure.of(balance);
                *cell = Some(Cell { yen, standing: Standing::of(balance) });
                row.total += yen;
                *total += yen;
            }
            board.rows.push(row);
        }
        board
    }
}
