//! Commands and flags.

use std::net::SocketAddr;
use std::path::PathBuf;

use annals_service::config::Value;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::outbox::OutboxArguments;

/// Annals: the audit log that a product embeds.
///
/// Product services append action events to a log; Annals folds them into an immutable store and
/// serves filtered, time-ordered pages to workspace admins. `annals up` runs everything in one
/// process; `annals up --demo` shows it with a believable workspace.
///
/// Exit codes: 0 done, 1 the answer is no, 2 usage or configuration, 3 a dependency is out of
/// reach. Data goes to stdout, logs to stderr.
#[derive(Debug, Parser)]
#[command(name = "annals", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Configuration file; without it ./annals.toml is read if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every role in one process: HTTP, projector, and an embedded log unless --kafka.
    Up(UpArguments),
    /// Append recorded events to the log: NDJSON, plain, .gz or .zst, or - for standard input.
    Import(ImportArguments),
    /// Take events from a table in the product's database to the log, as they are committed.
    Outbox(OutboxArguments),
    /// Write what the raw topic holds, with what became of each record.
    Replay(ReplayArguments),
    /// Fold the topic anew: in the store's place, or with --check beside it, to be compared.
    Rebuild(RebuildArguments),
    /// Check that every record of the topic is in the store once, and that the counts add up.
    Reconcile(ReconcileArguments),
    /// Make and show the keys that tree heads and exports are signed with.
    Keys(KeysArguments),
    /// Write a workspace's events with everything that proves them.
    Export(Box<ExportArguments>),
    /// Check a store or an export with a public key: 0 sound, 1 not, 2 could not tell.
    Verify(VerifyArguments),
    /// Mint a token signed by this installation's key; prints it alone on stdout.
    Token(TokenArguments),
    /// Make, list and revoke API keys.
    Apikey(ApikeyArguments),
    /// Make the Kafka topic with the settings that Annals needs.
    Topic(TopicArguments),
    /// Say what is wrong with a configuration.
    Config(ConfigArguments),
}

/// Where an installation keeps its data.
#[derive(Debug, Args)]
pub(crate) struct DataArgument {
    /// Data directory.
    #[arg(long, value_name = "DIR", default_value = "./annals-data")]
    pub(crate) data: PathBuf,
}

/// A store: of this machine, or of a running server.
#[derive(Debug, Args)]
pub(crate) struct StoreArgument {
    #[command(flatten)]
    pub(crate) data: DataArgument,
    /// Ask a running server, with the token in ANNALS_TOKEN [default: ANNALS_SERVER, if set].
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct UpArguments {
    #[command(flatten)]
    pub(crate) data: DataArgument,
    /// Address to listen on; port 0 takes a free one. Default 127.0.0.1:8080.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Address of /metrics and of /readyz with its reasons; on loopback --listen has them too.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) admin_listen: Option<SocketAddr>,
    /// Read from Kafka at these brokers instead of the embedded log.
    #[arg(long, value_name = "BROKERS")]
    pub(crate) kafka: Option<String>,
    /// Generate a believable workspace with live traffic, and print where to look.
    #[arg(long)]
    pub(crate) demo: bool,
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// Annals event JSON.
    Annals,
    /// CloudEvents, structured JSON.
    Cloudevents,
    /// A table with a header, and --map saying what its columns mean.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// Files of one event a line; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How lines are written.
    #[arg(long, value_enum, default_value_t = ImportFormat::Annals)]
    pub(crate) format: ImportFormat,
    /// What the columns of a table mean: docs/IMPORT.md.
    #[arg(long, value_name = "FILE", required_if_eq("format", "csv"))]
    pub(crate) map: Option<PathBuf>,
    /// Backfill: rows carry `context.origin = "import"` and are not marked as late.
    #[arg(long)]
    pub(crate) historic: bool,
    /// Where refused lines go [default: FILE.rejected.ndjson, of a table FILE.rejected.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) reject_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// Where events go.
#[derive(Debug, Args)]
pub(crate) struct TargetArguments {
    /// Send to a running server, with the token in ANNALS_TOKEN [default: ANNALS_SERVER, if set].
    #[arg(long, value_name = "URL", conflicts_with = "kafka")]
    pub(crate) server: Option<String>,
    /// Append to Kafka at these brokers.
    #[arg(long, value_name = "BROKERS")]
    pub(crate) kafka: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgument,
}

/// Where the raw topic is.
#[derive(Debug, Args)]
pub(crate) struct SourceArguments {
    #[command(flatten)]
    pub(crate) data: DataArgument,
    /// Read from Kafka at these brokers instead of the embedded log.
    #[arg(long, value_name = "BROKERS")]
    pub(crate) kafka: Option<String>,
}

impl SourceArguments {
    /// As configuration.
    pub(crate) fn flags(&self) -> Vec<(&'static str, Value)> {
        let brokers = self.kafka.clone();
        brokers.into_iter().map(|brokers| ("kafka.brokers", Value::String(brokers))).collect()
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReconcileArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// Ask a running server for its counts, with the token in ANNALS_TOKEN.
    #[arg(long, value_name = "URL", conflicts_with = "kafka")]
    pub(crate) server: Option<String>,
}

/// How a replay is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReplayFormat {
    /// One JSON object a line.
    Ndjson,
    /// An object container file.
    Avro,
    /// RFC 4180.
    Csv,
}

/// Which time --from and --to are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayTime {
    /// When the log recorded it.
    LogTime,
    /// When it occurred; the log's time where that is not given.
    Occurred,
}

impl std::fmt::Display for ReplayTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if *self == Self::LogTime { "log-time" } else { "occurred" })
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// First moment, RFC 3339 with a zone, inclusive.
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// Last moment, exclusive.
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<String>,
    /// Which time --from and --to mean.
    #[arg(long, value_enum, default_value_t = ReplayTime::LogTime)]
    pub(crate) by: ReplayTime,
    /// Only records with this workspace's key. Repeatable.
    #[arg(long, value_name = "W")]
    pub(crate) workspace: Vec<String>,
    /// Only events with this action, such as 'segment.*'. Repeatable.
    #[arg(long, value_name = "A")]
    pub(crate) action: Vec<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = ReplayFormat::Ndjson)]
    pub(crate) format: ReplayFormat,
    /// File to write, with FILE.manifest.json beside it [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Append the records as they are to another Kafka topic, each with where it came from; the
    /// manifest goes to standard output.
    #[arg(long, value_name = "TOPIC", conflicts_with_all = ["out", "format"])]
    pub(crate) to_topic: Option<String>,
    /// Brokers of that topic [default: --kafka].
    #[arg(long, value_name = "BROKERS", requires = "to_topic")]
    pub(crate) to_kafka: Option<String>,
    /// Where the state is kept; if it is there, the replay goes on from it.
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
    /// A tree head that was kept: the topic has to lead to it. Repeatable.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// Public key of those: vkey lines, or a file of them. Repeatable.
    #[arg(long, value_name = "VKEY|FILE", requires = "checkpoint")]
    pub(crate) key: Vec<String>,
    /// Records read a second at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rate: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct RebuildArguments {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// Compare with the store and leave it as it is.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeysArguments {
    #[command(subcommand)]
    pub(crate) action: KeysAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysAction {
    /// Make a newer key; prints its vkey lines. The one before it goes on signing beside it.
    New {
        #[command(flatten)]
        data: DataArgument,
    },
    /// Print the vkey lines of all keys, the newest first.
    Show {
        #[command(flatten)]
        store: StoreArgument,
    },
}

/// Filters of an export, as the list's parameters.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) data: DataArgument,
    /// Whose events.
    #[arg(long, value_name = "W")]
    pub(crate) workspace: String,
    /// Directory to make; it must not be there.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// A tree head that somebody has kept: the export shows that it continues it. Repeatable.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// Who acted. Repeatable.
    #[arg(long, value_name = "ID")]
    pub(crate) actor: Vec<String>,
    /// Kind of the actor. Repeatable.
    #[arg(long, value_name = "KIND")]
    pub(crate) actor_kind: Vec<String>,
    /// For whom it was done. Repeatable.
    #[arg(long, value_name = "ID")]
    pub(crate) on_behalf_of: Vec<String>,
    /// Action such as 'segment.*'. Repeatable.
    #[arg(long, value_name = "A")]
    pub(crate) action: Vec<String>,
    /// Kind of change. Repeatable.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// How it ended. Repeatable.
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) outcome: Vec<String>,
    /// Type of resource. Repeatable.
    #[arg(long, value_name = "TYPE")]
    pub(crate) resource_type: Vec<String>,
    /// Id of a resource, with one type.
    #[arg(long, value_name = "ID")]
    pub(crate) resource_id: Option<String>,
    /// Name of a resource.
    #[arg(long, value_name = "TEXT")]
    pub(crate) resource_name: Option<String>,
    /// `ever` or `event`.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) name_scope: Option<String>,
    /// `contains`, `exact` or `prefix`.
    #[arg(long, value_name = "MATCH")]
    pub(crate) name_match: Option<String>,
    /// First moment, inclusive.
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// Last moment, exclusive.
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<String>,
    /// Request id.
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,
    /// Trace id.
    #[arg(long, value_name = "ID")]
    pub(crate) trace_id: Option<String>,
    /// With the records of reads, which are left out otherwise.
    #[arg(long)]
    pub(crate) include_access: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// An export's directory, a data directory, a store's directory or its URL.
    #[arg(value_name = "DIR|STORE")]
    pub(crate) target: String,
    /// Public key: vkey lines, or a file of them. Repeatable.
    #[arg(long, value_name = "VKEY|FILE")]
    pub(crate) key: Vec<String>,
    /// A tree head that somebody has kept: export or store have to continue it. Repeatable.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// Trust the key that lies in an export, and say its fingerprint.
    #[arg(long, conflicts_with = "key")]
    pub(crate) trust_embedded: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    #[command(flatten)]
    pub(crate) data: DataArgument,
    /// Workspace it is good for; `*` for all. Repeatable.
    #[arg(long, required = true, value_name = "W")]
    pub(crate) workspace: Vec<String>,
    /// Scope such as audit:read. Repeatable.
    #[arg(long, required = true, value_name = "S")]
    pub(crate) scope: Vec<String>,
    /// How long it is good for: 15m, 8h, 90d.
    #[arg(long, default_value = "15m", value_parser = duration)]
    pub(crate) ttl: std::time::Duration,
    /// Id that reads are recorded under.
    #[arg(long, default_value = "cli", value_name = "ID")]
    pub(crate) subject: String,
}

#[derive(Debug, Args)]
pub(crate) struct ApikeyArguments {
    #[command(subcommand)]
    pub(crate) action: ApikeyAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApikeyAction {
    /// Make a key; prints `id.secret` once, nothing else.
    Create {
        #[command(flatten)]
        store: StoreArgument,
        /// Workspace it is good for; `*` for all. Repeatable.
        #[arg(long, required = true, value_name = "W")]
        workspace: Vec<String>,
        /// Scope such as audit:write. Repeatable.
        #[arg(long, required = true, value_name = "S")]
        scope: Vec<String>,
        /// Name for people.
        #[arg(long, value_name = "N")]
        name: String,
        /// Action it may write, such as 'segment.*'. Repeatable; without it all.
        #[arg(long, value_name = "A")]
        action: Vec<String>,
        /// How long it is good for: 15m, 8h, 90d; without it it does not expire.
        #[arg(long, value_parser = duration)]
        ttl: Option<std::time::Duration>,
    },
    /// List keys, revoked ones included, one JSON object a line.
    List {
        #[command(flatten)]
        store: StoreArgument,
    },
    /// Revoke a key; takes effect within 5 seconds.
    Revoke {
        #[command(flatten)]
        store: StoreArgument,
        /// The key's id.
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TopicArguments {
    #[command(subcommand)]
    pub(crate) action: TopicAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TopicAction {
    /// Create the topic: LogAppendTime, no compaction, unlimited retention.
    Create {
        /// Brokers.
        #[arg(long, value_name = "BROKERS")]
        kafka: String,
        /// Topic name; from the configuration unless given.
        #[arg(long)]
        topic: Option<String>,
        /// Number of partitions. Fixed for the topic's life.
        #[arg(long, default_value_t = 64)]
        partitions: u32,
        /// Copies of each partition; 3 in production.
        #[arg(long, default_value_t = 1)]
        replication: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Read file and environment as `up` would, and say what is wrong.
    Check {
        /// File to check; otherwise the one that `up` would read.
        file: Option<PathBuf>,
    },
}

/// A number with s, m, h or d.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("`{text}` is no duration such as 30s, 15m, 8h or 90d");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let total = number.checked_mul(seconds).filter(|total| *total > 0).ok_or_else(wrong)?;
    Ok(std::time::Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("15m"), Ok(std::time::Duration::from_secs(900)));
        assert_eq!(duration("90d"), Ok(std::time::Duration::from_secs(7_776_000)));
        for text in ["", "15", "m", "-1m", "0s", "1.5h", "99999999999999999999d", "5é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
