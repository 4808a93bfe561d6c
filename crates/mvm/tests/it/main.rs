//! The program `mvm` as a person uses it: arguments, files, pipes, exit statuses.

mod files;
mod fmt;
mod help;
mod tool;
