//! Tests of the `mvm` program as its users start it.

mod programs;
