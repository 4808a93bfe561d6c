//! Runs the exported function `run(size: i64) -> i64` of a WebAssembly module with wasmi and prints its result.

use std::error::Error;

use wasmi::{Engine, Linker, Module, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(size)) = (args.next(), args.next()) else {
        return Err("usage: wasmi-runner FILE.wasm SIZE".into());
    };
    let engine = Engine::default();
    let module = Module::new(&engine, std::fs::read(path)?)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let result = instance.get_typed_func::<i64, i64>(&store, "run")?.call(&mut store, size.parse()?)?;
    println!("{result}");
    Ok(())
}
