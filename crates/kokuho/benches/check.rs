//! Check of a 100 MB claim file against only decoding and splitting the same bytes（DESIGN §7: at most 2.0 ×）.
//!
//! `cargo bench -p kokuho` prints the ratio and the peak memory beyond the file. Each figure is the best of nine runs,
//! taken in turns so that a busy machine slows both.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark fails loudly and talks to the terminal")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use encoding_rs::SHIFT_JIS;
use kokuho::{ControlFacts, FileWriter, OfficeNumber, Quoting, check, check_reader};

const SIZE: usize = 100 * 1000 * 1000;

fn main() {
    let file = claim_file();
    let report = check(&file, None).unwrap();
    assert_eq!(report.findings, []);
    println!("{} MB, {} statements, {} yen", file.len() / 1_000_000, report.claims, report.yen);
    let (mut base, mut checked) = (Duration::MAX, Duration::MAX);
    for _ in 0..9 {
        base = base.min(time(|| decode_and_split(&file)));
        checked = checked.min(time(|| check(&file, None).unwrap().claims));
    }
    println!("decode and split {base:?}, check {checked:?}, ratio {:.2}", checked.as_secs_f64() / base.as_secs_f64());
    let path = std::env::temp_dir().join("kokuho-bench.csv");
    std::fs::write(&path, &file).unwrap();
    let length = file.len();
    drop(file);
    let (before, _) = memory();
    let streamed = check_reader(std::fs::File::open(&path).unwrap(), None).unwrap();
    std::fs::remove_file(&path).unwrap();
    let (after, peak) = memory();
    println!(
        "streamed {} statements of {} MB; resident before {before} kB, after {after} kB, peak of the process {peak} kB",
        streamed.claims,
        length / 1_000_000
    );
}

/// What a program that checks nothing would do: decode all, split all.
fn decode_and_split(file: &[u8]) -> usize {
    let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(file).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::ByteRecord::new();
    let mut columns = 0;
    while reader.read_byte_record(&mut record).unwrap() {
        columns += record.len();
    }
    columns
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Returns the resident and the peak memory of this process in kB (Linux), or zeros.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let figure = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .unwrap_or(0)
    };
    (figure("VmRSS:"), figure("VmHWM:"))
}

/// A valid claim file: one 請求書 over as many persons as fit.
fn claim_file() -> Vec<u8> {
    let person = |number: usize| -> Vec<Vec<String>> {
        let key = |kind: &str| format!("7131,{kind},202605,9970000015,00990010,{number:010}");
        let zeros = |count: usize| vec!["0"; count].join(",");
        let row = |text: String| text.split(',').map(str::to_owned).collect();
        vec![
            row(format!(
                "{},,,,,,,19400105,2,21,,20260101,20261231,1,9970001013,,,,,,,,,90,,,,6098,57351,6373,{}",
                key("01"),
                zeros(21)
            )),
            row(format!("{},15,2241,658,8,0,0,0,5264,0,0,0,", key("02"))),
            row(format!("{},15,5301,40,8,0,0,0,320,0,0,0,", key("02"))),
            row(format!("{},15,6108,514,1,0,0,0,514,0,0,0,", key("02"))),
            row(format!("{},15,8,5584,5584,514,,,6098,1045,57351,6373,{},,,,,,,,,,,,", key("10"), zeros(9))),
        ]
    };
    let bytes_of_one =
        person(1).iter().map(|row| row.iter().map(|item| item.len() + 1).sum::<usize>() + 15).sum::<usize>();
    let persons = SIZE / bytes_of_one;
    let total = |figure: usize| (figure * persons).to_string();
    let mut writer = FileWriter::new(
        ControlFacts::new(OfficeNumber::from_file("9970000015"), "2026-06".parse().unwrap()),
        Quoting::Vendor,
    );
    let head = [
        "7111",
        "202605",
        "9970000015",
        "1",
        "0",
        "01",
        &total(1),
        &total(6098),
        &total(63_724),
        &total(57_351),
        "0",
        &total(6373),
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
    ];
    writer.row(&head).unwrap();
    for number in 1..=persons {
        for row in person(number) {
            writer.row(&row).unwrap();
        }
    }
    writer.finish().unwrap()
}
