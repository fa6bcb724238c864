//! `annals keys new | show`: vkey lines, one for each partition and key.

use annals_store::LogIdentity;
use annals_verify::origin;

use crate::answer;
use crate::cli::{Cli, KeysAction, KeysArguments};
use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::server::Server;
use crate::signing_keys::SigningKeys;

pub(crate) fn run(cli: &Cli, arguments: &KeysArguments) -> Result<(), Failure> {
    let config = Config::load(cli.config.as_deref(), &[])?;
    let data = match &arguments.action {
        KeysAction::New { data } => data,
        KeysAction::Show { store } => match Server::given(store.server.as_deref())? {
            Some(server) => {
                let said = crate::runtime::start()?.block_on(server.text("/v1/log/key"))?;
                answer::write(said);
                return Ok(());
            }
            None => &store.data,
        },
    };
    let data = DataDirectory::new(&data.data);
    let keys = SigningKeys::new(&data.secrets());
    let known = crate::runtime::start()?.block_on(identity(&config, &data))?;
    let (log_id, partitions) = known.ok_or_else(|| {
        Failure::usage("there is no store here yet: its log id is part of a key's name")
    })?;
    let mut shown = usize::MAX;
    if let KeysAction::New { .. } = &arguments.action {
        keys.make()?;
        shown = 1;
    }
    for partition in 0..partitions {
        let all = keys.verifiers(&origin(&log_id, partition))?;
        all.iter().take(shown).for_each(answer::say);
    }
    Ok(())
}

async fn identity(
    config: &Config,
    data: &DataDirectory,
) -> Result<Option<(annals_schemas::LogId, u32)>, Failure> {
    if !config.storage.is_there(data) {
        return Ok(None);
    }
    let storage = config.storage.open(data)?;
    let found = LogIdentity::read(&storage).await.map_err(|error| Failure::config(&error))?;
    Ok(found.map(|(identity, log_id)| (log_id, identity.partitions)))
}
