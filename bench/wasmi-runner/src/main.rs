//! Runs the exported function `run() -> i64` of a WebAssembly module with wasmi and prints its result.

use std::error::Error;

use wasmi::{Engine, Linker, Module, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: wasmi-runner FILE.wasm")?;
    let engine = Engine::default();
    let module = Module::new(&engine, std::fs::read(path)?)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let result = instance.get_typed_func::<(), i64>(&store, "run")?.call(&mut store, ())?;
    println!("{result}");
    Ok(())
}
