//! The file form: what is written is read back, and everything else is refused.

use mvm_module::format::{LoadProblem, MAGIC};
use mvm_module::{Module, read, write};

use crate::sample::{Random, sample};

/// The bytes with a checksum that fits.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let at = bytes.len() - 4;
    let sum = crc32fast::hash(&bytes[..at]);
    bytes[at..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

#[test]
fn what_is_written_is_read_back() {
    for module in [Module::new(""), Module::new("empty"), sample()] {
        assert_eq!(read(&write(&module)), Ok(module));
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = write(&sample());
    for at in 0..bytes.len() * 8 {
        let mut wrong = bytes.clone();
        wrong[at / 8] ^= 1 << (at % 8);
        assert!(read(&wrong).is_err(), "bit {at}");
    }
}

#[test]
fn every_truncation_is_noticed() {
    let bytes = write(&sample());
    let mut whole = Vec::new();
    for len in 0..bytes.len() {
        let error = read(&bytes[..len]).unwrap_err();
        assert!(error.offset <= len);
        if len > 4 {
            match read(&sealed(bytes[..len].to_vec())) {
                Ok(module) => whole.push(module),
                Err(error) => assert!(error.offset <= len, "{error}"),
            }
        }
    }
    // The last section may be left out; then nothing is inlined.
    let mut without = sample();
    for function in &mut without.functions {
        function.debug.calls.clear();
        function.debug.inlined.clear();
    }
    assert_eq!(whole, [without]);
    for more in 1..9 {
        let mut longer = bytes[..bytes.len() - 4].to_vec();
        longer.resize(longer.len() + more + 4, 0);
        let problem = read(&sealed(longer)).unwrap_err().problem;
        assert_eq!(problem, LoadProblem::TrailingBytes { count: more });
    }
}

/// With a good checksum, a changed byte gives an error or another module, which then writes to exactly these bytes.
#[test]
fn accepted_bytes_are_written_again() {
    let bytes = write(&sample());
    let (mut accepted, mut refused) = (0, 0);
    let mut random = Random(1);
    for at in 0..bytes.len() - 4 {
        for _ in 0..20 {
            let mut changed = bytes.clone();
            changed[at] = random.next() as u8;
            if random.below(4) == 0 {
                let other = random.below(bytes.len() - 4);
                changed[other] = random.next() as u8;
            }
            let changed = sealed(changed);
            match read(&changed) {
                Ok(module) => {
                    accepted += 1;
                    assert_eq!(write(&module), changed);
                }
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    assert!(accepted > 1000 && refused > 1000, "{accepted} accepted, {refused} refused");
}

#[test]
fn errors_name_section_and_place() {
    let bytes = write(&sample());
    let fails = |bytes: Vec<u8>| read(&bytes).unwrap_err().to_string();
    assert_eq!(
        fails(b"\x7fELF....".to_vec()),
        "not a module: the file does not start with `MVM`, in section `header` at offset 0x0"
    );
    let mut version = bytes.clone();
    version[4] = 9;
    assert_eq!(fails(version), "format version 9, this reader knows 1, in section `header` at offset 0x4");
    let mut instructions = bytes.clone();
    instructions[6..10].copy_from_slice(&[1, 0, 0, 0]);
    assert!(
        fails(sealed(instructions)).starts_with("built for instruction set 0x00000001, this machine has 0x")
    );
    let mut damaged = bytes.clone();
    damaged[20] ^= 1;
    assert!(fails(damaged).contains("the file is damaged, in section `checksum`"));
    let mut section = bytes.clone();
    section[10] = 3;
    assert_eq!(
        fails(sealed(section)),
        "section 3 where `strings` (section 1) belongs, in section `strings` at offset 0xa"
    );
}

/// A file from its strings section and the bytes behind it.
fn file(rest: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend(mvm_module::format::instruction_set().to_le_bytes());
    bytes.extend(rest);
    bytes.extend([0; 4]);
    sealed(bytes)
}

#[test]
fn only_the_shortest_form_is_read() {
    let problem = |rest: &[u8]| read(&file(rest)).unwrap_err().problem;
    // One string of length 1; the module section names it; all other sections are empty lists.
    let tail = [3, 1, 0, 4, 1, 0, 5, 1, 0, 6, 1, 0, 7, 1, 0, 8, 1, 0, 9, 0];
    let good: Vec<u8> = [&[1, 3, 1, 1, b'a', 2, 3, 0, 0, 0][..], &tail].concat();
    assert_eq!(read(&file(&good)), Ok(Module::new("a")));
    assert_eq!(problem(&[1, 0x80, 0]), LoadProblem::OverlongNumber);
    assert_eq!(problem(&[1, 2, 0x80, 0]), LoadProblem::OverlongNumber);
    assert_eq!(problem(&[[1].as_slice(), &[0xff; 10]].concat()), LoadProblem::OverlongNumber);
    let most = u64::MAX;
    let mut huge = vec![1];
    huge.extend([0xff; 9]);
    huge.push(1);
    assert_eq!(problem(&huge), LoadProblem::CountTooLarge { count: most, left: 0 });
    assert_eq!(problem(&[1, 2, 9, 0]), LoadProblem::CountTooLarge { count: 9, left: 1 });
    assert_eq!(problem(&[1, 3, 1, 1, 0xff]), LoadProblem::NotUtf8);
    assert_eq!(problem(&[1, 5, 2, 1, b'a', 1, b'a']), LoadProblem::StringTwice { number: 1 });
    let unused = [&[1, 5, 2, 1, b'a', 1, b'b', 2, 3, 0, 0, 0][..], &tail].concat();
    assert_eq!(problem(&unused), LoadProblem::StringUnused { count: 1 });
    let order = [&[1, 5, 2, 1, b'a', 1, b'b', 2, 3, 1, 0, 0][..], &tail].concat();
    assert_eq!(problem(&order), LoadProblem::StringOrder { found: 1, next: 0 });
    let more = [&[1, 4, 1, 1, b'a', 7, 2, 3, 0, 0, 0][..], &tail].concat();
    assert_eq!(problem(&more), LoadProblem::TrailingBytes { count: 1 });
}

/// For every list of a file: the bytes before its count, in a module that has one item of each kind. A count that
/// cannot fit is refused where it stands, before anything is made for it: the limits of the verifier, one past them,
/// and the largest number.
#[test]
fn counts_that_cannot_fit_are_refused_at_once() {
    let good = write(&sample());
    let body = &good[10..good.len() - 4];
    assert_eq!(file(body), good);
    // Sections with only zeros behind the count, so that nothing else is wrong first.
    let number = |mut value: u64| {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    };
    let section = |id: u8, bytes: &[u8]| [&[id][..], &number(bytes.len() as u64), bytes].concat();
    // One string, "a"; the module section names it.
    let start = [section(1, &[1, 1, b'a']), section(2, &[0, 0, 0])].concat();
    let empty = |upto: u8| -> Vec<u8> { (3..upto).flat_map(|id| section(id, &[0])).collect() };
    // Kind and what stands in front of the count in its section.
    let mut lists: Vec<(&str, u8, Vec<u8>)> = vec![
        ("strings", 1, vec![]),
        ("bytes of a string", 1, vec![1]),
        ("sources", 2, vec![0]),
        ("types", 3, vec![]),
        ("parameters of a function type", 3, vec![1, 1]),
        ("results of a function type", 3, vec![1, 1, 0]),
        ("interfaces of a class", 3, vec![1, 2, 0, 0, 0, 0]),
        ("fields of a class", 3, vec![1, 2, 0, 0, 0, 0, 0]),
        ("methods of a class", 3, vec![1, 2, 0, 0, 0, 0, 0, 0]),
        ("included interfaces", 3, vec![1, 3, 0, 0]),
        ("methods of an interface", 3, vec![1, 3, 0, 0, 0]),
        ("selectors", 4, vec![]),
        ("literals", 5, vec![]),
        ("bytes of a string literal", 5, vec![1, 0]),
        ("bytes of a byte string", 5, vec![1, 1]),
        ("bytes of an array", 5, vec![1, 16]),
        ("elements of an array of references", 5, vec![1, 2, 17]),
        ("imports", 6, vec![]),
        ("functions", 7, vec![]),
        ("results of a function", 7, vec![1, 0, 0]),
        ("registers of a function", 7, vec![1, 0, 0, 0]),
        ("words of code", 7, vec![1, 0, 0, 0, 0]),
        ("handler ranges", 7, vec![1, 0, 0, 0, 0, 0]),
        ("exports", 8, vec![]),
    ];
    // The debug section has no count of its own, so it needs a function.
    let function = section(7, &[1, 0, 0, 0, 0, 0, 0]);
    for (name, before) in [("register names", vec![]), ("lines", vec![0]), ("variables", vec![0, 0])] {
        lists.push((name, 9, before));
    }
    for (name, before) in
        [("functions with inlined calls", vec![]), ("inlined calls", vec![1, 0]), ("places", vec![1, 0, 0])]
    {
        lists.push((name, 10, before));
    }
    for (name, id, before) in lists {
        for count in [9, 1 << 24, (1 << 24) + 1, (1 << 28) + 1, 1 << 31, u64::MAX] {
            let mut bytes = before.clone();
            bytes.extend(number(count));
            bytes.extend([0; 8]);
            let mut rest = match id {
                1 => vec![],
                2 => section(1, &[1, 1, b'a']),
                9 => [start.clone(), empty(7), function.clone(), section(8, &[0])].concat(),
                10 => [start.clone(), empty(7), function.clone(), section(8, &[0]), section(9, &[0, 0, 0])]
                    .concat(),
                _ => [start.clone(), empty(id)].concat(),
            };
            let count_at = 10 + rest.len() + 1 + number(bytes.len() as u64).len() + before.len();
            rest.extend(section(id, &bytes));
            let error = read(&file(&rest)).unwrap_err();
            assert_eq!(error.problem, LoadProblem::CountTooLarge { count, left: 8 }, "{name}");
            assert_eq!(error.offset, count_at, "{name}");
        }
    }
}

#[test]
fn inlined_calls_are_listed_where_there_are_some() {
    let section = |id: u8, bytes: &[u8]| [&[id][..], &[bytes.len() as u8], bytes].concat();
    let mut start = [section(1, &[1, 1, b'a']), section(2, &[0, 0, 0])].concat();
    (3..7).for_each(|id| start.extend(section(id, &[0])));
    start.extend(section(7, &[1, 0, 0, 0, 0, 0, 0]));
    start.extend([section(8, &[0]), section(9, &[0, 0, 0])].concat());
    let problem =
        |bytes: &[u8]| read(&file(&[start.clone(), section(10, bytes)].concat())).unwrap_err().problem;
    assert_eq!(problem(&[0]), LoadProblem::NothingInlined);
    assert_eq!(problem(&[1, 0, 0, 0]), LoadProblem::NothingInlined);
    assert_eq!(problem(&[1, 1, 1, 0, 0, 0, 0, 0, 0]), LoadProblem::NumberTooLarge { value: 1, max: 0 });
    let good = [start.clone(), section(10, &[1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1])].concat();
    let module = read(&file(&good)).unwrap();
    assert_eq!((module.functions[0].debug.calls.len(), module.functions[0].debug.inlined.len()), (1, 1));
    assert_eq!(write(&module), file(&good));
}
