//! Flags of `annals outbox`.

use clap::Args;

use crate::cli::TargetArguments;

#[derive(Debug, Args)]
pub(crate) struct OutboxArguments {
    /// The product's database, `postgresql://…` [default: ANNALS_OUTBOX_DSN].
    #[arg(long, value_name = "DSN")]
    pub(crate) dsn: Option<String>,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
    /// How often rows are looked for while there are none.
    #[arg(long, value_name = "MS", default_value_t = 200)]
    pub(crate) poll_ms: u64,
    /// End once nothing is left.
    #[arg(long)]
    pub(crate) once: bool,
    /// Print the tables, to be made in the product's database, and end.
    #[arg(long)]
    pub(crate) print_table: bool,
}
