"""Runs the exported function `run(size: i64) -> i64` of a WebAssembly module with wasm3 and prints its result."""

import sys

import wasm3

environment = wasm3.Environment()
runtime = environment.new_runtime(1 << 20)
with open(sys.argv[1], "rb") as file:
    runtime.load(environment.parse_module(file.read()))
print(runtime.find_function("run")(int(sys.argv[2])))
