//! `annals apikey create | list | revoke`, in a data directory or over HTTP. A running server sees
//! changes within a second or two.

use annals_service::access::{ApiKeyRequest, ApiKeys, Scope};
use annals_service::clock::SystemClock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::say;
use crate::cli::{ApikeyAction, ApikeyArguments, DataArgument};
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::flags::check_actions;
use crate::server::Server;

const PATH: &str = "/v1/api-keys";

pub(crate) fn run(arguments: &ApikeyArguments) -> Result<(), Failure> {
    let action = &arguments.action;
    let (ApikeyAction::Create { store, .. }
    | ApikeyAction::List { store }
    | ApikeyAction::Revoke { store, .. }) = action;
    match Server::given(store.server.as_deref())? {
        Some(server) => crate::runtime::start()?.block_on(ask(&server, action)),
        None => change(&keys(&store.data), action),
    }
}

fn change(keys: &ApiKeys, action: &ApikeyAction) -> Result<(), Failure> {
    match action {
        ApikeyAction::Create { workspace, scope, name, action, ttl, .. } => {
            check_actions(action)?;
            let request = ApiKeyRequest {
                name: name.clone(),
                grants: super::grants(workspace)?,
                scopes: super::scopes(scope)?,
                actions: action.clone(),
                ttl: *ttl,
            };
            let made = keys.create(&request).map_err(|error| Failure::config(&error))?;
            say(made.bearer);
        }
        ApikeyAction::List { .. } => {
            for key in keys.list().map_err(|error| Failure::config(&error))? {
                let mut shown = serde_json::to_value(&key).expect("a key is plain data");
                if let Some(members) = shown.as_object_mut() {
                    members.remove("secret_sha256");
                }
                say(shown);
            }
        }
        ApikeyAction::Revoke { id, .. } => {
            let found = keys.revoke(id).map_err(|error| Failure::config(&error))?;
            if !found {
                return Err(Failure::no(format!("there is no key {id}")));
            }
        }
    }
    Ok(())
}

async fn ask(server: &Server, action: &ApikeyAction) -> Result<(), Failure> {
    match action {
        ApikeyAction::Create { workspace, scope, name, action, ttl, .. } => {
            super::grants(workspace)?;
            let scopes = super::scopes(scope)?;
            let scopes: Vec<&str> = scopes.into_iter().map(Scope::as_str).collect();
            let asked = json!({
                "workspace": workspace, "scopes": scopes, "name": name, "actions": action,
                "ttl_seconds": ttl.map(|ttl| ttl.as_secs()),
            });
            let made = server.ask((Method::POST, PATH), Some(&asked)).await?;
            say(made["key"].as_str().unwrap_or_default());
        }
        ApikeyAction::List { .. } => {
            let listed = server.ask((Method::GET, PATH), None).await?;
            listed["data"].as_array().into_iter().flatten().for_each(say);
        }
        ApikeyAction::Revoke { id, .. } => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric();
            if !id.bytes().all(plain) || id.is_empty() {
                return Err(Failure::no(format!("there is no key {id}")));
            }
            let _: Value = server.ask((Method::DELETE, &format!("{PATH}/{id}")), None).await?;
        }
    }
    Ok(())
}

fn keys(data: &DataArgument) -> ApiKeys {
    ApiKeys::open(&DataDirectory::new(&data.data).secrets(), SystemClock::shared())
}
