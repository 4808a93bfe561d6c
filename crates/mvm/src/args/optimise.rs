//! Options about the optimiser.

use clap::Args;

/// What is made faster before it runs or is written.
#[derive(Debug, Clone, Default, Args)]
pub struct OptimiseArgs {
    /// Optimise the program: 0 not at all, 1 what is quick, 2 everything (docs/OPTIMISER.md). It does the same, in fewer
    /// instructions and so in fewer reductions
    #[arg(short = 'O', long = "optimise", value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=2), default_value = "0")]
    pub level: u8,

    /// Run exactly these passes of the optimiser, in this order, with commas between them; `help` lists them
    #[arg(long, value_name = "NAMES", conflicts_with = "level")]
    pub passes: Option<String>,
}
