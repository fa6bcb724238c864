//! `annals export`: a workspace's events with everything that proves them, in one directory.
//!
//! Reads the store as the newest manifest has it, also while `up` runs there. The directory is
//! made under another name and renamed when it is whole: a crash leaves `DIR.new`, nothing else.

mod beside;
mod continuation;
mod filter;
mod records;
mod text;
mod tree_files;
mod write;

use std::path::Path;

use annals_query_api::OfflineExport;
use annals_schemas::{Labels, SchemaReading, WorkspaceId, partition_of};
use annals_store::{PartitionStore, Store, schema_path};
use annals_verify::{BundleSchema, Checkpoint, SignerKey, Subtrees as _, VerifierKey, origin};

use crate::cli::{Cli, ExportArguments};
use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::sealed_places::{damage, open_live};
use crate::settle::settle;
use crate::signing_keys::SigningKeys;
use crate::up::read_labels;
use crate::verify::{failure, kept};
use beside::Beside;
use tree_files::TreeFiles;

/// Everything that an export is made of.
struct Source {
    store: Store,
    partition: std::sync::Arc<PartitionStore>,
    workspace: WorkspaceId,
    asked: OfflineExport,
    /// The newest signed head, as it is kept.
    note: String,
    checkpoint: Checkpoint,
    /// Older heads that its tree is to be shown to continue, each with its file's name.
    kept: Vec<(String, Checkpoint)>,
    /// The newest, and those that sign beside it.
    signers: (SignerKey, Vec<SignerKey>),
    keys: Vec<VerifierKey>,
    /// Of a registry, by which events of the partition are read.
    schemas: Vec<BundleSchema>,
}

pub(crate) fn run(cli: &Cli, arguments: &ExportArguments) -> Result<(), Failure> {
    let config = Config::load(cli.config.as_deref(), &[])?;
    let data = DataDirectory::new(&arguments.data.data);
    if arguments.out.exists() {
        return Err(Failure::usage(format!("{} exists already", arguments.out.display())));
    }
    let opening = async {
        settle(&config, &data).await?;
        open(&config, &data, arguments).await
    };
    let source = crate::runtime::start()?.block_on(opening)?;
    let beside = Beside::make(&arguments.out)?;
    let tree = tree(&source, &beside.tree())?;
    let rows = write::bundle(&source, &tree, beside.path())?;
    drop(tree);
    beside.become_whole(&arguments.out)?;
    say(&source, rows, &arguments.out);
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a word to people")]
fn say(source: &Source, rows: u64, out: &Path) {
    let (workspace, size, out) = (&source.workspace, source.checkpoint.head.size, out.display());
    eprintln!("{rows} events of workspace {workspace} up to record {size} of its partition");
    eprintln!("annals verify {out} --key VKEY|FILE checks them; annals keys show prints the key");
}

async fn open(
    config: &Config,
    data: &DataDirectory,
    arguments: &ExportArguments,
) -> Result<Source, Failure> {
    let name = &arguments.workspace;
    let workspace = WorkspaceId::new(name)
        .map_err(|error| Failure::usage(format!("--workspace {name}: {error}")))?;
    let labels = match &config.registry.file {
        Some(file) => read_labels(file)?,
        None => Labels::default(),
    };
    let asked = OfflineExport::parse(&filter::query(arguments), labels)
        .map_err(|problem| Failure::usage(problem.to_string()))?;
    let missing = || Failure::usage("there is no store here: --data, or [storage] url");
    let store = open_live(config, data).await?.ok_or_else(missing)?;
    let number = partition_of(workspace.as_str().as_bytes(), store.partition_count());
    let partition = store.partition(number).map_err(|error| damage(&error))?;
    let origin = origin(&store.log_id(), number);
    let secrets = SigningKeys::new(&data.secrets());
    let keys = secrets.verifiers(&origin)?;
    let mut signers = secrets.signers(&origin)?.into_iter();
    let newest = signers.next();
    let newest =
        newest.ok_or_else(|| Failure::usage("there is no signing key: annals keys new"))?;
    let signers = (newest, signers.collect());
    let (note, checkpoint) = newest_head(&partition, &keys).await?;
    let kept = kept::read(&arguments.checkpoint, &keys).map_err(|error| failure(&error))?;
    let schemas = schemas_of(&partition).await?;
    Ok(Source {
        store,
        partition,
        workspace,
        asked,
        note,
        checkpoint,
        kept,
        signers,
        keys,
        schemas,
    })
}

/// Schemas of events with their texts.
async fn schemas_of(partition: &PartitionStore) -> Result<Vec<BundleSchema>, Failure> {
    let mut schemas = Vec::new();
    for schema in partition.schemas().before(partition.accounting().committed) {
        if schema.reads == SchemaReading::NoEvent {
            continue;
        }
        let text = partition.schema_text(&schema).await.map_err(|error| damage(&error))?;
        let text = text.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        let lost = || Failure::no(format!("{} is missing or no text", schema_path(&schema)));
        let text = text.ok_or_else(lost)?;
        schemas.push(BundleSchema { schema, text });
    }
    Ok(schemas)
}

/// The signed head of what the newest manifest has.
async fn newest_head(
    partition: &PartitionStore,
    keys: &[VerifierKey],
) -> Result<(String, Checkpoint), Failure> {
    let committed = partition.newest_committed().await.map_err(|error| damage(&error))?;
    let unsigned = || Failure::no("nothing is sealed and signed yet: `annals up` does both");
    let committed = committed.ok_or_else(unsigned)?;
    let found = partition.head(committed.tree.size).await.map_err(|error| damage(&error))?;
    let (path, bytes) = found.ok_or_else(unsigned)?;
    let note = String::from_utf8_lossy(&bytes).into_owned();
    let checkpoint = Checkpoint::verified(&note, keys, &path);
    let checkpoint = checkpoint.map_err(|error| Failure::no(error.to_string()))?;
    match checkpoint.head == committed.tree {
        true => Ok((note, checkpoint)),
        false => Err(Failure::no(format!("{path}: it is not the newest manifest's tree"))),
    }
}

/// The whole tree in files, whose root has to be the signed one.
fn tree(source: &Source, directory: &Path) -> Result<TreeFiles, Failure> {
    let tree = TreeFiles::write(directory, &source.partition, source.store.partition_count())?;
    let head = source.checkpoint.head;
    let root = if tree.size() == head.size && head.size > 0 {
        tree.subtree(0, head.size).map_err(|error| Failure::config(&error))?
    } else {
        [0; 32]
    };
    match root == head.root {
        true => Ok(tree),
        false => Err(Failure::no("the rows do not lead to the signed root: annals verify")),
    }
}
