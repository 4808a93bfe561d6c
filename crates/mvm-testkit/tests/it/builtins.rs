//! Functions with instruction syntax against those of Rust, on many and on large operands.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use std::io;

use mvm_asm::{CORE, NoFiles, Options, assemble};
use mvm_diag::SourceMap;
use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_kernel::{Environment, Exit, Host, Machine, Stream};
use mvm_module::{Module, link, verify};

/// Standard input and output.
struct Lines {
    input: io::Cursor<Vec<u8>>,
    output: Vec<u8>,
}

impl Host for Lines {
    fn write(&mut self, _: u32, _: Stream, bytes: &[u8]) -> io::Result<()> {
        self.output.extend_from_slice(bytes);
        Ok(())
    }

    fn read_line(&mut self, _: usize) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        io::BufRead::read_until(&mut self.input, b'\n', &mut line)?;
        Ok(line)
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(&mut self.input, most as u64), &mut bytes)?;
        Ok(bytes)
    }
}

fn module(name: &str, text: &str) -> Module {
    let mut map = SourceMap::new();
    let file = map.add(name, text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    let shown: Vec<String> = diagnostics.iter().map(|d| mvm_diag::render(d, &map, false)).collect();
    module.unwrap_or_else(|| panic!("{}", shown.join("\n")))
}

/// What a program writes for this input, in every executor.
fn output(text: &str, input: &str) -> String {
    let image = link(vec![module("program", text), module(CORE.name, CORE.text)]).unwrap();
    let image = Image::load(verify(image).unwrap());
    let mut outputs: Vec<String> = Executor::ALL
        .iter()
        .map(|&executor| {
            let console = Lines { input: io::Cursor::new(input.into()), output: Vec::new() };
            let limits = ProcessLimits::default();
            let mut machine = Machine::new(&image, Environment::default(), console, limits, Some(0)).unwrap();
            machine.add_fuel(1 << 40);
            let exit = machine.run(executor).unwrap();
            assert!(matches!(exit, Exit::Status(0)), "{exit:?}");
            String::from_utf8(machine.host.output).unwrap()
        })
        .collect();
    let first = outputs.pop().unwrap();
    assert!(outputs.iter().all(|output| *output == first));
    first
}

/// Reads lines, sorts them as what `$from` makes of them, writes them as what `$to` makes of them.
const SORT: &str = "
func main() {
    sys     text, read_all()
    split   lines, text, \"\\n\"
    len     n, lines
    new     a, $type, n
    mov     k, 0
    jmp     filled
fill:
    get     line, lines[k]
    $from
    set     a[k], x
    add     k, k, 1
filled:
    blt     k, n, fill
    sort    a
    mov     k, 0
    jmp     written
write:
    get     x, a[k]
    $to
    set     lines[k], line
    add     k, k, 1
written:
    blt     k, n, write
    join    text, lines, \"\\n\"
    sys     print(text)
    ret
}";

/// Numbers that look random, always the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = self.0 ^ self.0 >> 33;
        x.wrapping_mul(0xff51_afd7_ed55_8ccd) >> 16
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn large_arrays_of_integers_are_sorted() {
    let text = SORT.replace("$type", "[i64]").replace("$from", "str_to_int _, x, line");
    let text = text.replace("$to", "str_from_int line, x");
    let mut random = Random(1);
    for (count, bound) in [(1, 10), (2, 2), (1000, 7), (100_000, u64::MAX), (100_000, 1000)] {
        let mut numbers: Vec<i64> = (0..count).map(|_| random.below(bound) as i64 - 5).collect();
        let found = output(&text, &joined(&numbers));
        numbers.sort_unstable();
        assert!(found == joined(&numbers), "{count} numbers below {bound}");
    }
    let mut falling: Vec<i64> = (0..65_537).rev().collect();
    let found = output(&text, &joined(&falling));
    falling.reverse();
    assert!(found == joined(&falling), "falling");
}

#[test]
fn large_arrays_of_strings_are_sorted() {
    let text = SORT.replace("$type", "[str]").replace("$from", "mov x, line").replace("$to", "mov line, x");
    let mut random = Random(2);
    let alphabet: Vec<char> = "abAB éß€😀\u{ffff}".chars().collect();
    let mut word = |length: u64| -> String {
        (0..length).map(|_| alphabet[random.below(alphabet.len() as u64) as usize]).collect()
    };
    let mut words: Vec<String> = (0..100_000).map(|k| word(k % 8)).collect();
    let found = output(&text, &words.join("\n"));
    words.sort_by(|a, b| a.chars().cmp(b.chars()));
    assert!(found == words.join("\n"));
}

#[test]
fn arrays_of_floats_are_sorted_with_nan_last() {
    let text = SORT.replace("$type", "[f64]").replace("$from", "str_to_float _, x, line");
    let text = text.replace("$to", "str_from_float line, x");
    let mut random = Random(3);
    for count in [1, 2, 3, 17, 1000, 20_000] {
        let mut numbers: Vec<f64> = (0..count)
            .map(|_| match random.below(8) {
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => -f64::INFINITY,
                3 => 0.0,
                4 => -0.0,
                _ => random.next() as f64 / 1e9 - 1e4,
            })
            .collect();
        let shown = |numbers: &[f64]| {
            numbers.iter().map(|x| format!("{x:?}").replace("NaN", "nan")).collect::<Vec<_>>().join("\n")
        };
        let found = output(&text, &shown(&numbers));
        // Zeros of both signs are equal and keep their order.
        numbers.sort_by(|a, b| a.partial_cmp(b).unwrap_or(a.is_nan().cmp(&b.is_nan())));
        assert_eq!(found, shown(&numbers));
    }
}

/// Reads a line with the operation, then its operands, and so on; writes a line for each.
const TEXTS: &str = "
func main() {
next:
    sys     r, read_line()
    bnull   r, done
    sys     text, read_line()
    sys     old, read_line()
    sys     with, read_line()
    replace r, text, old, with
    sys     print(r)
    sys     print(\"|\")
    split   parts, text, old
    join    r, parts, with
    sys     print(r)
    sys     print(\"|\")
    len     n, parts
    sys     print_int(n)
    sys     print(\"\\n\")
    jmp     next
done:
    ret
}";

#[test]
fn texts_are_replaced_split_and_joined_as_in_rust() {
    let mut random = Random(4);
    let (mut input, mut wanted) = (String::new(), String::new());
    let mut word = |most: u64| -> String {
        let length = random.below(most + 1);
        (0..length).map(|_| ["a", "b", "€"][random.below(3) as usize]).collect()
    };
    for k in 0..3000 {
        let (text, old, with) = (word(40), word(k % 4), word(3));
        input += &format!("go\n{text}\n{old}\n{with}\n");
        let line = if old.is_empty() {
            let codes: Vec<String> = text.chars().map(String::from).collect();
            format!("{text}|{}|{}\n", codes.join(&with), codes.len())
        } else {
            let replaced = text.replace(&old, &with);
            format!("{replaced}|{replaced}|{}\n", text.split(&old).count())
        };
        wanted += &line;
    }
    let found = output(TEXTS, &input);
    let different = found.lines().zip(wanted.lines()).position(|(a, b)| a != b);
    assert!(found == wanted, "line {different:?}");
}

#[test]
fn a_long_text_is_taken_apart_and_put_together() {
    let text = TEXTS;
    let long = "ab,".repeat(200_000);
    let found = output(text, &format!("go\n{long}\n,\n; \n"));
    let replaced = long.replace(',', "; ");
    assert!(found == format!("{replaced}|{replaced}|200001\n"));
}
