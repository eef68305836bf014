//! Makes claim files that pass the check, from a few numbers.

use calendar::Month;
use kokuho::{ControlFacts, FileWriter, OfficeNumber, Quoting};

pub(crate) const OFFICES: [&str; 2] = ["9970000015", "9970001013"];
const INSURERS: [&str; 2] = ["00990010", "00990028"];
const PAYER: &str = "12990016";

/// One statement to be written.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Decides the 被保険者番号 and the insurer.
    pub number: u32,
    pub funding: Funding,
    /// Units of one visit and number of visits, per service.
    pub services: Vec<(i64, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Funding {
    /// The insurer pays this percentage, the person the rest.
    Insurer(i64),
    /// 生活保護併用: the insurer 90%, the public payer the rest.
    Shared,
    /// 生活保護単独: the public payer alone.
    Public,
}

/// 通所介護 and 訪問介護 in 5級地.
const SERVICES: [(&str, &str, i64); 2] = [("15", "2241", 1045), ("11", "1111", 1070)];

/// Figures of one service: code, item, visits, unit, units, price, and who pays how much.
struct Figures {
    code: &'static str,
    item: &'static str,
    price: i64,
    unit: i64,
    visits: i64,
    units: i64,
    cost: i64,
    insurance: i64,
    public: i64,
    own: i64,
}

impl Person {
    pub fn insured(&self) -> String {
        if self.funding == Funding::Public { format!("H{:09}", self.number) } else { format!("{:010}", self.number) }
    }

    fn insurer(&self) -> &'static str {
        INSURERS[self.number as usize % INSURERS.len()]
    }

    fn figures(&self) -> Vec<Figures> {
        let of = |(&(unit, visits), (code, item, price)): (&(i64, i64), (&'static str, &'static str, i64))| {
            let units = unit * visits;
            let cost = units * price / 100;
            let (insurance, public, own) = match self.funding {
                Funding::Insurer(rate) => (cost * rate / 100, 0, cost - cost * rate / 100),
                Funding::Shared => (cost * 90 / 100, cost - cost * 90 / 100, 0),
                Funding::Public => (0, cost, 0),
            };
            Figures { code, item, price, unit, visits, units, cost, insurance, public, own }
        };
        self.services.iter().zip(SERVICES).map(of).collect()
    }

    /// Returns what is claimed for the person: 保険 + 公費.
    pub fn amount(&self) -> i64 {
        self.figures().iter().map(|figures| figures.insurance + figures.public).sum()
    }
}

/// Writes a 7131 file of `office` for one service month.
pub(crate) fn home_care(office: &str, processing: Month, service: Month, persons: &[Person]) -> Vec<u8> {
    let facts = ControlFacts::new(OfficeNumber::from_file(office), processing);
    let mut file = FileWriter::new(facts, Quoting::Vendor);
    for row in heads(office, service, persons) {
        file.row(&row).unwrap();
    }
    for person in persons {
        for row in statement(office, service, person) {
            file.row(&row).unwrap();
        }
    }
    file.finish().unwrap()
}

/// 7111: one row for the insurers, one for 法別 12.
fn heads(office: &str, service: Month, persons: &[Person]) -> Vec<Vec<String>> {
    let row = |kind: &str, law: &str, info: &str, totals: [i64; 6]| {
        let mut row: Vec<String> = ["7111", &service.compact(), office, kind, law, info].map(str::to_owned).into();
        row.extend(totals.iter().chain(&[0; 6]).map(i64::to_string));
        row
    };
    let sum = |persons: &[&Person], of: &dyn Fn(&Figures) -> i64| {
        persons.iter().flat_map(|person| person.figures()).map(|figures| of(&figures)).sum::<i64>()
    };
    let insured: Vec<&Person> = persons.iter().filter(|person| person.funding != Funding::Public).collect();
    let public: Vec<&Person> = persons.iter().filter(|person| !matches!(person.funding, Funding::Insurer(_))).collect();
    let mut rows = Vec::new();
    if !insured.is_empty() {
        let of = |of: &dyn Fn(&Figures) -> i64| sum(&insured, of);
        let totals = [
            insured.len() as i64,
            of(&|figures| figures.units),
            of(&|figures| figures.cost),
            of(&|figures| figures.insurance),
            of(&|figures| figures.public),
            of(&|figures| figures.own),
        ];
        rows.push(row("1", "0", "01", totals));
    }
    if !public.is_empty() {
        let of = |of: &dyn Fn(&Figures) -> i64| sum(&public, of);
        let totals = [
            public.len() as i64,
            of(&|figures| figures.units),
            of(&|figures| figures.cost),
            0,
            of(&|figures| figures.public),
            0,
        ];
        rows.push(row("2", "12", "01", totals));
    }
    rows
}

fn statement(office: &str, service: Month, person: &Person) -> Vec<Vec<String>> {
    let key = |kind: &str| -> Vec<String> {
        ["7131", kind, &service.compact(), office, person.insurer(), &person.insured()].map(str::to_owned).into()
    };
    let figures = person.figures();
    let sum = |of: fn(&Figures) -> i64| figures.iter().map(of).sum::<i64>().to_string();
    let public = !matches!(person.funding, Funding::Insurer(_));
    let public_units = |units: i64| if public { units } else { 0 }.to_string();

    let mut base = key("01");
    base.resize(56, String::new());
    let mut set = |item: usize, value: &str| value.clone_into(&mut base[item - 1]);
    if public {
        set(7, PAYER);
        set(8, "0001230");
        set(30, "100");
    }
    set(13, "19400105");
    set(14, "2");
    set(15, "23");
    set(17, "20200101");
    set(18, "20301231");
    set(19, "1");
    set(20, "9970001013");
    let rate = match person.funding {
        Funding::Insurer(rate) => rate,
        Funding::Shared => 90,
        Funding::Public => 0,
    };
    set(29, &rate.to_string());
    set(33, &sum(|figures| figures.units));
    set(34, &sum(|figures| figures.insurance));
    set(35, &sum(|figures| figures.own));
    set(39, &public_units(figures.iter().map(|figures| figures.units).sum()));
    set(40, &sum(|figures| figures.public));
    let mut rows = vec![base];

    for Figures { code, item, unit, visits, units, .. } in &figures {
        let mut row = key("02");
        row.extend([*code, *item].map(str::to_owned));
        row.extend([unit, visits].map(i64::to_string));
        row.push(public_units(*visits));
        row.extend(["0", "0"].map(str::to_owned));
        row.push(units.to_string());
        row.push(public_units(*units));
        row.extend(["0", "0", ""].map(str::to_owned));
        rows.push(row);
    }
    for Figures { code, price, visits, units, insurance, public: public_yen, own, .. } in &figures {
        let mut row = key("10");
        row.push((*code).to_owned());
        row.extend([visits, units, units, &0].map(i64::to_string));
        row.extend(["", ""].map(str::to_owned));
        row.extend([units, price, insurance, own].map(i64::to_string));
        row.push(public_units(*units));
        row.push(public_yen.to_string());
        row.resize(38, String::new());
        rows.push(row);
    }
    rows
}

#[test]
fn generated_files_have_no_findings() {
    let month = |text: &str| text.parse::<Month>().unwrap();
    let person = |number, funding| Person { number, funding, services: vec![(658, 8), (321, 3)] };
    let persons = [
        person(1, Funding::Insurer(70)),
        person(2, Funding::Shared),
        person(3, Funding::Public),
        person(4, Funding::Insurer(90)),
    ];
    let file = home_care(OFFICES[0], month("2026-06"), month("2026-05"), &persons);
    let report = kokuho::check(&file, None).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.yen.0, persons.iter().map(Person::amount).sum::<i64>());
}
