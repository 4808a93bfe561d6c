//! Fragments in snapshots: they are written as they are, and looked at word by word before any heap gets them.

use mvm_heap::layout::closure;
use mvm_heap::{Fragment, Header, Layout, flags};
use mvm_isa::TypeId;
use mvm_module::{TypeDef, limits};

use super::bytes::{Reader, SnapshotError, Writer};
use crate::image::Image;

/// Writes a fragment.
pub fn write_fragment(out: &mut Writer, fragment: &Fragment) {
    out.number(fragment.words().len() as u64);
    fragment.words().iter().for_each(|&word| out.word(word));
    out.list(fragment.buffers().iter(), |out, buffer| out.bytes(buffer.bytes()));
}

/// Reads a fragment. Its objects are of classes of the image and refer to what their classes allow.
///
/// # Errors
/// When they are not, or do not.
pub fn read_fragment(input: &mut Reader<'_>, image: &Image) -> Result<Fragment, SnapshotError> {
    let count = input.number()?;
    let mut words = Vec::new();
    for _ in 0..count {
        words.push(input.word()?);
    }
    let buffers = input.list(|input| Ok(input.bytes()?.to_vec()))?;
    let check = Check { image, words: &words, buffers: &buffers };
    let own_classes = match check.objects() {
        Ok(own_classes) => own_classes,
        Err(what) => return input.wrong(what),
    };
    match Fragment::from_parts(&words, &buffers, own_classes) {
        Some(fragment) => Ok(fragment),
        None => input.wrong("the host has no memory for the objects"),
    }
}

/// The classes of the objects of a fragment by the index of their header.
struct Check<'a> {
    image: &'a Image,
    words: &'a [u64],
    buffers: &'a [Vec<u8>],
}

impl Check<'_> {
    /// Whether some object is of a class that only the program knows.
    fn objects(&self) -> Result<bool, String> {
        let mut starts = Vec::new();
        let mut at = 0;
        let mut used = 0;
        while at < self.words.len() {
            starts.push(at);
            let header = Header(self.words[at]);
            let size = self.size(at, header)?;
            if header.has(flags::EXTERNAL) {
                used += 1;
            }
            at = at.checked_add(size).filter(|&end| end <= self.words.len()).ok_or("an object ends early")?;
        }
        if used != self.buffers.len() {
            return Err(format!("{} buffers, and {used} objects that have one", self.buffers.len()));
        }
        starts.iter().try_for_each(|&at| self.references(&starts, at))?;
        Ok(starts.iter().any(|&at| Header(self.words[at]).class() >= TypeId::FIRST_USER))
    }

    /// Words of an object, which is all that it says of itself.
    fn size(&self, at: usize, header: Header) -> Result<usize, String> {
        let class = header.class();
        if class.index() >= self.image.layouts.len() {
            return Err(format!("there is no type {}", class.0));
        }
        let allowed = match class {
            TypeId::BLOCK => flags::FREED,
            TypeId::STR | TypeId::BYTES => flags::EXTERNAL,
            _ => 0,
        };
        if header.flags() & !allowed != 0 {
            return Err("an object has flags that it cannot have".into());
        }
        if header.length() as usize > limits::LENGTH_MAX {
            return Err("an object is too long".into());
        }
        match self.image.layouts.get(class) {
            Layout::None => return Err(format!("no object is of type {}", class.0)),
            Layout::Object { words, .. } if *words != header.length() => {
                return Err("an object has not the size of its class".into());
            }
            Layout::Data { .. }
                if matches!(class, TypeId::BOX_I64 | TypeId::BOX_F64) && header.length() != 1 =>
            {
                return Err("a box holds one number".into());
            }
            Layout::Closure if header.length() == 0 => return Err("a function value is empty".into()),
            _ => {}
        }
        if header.has(flags::EXTERNAL) {
            let buffer =
                self.words.get(at + 1).and_then(|&index| self.buffers.get(usize::try_from(index).ok()?));
            let buffer = buffer.ok_or("an object has no buffer")?;
            return self.text(header, buffer).map(|()| 2);
        }
        let size = 1 + self.image.layouts.payload_words(header);
        if class == TypeId::STR {
            let words = self.words.get(at + 1..at + size).ok_or("an object ends early")?;
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            self.text(header, &bytes[..header.length() as usize])?;
        }
        Ok(size)
    }

    fn text(&self, header: Header, bytes: &[u8]) -> Result<(), String> {
        if bytes.len() != header.length() as usize {
            return Err("a buffer has not the length of its object".into());
        }
        if header.class() == TypeId::STR && std::str::from_utf8(bytes).is_err() {
            return Err("a string is not UTF-8".into());
        }
        Ok(())
    }

    /// Class of the object that a reference refers to; none for null.
    fn class(&self, starts: &[usize], reference: u32) -> Result<Option<TypeId>, String> {
        let Some(at) = (reference as usize).checked_sub(1) else { return Ok(None) };
        if starts.binary_search(&at).is_err() {
            return Err("a reference refers to no object".into());
        }
        Ok(Some(Header(self.words[at]).class()))
    }

    fn fits(&self, starts: &[usize], reference: u32, ty: TypeId) -> Result<(), String> {
        match self.class(starts, reference)? {
            Some(class) if !self.image.module().classes().instance_of(class, ty) => {
                Err(format!("a reference of type {} refers to an object of type {}", ty.0, class.0))
            }
            _ => Ok(()),
        }
    }

    fn half(&self, at: usize, half: usize) -> u32 {
        (self.words[at + 1 + half / 2] >> (32 * (half % 2))) as u32
    }

    fn references(&self, starts: &[usize], at: usize) -> Result<(), String> {
        let header = Header(self.words[at]);
        let module = self.image.module();
        match self.image.layouts.get(header.class()) {
            Layout::Data { .. } | Layout::None => Ok(()),
            Layout::Refs => {
                let element = match module.types.get(header.class().index()) {
                    Some(TypeDef::RefArray(element)) => *element,
                    _ => TypeId::STR,
                };
                (0..header.length() as usize)
                    .try_for_each(|half| self.fits(starts, self.half(at, half), element))
            }
            Layout::Object { .. } => {
                let fields = module.classes().layout(header.class()).map_or(&[][..], |layout| &layout.fields);
                fields.iter().filter(|field| field.ty.is_ref()).try_for_each(|field| {
                    self.fits(starts, self.half(at, usize::from(field.offset)), field.ty)
                })
            }
            Layout::Closure => self.closure(starts, at),
        }
    }

    /// A function value binds the first parameters of its function, and its type says the others.
    fn closure(&self, starts: &[usize], at: usize) -> Result<(), String> {
        let header = Header(self.words[at]);
        let module = self.image.module();
        let word = self.words[at + 1];
        let bound = usize::from(closure::bound(word));
        let function =
            module.functions.get(closure::function(word) as usize).ok_or("there is no such function")?;
        let wanted = match module.types.get(header.class().index()) {
            Some(TypeDef::Func(signature)) => signature,
            _ => return Err("a function value has no function type".into()),
        };
        let params = &function.registers[..usize::from(function.params)];
        let takes = params.len() == bound + wanted.params.len() && header.length() as usize == 1 + bound;
        if !takes || bound > 16 {
            return Err("a function value binds another number of values".into());
        }
        let classes = module.classes();
        let fits = wanted
            .params
            .iter()
            .zip(&params[bound..])
            .all(|(&from, &to)| classes.assignable(from, to))
            && wanted.results.len() == function.results.len()
            && function.results.iter().zip(&wanted.results).all(|(&from, &to)| classes.assignable(from, to));
        if !fits {
            return Err("a function value is of another type than its function".into());
        }
        for (index, &ty) in params[..bound].iter().enumerate() {
            if (closure::refs(word) >> index & 1 == 1) != ty.is_ref() {
                return Err("a bound value is of another type than its parameter".into());
            }
            if ty.is_ref() {
                let value = self.words[at + 2 + index];
                let reference = u32::try_from(value).map_err(|_| "a reference is too large")?;
                self.fits(starts, reference, ty)?;
            }
        }
        Ok(())
    }
}
