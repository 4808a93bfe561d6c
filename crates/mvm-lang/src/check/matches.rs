//! Whether the arms of a `match` take every value, and whether each takes some.
//!
//! Patterns are seen as trees of constructors. A row of patterns is useful behind others if some value matches it and none
//! of them (Maranget, Warnings for pattern matching, Journal of Functional Programming 17, 2007). A `match` is complete if a
//! row of wildcards is not useful; the values found on the way are what is missing.

use super::Checker;
use crate::hir::{Literal, NominalKind, PatId, PatKind};
use crate::types::{Ty, TyKind};

/// Steps after which the question is given up, and the answer is yes.
const STEPS_MAX: u32 = 100_000;

/// A pattern as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
enum Row {
    Any,
    /// A constructor with patterns for what is in it.
    Made(Maker, Vec<Row>),
    Or(Vec<Row>),
}

#[derive(Debug, Clone, PartialEq)]
enum Maker {
    Some,
    None,
    Tuple,
    Case(u32),
    Bool(bool),
    Ints(i64, i64),
    Float(u64),
    Str(std::sync::Arc<str>),
    /// Values of a class; there may always be others.
    Class(Ty),
}

impl Checker<'_> {
    fn row(&self, pat: PatId) -> Row {
        let pattern = &self.body.body.pats[pat.index()];
        match &pattern.kind {
            PatKind::Wildcard | PatKind::Bind(_) => Row::Any,
            PatKind::Some(inner) => Row::Made(Maker::Some, vec![self.row(*inner)]),
            PatKind::None => Row::Made(Maker::None, Vec::new()),
            PatKind::Literal(Literal::Int(value)) => Row::Made(Maker::Ints(*value, *value), Vec::new()),
            PatKind::Literal(Literal::Bool(value)) => Row::Made(Maker::Bool(*value), Vec::new()),
            PatKind::Literal(Literal::Float(value)) => Row::Made(Maker::Float(value.to_bits()), Vec::new()),
            PatKind::Literal(Literal::Str(value)) => Row::Made(Maker::Str(value.clone()), Vec::new()),
            &PatKind::Range(start, end) => Row::Made(Maker::Ints(start, end), Vec::new()),
            PatKind::Tuple(parts) => {
                Row::Made(Maker::Tuple, parts.iter().map(|&part| self.row(part)).collect())
            }
            PatKind::Case(number, parts) => {
                let parts = match parts {
                    Some(parts) => parts.iter().map(|&part| self.row(part)).collect(),
                    None => {
                        let count = match *self.kind(pattern.ty) {
                            TyKind::Named(id, _) => self.program.nominals[id.index()]
                                .cases
                                .get(*number as usize)
                                .map_or(0, |case| case.fields.len()),
                            _ => 0,
                        };
                        vec![Row::Any; count]
                    }
                };
                Row::Made(Maker::Case(*number), parts)
            }
            &PatKind::Class(class, _) if class == self.shallow(pattern.ty) => Row::Any,
            &PatKind::Class(class, _) => Row::Made(Maker::Class(class), Vec::new()),
            PatKind::Or(parts) => Row::Or(parts.iter().map(|&part| self.row(part)).collect()),
        }
    }

    /// For arms without guard, in order: which of them no value reaches; and values that no arm takes, as text.
    pub(crate) fn judge_arms(&mut self, ty: Ty, arms: &[(PatId, bool)]) -> (Vec<usize>, Vec<String>) {
        let mut rows: Vec<Vec<Row>> = Vec::new();
        let mut useless = Vec::new();
        let mut steps = 0;
        for (index, &(pat, guarded)) in arms.iter().enumerate() {
            let row = vec![self.row(pat)];
            if self.useful(&rows, &row, &[ty], &mut steps).is_none() {
                useless.push(index);
            } else if !guarded {
                rows.push(row);
            }
        }
        let mut missing = Vec::new();
        // A witness each time, until there is none or enough are shown.
        while missing.len() < 4 {
            let Some(mut witness) = self.useful(&rows, &[Row::Any], &[ty], &mut steps) else { break };
            let Some(found) = witness.pop() else { break };
            missing.push(self.show_row(&found, ty));
            rows.push(vec![found]);
        }
        (useless, missing)
    }

    /// A value (as rows of makers, with Any where it does not matter) that matches the row and none of the others.
    fn useful(&mut self, rows: &[Vec<Row>], row: &[Row], types: &[Ty], steps: &mut u32) -> Option<Vec<Row>> {
        *steps += 1;
        if *steps > STEPS_MAX {
            return None;
        }
        let Some((first, rest)) = row.split_first() else {
            return rows.is_empty().then(Vec::new);
        };
        match first {
            Row::Or(parts) => {
                let mut seen = rows.to_vec();
                let mut found = None;
                for part in parts {
                    let mut one = vec![part.clone()];
                    one.extend_from_slice(rest);
                    found = found.or(self.useful(&seen, &one, types, steps));
                    seen.push(one);
                }
                found
            }
            Row::Made(maker, parts) => {
                let maker = maker.clone();
                if let Maker::Ints(start, end) = maker {
                    return self.useful_ints(rows, (start, end), rest, types, steps);
                }
                self.useful_made(rows, &maker, parts, rest, types, steps)
            }
            Row::Any => self.useful_any(rows, rest, types, steps),
        }
    }

    fn useful_made(
        &mut self,
        rows: &[Vec<Row>],
        maker: &Maker,
        parts: &[Row],
        rest: &[Row],
        types: &[Ty],
        steps: &mut u32,
    ) -> Option<Vec<Row>> {
        let inner = self.part_types(types[0], maker, parts.len());
        let narrowed: Vec<Vec<Row>> = rows.iter().flat_map(|row| narrow(row, maker, parts.len())).collect();
        let mut all: Vec<Row> = parts.to_vec();
        all.extend_from_slice(rest);
        let mut all_types = inner;
        all_types.extend_from_slice(&types[1..]);
        let mut found = self.useful(&narrowed, &all, &all_types, steps)?;
        let tail = found.split_off(parts.len());
        let mut witness = vec![Row::Made(maker.clone(), found)];
        witness.extend(tail);
        Some(witness)
    }

    /// The ranges of ints in which all rows behave the same.
    fn useful_ints(
        &mut self,
        rows: &[Vec<Row>],
        (start, end): (i64, i64),
        rest: &[Row],
        types: &[Ty],
        steps: &mut u32,
    ) -> Option<Vec<Row>> {
        let mut cuts: Vec<i128> = vec![i128::from(start), i128::from(end) + 1];
        let mut collect = |row: &Row| {
            if let &Row::Made(Maker::Ints(a, b), _) = row {
                cuts.extend([i128::from(a), i128::from(b) + 1]);
            }
        };
        for row in rows {
            match row.first() {
                Some(Row::Or(parts)) => parts.iter().for_each(&mut collect),
                Some(one) => collect(one),
                None => {}
            }
        }
        cuts.retain(|&cut| (i128::from(start)..=i128::from(end) + 1).contains(&cut));
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let maker = Maker::Ints(pair[0] as i64, (pair[1] - 1) as i64);
            if let Some(found) = self.useful_made(rows, &maker, &[], rest, types, steps) {
                return Some(found);
            }
        }
        None
    }

    fn useful_any(
        &mut self,
        rows: &[Vec<Row>],
        rest: &[Row],
        types: &[Ty],
        steps: &mut u32,
    ) -> Option<Vec<Row>> {
        let ty = self.shallow(types[0]);
        // All makers of the type, if they can be listed and some row names one.
        let named = rows.iter().any(|row| names_maker(&row[0]));
        if named && let Some(makers) = self.makers(ty) {
            for (maker, count) in makers {
                let parts = vec![Row::Any; count];
                let found = match maker {
                    Maker::Ints(start, end) => self.useful_ints(rows, (start, end), rest, types, steps),
                    maker => self.useful_made(rows, &maker, &parts, rest, types, steps),
                };
                if found.is_some() {
                    return found;
                }
            }
            return None;
        }
        let narrowed: Vec<Vec<Row>> = rows.iter().flat_map(|row| default_of(row)).collect();
        let mut found = self.useful(&narrowed, rest, &types[1..], steps)?;
        found.insert(0, Row::Any);
        Some(found)
    }

    /// The makers of a type, with how many parts each has; none if there are too many to list.
    fn makers(&mut self, ty: Ty) -> Option<Vec<(Maker, usize)>> {
        Some(match self.kind(ty).clone() {
            TyKind::Optional(_) => vec![(Maker::None, 0), (Maker::Some, 1)],
            TyKind::Tuple(parts) => vec![(Maker::Tuple, parts.len())],
            TyKind::Bool => vec![(Maker::Bool(true), 0), (Maker::Bool(false), 0)],
            TyKind::Int => vec![(Maker::Ints(i64::MIN, i64::MAX), 0)],
            TyKind::Named(id, _) if self.program.nominals[id.index()].kind == NominalKind::Enum => {
                let cases = self.program.nominals[id.index()].cases.iter().enumerate();
                cases.map(|(number, case)| (Maker::Case(number as u32), case.fields.len())).collect()
            }
            _ => return None,
        })
    }

    fn part_types(&mut self, ty: Ty, maker: &Maker, count: usize) -> Vec<Ty> {
        let mut types = match (self.kind(ty).clone(), maker) {
            (TyKind::Optional(inner), Maker::Some) => vec![inner],
            (TyKind::Tuple(parts), Maker::Tuple) => parts.to_vec(),
            (TyKind::Named(id, args), &Maker::Case(number)) => {
                let nominal = &self.program.nominals[id.index()];
                let params = nominal.generics.clone();
                let fields: Vec<Ty> = nominal
                    .cases
                    .get(number as usize)
                    .map_or(Vec::new(), |case| case.fields.iter().map(|field| field.1).collect());
                fields.into_iter().map(|ty| self.program.types.subst(ty, &params, &args)).collect()
            }
            _ => Vec::new(),
        };
        // As many as the pattern has, whatever is wrong with it.
        types.resize(count, Ty::ERROR);
        types
    }

    fn show_row(&mut self, row: &Row, ty: Ty) -> String {
        match row {
            Row::Any => "_".to_owned(),
            Row::Or(parts) => parts.first().map_or("_".to_owned(), |part| self.show_row(part, ty)),
            Row::Made(maker, parts) => {
                let types = self.part_types(ty, maker, parts.len());
                let inner: Vec<String> =
                    parts.iter().zip(types).map(|(part, ty)| self.show_row(part, ty)).collect();
                match maker {
                    Maker::None => "none".to_owned(),
                    Maker::Some => match &inner[..] {
                        [one] if one != "_" => one.clone(),
                        _ => "a value".to_owned(),
                    },
                    Maker::Tuple => format!("({})", inner.join(", ")),
                    Maker::Bool(value) => value.to_string(),
                    &Maker::Ints(i64::MIN, i64::MAX) => "_".to_owned(),
                    &Maker::Ints(i64::MIN, b) => format!("ints up to {b}"),
                    &Maker::Ints(a, i64::MAX) => format!("ints from {a}"),
                    Maker::Ints(a, b) if a == b => a.to_string(),
                    Maker::Ints(a, b) => format!("{a}..={b}"),
                    Maker::Float(bits) => f64::from_bits(*bits).to_string(),
                    Maker::Str(text) => format!("{text:?}"),
                    &Maker::Class(ty) => self.show(ty),
                    &Maker::Case(number) => {
                        let name = match *self.kind(ty) {
                            TyKind::Named(id, _) => {
                                self.program.nominals[id.index()].cases[number as usize].name.to_string()
                            }
                            _ => String::new(),
                        };
                        if inner.is_empty() { name } else { format!("{name}({})", inner.join(", ")) }
                    }
                }
            }
        }
    }
}

fn names_maker(row: &Row) -> bool {
    match row {
        Row::Any => false,
        Row::Made(..) => true,
        Row::Or(parts) => parts.iter().any(names_maker),
    }
}

/// The rows that are left when the first value is made by this: with its parts in front.
fn narrow(row: &[Row], maker: &Maker, count: usize) -> Vec<Vec<Row>> {
    let Some((first, rest)) = row.split_first() else { return Vec::new() };
    match first {
        Row::Any => {
            let mut new = vec![Row::Any; count];
            new.extend_from_slice(rest);
            vec![new]
        }
        Row::Made(own, parts) => {
            let fits = match (own, maker) {
                (&Maker::Ints(a, b), &Maker::Ints(x, y)) => a <= x && y <= b,
                (own, maker) => own == maker,
            };
            if !fits {
                return Vec::new();
            }
            let mut new = parts.clone();
            new.resize(count, Row::Any);
            new.extend_from_slice(rest);
            vec![new]
        }
        Row::Or(parts) => parts
            .iter()
            .flat_map(|part| {
                let mut one = vec![part.clone()];
                one.extend_from_slice(rest);
                narrow(&one, maker, count)
            })
            .collect(),
    }
}

/// The rows that are left when the first value is made by nothing that any row names.
fn default_of(row: &[Row]) -> Vec<Vec<Row>> {
    let Some((first, rest)) = row.split_first() else { return Vec::new() };
    match first {
        Row::Any => vec![rest.to_vec()],
        Row::Made(..) => Vec::new(),
        Row::Or(parts) => parts
            .iter()
            .flat_map(|part| {
                let mut one = vec![part.clone()];
                one.extend_from_slice(rest);
                default_of(&one)
            })
            .collect(),
    }
}
