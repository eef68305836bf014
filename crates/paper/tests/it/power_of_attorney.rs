//! The 委任状, looked at as a person would.

use std::process::Command;

use paper::{Agent, PaperError, PowerOfAttorney, Principal, powers_of_attorney, unprintable};

use crate::{assert_holds, at, bare, keep, pages, read, text};

fn example(number: &str, name: &str) -> PowerOfAttorney {
    PowerOfAttorney {
        date: "2026-10-26".parse().unwrap(),
        addressee: "架空県国民健康保険団体連合会理事長".into(),
        principal: Principal {
            postal_code: "999-0001".into(),
            address: "架空県架空市中央1丁目2-3".into(),
            name: "社会福祉法人さくら会".into(),
            title: "理事長".into(),
            representative: "髙﨑 花子".into(),
        },
        office_name: name.into(),
        office_number: number.into(),
        from: "2026-12".parse().unwrap(),
        agent: Agent {
            name: "とどけ架空運営株式会社".into(),
            title: "代表取締役".into(),
            representative: "見本 太郎".into(),
        },
        code: "1 / 1".into(),
        practice: false,
    }
}

fn made(papers: &[PowerOfAttorney]) -> Vec<u8> {
    powers_of_attorney(papers, at("2026-10-26T10:00:00")).unwrap()
}

/// Renders each page and returns the share of its width and height that is not white: left, top, right, bottom.
fn ink(pdf: &[u8]) -> Vec<[f64; 4]> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let status = Command::new("pdftoppm").args(["-gray", "-r", "72"]).arg(&path).arg(dir.path().join("page")).status();
    assert!(status.unwrap().success());
    let mut pictures: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pgm"))
        .collect();
    pictures.sort();
    pictures.iter().map(|path| bounds(&std::fs::read(path).unwrap())).collect()
}

/// Reads a binary PGM picture.
fn bounds(picture: &[u8]) -> [f64; 4] {
    let mut words = picture.splitn(5, u8::is_ascii_whitespace);
    assert_eq!(words.next(), Some(&b"P5"[..]));
    let mut number = || std::str::from_utf8(words.next().unwrap()).unwrap().parse::<usize>().unwrap();
    let (width, height, _) = (number(), number(), number());
    let pixels = &picture[picture.len() - width * height..];
    let dark = |x: usize, y: usize| pixels[y * width + x] < 250;
    let columns: Vec<usize> = (0..width).filter(|x| (0..height).any(|y| dark(*x, y))).collect();
    let rows: Vec<usize> = (0..height).filter(|y| (0..width).any(|x| dark(x, *y))).collect();
    let share = |value: usize, of: usize| f64::from(value as u32) / f64::from(of as u32);
    [
        share(columns[0], width),
        share(rows[0], height),
        share(columns[columns.len() - 1], width),
        share(rows[rows.len() - 1], height),
    ]
}

#[test]
fn a_power_of_attorney_says_everything_on_one_page() {
    let pdf = made(&[example("9970000015", "さくらデイサービス")]);
    keep("power-of-attorney.pdf", &pdf);
    assert_eq!(pages(&pdf), 1);
    let text = text(&pdf);
    assert_holds(
        &bare(&text),
        &[
            "令和8年10月26日",
            "委任状",
            "架空県国民健康保険団体連合会理事長様",
            "〒999-0001",
            "架空県架空市中央1丁目2-3",
            "社会福祉法人さくら会",
            "理事長",
            "髙﨑花子",
            "介護給付費等の請求に関する事務",
            "復代理人を選任する",
            "さくらデイサービス",
            "9970000015",
            "令和8年12月から",
            "とどけ架空運営株式会社",
            "代表取締役",
            "見本太郎",
            "届出書と同じ印を押してください",
            "運営者使用欄",
            "符号1/1",
        ],
    );
}

#[test]
fn each_office_has_a_page_and_nothing_stands_outside_the_margins() {
    let papers: Vec<_> = (1..=31)
        .map(|index| {
            let name = "地域密着型通所介護・介護予防認知症対応型".repeat(if index == 31 { 3 } else { 1 });
            PowerOfAttorney { code: format!("{index} / 31"), ..example("9970000015", &name) }
        })
        .collect();
    let mut long = papers;
    long[30].principal.address = "架空県架空市中央一丁目二番地三号とても長い名前の建物".repeat(3);
    long[30].principal.name = "社会福祉法人とても長い名前の法人".repeat(3);
    let pdf = made(&long);
    keep("powers-of-attorney.pdf", &pdf);
    assert_eq!(pages(&pdf), 31);
    let ink = ink(&pdf);
    assert_eq!(ink.len(), 31);
    for (index, [left, top, right, bottom]) in ink.into_iter().enumerate() {
        // 20 mm at the sides and 9 mm below, of 210 by 297.
        let inside = left >= 0.09 && right <= 0.91 && top >= 0.04 && bottom <= 0.97;
        assert!(inside, "page {}: {left} {top} {right} {bottom}", index + 1);
    }
    for (page, code) in [(1, "1 / 31"), (31, "31 / 31")] {
        let number = page.to_string();
        assert_holds(&read("pdftotext", &["-layout", "-f", &number, "-l", &number], &pdf), &[code, "委任先"]);
    }
}

#[test]
fn a_name_is_printed_right_or_refused_by_name() {
    for name in ["髙橋", "﨑山", "德田", "栁川", "彅", "𠮷田"] {
        let mut paper = example("9970000015", "さくら");
        paper.principal.representative = name.into();
        match unprintable(name) {
            None => assert_holds(&bare(&text(&made(&[paper]))), &[name]),
            Some(character) => {
                let refused = powers_of_attorney(&[paper], at("2026-10-26T10:00:00"));
                let place = "事業所9970000015 代表者の名前".to_owned();
                assert_eq!(refused, Err(PaperError::MissingCharacter { character, place }));
            }
        }
    }
    assert_eq!(unprintable("髙﨑"), None);
    assert_eq!(unprintable("山田😀"), Some('😀'));
    let mut odd = example("9970000015", "さくら");
    odd.office_name = "さくら\u{e000}".into();
    let refused = powers_of_attorney(&[odd], at("2026-10-26T10:00:00"));
    assert!(matches!(refused, Err(PaperError::MissingCharacter { character: '\u{e000}', .. })), "{refused:?}");
}

#[test]
fn practice_is_marked_on_every_page() {
    let papers = [
        PowerOfAttorney { practice: true, ..example("9970000015", "さくら") },
        PowerOfAttorney { practice: true, ..example("9970001013", "もみじ") },
    ];
    let pdf = made(&papers);
    keep("power-of-attorney-practice.pdf", &pdf);
    assert_eq!(text(&pdf).matches("練習（実際の請求ではありません）").count(), 2);
}
