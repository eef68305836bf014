//! Why the deposit differs from what was claimed, step by step and to the yen（features, idea 2）.

use kokuho::Yen;

use crate::Balance;

/// What a step of the waterfall is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 請求: a level.
    Claimed,
    /// 返戻.
    Returned,
    /// 保留.
    Held,
    /// 査定.
    Assessed,
    /// 保留復活.
    Released,
    /// 説明できない差額, between what the files lead one to expect and what was decided.
    Unexplained,
    /// 決定の見込み: a level, while the payment details are not on hand.
    Expected,
    /// 決定: a level.
    Decided,
    /// 過誤.
    Kago,
    /// 支払: a level.
    Payable,
    /// 主治医意見書料, 認定調査委託料 and the like.
    OtherPayments,
    /// 手数料.
    Fees,
    /// 説明できない差額 between what is payable and what was transferred.
    TransferGap,
    /// 振込: a level.
    Paid,
}

impl Step {
    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Returned => "returned",
            Self::Held => "held",
            Self::Assessed => "assessed",
            Self::Released => "released",
            Self::Unexplained => "unexplained",
            Self::Expected => "expected",
            Self::Decided => "decided",
            Self::Kago => "kago",
            Self::Payable => "payable",
            Self::OtherPayments => "other_payments",
            Self::Fees => "fees",
            Self::TransferGap => "transfer_gap",
            Self::Paid => "paid",
        }
    }

    /// Returns the words that a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claimed => "請求",
            Self::Returned => "返戻",
            Self::Held => "保留",
            Self::Assessed => "査定",
            Self::Released => "保留復活",
            Self::Unexplained => "説明できない差額",
            Self::Expected => "決定の見込み",
            Self::Decided => "決定",
            Self::Kago => "過誤",
            Self::Payable => "支払",
            Self::OtherPayments => "介護給付費以外の支払",
            Self::Fees => "手数料",
            Self::TransferGap => "振込の説明できない差額",
            Self::Paid => "振込",
        }
    }

    /// Returns whether the bar stands on the ground and shows how much there is, rather than what is added or taken away.
    pub fn is_level(self) -> bool {
        matches!(self, Self::Claimed | Self::Expected | Self::Decided | Self::Payable | Self::Paid)
    }
}

/// A bar of the waterfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// What it is.
    pub step: Step,
    /// The level, or what is added (taken away when negative).
    pub yen: Yen,
    /// Where the bar begins; 0 for a level.
    pub from: Yen,
    /// Where the bar ends: what there is after this step.
    pub to: Yen,
}

/// Returns the bars of a month, in the order in which they add up: each level is the one before plus the steps between.
///
/// Months whose payment details are not on hand end at [`Step::Expected`], those without transfer notice at
/// [`Step::Payable`]: what nobody has said yet is not shown as 0.
pub fn waterfall(balance: &Balance) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut height = Yen::ZERO;
    let mut add = |step: Step, yen: Yen| {
        let from = if step.is_level() { Yen::ZERO } else { height };
        height = from + yen;
        bars.push(Bar { step, yen, from, to: height });
    };
    add(Step::Claimed, balance.claimed);
    add(Step::Returned, -balance.returned);
    add(Step::Held, -balance.held);
    add(Step::Assessed, balance.assessed);
    add(Step::Released, balance.released);
    if !balance.is_decided {
        add(Step::Expected, expected(balance));
        return bars;
    }
    add(Step::Unexplained, balance.unexplained);
    add(Step::Decided, balance.decided);
    add(Step::Kago, balance.kago);
    // 支払決定額内訳書 says both; where its own sum fails, the difference must not vanish between two levels.
    let payable = balance.decided + balance.kago;
    if balance.payable != payable {
        add(Step::Unexplained, balance.payable - payable);
    }
    add(Step::Payable, balance.payable);
    if balance.is_paid {
        add(Step::OtherPayments, balance.other_payments);
        add(Step::Fees, balance.fees);
        add(Step::TransferGap, transfer_gap(balance));
        add(Step::Paid, balance.paid);
    }
    bars
}

/// Returns what the review is expected to decide as far as it is known: claimed less what came back and was taken off,
/// plus what was released.
pub fn expected(balance: &Balance) -> Yen {
    balance.claimed - balance.returned - balance.held + balance.assessed + balance.released
}

/// Returns what the transfer notice does not explain: the transfer less what is payable, other payments and fees. 0 while
/// either notice is missing.
pub fn transfer_gap(balance: &Balance) -> Yen {
    if balance.is_decided && balance.is_paid {
        balance.paid - balance.payable - balance.other_payments - balance.fees
    } else {
        Yen::ZERO
    }
}
