//! What surrounds the code of a generated module: types, classes, signatures, literals, selectors.

use mvm_isa::{Elem, TrapCode, TypeId};
use mvm_module::classes::ClassTable;
use mvm_module::{
    Class, Field, FuncId, Interface, Literal, LiteralId, Method, Module, Selector, Signature, TypeDef,
};

use super::entropy::Entropy;

/// How many method names there are; a name has the same types everywhere, so that replacing methods always fit.
const METHOD_NAMES: usize = 4;

/// A function whose body is still to be written.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) signature: Signature,
}

/// Everything but the bodies.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) module: Module,
    pub(super) classes: ClassTable,
    pub(super) heads: Vec<Head>,
    /// Types that registers, fields, parameters and results may have.
    pub(super) values: Vec<TypeId>,
    /// All array types.
    pub(super) arrays: Vec<TypeId>,
    /// Classes that objects can be made of, frozen ones included.
    pub(super) concrete: Vec<TypeId>,
    /// `Error` and the classes below it.
    pub(super) errors: Vec<TypeId>,
}

impl Plan {
    /// Decides about everything but the bodies.
    pub(super) fn new(e: &mut Entropy<'_>) -> Plan {
        let mut draft = Draft::new(e);
        draft.types(e);
        let methods: Vec<Signature> = (0..METHOD_NAMES).map(|_| draft.signature(e, 5, 3)).collect();
        draft.plain_functions(e);
        draft.interfaces(e, &methods);
        draft.classes(e, &methods);
        draft.function_types(e);
        draft.literals(e);
        draft.finish()
    }
}

struct Draft {
    module: Module,
    heads: Vec<Head>,
    values: Vec<TypeId>,
    interfaces: Vec<TypeId>,
    classes: Vec<TypeId>,
}

impl Draft {
    fn new(e: &mut Entropy<'_>) -> Draft {
        let mut module = Module::new("generated");
        let mut next = TypeId::FIRST_USER.0;
        let mut take = |count: usize| -> Vec<TypeId> {
            let first = next;
            next += count as u16;
            (first..next).map(TypeId).collect()
        };
        let interfaces = take(1 + e.below(2));
        let classes = take(2 + e.below(4));
        // Filled in later; the numbers are known from here on.
        module.types.resize(usize::from(next), TypeDef::Reserved);
        Draft { module, heads: Vec::new(), values: Vec::new(), interfaces, classes }
    }

    /// The types that values have: built-in ones, classes, arrays of references, a few function types.
    fn types(&mut self, e: &mut Entropy<'_>) {
        self.values = vec![TypeId::I64, TypeId::F64, TypeId::STR, TypeId::BYTES, TypeId::BLOCK, TypeId::ANY];
        // Numbers are twice as likely as anything else.
        self.values.extend([TypeId::I64, TypeId::F64]);
        self.values.extend(Elem::ALL.map(TypeId::array_of));
        self.values.extend([TypeId::ARRAY_STR, TypeId::ERROR, TypeId::TRAP]);
        self.values.extend(&self.interfaces);
        self.values.extend(&self.classes);
        let mut elements = vec![TypeId::ANY, self.classes[0], TypeId::ERROR];
        for _ in 0..e.below(3) {
            elements.push(*e.pick(&self.values).unwrap_or(&TypeId::STR));
        }
        for element in elements {
            let ty = self.array_of(element);
            self.values.extend(ty);
        }
        for _ in 0..1 + e.below(3) {
            let signature = self.signature(e, 4, 3);
            let ty = self.func_type(&signature);
            self.values.push(ty);
        }
    }

    fn array_of(&mut self, element: TypeId) -> Option<TypeId> {
        let known = self.module.types.contains(&TypeDef::RefArray(element));
        if !element.is_ref() || known {
            return None;
        }
        self.module.types.push(TypeDef::RefArray(element));
        Some(TypeId(self.module.types.len() as u16 - 1))
    }

    fn func_type(&mut self, signature: &Signature) -> TypeId {
        let def = TypeDef::Func(signature.clone());
        if let Some(index) = self.module.types.iter().position(|known| *known == def) {
            return TypeId(index as u16);
        }
        self.module.types.push(def);
        TypeId(self.module.types.len() as u16 - 1)
    }

    fn value(&self, e: &mut Entropy<'_>) -> TypeId {
        *e.pick(&self.values).unwrap_or(&TypeId::I64)
    }

    fn signature(&self, e: &mut Entropy<'_>, params_max: usize, results_max: usize) -> Signature {
        let params = (0..e.below(params_max + 1)).map(|_| self.value(e)).collect();
        let results = (0..e.below(results_max + 1)).map(|_| self.value(e)).collect();
        Signature { params, results }
    }

    fn plain_functions(&mut self, e: &mut Entropy<'_>) {
        let params = if e.one_in(3) { vec![TypeId::ARRAY_STR] } else { vec![] };
        let results = if e.one_in(4) { vec![] } else { vec![TypeId::I64] };
        self.heads.push(Head { name: "main".into(), signature: Signature { params, results } });
        for k in 0..2 + e.below(5) {
            let mut signature = match e.below(4) {
                0 => self.signature(e, 3, 1),
                1 => self.signature(e, 8, 8),
                _ => self.signature(e, 4, 2),
            };
            // Equal results make tail calls possible.
            if e.one_in(3)
                && let Some(other) = self.heads.last()
            {
                signature.results = other.signature.results.clone();
            }
            self.heads.push(Head { name: format!("f{k}"), signature });
        }
    }

    fn interfaces(&mut self, e: &mut Entropy<'_>, methods: &[Signature]) {
        for (index, &ty) in self.interfaces.clone().iter().enumerate() {
            let extends = if index > 0 && e.one_in(2) { vec![self.interfaces[0]] } else { vec![] };
            let mut own = Vec::new();
            for (k, signature) in methods.iter().enumerate() {
                if own.is_empty() || e.one_in(3) {
                    own.push(Method { name: name_of(k), signature: signature.clone(), function: None });
                }
            }
            let mut selectors: Vec<Selector> =
                (0..own.len()).map(|k| Selector { interface: ty, method: k as u16 }).collect();
            if e.one_in(2) {
                selectors.reverse();
            }
            self.module.selectors.extend(selectors);
            self.module.types[ty.index()] = TypeDef::Interface(Interface {
                name: format!("I{index}").into(),
                import: None,
                extends,
                methods: own,
            });
        }
    }

    /// Indexes of the methods that an interface asks for, with those it includes.
    fn wanted_by(&self, interface: TypeId, wanted: &mut [bool]) {
        let TypeDef::Interface(def) = &self.module.types[interface.index()] else { return };
        for method in &def.methods {
            (0..wanted.len()).filter(|&k| name_of(k) == method.name).for_each(|k| wanted[k] = true);
        }
        def.extends.iter().for_each(|&above| self.wanted_by(above, wanted));
    }

    fn classes(&mut self, e: &mut Entropy<'_>, signatures: &[Signature]) {
        // For each class: its methods, whether it has fields, whether it is frozen, what its objects also are.
        let mut done: Vec<(Vec<bool>, bool, bool, Vec<TypeId>)> = Vec::new();
        for (index, &ty) in self.classes.clone().iter().enumerate() {
            let base = match e.below(4) {
                0 if index > 0 => Some(e.below(index)),
                1 if index > 0 => Some(index - 1),
                _ => None,
            };
            // The second class can always be thrown.
            let error = index == 1 || base.is_none() && e.one_in(5);
            let base = base.filter(|_| !error);
            let (mut have, base_fields, base_frozen, mut also) = match base {
                Some(base) => done[base].clone(),
                None => (vec![false; signatures.len()], error, false, vec![TypeId::ANY]),
            };
            if error {
                also.push(TypeId::ERROR);
            }
            let frozen = base_frozen || !base_fields && index > 1 && e.one_in(3);
            let fields: Vec<Field> = (0..e.below(5))
                .map(|k| Field { name: format!("c{index}f{k}").into(), ty: self.value(e) })
                .collect();
            let interfaces: Vec<TypeId> =
                self.interfaces.iter().copied().filter(|_| index == 0 || e.one_in(3)).collect();
            let mut wanted = vec![false; signatures.len()];
            interfaces.iter().for_each(|&interface| self.wanted_by(interface, &mut wanted));
            also.extend(&interfaces);
            also.push(ty);
            let mut methods = Vec::new();
            for (k, signature) in signatures.iter().enumerate() {
                if wanted[k] && !have[k] || e.one_in(4) {
                    have[k] = true;
                    let function = if index > 0 && e.one_in(12) {
                        None
                    } else {
                        let receiver = *e.pick(&also).unwrap_or(&ty);
                        Some(self.method_function(index, k, receiver, signature))
                    };
                    methods.push(Method { name: name_of(k), signature: signature.clone(), function });
                }
            }
            done.push((have, base_fields || !fields.is_empty(), frozen, also));
            let base = if error { Some(TypeId::ERROR) } else { base.map(|base| self.classes[base]) };
            self.module.types[ty.index()] = TypeDef::Class(Class {
                name: format!("C{index}").into(),
                import: None,
                base,
                interfaces,
                fields,
                methods,
                frozen,
            });
        }
    }

    fn method_function(&mut self, class: usize, k: usize, receiver: TypeId, method: &Signature) -> FuncId {
        let mut signature = method.clone();
        signature.params.insert(0, receiver);
        self.heads.push(Head { name: format!("c{class}m{k}"), signature });
        FuncId(self.heads.len() as u32 - 1)
    }

    /// Function types for references to the functions, with and without bound parameters.
    fn function_types(&mut self, e: &mut Entropy<'_>) {
        for head in self.heads.clone() {
            for bound in 0..=head.signature.params.len().min(mvm_module::limits::BOUND_MAX) {
                if bound == 0 || e.one_in(3) {
                    let params = head.signature.params[bound..].to_vec();
                    self.func_type(&Signature { params, results: head.signature.results.clone() });
                }
            }
        }
    }

    fn literals(&mut self, e: &mut Entropy<'_>) {
        let texts = [
            "",
            "a",
            "hello, world",
            " \t trim me \u{2003}",
            "äöü ÄÖÜ ß ﬁ İ",
            "日本語🦀",
            "\u{a0} x\ty  \n",
            "-12",
            "7fffffffffffffff",
            "2.5e3",
            "nan",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
        ];
        let strings = 3 + e.below(5);
        for _ in 0..strings {
            let text = *e.pick(&texts).unwrap_or(&"");
            self.module.literals.push(Literal::Str(text.into()));
        }
        let blobs: [&[u8]; 5] = [b"", b"bytes", b"\xff\xfe", b"h\xc3\xa9\xc3", b"\0\0\0\0\0\0\0\0\0"];
        for _ in 0..2 + e.below(2) {
            self.module.literals.push(Literal::Bytes(Box::from(*e.pick(&blobs).unwrap_or(&blobs[0]))));
        }
        for elem in Elem::ALL {
            if e.one_in(3) {
                let bytes: Vec<u8> = (0..e.below(9) * elem.bytes() as usize).map(|_| e.byte()).collect();
                self.module.literals.push(Literal::Array(elem, bytes.into()));
            }
        }
        let items = (0..e.below(4))
            .map(|_| if e.one_in(4) { None } else { Some(LiteralId(e.below(strings) as u32)) });
        let items: Box<[Option<LiteralId>]> = items.collect();
        self.module.literals.push(Literal::Refs(TypeId::ARRAY_STR, items));
        let any = self.module.types.iter().position(|def| *def == TypeDef::RefArray(TypeId::ANY));
        if let Some(any) = any {
            let before = self.module.literals.len();
            let items = (0..e.below(4)).map(|_| Some(LiteralId(e.below(before) as u32))).collect();
            self.module.literals.push(Literal::Refs(TypeId(any as u16), items));
        }
        if e.one_in(3) {
            let (error, own) = (usize::from(TypeId::ERROR.0), usize::from(TypeId::FIRST_USER.0));
            let types = (0..e.below(4)).map(|_| match e.below(self.module.types.len()) {
                ty if TypeId(ty as u16).is_ref() && (ty <= error || ty >= own) => TypeId(ty as u16),
                _ => TypeId::TRAP,
            });
            let types = types.collect();
            self.module.literals.push(Literal::Types(types));
        }
        for (index, head) in self.heads.clone().iter().enumerate() {
            let ty = self.func_type(&head.signature);
            self.module.literals.push(Literal::Func(FuncId(index as u32), ty));
        }
    }

    fn finish(self) -> Plan {
        let Draft { module, heads, mut values, .. } = self;
        let (classes, errors) = ClassTable::build(&module);
        debug_assert!(errors.is_empty(), "generated classes are sound: {errors:?}");
        let ids = || (0..module.types.len() as u16).map(TypeId);
        let concrete =
            ids().filter(|&ty| classes.layout(ty).is_some_and(|layout| !layout.is_abstract())).collect();
        values.extend(
            ids().filter(|&ty| {
                matches!(module.types[ty.index()], TypeDef::Func(_)) && ty >= TypeId::FIRST_USER
            }),
        );
        let arrays = ids()
            .filter(|&ty| matches!(module.types[ty.index()], TypeDef::Array(_) | TypeDef::RefArray(_)))
            .collect();
        let errors = ids().filter(|&ty| classes.assignable(ty, TypeId::ERROR)).collect();
        Plan { module, classes, heads, values, arrays, concrete, errors }
    }
}

fn name_of(method: usize) -> mvm_module::Name {
    format!("m{method}").into()
}

/// A class for a handler: everything, all traps, one trap, or some class below `Error`.
pub(super) fn handler_class(plan: &Plan, e: &mut Entropy<'_>) -> TypeId {
    match e.below(6) {
        0..=2 => TypeId::ERROR,
        3 => TypeId::TRAP,
        4 => e.pick(TrapCode::ALL).map_or(TypeId::ERROR, |&code| TypeId::of_trap(code)),
        _ => *e.pick(&plan.errors).unwrap_or(&TypeId::ERROR),
    }
}
