//! `annals token`: for development and tests.

use annals_service::access::{Profile, Restriction, TokenClaims, TokenKey};
use annals_service::clock::SystemClock;

use crate::cli::TokenArguments;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;

pub(crate) fn run(arguments: &TokenArguments) -> Result<(), Failure> {
    let data = DataDirectory::new(&arguments.data.data);
    let key = TokenKey::load_or_create(&data.secrets()).map_err(|e| Failure::config(&e))?;
    let claims = TokenClaims {
        subject: arguments.subject.clone(),
        grants: super::grants(&arguments.workspace)?,
        scopes: super::scopes(&arguments.scope)?,
        ttl: arguments.ttl,
        profile: Profile::default(),
        restriction: Restriction::default(),
    };
    let now = SystemClock::shared().unix_seconds();
    let token = key.mint(&claims, now).map_err(|error| Failure::config(&error))?;
    crate::answer::say(token);
    Ok(())
}
