"""Runs the exported function `run(size: i64) -> i64` of a WebAssembly module with wasmtime and prints its result.

Arguments: `plain`, or `epochs` for code that can be interrupted; the module; the size. Standard error gets the seconds from
where wasmtime has been loaded to the result: starting Python is no part of a measurement.
"""

import sys
import time

import wasmtime

start = time.perf_counter()
epochs = sys.argv[1] == "epochs"
config = wasmtime.Config()
config.epoch_interruption = epochs
engine = wasmtime.Engine(config)
store = wasmtime.Store(engine)
if epochs:
    store.set_epoch_deadline(1 << 40)
instance = wasmtime.Instance(store, wasmtime.Module.from_file(engine, sys.argv[2]), [])
print(instance.exports(store)["run"](store, int(sys.argv[3])))
print(time.perf_counter() - start, file=sys.stderr)
