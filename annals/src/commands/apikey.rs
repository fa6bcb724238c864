//! `annals apikey create | list | revoke`. A running server sees changes within a second.

use annals_service::access::{ApiKeyRequest, ApiKeys};
use annals_service::clock::SystemClock;

use crate::cli::{ApikeyAction, ApikeyArguments, DataArgument};
use crate::data_directory::DataDirectory;
use crate::exit::Failure;

#[expect(clippy::print_stdout, reason = "keys are the command's output")]
pub(crate) fn run(arguments: &ApikeyArguments) -> Result<(), Failure> {
    match &arguments.action {
        ApikeyAction::Create { data, workspace, scope, name, action, ttl } => {
            let request = ApiKeyRequest {
                name: name.clone(),
                grants: super::grants(workspace)?,
                scopes: super::scopes(scope)?,
                actions: action.clone(),
                ttl: *ttl,
            };
            let made = keys(data).create(&request).map_err(|error| Failure::config(&error))?;
            println!("{}", made.bearer);
        }
        ApikeyAction::List { data } => {
            for key in keys(data).list().map_err(|error| Failure::config(&error))? {
                let mut shown = serde_json::to_value(&key).expect("a key is plain data");
                if let Some(members) = shown.as_object_mut() {
                    members.remove("secret_sha256");
                }
                println!("{shown}");
            }
        }
        ApikeyAction::Revoke { data, id } => {
            let found = keys(data).revoke(id).map_err(|error| Failure::config(&error))?;
            if !found {
                return Err(Failure::no(format!("there is no key {id}")));
            }
        }
    }
    Ok(())
}

fn keys(data: &DataArgument) -> ApiKeys {
    ApiKeys::open(&DataDirectory::new(&data.data).secrets(), SystemClock::shared())
}
