//! `annals config check`.

use crate::cli::{Cli, ConfigAction, ConfigArguments};
use crate::config::Config;
use crate::exit::Failure;
use crate::up::read_labels;

#[expect(clippy::print_stderr, reason = "the command's answer")]
pub(crate) fn run(cli: &Cli, arguments: &ConfigArguments) -> Result<(), Failure> {
    let ConfigAction::Check { file } = &arguments.action;
    let file = file.as_deref().or(cli.config.as_deref());
    let config = Config::load(file, &[])?;
    if let Some(labels) = &config.registry.file {
        read_labels(labels)?;
    }
    config.registry.resolver()?;
    config.http.listen()?;
    config.http.admin_listen()?;
    config.identity_provider()?;
    annals_service::http::FrameAncestors::parse(&config.http.frame_ancestors)
        .map_err(|error| Failure::config(&error))?;
    config
        .kafka(config.kafka.brokers.as_deref().unwrap_or("127.0.0.1:9092"))
        .check()
        .map_err(|error| Failure::config(&error))?;
    eprintln!("the configuration is sound");
    Ok(())
}
