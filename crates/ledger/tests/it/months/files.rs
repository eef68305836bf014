//! Files as vendors and 国保連 write them, column by column from the interface books. Nothing here is shared with the reader.

use calendar::Month;
use encoding_rs::SHIFT_JIS;

use super::life::{Attempt, Dice, Facts, Key, PAYER};

/// A file of an office.
pub struct Written {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A row of items, from 1; items that were not set are blank.
struct Row(Vec<String>);

impl Row {
    fn new(items: usize) -> Self {
        Self(vec![String::new(); items])
    }

    #[expect(clippy::needless_pass_by_value, reason = "a row reads as a list of values")]
    fn set(mut self, no: usize, value: impl ToString) -> Self {
        self.0[no - 1] = value.to_string();
        self
    }

    /// Vendors fill what they do not use with zeros.
    fn zeros(mut self, numbers: impl IntoIterator<Item = usize>) -> Self {
        for no in numbers {
            if self.0[no - 1].is_empty() {
                self.0[no - 1] = "0".to_owned();
            }
        }
        self
    }
}

/// How one vendor writes.
#[derive(Clone, Copy)]
struct Manner {
    /// 0: as few quotes as possible; 1: every value; 2: blanks too.
    quotes: u64,
    zeros: bool,
    crlf: bool,
    /// Width to which insurer numbers are padded; 0 for none.
    insurer: usize,
}

impl Manner {
    fn of(dice: &mut Dice) -> Self {
        Self {
            quotes: dice.roll(3),
            zeros: dice.one_in(2),
            crlf: !dice.one_in(4),
            insurer: [10, 8, 6, 0][dice.roll(4) as usize],
        }
    }

    fn insurer(self, number: &str) -> String {
        let bare = number.trim_start_matches('0');
        format!("{bare:0>width$}", width = self.insurer)
    }

    fn value(self, value: &str) -> String {
        let must = !value.is_ascii() || value.contains(' ');
        let quoted = must || self.quotes == 2 || (self.quotes == 1 && !value.is_empty());
        if quoted { format!("\"{value}\"") } else { value.to_owned() }
    }

    fn file(self, name: String, data_type: &str, office: &str, month: Month, rows: &[Row]) -> Written {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let head = format!("1,1,0,{},{data_type},0,0,{office},0,7,{},0", rows.len(), month.compact());
        let lines = rows.iter().enumerate().map(|(index, row)| {
            let values: Vec<String> = row.0.iter().map(|value| self.value(value)).collect();
            format!("2,{},{}", index + 2, values.join(","))
        });
        let text: Vec<String> = [head].into_iter().chain(lines).chain([format!("3,{}{end}", rows.len() + 2)]).collect();
        let text = text.join(end);
        let (bytes, _, lossy) = SHIFT_JIS.encode(&text);
        assert!(!lossy, "{text}");
        Written { name, bytes: bytes.into_owned() }
    }
}

/// Writes everything of a month that is on hand.
pub fn write(facts: &Facts, office: &str, dice: &mut Dice) -> Vec<Written> {
    let mut files = Vec::new();
    let on_hand = |what: &str| !facts.lost.contains(what);
    if on_hand("claims") {
        files.extend(claims(facts, office, dice));
    }
    if on_hand("7411") && !facts.listed.is_empty() {
        files.push(return_list(facts, office, dice));
    }
    for (system, id) in ["7211", "7231"].into_iter().enumerate() {
        if on_hand(id) && !facts.tables[system].is_empty() {
            files.push(change_table(facts, system, id, office, dice));
        }
    }
    if on_hand("7311") && !facts.cuts.is_empty() {
        files.push(reductions(facts, office, dice));
    }
    for (project, id) in [(false, "7611"), (true, "7631")] {
        if on_hand(id) && facts.taken_back.iter().any(|row| row.key.is_project() == project) {
            files.push(taken_back(facts, project, id, office, dice));
        }
    }
    for (system, id) in ["7521", "7551"].into_iter().enumerate() {
        if let Some((decided, kago)) = facts.details[system].filter(|_| on_hand(id)) {
            files.push(payment_detail(facts, id, (decided, kago), office, dice));
        }
    }
    if let Some(paid) = facts.transfer.filter(|_| on_hand("7513")) {
        files.push(transfer(facts, paid, office, dice));
    }
    files
}

/// All claims of a month: in one file or one per form, by service month or with all 請求書 first.
fn claims(facts: &Facts, office: &str, dice: &mut Dice) -> Vec<Written> {
    let manner = Manner::of(dice);
    let mut groups: Vec<Vec<&Attempt>> = Vec::new();
    let apart = dice.one_in(2);
    for claim in &facts.claims {
        let place = groups.iter_mut().find(|group| {
            let first = &group[0].key;
            // 給付管理票 and plan claims go in files of their own, as their data types demand.
            first.form == claim.key.form || (!apart && first.form.starts_with("71") && claim.key.form.starts_with("71"))
        });
        match place {
            Some(group) => group.push(claim),
            None => groups.push(vec![claim]),
        }
    }
    let mut files = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let mut months: Vec<Month> = group.iter().map(|claim| claim.key.service).collect();
        months.sort();
        months.dedup();
        let heads_first = dice.one_in(2);
        let mut rows: Vec<Row> = Vec::new();
        let mut later: Vec<Row> = Vec::new();
        for month in months {
            let of_month: Vec<&&Attempt> = group.iter().filter(|claim| claim.key.service == month).collect();
            if of_month.iter().any(|claim| !claim.key.is_sheet()) {
                rows.push(invoice(office, month, &of_month, manner));
            }
            let statements = of_month.iter().flat_map(|claim| statement(claim, manner));
            if heads_first { later.extend(statements) } else { rows.extend(statements) }
        }
        rows.append(&mut later);
        let data_type = match group[0].key.form {
            "8222" => "821",
            "71R1" => "71R",
            _ => "711",
        };
        let name = format!("{}{}{number:02}.csv", ["KK", "claim", "A"][dice.roll(3) as usize], facts.month.compact());
        files.push(manner.file(name, data_type, office, facts.month, &rows));
    }
    files
}

/// 7111: what the claims of a service month sum up to. The program reads the statements themselves.
fn invoice(office: &str, month: Month, claims: &[&&Attempt], manner: Manner) -> Row {
    let plan = claims.iter().any(|claim| claim.key.form == "8124");
    let units: i64 = claims.iter().map(|claim| claim.units()).sum();
    let row = Row::new(18).set(1, "7111").set(2, month.compact()).set(3, office).set(4, 1).set(5, 0);
    let row = row.set(6, if plan { "02" } else { "01" }).set(7, claims.len()).set(8, units);
    if manner.zeros { row.zeros(9..=18) } else { row }
}

fn statement(claim: &Attempt, manner: Manner) -> Vec<Row> {
    match claim.key.form {
        "8124" => plan(claim, manner),
        "8222" => sheet(&claim.key, manner),
        _ => services(claim, manner),
    }
}

/// Items 1 to 6 of the records of a statement.
fn record(items: usize, kind: &str, key: &Key, manner: Manner) -> Row {
    let row = Row::new(items).set(1, key.form).set(2, kind).set(3, key.service.compact()).set(4, &key.office);
    row.set(5, manner.insurer(&key.insurer)).set(6, &key.insured)
}

fn services(claim: &Attempt, manner: Manner) -> Vec<Row> {
    let key = &claim.key;
    let public_only = key.is_public_only();
    let has_payer = claim.public || public_only;
    let shares: Vec<(i64, i64)> = claim.lines.iter().map(|line| claim.share(line, line.units)).collect();
    let insurance: i64 = shares.iter().map(|share| share.0).sum();
    let public: i64 = shares.iter().map(|share| share.1).sum();
    let cost: i64 = claim.lines.iter().map(|line| line.units * line.price / 100).sum();
    let mut base = record(56, "01", key, manner).set(13, "19400105").set(14, 2).set(15, 21);
    base = base.set(29, format!("{:02}", claim.rate));
    if has_payer {
        base = base.set(7, PAYER).set(8, "1234566").set(30, 100).set(40, public).set(39, claim.units());
    }
    if !public_only {
        base = base.set(33, claim.units()).set(34, insurance).set(35, cost - insurance - public);
    }
    if manner.zeros {
        base = base.zeros(33..=56);
    }
    let mut rows = vec![base];
    for (line, (insurance, public)) in claim.lines.iter().zip(shares) {
        let detail = record(18, "02", key, manner).set(7, line.kind).set(8, "1111").set(9, line.units).set(10, 1);
        rows.push(detail.set(14, line.units));
        let cost = line.units * line.price / 100;
        let mut total = record(38, "10", key, manner).set(7, line.kind).set(8, 5).set(15, line.price);
        // The insurance has no units where it pays nothing; some write them all the same.
        if !public_only || manner.zeros {
            total = total.set(14, line.units);
        }
        if has_payer {
            total = total.set(18, line.units).set(19, public);
        }
        if !public_only {
            total = total.set(16, insurance).set(17, cost - insurance - public);
        }
        rows.push(if manner.zeros { total.zeros(9..=38) } else { total });
    }
    rows
}

/// 8124: its insurer has six digits, and its last line carries the total.
fn plan(claim: &Attempt, manner: Manner) -> Vec<Row> {
    let (key, line) = (&claim.key, &claim.lines[0]);
    let row = |number: &str| {
        let row = Row::new(24).set(1, "8124").set(2, &key.office).set(3, 1).set(4, key.service.compact());
        let row = row.set(5, &key.insurer).set(6, line.price).set(7, &key.insured).set(16, number);
        if key.is_public_only() { row.set(8, PAYER).set(9, "1234566") } else { row }
    };
    let first = row("01").set(17, "432111").set(18, line.units - 250).set(19, 1).set(20, line.units - 250);
    let last = row("99").set(17, "434001").set(18, 250).set(19, 1).set(20, 250);
    let last = last.set(21, line.units).set(22, line.units * line.price / 100);
    if manner.zeros { vec![first.zeros([21, 22]), last] } else { vec![first, last] }
}

fn sheet(key: &Key, manner: Manner) -> Vec<Row> {
    let row = |number: &str| {
        let row = Row::new(27).set(1, "8222").set(2, key.service.compact()).set(3, manner.insurer(&key.insurer));
        row.set(4, &key.office).set(5, 1).set(8, number).set(9, &key.insured).set(15, 16_765).set(16, 1)
    };
    vec![
        row("01").set(17, "9970001013").set(18, 1).set(19, "15").set(20, 1000),
        row("99").set(17, 0).set(18, 0).set(19, 0).set(24, 1000),
    ]
}

fn head(id: &str, office: &str, facts: &Facts, issued: &str, items: usize) -> Row {
    let row = Row::new(items).set(1, id).set(2, "H1").set(3, office).set(4, "テスト通所介護事業所");
    row.set(5, facts.month.compact()).set(6, issued).set(7, 1)
}

fn notice(id: &str, office: &str, facts: &Facts, manner: Manner, rows: &[Row], dice: &mut Dice) -> Written {
    let name = format!("{}{:05}.CSV", &id[..3], dice.roll(100_000));
    manner.file(name, &id[..3], office, facts.month, rows)
}

fn at_month_end(facts: &Facts) -> String {
    facts.month.last_day().format("%Y%m%d").to_string()
}

/// 7411: one to three rows per claim; 13 or 14 items.
fn return_list(facts: &Facts, office: &str, dice: &mut Dice) -> Written {
    let manner = Manner::of(dice);
    let items = if dice.one_in(3) { 13 } else { 14 };
    let mut rows = vec![head("7411", office, facts, &at_month_end(facts), 8)];
    for listed in &facts.listed {
        let codes: &[&str] = if listed.held { &["保留"] } else { &listed.codes };
        let count = codes.len().max(listed.kinds.len()).max(1 + dice.roll(3) as usize);
        for number in 0..count {
            let row = Row::new(items).set(1, "7411").set(2, "D1").set(3, manner.insurer(listed.key.listed_under()));
            let row = row.set(4, "架空市").set(5, &listed.key.insured).set(6, "ﾃｽﾄ ｲﾁﾛｳ");
            let target = match listed.key.form {
                "8222" => "給",
                "8124" => "サ",
                _ => "請",
            };
            let row = row.set(7, target).set(8, listed.key.service.compact());
            let row = row.set(9, listed.kinds[number % listed.kinds.len()]).set(10, listed.units);
            let remark = codes[number % codes.len()];
            // Codes stand there in full width.
            let wide: String = remark
                .chars()
                .map(|c| if c.is_ascii() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c })
                .collect();
            rows.push(row.set(11, "B").set(12, format!("内容{number}：不備")).set(13, wide));
        }
    }
    notice("7411", office, facts, manner, &rows, dice)
}

fn change_table(facts: &Facts, system: usize, id: &str, office: &str, dice: &mut Dice) -> Written {
    let manner = Manner::of(dice);
    let mut rows = vec![head(id, office, facts, &at_month_end(facts), 8)];
    let mut sums = [(0, 0); 4];
    let put = |mut row: Row, first: usize, counts: &[(i64, i64); 4]| {
        for (index, (count, units)) in counts.iter().enumerate() {
            row = row.set(first + 4 * index, count).set(first + 4 * index + 2, units);
        }
        row.zeros(first..first + 16)
    };
    for ((insurer, service), counts) in &facts.tables[system] {
        let row = Row::new(20).set(1, id).set(2, "D1").set(3, manner.insurer(insurer)).set(4, service.compact());
        rows.push(put(row, 5, counts));
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum = (sum.0 + count.0, sum.1 + count.1);
        }
    }
    let total = Row::new(22).set(1, id).set(2, "T1");
    // 請求差 may be blank.
    let total = if dice.one_in(2) { total } else { total.zeros(3..=6) };
    rows.push(put(total, 7, &sums));
    notice(id, office, facts, manner, &rows, dice)
}

/// 7311: the change stands on the last row of a person, month and type.
fn reductions(facts: &Facts, office: &str, dice: &mut Dice) -> Written {
    let manner = Manner::of(dice);
    let mut rows = vec![head("7311", office, facts, &at_month_end(facts), 10)];
    for cut in &facts.cuts {
        let row = || {
            let row = Row::new(12).set(1, "7311").set(2, "D1").set(3, manner.insurer(&cut.key.insurer));
            let row = row.set(4, &cut.key.insured).set(5, "ﾃｽﾄ ｲﾁﾛｳ").set(6, cut.key.service.compact());
            row.set(7, cut.kind).set(8, "1111").set(10, cut.letter)
        };
        if cut.units % 2 == 0 {
            rows.push(if manner.zeros { row().set(9, 0) } else { row() });
        }
        rows.push(row().set(9, cut.units));
    }
    notice("7311", office, facts, manner, &rows, dice)
}

/// 7611 and 7631: amounts are negative; the head has its own order.
fn taken_back(facts: &Facts, project: bool, id: &str, office: &str, dice: &mut Dice) -> Written {
    let manner = Manner::of(dice);
    let head = Row::new(8).set(1, id).set(2, "H1").set(3, facts.month.compact()).set(4, office);
    let mut rows = vec![head.set(5, "テスト通所介護事業所").set(6, at_month_end(facts)).set(7, 1)];
    let (mut count, mut units, mut yen) = (0, 0, 0);
    for back in facts.taken_back.iter().filter(|row| row.key.is_project() == project) {
        let row = Row::new(13).set(1, id).set(2, "D1").set(3, manner.insurer(&back.key.insurer)).set(4, "架空市");
        let row = row.set(5, &back.key.insured).set(6, "ﾃｽﾄ ｲﾁﾛｳ").set(7, back.key.service.compact());
        let row = row.set(8, back.kind).set(9, "サービス").set(10, back.reason).set(11, "請求誤りによる実績取り下げ");
        rows.push(row.set(12, -back.units).set(13, -back.yen));
        count += 1;
        units -= back.units;
        yen -= back.yen;
    }
    rows.push(Row::new(8).set(1, id).set(2, "T1").set(3, count).set(4, units).set(5, yen).zeros(6..=8));
    notice(id, office, facts, manner, &rows, dice)
}

fn payment_detail(facts: &Facts, id: &str, (decided, kago): (i64, i64), office: &str, dice: &mut Dice) -> Written {
    let manner = Manner::of(dice);
    let issued = facts.month.next().day(17).format("%Y%m%d").to_string();
    let mut rows = vec![head(id, office, facts, &issued, 8)];
    let row =
        Row::new(15).set(1, id).set(2, "D1").set(3, manner.insurer("990010")).set(4, facts.month.plus(-1).compact());
    rows.push(
        row.set(5, "15")
            .set(6, "サービス")
            .set(7, 1)
            .set(8, 1)
            .set(9, 1)
            .set(10, decided)
            .set(11, decided)
            .zeros(12..=15),
    );
    for (kind, yen) in [("T1", decided), ("T2", kago), ("T3", decided + kago)] {
        // 特定入所者給付費 stands in item 11; T1 is both together.
        let extra = if yen > 1000 { 1000 } else { 0 };
        rows.push(Row::new(11).set(1, id).set(2, kind).set(7, yen - extra).set(11, extra).zeros(3..=10));
    }
    notice(id, office, facts, manner, &rows, dice)
}

/// 7513 with 22 items or, where nothing of 総合事業 is paid, 7511 with 20.
fn transfer(facts: &Facts, paid: i64, office: &str, dice: &mut Dice) -> Written {
    let manner = Manner::of(dice);
    let old = facts.details[1].is_none() && dice.one_in(3);
    let id = if old { "7511" } else { "7513" };
    let payable = |system: usize| facts.details[system].map_or(0, |(decided, kago)| decided + kago);
    let day = facts.month.next().day(24).format("%Y%m%d").to_string();
    let row = Row::new(if old { 20 } else { 22 }).set(1, id).set(2, "H1").set(3, facts.month.compact()).set(4, "000");
    let row = row.set(5, "0000").set(6, "架空県架空市一丁目").set(7, "テスト通所介護事業所").set(8, "テスト");
    let row = row.set(9, office).set(10, paid).set(11, payable(0)).zeros(12..=15);
    let row = if old {
        row.set(16, paid).set(17, "架空銀行").set(18, "本店").set(19, day)
    } else {
        let fee = paid - payable(0) - payable(1);
        row.set(16, payable(1)).set(17, fee).set(18, paid).set(19, "架空銀行").set(20, "本店").set(21, day)
    };
    notice(id, office, facts, manner, &[row], dice)
}
