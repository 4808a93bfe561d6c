//! `std.json` reads what it has to, refuses what it has to, and writes what it has read.
//!
//! `tests/json` has the texts and the program that reads them; its README says where they come from. Numbers, strings and
//! damaged texts are compared with what Rust and `serde_json` make of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tool::{mvm, mvm_with};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/json")
}

/// What the program says of each text, in order.
fn judged<T: AsRef<[u8]>>(texts: &[T], options: &[&str]) -> Vec<String> {
    let mut input = String::new();
    for text in texts {
        for byte in text.as_ref() {
            write!(input, "{byte:02x}").unwrap();
        }
        input.push('\n');
    }
    let program = folder().join("read.myna").display().to_string();
    let mut args = vec!["run"];
    args.extend(options);
    args.push(&program);
    let run = mvm_with(&args, input);
    assert_eq!((run.status, &*run.err), (0, ""));
    let answers: Vec<String> = run.out.split_terminator('\n').map(str::to_owned).collect();
    assert_eq!(answers.len(), texts.len());
    answers
}

/// The values that the program has read, as it writes them.
fn read<T: AsRef<[u8]>>(texts: &[T]) -> Vec<String> {
    let answers = judged(texts, &["-O2"]);
    let value = |(text, answer): (&T, &String)| {
        let text = String::from_utf8_lossy(text.as_ref());
        answer.strip_prefix("yes ").unwrap_or_else(|| panic!("{text}: {answer}")).to_owned()
    };
    texts.iter().zip(&answers).map(value).collect()
}

/// The bytes of a part of a line: see the README.
fn bytes_of_part(part: &str) -> Vec<u8> {
    let (count, part) = match part.strip_prefix('*').and_then(|rest| rest.split_once(' ')) {
        Some((count, rest)) => (count.parse().expect("a number"), rest),
        None => (1, part),
    };
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next().expect("an escape") {
                b'n' => b'\n',
                b'x' => {
                    let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            },
            byte => byte,
        });
    }
    bytes.repeat(count)
}

/// The texts of a file, with their names.
fn texts(file: &str) -> Vec<(String, Vec<u8>)> {
    let text = fs::read_to_string(folder().join(file)).expect("a file of texts");
    let case = |line: &str| {
        let mut columns = line.split('\t');
        let name = columns.next().unwrap().to_owned();
        (name, columns.flat_map(bytes_of_part).collect())
    };
    text.lines().map(case).collect()
}

/// What comes of each text of a file, by name; `y_` has to be read and `n_` to be refused.
fn answers(file: &str, options: &[&str]) -> BTreeMap<String, String> {
    let texts = texts(file);
    let bytes: Vec<&[u8]> = texts.iter().map(|(_, text)| &**text).collect();
    let answers = judged(&bytes, options);
    let all: BTreeMap<String, String> = texts.iter().map(|(name, _)| name.clone()).zip(answers).collect();
    assert_eq!(all.len(), texts.len(), "two texts have one name");
    let is_right = |(name, answer): &(&String, &String)| match name.as_bytes()[0] {
        b'y' => answer.starts_with("yes "),
        b'n' => answer.starts_with("no "),
        _ => !answer.starts_with("unsteady "),
    };
    let wrong: Vec<_> = all.iter().filter(|case| !is_right(case)).collect();
    assert!(wrong.is_empty(), "{options:?}: {wrong:#?}");
    all
}

const WAYS: [&[&str]; 3] =
    [&["--no-jit"], &["--jit-sync", "--jit-threshold=0", "-O2"], &["--no-jit", "--gc-stress", "5000"]];

#[test]
fn json_test_suite_is_passed() {
    for way in WAYS {
        let answers = answers("JSONTestSuite.txt", way);
        let count = |first: &str| answers.keys().filter(|name| name.starts_with(first)).count();
        assert_eq!((count("y_"), count("n_"), count("i_")), (95, 188, 35));
        let chosen =
            answers.iter().filter(|(name, answer)| name.starts_with("i_") && answer.starts_with("yes "));
        let chosen: Vec<&str> = chosen.map(|(name, _)| &**name).collect();
        // Everything else is not UTF-8, not a pair of surrogates, or too large.
        let read = [
            "i_number_double_huge_neg_exp",
            "i_number_real_underflow",
            "i_number_too_big_neg_int",
            "i_number_too_big_pos_int",
            "i_number_very_big_negative_int",
            "i_structure_500_nested_arrays",
            "i_structure_UTF-8_BOM_empty_object",
        ];
        assert_eq!(chosen, read);
    }
}

#[test]
fn texts_of_our_own_are_judged_as_their_names_say() {
    for way in WAYS {
        let answers = answers("cases.txt", way);
        assert!(answers.len() >= 890, "{}", answers.len());
        assert_eq!(answers["n_bytes_0_in_a_name"], "no 1:3 the bytes are not UTF-8");
        assert_eq!(answers["n_depth_100000"], "no 1:502 the values are nested too deep");
        assert_eq!(answers["n_number_1"], "no 1:3 `,` or `]` is expected");
    }
}

#[test]
fn what_is_too_deep_to_be_written_is_an_error() {
    let program = folder().join("deep.myna").display().to_string();
    let run = mvm(&["run", "--limit-stack", "1m", &program]);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "[[[[[[]]]]]]\ntoo deep\n1\n", ""));
    let run = mvm(&["run", &program]);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "[[[[[[]]]]]]\n100002\n1\n", ""));
}

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 3
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

/// Floats as text: of all sizes, at the ends of the range, and half way between two floats.
fn floats() -> Vec<String> {
    let mut numbers = Numbers(1);
    let mut all: Vec<String> = Vec::new();
    for _ in 0..3000 {
        let value = f64::from_bits((numbers.next() << 3) | (numbers.next() & 7));
        if value.is_finite() {
            all.extend([format!("{value:e}"), format!("{value:.17e}")]);
        }
    }
    for _ in 0..500 {
        // 54 bits, of which the last one is set: the middle between two floats of 53 bits.
        let middle = u128::from((numbers.next() % (1 << 53)) | (1 << 53) | 1);
        let large = middle << numbers.below(70);
        let places = numbers.below(30);
        let small = middle * 5_u128.pow(u32::try_from(places).unwrap());
        all.extend([large - 1, large, large + 1].map(|value| format!("{value}.0")));
        all.extend([small - 1, small, small + 1].map(|value| format!("-{value}e-{places}")));
        all.push(format!("{small}000000000000000000000000000001e-{}", places + 30));
    }
    let ends = [
        "0.0",
        "-0.0",
        "0e5",
        "-0",
        "5e-324",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "-1e-400",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "2.225073858507201e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "-1.7976931348623157e308",
        "17976931348623157e292",
        "0.000001",
        "1e-7",
        "1e21",
        "1e22",
        "1e23",
        "123456789.125",
        "0.1",
        "0.2",
        "0.30000000000000004",
        "1e15",
        "1e16",
        "9007199254740993.0",
        "9223372036854775807.0",
        "9223372036854774784",
        "-9223372036854775808.0",
        "1e18",
        "1e19",
    ];
    all.extend(ends.map(str::to_owned));
    all
}

/// How many digits that count it has.
fn digits(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

#[test]
fn floats_keep_their_value_and_have_no_more_digits_than_needed() {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    let texts = floats();
    for (text, written) in texts.iter().zip(read(&texts)) {
        let (value, again): (f64, f64) = (text.parse().unwrap(), written.parse().unwrap());
        assert_eq!(value.to_bits(), again.to_bits(), "{text} was written as {written}");
        if value.fract() == 0.0 && (-TWO_63..TWO_63).contains(&value) {
            let sign = if value.is_sign_negative() { "-" } else { "" };
            assert_eq!(written, format!("{sign}{:.0}", value.abs()), "{text}");
        } else {
            assert_eq!(digits(&written), digits(&format!("{value:e}")), "{text} was written as {written}");
        }
    }
}

#[test]
fn ints_of_64_bits_keep_every_digit() {
    let mut numbers = Numbers(2);
    let mut ints: Vec<i64> = vec![0, 1, -1, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1];
    for shift in 0..62 {
        ints.extend([(1 << shift) - 1, 1 << shift, (1 << shift) + 1, -(1 << shift) - 1]);
        ints.extend((0..20).map(|_| (numbers.next() << 3).cast_signed() >> shift));
    }
    let texts: Vec<String> = ints.iter().map(i64::to_string).collect();
    assert_eq!(read(&texts), texts);
    let beyond =
        ["9223372036854775808", "-9223372036854775809", "18446744073709551615", "100000000000000000000"];
    for (text, written) in beyond.iter().zip(read(&beyond)) {
        assert_eq!(text.parse::<f64>().unwrap(), written.parse::<f64>().unwrap());
    }
}

#[test]
fn strings_come_back() {
    // Every character up to U+2FFF, the rest in steps; as they are where they may stand, and escaped.
    let codes =
        (0..0x3000).chain((0x3000..0x11_0000).step_by(37)).chain([0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10_ffff]);
    let characters: Vec<char> = codes.filter_map(char::from_u32).collect();
    let mut texts = Vec::new();
    let mut wanted = Vec::new();
    for (number, part) in characters.chunks(50).enumerate() {
        let (mut plain, mut escaped) = (String::new(), String::new());
        for &c in part {
            if c >= ' ' && c != '"' && c != '\\' {
                plain.push(c);
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                match number % 2 {
                    0 => write!(escaped, "\\u{unit:04x}").unwrap(),
                    _ => write!(escaped, "\\u{unit:04X}").unwrap(),
                }
            }
        }
        let all: String = part.iter().collect();
        texts.extend([format!("\"{plain}\""), format!("{{\"{escaped}\":\"{escaped}\"}}")]);
        wanted.extend([serde_json::json!(plain), serde_json::json!({ &all: &all })]);
    }
    for (text, (wanted, written)) in texts.iter().zip(wanted.iter().zip(read(&texts))) {
        assert_eq!(serde_json::from_str::<Value>(&written).ok().as_ref(), Some(wanted), "{text}");
        assert!(written.bytes().all(|byte| byte >= b' '), "{text}");
    }
}

/// Whether two values are the same but for the last digits of floats, which `serde_json` does not read exactly.
fn alike(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            (a - b).abs() <= a.abs() * 1e-14
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| alike(a, b)))
        }
        _ => one == two,
    }
}

/// A text with one or two changes.
fn damaged(texts: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    const LIKELY: &[u8] = b"[]{}:,\"\\0123456789.eE+-u\ntrfalsn \xc3\xa9\xff";
    let mut text = texts[numbers.below(texts.len())].clone();
    for _ in 0..=numbers.below(2) {
        let at = numbers.below(text.len() + 1);
        match numbers.below(5) {
            0 if at < text.len() => drop(text.remove(at)),
            1 if at < text.len() => text[at] = LIKELY[numbers.below(LIKELY.len())],
            2 => text.truncate(at),
            3 => {
                let other = &texts[numbers.below(texts.len())];
                let start = numbers.below(other.len() + 1);
                let end = other.len().min(start + numbers.below(12));
                drop(text.splice(at..at, other[start..end].iter().copied()));
            }
            _ => text.insert(at, LIKELY[numbers.below(LIKELY.len())]),
        }
    }
    text
}

#[test]
fn damaged_texts_are_judged_as_another_reader_judges_them() {
    let mut sources: Vec<Vec<u8>> =
        ["JSONTestSuite.txt", "cases.txt"].into_iter().flat_map(texts).map(|(_, t)| t).collect();
    // The other reader goes 128 values deep and takes no byte order mark.
    sources.retain(|text| text.len() < 200 && !text.starts_with(b"\xef\xbb\xbf"));
    let (right, wrong): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|text| serde_json::from_slice::<Value>(text).is_ok());
    let mut numbers = Numbers(3);
    let damage = |number| damaged(if number % 6 == 0 { &wrong } else { &right }, &mut numbers);
    let texts: Vec<Vec<u8>> = (0..6000).map(damage).collect();
    let mut taken = 0;
    for (text, answer) in texts.iter().zip(judged(&texts, &["-O2"])) {
        let shown = String::from_utf8_lossy(text);
        let other = serde_json::from_slice::<Value>(text);
        let written = answer.strip_prefix("yes ");
        assert_eq!(written.is_some(), other.is_ok(), "{shown}: {answer}; {other:?}");
        if let (Some(written), Ok(other)) = (written, other) {
            taken += 1;
            let value = serde_json::from_str(written).expect("JSON");
            assert!(alike(&value, &other), "{shown}: {answer}");
        }
    }
    assert!(taken >= 500, "{taken} of {} were taken", texts.len());
}
