//! What the verifier has to say: errors with their place and rule, and the report that collects them.

use std::fmt;

use mvm_isa::TypeId;

use crate::classes::ClassError;
use crate::model::{FuncId, Function, LiteralId, Module, Name, TypeDef};
use crate::verify::ERRORS_MAX;
use crate::verify::rules::Rule;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyError {
    /// The rule.
    pub rule: Rule,
    /// Where it is broken.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What would be right, if that can be said.
    pub expected: Option<String>,
    /// What there is instead.
    pub found: Option<String>,
}

/// A place in a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The module as a whole.
    Module,
    /// A type, and its field or method.
    Type {
        /// The type.
        ty: TypeId,
        /// Its name as written.
        name: String,
        /// Field or method.
        member: Option<Name>,
    },
    /// A literal.
    Literal(LiteralId),
    /// An import or export with this name.
    Name(Name),
    /// A function.
    Function {
        /// The function.
        id: FuncId,
        /// Its name.
        name: Name,
        /// The instruction.
        pc: Option<u32>,
        /// Where that comes from, if debug information says so.
        source: Option<SourcePlace>,
    },
}

/// A place in source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePlace {
    /// Name of the file.
    pub file: Name,
    /// Index of the file in [`Module::sources`].
    pub file_index: u16,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1; 0 when not known.
    pub column: u32,
}

impl VerifyError {
    /// Name of the function, if the error is in one.
    pub fn function(&self) -> Option<&str> {
        match &self.place {
            Place::Function { name, .. } => Some(name),
            Place::Module | Place::Type { .. } | Place::Literal(_) | Place::Name(_) => None,
        }
    }

    /// Word of code, if the error is at an instruction.
    pub fn pc(&self) -> Option<u32> {
        match &self.place {
            Place::Function { pc, .. } => *pc,
            Place::Module | Place::Type { .. } | Place::Literal(_) | Place::Name(_) => None,
        }
    }

    /// Source position, if it is known.
    pub fn source_place(&self) -> Option<&SourcePlace> {
        match &self.place {
            Place::Function { source, .. } => source.as_ref(),
            Place::Module | Place::Type { .. } | Place::Literal(_) | Place::Name(_) => None,
        }
    }

    /// Message with what was expected and found, without place and rule.
    pub fn wording(&self) -> String {
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => format!("{}: expected {expected}, found {found}", self.message),
            (Some(expected), None) => format!("{}: expected {expected}", self.message),
            (None, Some(found)) => format!("{}: found {found}", self.message),
            (None, None) => self.message.clone(),
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(SourcePlace { file, line, column, .. }) = self.source_place() {
            write!(f, "{file}:{line}:")?;
            if *column > 0 {
                write!(f, "{column}:")?;
            }
            f.write_str(" ")?;
        }
        match &self.place {
            Place::Module => {}
            Place::Type { name, member: None, .. } => write!(f, "type `{name}`: ")?,
            Place::Type { name, member: Some(member), .. } => write!(f, "`{name}.{member}`: ")?,
            Place::Literal(id) => write!(f, "literal {}: ", id.0)?,
            Place::Name(name) => write!(f, "`{name}`: ")?,
            Place::Function { name, pc: None, .. } => write!(f, "function `{name}`: ")?,
            Place::Function { name, pc: Some(pc), .. } => write!(f, "function `{name}` at {pc}: ")?,
        }
        write!(f, "{} [rule {}]", self.wording(), self.rule)
    }
}

impl std::error::Error for VerifyError {}

/// Collects errors.
pub(super) struct Report<'m> {
    module: &'m Module,
    errors: Vec<VerifyError>,
}

impl<'m> Report<'m> {
    pub(super) fn new(module: &'m Module) -> Report<'m> {
        Report { module, errors: Vec::new() }
    }

    /// Whether there are so many errors that no more are wanted.
    pub(super) fn is_full(&self) -> bool {
        self.errors.len() >= ERRORS_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.errors.len()
    }

    pub(super) fn into_errors(self) -> Vec<VerifyError> {
        self.errors
    }

    pub(super) fn push(&mut self, rule: Rule, place: Place, says: impl Into<Says>) {
        if !self.is_full() {
            let Says { message, expected, found } = says.into();
            self.errors.push(VerifyError { rule, place, message, expected, found });
        }
    }

    pub(super) fn class(&mut self, error: ClassError) {
        let rule = Rule::from_number(error.rule).unwrap_or(Rule::C1);
        let place = self.type_place(error.ty, error.member);
        self.push(rule, place, error.message);
    }

    pub(super) fn type_place(&self, ty: TypeId, member: Option<Name>) -> Place {
        let name = match self.module.types.get(ty.index()) {
            Some(TypeDef::Class(class)) => class.name.to_string(),
            Some(TypeDef::Interface(interface)) => interface.name.to_string(),
            _ => format!("number {}", ty.0),
        };
        Place::Type { ty, name, member }
    }

    pub(super) fn function_place(&self, id: FuncId, function: &Function, pc: Option<u32>) -> Place {
        let source = pc.and_then(|pc| function.line_at(pc)).and_then(|entry| {
            let file = self.module.sources.get(usize::from(entry.file))?.clone();
            Some(SourcePlace { file, file_index: entry.file, line: entry.line, column: entry.column })
        });
        Place::Function { id, name: function.name.clone(), pc, source }
    }
}

/// The wording of an error.
pub(super) struct Says {
    message: String,
    expected: Option<String>,
    found: Option<String>,
}

impl Says {
    pub(super) fn both(
        message: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Says {
        Says { message: message.into(), expected: Some(expected.into()), found: Some(found.into()) }
    }
}

impl From<String> for Says {
    fn from(message: String) -> Says {
        Says { message, expected: None, found: None }
    }
}

impl From<&str> for Says {
    fn from(message: &str) -> Says {
        message.to_string().into()
    }
}
