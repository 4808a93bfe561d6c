//! Which functions a method call can go to.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use mvm_exec::Image;
use mvm_isa::{Effect, Opcode, TypeId, field_b, visit_registers};
use mvm_module::cfg::instructions;
use mvm_module::{FuncId, TypeDef, VerifiedModule};

use crate::lower::{self, Throws};

/// Modules with more types have their method calls looked up at run time: the classes below a class are found by looking at all.
const TYPES_MAX: usize = 4_000;
/// Functions that a call site is said to go to; where there are more, none are named.
const TARGETS_MAX: usize = 8;

/// Ranges of types that a test compares with.
const RANGES_MAX: usize = 6;

/// The functions behind the methods of a module, found when they are first asked for.
pub(crate) struct Methods<'i> {
    module: &'i VerifiedModule,
    below: OnceCell<BTreeMap<TypeId, Vec<TypeId>>>,
    groups: RefCell<BTreeMap<FuncId, u32>>,
    points: RefCell<BTreeMap<FuncId, Rc<[u32]>>>,
    throws: RefCell<BTreeMap<FuncId, Rc<Throws>>>,
    instances: RefCell<BTreeMap<TypeId, Option<Ranges>>>,
}

/// Numbers of types, first and last ones, ascending.
type Ranges = Rc<[(u16, u16)]>;

impl<'i> Methods<'i> {
    pub(crate) fn new(image: &'i Image) -> Methods<'i> {
        Methods {
            module: image.module(),
            below: OnceCell::new(),
            groups: RefCell::default(),
            points: RefCell::default(),
            throws: RefCell::default(),
            instances: RefCell::default(),
        }
    }

    /// Classes of objects that a register of this class can hold. All modules that run are complete, so no class is added.
    fn classes(&self, ty: TypeId) -> &[TypeId] {
        let below = self.below.get_or_init(|| {
            let mut below: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
            for index in 0..self.module.types.len() {
                let class = TypeId(index as u16);
                let layout = self.module.classes().layout(class).filter(|layout| !layout.is_abstract());
                for &base in layout.iter().flat_map(|layout| &layout.display) {
                    below.entry(base).or_default().push(class);
                }
            }
            below
        });
        below.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// Numbers of the types whose objects are of a type; none when there are too many ranges of them, or too many types to look at. Classes
    /// below a class mostly follow each other, so a range says as much as a display of bases, without a look into memory.
    pub(crate) fn instances(&self, wanted: TypeId) -> Option<Ranges> {
        if let Some(known) = self.instances.borrow().get(&wanted) {
            return known.clone();
        }
        let types = self.module.types.len();
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for number in (0..types as u16).filter(|_| types <= TYPES_MAX) {
            let is = self.module.classes().instance_of(TypeId(number), wanted);
            match ranges.last_mut().filter(|(_, last)| last + 1 == number) {
                _ if !is => {}
                Some((_, last)) => *last = number,
                None => ranges.push((number, number)),
            }
        }
        let found = (types <= TYPES_MAX && ranges.len() <= RANGES_MAX).then(|| ranges.into());
        self.instances.borrow_mut().insert(wanted, found.clone());
        found
    }

    /// The functions that a call of method `index` of an object in a register of type `ty` can go to; none when they are too many to be
    /// named.
    pub(crate) fn targets(&self, ty: TypeId, index: u16) -> Vec<FuncId> {
        if self.module.types.len() > TYPES_MAX
            || !matches!(self.module.types.get(ty.index()), Some(TypeDef::Class(_)))
        {
            return Vec::new();
        }
        let mut found = Vec::new();
        for &class in self.classes(ty) {
            let methods = self.module.classes().layout(class).map_or(&[][..], |layout| &layout.methods);
            let Some(function) = methods.get(usize::from(index)).and_then(|method| method.function) else {
                continue;
            };
            if !found.contains(&function) {
                found.push(function);
            }
            if found.len() > TARGETS_MAX {
                return Vec::new();
            }
        }
        found
    }

    /// The class of each object that a call of method `index` of a register of type `ty` can find, and the function it then goes to; none
    /// when there are more than so many, or one has none.
    pub(crate) fn choices(&self, ty: TypeId, index: u16, most: usize) -> Vec<(TypeId, FuncId)> {
        if self.targets(ty, index).is_empty() || self.classes(ty).len() > most {
            return Vec::new();
        }
        let choice = |&class: &TypeId| {
            let layout = self.module.classes().layout(class)?;
            Some((class, layout.methods.get(usize::from(index))?.function?))
        };
        self.classes(ty).iter().map(choice).collect::<Option<_>>().unwrap_or_default()
    }

    /// The functions that an instruction calls or makes a reference to, as far as they can be named.
    pub(crate) fn wanted(
        &self,
        registers: &[TypeId],
        op: Opcode,
        words: &[u64],
        mut visit: impl FnMut(FuncId),
    ) {
        match op {
            Opcode::Call | Opcode::Bind => visit(FuncId((words[0] >> 32) as u32 & 0xff_ffff)),
            Opcode::CallMany | Opcode::TailCall => visit(FuncId((words[0] >> 32) as u32)),
            Opcode::CallVirtual | Opcode::CallVirtualMany => {
                let mut receiver = None;
                visit_registers(op, words, |_, register| receiver = receiver.or(Some(register)));
                let ty = receiver.map_or(TypeId::ANY, |register| registers[usize::from(register)]);
                self.targets(ty, field_b(words[0])).into_iter().for_each(visit);
            }
            Opcode::Fref => {
                if let mvm_module::Literal::Func(function, _) =
                    &self.module.literals[(words[0] >> 32) as usize]
                {
                    visit(*function);
                }
            }
            _ => {}
        }
    }

    /// The places of a function at which native code can go on, which are found once ([`lower::resume_points`]).
    pub(crate) fn resume_points(&self, id: FuncId) -> Rc<[u32]> {
        if let Some(known) = self.points.borrow().get(&id) {
            return Rc::clone(known);
        }
        let points: Rc<[u32]> = lower::resume_points(self, id, &self.module.functions[id.0 as usize]).into();
        self.points.borrow_mut().insert(id, Rc::clone(&points));
        points
    }

    /// The code of a function that ends with `throw`, found once.
    pub(crate) fn throws(&self, id: FuncId) -> Rc<Throws> {
        let mut known = self.throws.borrow_mut();
        let find = || {
            let function = &self.module.functions[id.0 as usize];
            Rc::new(Throws::of(function, self.module.liveness(id).cfg()))
        };
        Rc::clone(known.entry(id).or_insert_with(find))
    }

    /// Whether a function that is called here may call the caller again, as far as calls can be followed.
    pub(crate) fn recurs(&self, caller: FuncId, registers: &[TypeId], op: Opcode, words: &[u64]) -> bool {
        if !op.info().has(Effect::Calls) {
            return false;
        }
        let group = self.group(caller);
        let mut found = false;
        self.wanted(registers, op, words, |callee| found |= self.group(callee) == group);
        found
    }

    /// The number of the functions that call each other, directly or not, with this one among them.
    fn group(&self, function: FuncId) -> u32 {
        let mut groups = self.groups.borrow_mut();
        if let Some(&group) = groups.get(&function) {
            return group;
        }
        self.find_groups(function, &mut groups);
        groups[&function]
    }

    /// Groups of everything that can be reached from a function: strongly connected components (Tarjan 1972, without recursion).
    fn find_groups(&self, first: FuncId, groups: &mut BTreeMap<FuncId, u32>) {
        let callees = |function: FuncId| {
            let of = &self.module.functions[function.0 as usize];
            let mut callees = Vec::new();
            for (_, op, words) in instructions(&of.code) {
                if op.info().has(Effect::Calls) {
                    self.wanted(&of.registers, op, words, |callee| callees.push(callee));
                }
            }
            callees
        };
        // Numbers in the order of discovery, and the smallest one that can be reached back to.
        let mut found: BTreeMap<FuncId, (u32, u32)> = BTreeMap::new();
        let mut open: Vec<FuncId> = Vec::new();
        let mut path = Vec::new();
        let begin = |function, found: &mut BTreeMap<_, _>, open: &mut Vec<_>, path: &mut Vec<_>| {
            let number = found.len() as u32;
            found.insert(function, (number, number));
            open.push(function);
            path.push((function, callees(function)));
        };
        begin(first, &mut found, &mut open, &mut path);
        while let Some((function, left)) = path.last_mut() {
            let function = *function;
            if let Some(callee) = left.pop() {
                if groups.contains_key(&callee) {
                    continue;
                }
                match found.get(&callee) {
                    Some(&(number, _)) => {
                        if let Some(known) = found.get_mut(&function) {
                            known.1 = known.1.min(number);
                        }
                    }
                    None => begin(callee, &mut found, &mut open, &mut path),
                }
                continue;
            }
            path.pop();
            let Some(&(number, lowest)) = found.get(&function) else { continue };
            if let Some((caller, _)) = path.last()
                && let Some(known) = found.get_mut(caller)
            {
                known.1 = known.1.min(lowest);
            }
            if number == lowest {
                while let Some(member) = open.pop() {
                    groups.insert(member, function.0);
                    if member == function {
                        break;
                    }
                }
            }
        }
    }
}
