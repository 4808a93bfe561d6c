//! The rules of the verifier: number, title, what is asked, and why. `docs/VERIFIER.md` is generated from here.

use std::fmt;

macro_rules! rules {
    ($( $Rule:ident: $title:literal, $text:literal, $reason:literal; )*) => {
        /// A rule of the verifier, named by its number in `docs/VERIFIER.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule { $( #[doc = $title] $Rule, )* }

        impl Rule {
            /// All rules in the order of the page.
            pub const ALL: &'static [Rule] = &[ $(Rule::$Rule),* ];

            /// The number, for example `I5`.
            pub const fn number(self) -> &'static str {
                match self { $(Rule::$Rule => stringify!($Rule)),* }
            }

            /// The rule in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Rule::$Rule => $title),* }
            }

            /// What exactly is asked.
            pub const fn text(self) -> &'static str {
                match self { $(Rule::$Rule => $text),* }
            }

            /// Why it is asked: who relies on it.
            pub const fn reason(self) -> &'static str {
                match self { $(Rule::$Rule => $reason),* }
            }
        }
    };
}

impl Rule {
    /// The rule with this number.
    pub fn from_number(number: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.number() == number)
    }
}

/// A set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleSet(u64);

const _: () = assert!(Rule::ALL.len() <= u64::BITS as usize, "a set has a bit for each rule");

impl RuleSet {
    /// A set of these rules.
    pub const fn of(rules: &[Rule]) -> RuleSet {
        let mut bits = 0;
        let mut index = 0;
        while index < rules.len() {
            bits |= 1 << rules[index] as u32;
            index += 1;
        }
        RuleSet(bits)
    }

    /// Adds a rule.
    pub fn insert(&mut self, rule: Rule) {
        self.0 |= 1 << rule as u32;
    }

    /// Whether the rule is in the set.
    pub fn contains(self, rule: Rule) -> bool {
        self.0 >> rule as u32 & 1 == 1
    }

    /// The rules of this set or the other.
    pub fn union(self, other: RuleSet) -> RuleSet {
        RuleSet(self.0 | other.0)
    }

    /// The rules of this set that are not in the other.
    pub fn without(self, other: RuleSet) -> RuleSet {
        RuleSet(self.0 & !other.0)
    }

    /// The rules, in the order of the page.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(move |&rule| self.contains(rule))
    }
}

impl fmt::Display for RuleSet {
    /// The numbers with spaces between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            write!(f, "{space}{rule}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}

rules! {
    S1: "The type table starts with the built-in types",
        "Entries 0 to 63 of the type table are exactly those of `Module::builtin_types`.",
        "Type numbers of instructions, traps and syscalls mean the same everywhere.";
    S2: "Tables keep their limits",
        "At most 65,000 types, 2^24 functions with imports, 65,000 selectors, 2^28 literals, 2^24 exports, 65,535 source names, 2^28 words of code, and 255 parameters and 8 results in every signature.",
        "Operands and tables of executors have fields of these widths.";
    S3: "A module defines arrays of references, function types, classes and interfaces",
        "Type table entries from 64 on are of one of these four kinds.",
        "Everything else is built in, under one number.";
    S4: "Types that are named exist and fit their place",
        "Fields, parameters and results are of types that registers may have; elements of arrays of references are of reference types. Boxed numbers and unused built-in numbers are not types of registers.",
        "Layouts, signatures and register types can be used without asking again.";
    S5: "An array or function type stands once in the table",
        "No two entries for the same element type, or for the same parameters and results. Array and function types that one names come before it, at most 64 levels deep; written out, it is at most 1,000 types.",
        "Types are compared by number, and can be shown.";
    S6: "Names",
        "Names of the module, types, fields, methods, functions and exports have 1 to 4,096 bytes, without control characters and backquotes. Functions have different names, and so have classes and interfaces of one module. Debug names may be empty.",
        "The text form can write them, and a name means one thing.";
    S7: "Sizes of literals",
        "A string, byte string or array has at most 2^31 - 1 bytes, an array of references at most as many elements; the bytes of an array are a multiple of its element size.",
        "Lengths of objects are below 2^31.";
    S8: "Elements of literal arrays",
        "The type of an array of references is one; every element of it is null or a literal of a type that fits the element type. The elements of an array of types are types of objects.",
        "Reading an element gives what its type says.";
    S9: "No literal contains itself",
        "The elements of arrays of references, their elements and so on do not lead back, and not deeper than 64 levels.",
        "Executors build literals inside out, in bounded space.";
    S10: "Function literals",
        "The function exists, and the type is a function type with its parameters and results. No two literals refer to one function.",
        "A call through the reference passes what the function expects, and a function has one reference object.";
    S11: "Selectors",
        "A selector names an interface and one of its own methods; no two name the same.",
        "A selector number stands for one method.";
    S12: "Exports",
        "Different names; the function is one of the module itself, and so is the type, a class or interface.",
        "Whoever imports finds one thing of the right kind.";
    S13: "The main function",
        "It is a function of the module, takes nothing or one `[str]`, and returns nothing or one `i64`.",
        "The machine starts it with the arguments and takes its exit status.";
    S14: "An image has no imports",
        "A module that is to run has no imported functions, classes or interfaces; the linker resolves them. (A library may have them.)",
        "Executors and class tables see the whole program.";
    C1: "Classes end in a root",
        "No class is below itself, no interface includes itself, and there are at most 64 levels of either.",
        "Class tests and layouts are computed level by level.";
    C2: "Bases are classes, interfaces are interfaces",
        "The base of a class is a class; what a class implements and an interface includes are interfaces.",
        "Only they have fields and methods to inherit.";
    C3: "Frozen stays frozen",
        "A class below a frozen one is frozen; the base of a frozen class is frozen or has no fields.",
        "What a register of a frozen class refers to never changes, whatever its exact class is.";
    C4: "Field names differ",
        "A class repeats no field name, neither its own nor an inherited one.",
        "`object.field` means one field.";
    C5: "Sizes of classes",
        "An object has at most 8,000 words of fields, a class at most 65,000 methods with the inherited ones.",
        "Field offsets and method numbers are 16 bits wide.";
    C6: "Method names differ",
        "A class or interface declares a method name once.",
        "A name is one entry of the method table.";
    C7: "A replaced method keeps its types",
        "A method with the name of an inherited one has its parameters and results.",
        "A call through the base class passes and takes the same.";
    C8: "A class has the methods of its interfaces",
        "For every method of every interface of a class, the class has a method of that name and those types (it may be abstract).",
        "A call through the interface always finds a method.";
    C9: "Size of all class tables together",
        "All classes together have at most 2^20 entries for fields, methods, interfaces and selectors, inherited ones counted for each class.",
        "A small module cannot ask for tables of unbounded size.";
    C10: "The function behind a method",
        "It exists; its first parameter takes objects of the class; the other parameters and the results are those of the method.",
        "The object and the arguments of a virtual call are what the function expects.";
    C11: "Methods without functions",
        "Methods of interfaces, and of classes that another module declares, name no function.",
        "The function comes from the class that is met, or from the module that declares it.";
    F1: "Numbers of parameters and registers",
        "At most 255 parameters and 65,000 registers; parameters are the first registers.",
        "Operands of calls have these widths; 65,535 means no register.";
    F2: "Types of registers and results",
        "They exist and are types that registers may have; there are at most 8 results.",
        "The type of a register is known by its number alone, everywhere in the function.";
    F3: "Size of the code",
        "1 to 2^24 words.",
        "Places in code are numbers of 32 bits with room for arithmetic.";
    F4: "Handler ranges lie on instructions",
        "At most 65,000 ranges; start and target are instructions, the end is one or the end of the code, and the start is before the end. Neither range nor target includes `enter`.",
        "A range holds whole instructions. A function that has not passed `enter` has no room for its registers, so its caller handles that.";
    F5: "The exception fits its register",
        "The class is `Error` or below, and the register takes objects of the class.",
        "The handler finds an object of the declared type.";
    F6: "Handler ranges nest, inner ones first",
        "Two ranges are apart, or one is inside the other and stands first.",
        "The first range in the table that takes an exception is the innermost; liveness goes from range to range outwards.";
    F7: "Debug information",
        "Register names: none or one for each. Lines ascend by place, lie in the code, name a source file that exists, count from 1. Variables: the register exists, the start is not after the end, the end is in the code or its end.",
        "Tools use it without asking again.";
    F8: "Inlined calls",
        "The function exists. The call around it, if there is one, stands before it in the table; there are at most 64 levels. Its file exists if it has a line; else file and column are 0. Places ascend, lie in the code and name calls that exist; no two neighbours name the same, and the first names one.",
        "A place in code stands for a bounded list of calls.";
    I1: "Known instructions",
        "The low 16 bits of an instruction are an opcode of the table.",
        "There is something to execute.";
    I2: "Whole instructions",
        "The last instruction does not go past the end of the code.",
        "Operands are inside the function.";
    I3: "Unused bits are 0",
        "Bits of an instruction that hold no operand, and unused places of register lists, are 0.",
        "One program is one sequence of bytes, and later versions can give the bits a meaning.";
    I4: "Registers exist",
        "Every register operand is below the number of registers. Only a call without results has 65,535 as its destination.",
        "Executors read and write frames without a test.";
    I5: "Branches go to instructions",
        "Every target is the start of an instruction of the function other than `enter`.",
        "Operands are never executed, and `enter` runs once a call.";
    I6: "Branches go in their direction",
        "`*_back` branches go here or backwards, all others forward; `switch_back` has at least one backward target.",
        "Every way round a loop charges reductions.";
    I7: "Code does not run off its end",
        "The last instruction is one that control does not go past: a jump, return, throw, tail call, `switch` or `unreachable`.",
        "The next word belongs to another function.";
    I8: "`enter` comes first",
        "`enter` stands at the start of a function only, and it does in every function that loops, calls, has more than 64 words of code or more than 128 registers.",
        "Stack and time are checked in time.";
    I9: "Computed fields are right",
        "Weights, frame size and call deltas are those of `finish` (`crates/mvm-module/src/finish.rs`).",
        "A reduction means the same work everywhere, and frames do not overlap.";
    I10: "Short backward branches are short",
        "A backward compare-and-branch goes at most 64 words back.",
        "It charges 1 without a weight.";
    I11: "Operand counts",
        "`call` forms with short layout have at most 3 arguments, `bind` fixes at most 16, `ret_many` returns 2 to 8.",
        "The layout has no room for more; other counts have instructions of their own.";
    I12: "Results go to different registers",
        "No register is written twice by one instruction.",
        "The order in which results are written cannot be seen.";
    I13: "NaN constants are canonical",
        "A NaN in `const_f64` is 0x7ff8000000000000.",
        "One number is one sequence of bits, whatever host or compiler made the module.";
    I14: "Literals, types, functions and syscalls that are named exist",
        "Such an operand is a number of the table it counts in.",
        "Executors index tables without a test.";
    T1: "Operands have the types of the instruction table",
        "A register that is read fits the type in the table; the type in the table fits a register that is written. A type fits itself; a class fits its bases and interfaces; an interface those it includes; every reference fits `any`.",
        "Executors never test the type of a register.";
    T2: "Moves",
        "The type of every source of `mov` and `select` fits the destination.",
        "As for T1.";
    T3: "Literals and the registers that take them",
        "The type of the literal fits the register; `fref` names a function.",
        "As for T1.";
    T4: "Elements of arrays",
        "What is read from an array fits its register; what is written to it or looked for fits the element type.",
        "An array of references holds what its type says. Arrays of different types never fit each other.";
    T5: "Arrays that go together",
        "Arrays that are copied, joined, cut or compared are of one type; the result fits its register. Only arrays of numbers are compared.",
        "As for T4.";
    T6: "Fields",
        "The object's register is of a class (not an interface) that has a field at this offset, of the kind of the instruction; a value read fits its register, a value written fits the field.",
        "Objects are accessed by offset without a test.";
    T7: "Frozen objects do not change",
        "Fields of a frozen class are not set, and its objects are made by `new_with`.",
        "Frozen objects can be shared.";
    T8: "New objects",
        "The type is a class without abstract methods, and fits the register.",
        "Every method of an object can be called.";
    T9: "Fields of new objects",
        "`new_with` gives one register for each field, those of the base first, and each fits.",
        "As for T6.";
    T10: "New arrays",
        "The type is an array type and fits the register.",
        "As for T1.";
    T11: "Type tests and casts",
        "The type that is named is a reference type, and objects of the operand's type may have it: one fits the other, or one is an interface and the other a class or interface. `cast` gives a type that fits its register; boxed numbers can be tested for, not cast to.",
        "A test that cannot succeed is a mistake.";
    T12: "Calls",
        "As many arguments and results as the signature has; each argument fits its parameter, each result its register.",
        "The callee finds in its registers what their types say.";
    T13: "Targets of virtual and interface calls",
        "The first argument of a virtual call is of a class with so many methods; that of an interface call is of a type that fits the interface of the selector.",
        "Every object in that register has the method.";
    T14: "Returns",
        "As many values as the function has results, each fitting; the results of a tail call's target fit those of the function. `ret`, `ret_value` and `ret_many` return 0, 1 and more.",
        "The caller finds in its registers what their types say.";
    T15: "Bound functions",
        "The bound registers fit the first parameters; the register that takes the reference has the function type of the other parameters and the results.",
        "A call through the reference passes what the function expects.";
    T16: "Syscalls",
        "Arguments as in the syscall table; results as there; the last ones may be left out.",
        "The machine finds in the registers what the table says.";
}

/// Rules as they are grouped on the page: letter, heading, introduction.
const GROUPS: &[(char, &str, &str)] = &[
    ('S', "Structure of the tables", "About the module as a whole: types, literals, selectors, exports."),
    ('C', "Classes", "About single classes and interfaces, and what follows from their bases."),
    ('F', "Functions", "About declarations, handler ranges and debug information of a function."),
    ('I', "Instructions", "About the words of code and where control goes."),
    ('T', "Types", "About the registers of single instructions."),
];

/// The page `docs/VERIFIER.md`.
pub fn rules_page() -> String {
    let mut page = String::from(PAGE_HEAD);
    for &(letter, heading, introduction) in GROUPS {
        page.push_str(&format!("\n## {letter}: {heading}\n\n{introduction}\n\n"));
        for rule in Rule::ALL.iter().filter(|rule| rule.number().starts_with(letter)) {
            page.push_str(&format!(
                "- **{} {}.** {} *Why:* {}\n",
                rule.number(),
                rule.title(),
                rule.text(),
                rule.reason()
            ));
        }
    }
    page
}

const PAGE_HEAD: &str = "\
# The rules of the verifier

<!-- Generated from crates/mvm-module/src/verify/rules.rs: `BLESS=1 cargo test -p mvm-module` writes this file. -->

Executors run only modules that the verifier has accepted (`mvm_module::verify`), and rely on the rules below instead of
tests at run time. It is one pass over the code: each register has one declared type for the whole function, so no
data flow is followed, and the time is linear in the size of the module. An error names the rule, the function, the
place in its code and, where debug information has it, the source line. All errors are reported, up to 100.

An instruction \"reads a register of type T\" where any type that *fits* T will do: a type fits itself, a class fits its
bases and interfaces, an interface fits those it includes, and every reference type fits `any`. Nothing else fits.
References may be null everywhere; registers start as 0 or null.
";
