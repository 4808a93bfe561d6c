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
    for len in 0..bytes.len() {
        let error = read(&bytes[..len]).unwrap_err();
        assert!(error.offset <= len);
        if len > 4 {
            let error = read(&sealed(bytes[..len].to_vec())).unwrap_err();
            assert!(error.offset <= len, "{error}");
        }
    }
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
