//! Builders of tiny modules: instructions by table row, functions, classes.

use mvm_isa::{Opcode, Opcode as Op, TypeId, encode};
use mvm_module::finish::{finish_function, needs_enter};
use mvm_module::{Class, Field, FuncDebug, Function, Handler, Method, Module, Signature, TypeDef};

/// Code under construction.
#[derive(Default, Clone)]
pub(crate) struct Code(pub(crate) Vec<u64>);

impl Code {
    pub(crate) fn new() -> Code {
        Code::default()
    }

    /// A fixed-shape instruction.
    pub(crate) fn op(mut self, op: Opcode, values: &[i64]) -> Code {
        encode::fixed(&mut self.0, op, values);
        self
    }

    pub(crate) fn call(mut self, op: Opcode, dst: u16, target: u32, args: &[u16]) -> Code {
        encode::call(&mut self.0, op, dst, target, 0, args);
        self
    }

    pub(crate) fn call_many(mut self, op: Opcode, results: &[u16], target: u32, args: &[u16]) -> Code {
        encode::call_many(&mut self.0, op, results, target, 0, args);
        self
    }

    pub(crate) fn tail(mut self, op: Opcode, target: u32, args: &[u16]) -> Code {
        encode::tail_call(&mut self.0, op, target, args);
        self
    }

    pub(crate) fn bind(mut self, dst: u16, target: u32, args: &[u16]) -> Code {
        encode::bind(&mut self.0, Op::Bind, dst, target, args);
        self
    }

    pub(crate) fn new_with(mut self, dst: u16, ty: TypeId, args: &[u16]) -> Code {
        encode::new_with(&mut self.0, Op::NewWith, dst, ty.0, args);
        self
    }

    pub(crate) fn ret_many(mut self, values: &[u16]) -> Code {
        encode::ret_many(&mut self.0, Op::RetMany, values);
        self
    }

    pub(crate) fn sys(mut self, number: u32, results: &[u16], args: &[u16]) -> Code {
        encode::sys(&mut self.0, Op::Sys, results, number, args);
        self
    }

    pub(crate) fn switch(mut self, op: Opcode, register: u16, targets: &[i64]) -> Code {
        let at = self.0.len();
        encode::switch(&mut self.0, op, register, targets.len() as u16 - 1, 0);
        for (index, &target) in targets.iter().enumerate() {
            mvm_isa::set_target(op, &mut self.0[at..], index, target);
        }
        self
    }

    /// Without results.
    pub(crate) fn ret(self) -> Code {
        self.op(Op::Ret, &[])
    }
}

/// A function without `enter` added.
pub(crate) fn raw(name: &str, params: u16, results: &[TypeId], registers: &[TypeId], code: Code) -> Function {
    Function {
        name: name.into(),
        params,
        results: results.to_vec(),
        registers: registers.to_vec(),
        code: code.0,
        handlers: Vec::new(),
        debug: FuncDebug::default(),
    }
}

/// A finished function; `enter` is added where it is needed, so handler ranges count without it.
pub(crate) fn func(
    name: &str,
    params: u16,
    results: &[TypeId],
    registers: &[TypeId],
    code: Code,
) -> Function {
    let mut function = raw(name, params, results, registers, code);
    if needs_enter(&function) {
        let mut code = Code::new().op(Op::Enter, &[0, 0]).0;
        code.append(&mut function.code);
        function.code = code;
    }
    finish_function(&mut function);
    function
}

pub(crate) fn with_handlers(mut function: Function, handlers: &[(u32, u32, u32, TypeId, u16)]) -> Function {
    function.handlers = handlers
        .iter()
        .map(|&(start, end, target, class, register)| Handler { start, end, target, class, register })
        .collect();
    function
}

pub(crate) fn module(functions: Vec<Function>) -> Module {
    Module { functions, ..Module::new("test") }
}

pub(crate) fn class(name: &str, base: Option<TypeId>, fields: &[(&str, TypeId)]) -> Class {
    Class {
        name: name.into(),
        import: None,
        base,
        interfaces: Vec::new(),
        fields: fields.iter().map(|&(name, ty)| Field { name: name.into(), ty }).collect(),
        methods: Vec::new(),
        frozen: false,
    }
}

pub(crate) fn method(name: &str, params: &[TypeId], results: &[TypeId], function: Option<u32>) -> Method {
    let signature = Signature { params: params.to_vec(), results: results.to_vec() };
    Method { name: name.into(), signature, function: function.map(mvm_module::FuncId) }
}

/// Adds a type and gives its number.
pub(crate) fn add(module: &mut Module, def: TypeDef) -> TypeId {
    module.types.push(def);
    TypeId((module.types.len() - 1) as u16)
}
