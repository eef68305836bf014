//! Compiles `spec/*.json` into static tables: layouts and codes are data, not structs（DESIGN D9）.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo::rerun-if-changed=spec");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let code_lists = read("spec/codes.json")?;
    fs::write(out.join("layouts.rs"), layouts(&read("spec/records.json")?, &code_lists)?)?;
    fs::write(out.join("codes.rs"), codes(&code_lists, &read("spec/return_codes.json")?)?)?;
    Ok(())
}

fn read(path: &str) -> Result<Value, Failure> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

fn text<'v>(value: &'v Value, key: &str) -> Result<&'v str, Failure> {
    value[key].as_str().ok_or_else(|| format!("no text {key} in {value}").into())
}

fn list<'v>(value: &'v Value, key: &str) -> Result<&'v [Value], Failure> {
    value[key].as_array().map(Vec::as_slice).ok_or_else(|| format!("no list {key}").into())
}

fn confidence(value: &Value) -> Result<&'static str, Failure> {
    Ok(match text(value, "confidence")? {
        "high" => "Confidence::High",
        "medium" => "Confidence::Medium",
        "low" => "Confidence::Low",
        other => return Err(format!("confidence {other}").into()),
    })
}

/// How the value of an item must look beyond its kind; read off its name, which the books keep regular.
fn shape(name: &str, length: Option<u64>) -> &'static str {
    if name.contains("年月日") && length == Some(8) || name.starts_with("認定有効期間") {
        "Shape::Date"
    } else if name.contains("年月") && length == Some(6) || name.starts_with("限度額適用期間") {
        "Shape::Month"
    } else if name.contains("被保険者番号") {
        "Shape::Insured"
    } else if name == "証記載保険者番号" {
        "Shape::Insurer"
    } else if name.starts_with("事業所番号") {
        "Shape::Office"
    } else if name.contains("負担者番号") {
        "Shape::Payer"
    } else if name.contains("受給者番号") {
        "Shape::Recipient"
    } else if name.starts_with("摘要") {
        "Shape::Remark"
    } else {
        "Shape::Plain"
    }
}

fn layouts(spec: &Value, code_lists: &Value) -> Result<String, Failure> {
    let mut records: Vec<&Value> = list(spec, "records")?.iter().collect();
    records.sort_by_key(|record| record["id"].as_str());
    let mut item_lists: BTreeMap<(String, String), usize> = BTreeMap::new();
    let (mut statics, mut table) = (String::new(), String::new());
    for record in records {
        let (id, name) = (text(record, "shape")?, text(record, "presence")?);
        let next = item_lists.len();
        let number = *item_lists.entry((id.to_owned(), name.to_owned())).or_insert(next);
        let items = list(&spec["shapes"], id)?;
        if items.len() != name.len() {
            return Err(format!("{id}: {} items, {} letters of presence", items.len(), name.len()).into());
        }
        if number == next {
            writeln!(statics, "static ITEMS_{number}: [Item; {}] = [", items.len())?;
            for (index, (item, presence)) in items.iter().zip(name.chars()).enumerate() {
                let part = |at: usize| item[at].as_str().ok_or("an item without name or kind");
                let kind = match part(2)? {
                    "X" => "ItemKind::X",
                    "9" => "ItemKind::Nine",
                    "S9" => "ItemKind::SignedNine",
                    "N" => "ItemKind::N",
                    other => return Err(format!("kind {other}").into()),
                };
                let presence = match presence {
                    'r' => "Presence::Required",
                    'c' => "Presence::Conditional",
                    'u' => "Presence::Unused",
                    '9' => "Presence::RequiredOnLast",
                    '?' => "Presence::Unknown",
                    other => return Err(format!("presence {other}").into()),
                };
                let length = item[3].as_u64();
                let coded = &code_lists["coded_items"][part(0)?];
                let shape = match coded.as_array() {
                    Some(values) => format!("Shape::Coded(&{:?})", sorted_pairs(values)?),
                    None => shape(part(0)?, length).to_owned(),
                };
                writeln!(
                    statics,
                    "    Item {{ no: {}, name_ja: {:?}, name_en: {:?}, kind: {kind}, max_len: {length:?}, presence: {presence}, shape: {shape} }},",
                    index + 1,
                    part(0)?,
                    part(1)?,
                )?;
            }
            writeln!(statics, "];")?;
        }
        let position = |wanted: &[&str]| {
            items.iter().position(|item| item[0].as_str().is_some_and(|n| wanted.contains(&n))).map_or(0, |at| at + 1)
        };
        let required = |letter: char| bits(name.chars().map(|presence| presence == letter));
        let figures = bits(items.iter().map(|item| {
            let (name, kind) = (item[0].as_str().unwrap_or_default(), item[2].as_str().unwrap_or_default());
            let coded = code_lists["coded_items"][name].is_array();
            matches!(kind, "9" | "S9") && !coded && shape(name, item[3].as_u64()) == "Shape::Plain"
        }));
        writeln!(
            table,
            "    Layout {{ id: {:?}, exchange_id: {:?}, record_kind: {:?}, name_ja: {:?}, confidence: {}, items: &ITEMS_{number}, service_month: {}, insurer: {}, insured: {}, office: {}, sequence: {}, required: {:#x}, required_on_last: {:#x}, figures: {figures:#x} }},",
            text(record, "id")?,
            text(record, "exchange_id")?,
            record["record_kind"].as_str(),
            text(record, "name_ja")?,
            confidence(record)?,
            position(&["サービス提供年月", "対象年月"]),
            position(&["証記載保険者番号"]),
            position(&["被保険者番号"]),
            position(&["事業所番号", "事業所番号（居宅介護支援事業所等）"]),
            items
                .iter()
                .position(|item| item[0].as_str().is_some_and(|n| n.ends_with("順次番号") || n.ends_with("明細行番号")))
                .map_or(0, |at| at + 1),
            required('r'),
            required('9'),
        )?;
    }
    Ok(format!(
        "{statics}/// Sorted by id.\n#[expect(clippy::unreadable_literal, reason = \"generated, one bit for each item\")]\nstatic LAYOUTS: &[Layout] = &[\n{table}];\n"
    ))
}

/// Returns one bit for each of the items that `holds`, numbered from 1.
fn bits(holds: impl Iterator<Item = bool>) -> u64 {
    (1..).zip(holds).filter(|(_, holds)| *holds).fold(0, |bits, (no, _)| bits | 1 << no)
}

/// Returns code (or id) and name of each row, in the order of the codes.
fn sorted_pairs(rows: &[Value]) -> Result<Vec<(&str, &str)>, Failure> {
    let mut sorted: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| Ok((text(row, "code").or_else(|_| text(row, "id"))?, text(row, "name_ja")?)))
        .collect::<Result<_, Failure>>()?;
    sorted.sort_unstable();
    Ok(sorted)
}

fn pairs(out: &mut String, name: &str, rows: &[Value]) -> Result<(), Failure> {
    writeln!(out, "static {name}: &[(&str, &str)] = &{:?};", sorted_pairs(rows)?)?;
    Ok(())
}

fn codes(codes: &Value, returns: &Value) -> Result<String, Failure> {
    let mut out = String::new();
    pairs(&mut out, "SERVICE_TYPE_NAMES", list(codes, "service_types")?)?;
    pairs(&mut out, "CARE_LEVELS", list(codes, "care_levels")?)?;
    pairs(&mut out, "EXCHANGE_TITLES", list(codes, "exchange_ids")?)?;
    let mut payers: Vec<&Value> = list(codes, "public_payers")?.iter().collect();
    payers.sort_by_key(|row| row["code"].as_str());
    writeln!(out, "static PUBLIC_PAYERS: &[PublicPayer] = &[")?;
    for row in payers {
        writeln!(
            out,
            "    PublicPayer {{ law: {:?}, name: {:?}, rate: {}, priority: {} }},",
            text(row, "code")?,
            text(row, "name_ja")?,
            row["benefit_rate"],
            row["priority"]
        )?;
    }
    writeln!(out, "];")?;
    pairs(&mut out, "KAGO_STYLES", list(codes, "kago_styles")?)?;
    pairs(&mut out, "KAGO_REASONS", list(codes, "kago_reasons")?)?;
    pairs(&mut out, "RETURN_REASONS", list(codes, "return_reasons")?)?;
    pairs(&mut out, "CHANGE_REASONS", list(codes, "unit_change_reasons")?)?;
    let mut types: Vec<&Value> = list(codes, "service_types")?.iter().collect();
    types.sort_by_key(|row| row["code"].as_str());
    writeln!(out, "static SERVICE_TYPES: &[ServiceType] = &[")?;
    for row in types {
        let styles: Vec<&str> = list(row, "exchange_ids")?.iter().filter_map(Value::as_str).collect();
        let prices: Vec<u64> = match (text(row, "price_class")?, text(row, "category")?) {
            ("unknown", _) | (_, "総合事業") => Vec::new(),
            (class, _) => list(&codes["unit_prices_201504"], class)?.iter().filter_map(Value::as_u64).collect(),
        };
        writeln!(
            out,
            "    ServiceType {{ code: {:?}, styles: &{styles:?}, unit_prices: &{prices:?} }},",
            text(row, "code")?
        )?;
    }
    writeln!(out, "];")?;
    let mut sorted: Vec<&Value> = returns.as_array().ok_or("return_codes.json is no list")?.iter().collect();
    sorted.sort_by_key(|row| row["code"].as_str());
    writeln!(out, "static RETURN_CODES: &[Known] = &[")?;
    for row in sorted {
        let route = match text(row, "route")? {
            "fix_now" => "FixNow",
            "wait" => "Wait",
            "ask_care_manager" => "AskCareManager",
            "ask_insurer" => "AskInsurer",
            "kago" => "Kago",
            "ask_vendor" => "AskVendor",
            "give_up" => "GiveUp",
            "read_and_choose" => "ReadAndChoose",
            other => return Err(format!("route {other}").into()),
        };
        writeln!(
            out,
            "    Known {{ code: {:?}, message: {:?}, cause: {:?}, action: {:?}, route: Route::{route} }},",
            text(row, "code")?,
            text(row, "message")?,
            text(row, "cause")?,
            text(row, "action")?
        )?;
    }
    writeln!(out, "];")?;
    Ok(out)
}
