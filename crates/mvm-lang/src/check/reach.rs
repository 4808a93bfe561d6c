//! Which bodies of the library a program uses.
//!
//! The library is larger than most programs, so only what may be reached is checked. Calls of functions name them; a call
//! of a method reaches all methods of that name, whoever has them. What is overlooked here (methods that only code made
//! by the compiler calls) is found when code is made, and checked then.

use std::collections::HashSet;
use std::sync::Arc;

use super::classes::member_name;
use super::{Checker, FnAst};
use crate::hir::{Body, Comparison, ExprKind, FnId};
use crate::types::SmallMap;

/// What is to be checked.
#[derive(Debug, Default)]
struct Reach {
    work: Vec<FnId>,
    names: HashSet<Arc<str>>,
    new_names: Vec<Arc<str>>,
}

/// Methods by name.
#[derive(Debug, Default)]
pub(crate) struct MethodIndex {
    by_name: SmallMap<Arc<str>, Vec<FnId>>,
    /// How many functions have been looked at.
    count: usize,
}

impl Reach {
    fn name(&mut self, name: &str) {
        if !self.names.contains(name) {
            let name: Arc<str> = name.into();
            self.names.insert(name.clone());
            self.new_names.push(name);
        }
    }
}

impl Checker<'_> {
    /// Checks all bodies of the program, and those of the library that they may reach.
    pub(crate) fn bodies_in_use(&mut self) {
        let mut reach = Reach::default();
        let count = self.program.fns.len();
        for index in 0..count {
            let module = self.program.fns[index].module;
            if self.units[module.index()].library && module.0 != 1 {
                self.postpone(FnId(index as u32));
            } else {
                reach.work.push(FnId(index as u32));
            }
        }
        self.follow(reach);
    }

    /// A body that was left out is needed after all.
    pub(crate) fn check_later(&mut self, id: FnId) {
        self.follow(Reach { work: vec![id], ..Reach::default() });
    }

    /// Puts an empty body in the place of one that has a text.
    fn postpone(&mut self, id: FnId) {
        let function = &mut self.program.fns[id.index()];
        let written = match self.fns[id.index()].ast {
            FnAst::Function(text) => text.body().is_some(),
            FnAst::None => false,
            FnAst::Init(_) | FnAst::Value(_) | FnAst::Test(_) => true,
        };
        if written && function.body.is_none() {
            function.body = Some(Body::default());
        }
    }

    fn follow(&mut self, mut reach: Reach) {
        self.index_methods();
        loop {
            while let Some(id) = reach.work.pop() {
                let made = matches!(self.fns[id.index()].ast, FnAst::None);
                let body = &self.program.fns[id.index()].body;
                let open = body.as_ref().is_none_or(|body| body.root.is_none());
                if open && !made {
                    self.program.fns[id.index()].body = None;
                    self.fn_body(id);
                    self.note(id, &mut reach);
                } else if made && !self.followed.contains(&id) {
                    self.followed.insert(id);
                    self.note(id, &mut reach);
                }
            }
            let Some(name) = reach.new_names.pop() else { break };
            if let Some(all) = self.method_index.by_name.get(&name) {
                reach.work.extend(all);
            }
        }
    }

    /// Puts functions that are new since the last time into the index of names.
    fn index_methods(&mut self) {
        for (index, function) in self.program.fns.iter().enumerate().skip(self.method_index.count) {
            if function.owner.is_some() {
                let all = self.method_index.by_name.entry(member_name(&function.name).into()).or_default();
                all.push(FnId(index as u32));
            }
        }
        self.method_index.count = self.program.fns.len();
    }

    /// Notes what a body reaches.
    fn note(&self, id: FnId, reach: &mut Reach) {
        let Some(body) = &self.program.fns[id.index()].body else { return };
        for expr in &body.exprs {
            match &expr.kind {
                ExprKind::Call { function: id, .. }
                | ExprKind::FnValue(id, _)
                | ExprKind::New { init: id, .. }
                | ExprKind::SuperInit { init: id, .. }
                | ExprKind::Spawn { function: id, .. } => reach.work.push(*id),
                ExprKind::CallMethod { method, .. } | ExprKind::MethodValue(_, method, _) => {
                    reach.name(member_name(&self.program.fns[method.index()].name));
                }
                ExprKind::Const(id) => reach.work.push(self.program.consts[id.index()].value),
                ExprKind::Compare(Comparison::Equal | Comparison::NotEqual, ..) => reach.name("=="),
                ExprKind::Compare(..) | ExprKind::Order(..) => reach.name("<=>"),
                ExprKind::Hash(_) => reach.name("hash"),
                ExprKind::Show(_) | ExprKind::Inspect(_) | ExprKind::Interpolate(_) => reach.name("show"),
                ExprKind::List(_) => reach.name("of"),
                ExprKind::Map(_) => {
                    reach.name("[]=");
                    let map = self.known.map.and_then(|map| self.program.nominals[map.index()].init);
                    reach.work.extend(map);
                }
                ExprKind::Receive { .. } => reach.work.extend(self.program.lang.fns.get("tell_exit")),
                _ => {}
            }
        }
    }
}
