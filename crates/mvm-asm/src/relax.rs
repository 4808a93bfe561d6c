//! Branch distances: short where they fit, an inverse branch over a jump where they do not.

use mvm_isa::{Opcode, Operand, Shape, field_b, opcode_of, set_target};
use mvm_module::limits;

use crate::emit::{Code, Site};
use crate::verbs::VERBS;

/// Where words went: ascending positions behind which one word more stands.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    grown: Vec<u32>,
}

impl Moves {
    /// The new position of a word.
    pub(crate) fn map(&self, pc: u32) -> u32 {
        pc + self.grown.partition_point(|&at| at < pc) as u32
    }
}

/// Rounds of widening after which every branch that can be long becomes long.
const ROUNDS_MAX: usize = 24;

/// Fills in all branch distances. `labels` holds the position of each label; the caller moves everything else that
/// holds positions by the result. Gives the sites that ask for a backward form and go forward.
pub(crate) fn resolve(code: &mut Code, labels: &mut [u32]) -> (Moves, Vec<Site>) {
    let moves = widen(code, labels);
    let mut wrong = Vec::new();
    for site in &code.sites {
        let offset = i64::from(labels[site.label as usize]) - i64::from(site.pc);
        if site.must_back && offset > 0 {
            wrong.push(*site);
        }
        patch(&mut code.words, site, offset);
    }
    (moves, wrong)
}

fn opcode(words: &[u64], pc: u32) -> Opcode {
    opcode_of(words[pc as usize]).unwrap_or(Opcode::Nop)
}

/// Writes one distance and picks the forward or backward form.
fn patch(words: &mut [u64], site: &Site, offset: i64) {
    let pc = site.pc as usize;
    let op = opcode(words, site.pc);
    if let (Some(back), ..=0) = (VERBS.back_of(op), offset) {
        words[pc] = words[pc] & !0xffff | back as u64;
        if op == Opcode::Jmp {
            words[pc] |= 1 << 16;
        }
    }
    let op = opcode(words, site.pc);
    set_target(op, &mut words[pc..], usize::from(site.index), offset);
}

/// Whether a conditional branch at this distance needs a jump.
fn is_too_far(op: Opcode, offset: i64) -> bool {
    let info = op.info();
    match info.operands.last() {
        _ if info.shape == Shape::Switch => false,
        Some(Operand::Label16) if offset <= 0 => offset < -(limits::SHORT_BACK_WORDS_MAX as i64),
        Some(Operand::Label16) => offset > i64::from(i16::MAX),
        Some(Operand::Label32) => offset <= 0 && VERBS.back_of(op).is_none(),
        _ => false,
    }
}

fn widen(code: &mut Code, labels: &mut [u32]) -> Moves {
    let distance = |site: &Site, labels: &[u32]| i64::from(labels[site.label as usize]) - i64::from(site.pc);
    if !code.sites.iter().any(|site| is_too_far(opcode(&code.words, site.pc), distance(site, labels))) {
        return Moves::default();
    }
    let mut long = vec![false; code.sites.len()];
    for round in 0.. {
        let moves = Moves { grown: grown(&code.sites, &long) };
        let mut changed = false;
        for (site, long) in code.sites.iter().zip(&mut long).filter(|(_, long)| !**long) {
            let op = opcode(&code.words, site.pc);
            let offset = i64::from(moves.map(labels[site.label as usize])) - i64::from(moves.map(site.pc));
            let forced = round >= ROUNDS_MAX && VERBS.inverse_of(op).is_some();
            if is_too_far(op, offset) || forced {
                *long = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    rebuild(code, &long);
    let moves = Moves { grown: grown(&code.sites, &long) };
    for (site, long) in code.sites.iter_mut().zip(&long) {
        site.pc = moves.map(site.pc) + u32::from(*long);
    }
    for label in labels.iter_mut() {
        *label = moves.map(*label);
    }
    moves
}

fn grown(sites: &[Site], long: &[bool]) -> Vec<u32> {
    sites.iter().zip(long).filter(|(_, long)| **long).map(|(site, _)| site.pc).collect()
}

/// Copies the code with each long branch replaced by its inverse over a jump. The jump becomes the site.
fn rebuild(code: &mut Code, long: &[bool]) {
    let mut words = Vec::with_capacity(code.words.len() + long.iter().filter(|&&l| l).count());
    let mut copied = 0;
    for (site, _) in code.sites.iter().zip(long).filter(|(_, long)| **long) {
        let pc = site.pc as usize;
        words.extend_from_slice(&code.words[copied..pc]);
        let word = code.words[pc];
        let op = opcode(&code.words, site.pc);
        match VERBS.inverse_of(op) {
            Some((inverse, swap)) => {
                let (a, b) = (word >> 16 & 0xffff, u64::from(field_b(word)));
                let (a, b) = if swap { (b, a) } else { (a, b) };
                words.push(inverse as u64 | a << 16 | b << 32);
                let at = words.len() - 1;
                set_target(inverse, &mut words[at..], 0, 2);
            }
            None => words.push(word),
        }
        words.push(Opcode::Jmp as u64);
        copied = pc + 1;
    }
    words.extend_from_slice(&code.words[copied..]);
    code.words = words;
}
