//! The installation's secrets, made on the first start (DATA/secrets, 0600).

use std::sync::Arc;

use annals_query_api::CursorKeys;
use annals_service::access::{
    ApiKeys, Authenticators, IdentityProvider, TokenKey, load_or_create_key,
};
use annals_service::clock::SharedClock;

use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::signing_keys::SigningKeys;

/// Everything secret that a role needs.
pub(super) struct Secrets {
    pub(super) tokens: TokenKey,
    pub(super) api_keys: Arc<ApiKeys>,
    pub(super) cursors: Arc<CursorKeys>,
    pub(super) authenticator: Arc<Authenticators>,
    pub(super) signing: SigningKeys,
}

impl Secrets {
    pub(super) fn load(
        data: &DataDirectory,
        provider: Option<Arc<IdentityProvider>>,
        clock: &SharedClock,
    ) -> Result<Self, Failure> {
        let directory = data.secrets();
        let tokens = TokenKey::load_or_create(&directory).map_err(|e| Failure::config(&e))?;
        let cursor =
            load_or_create_key(&directory, "cursor.key").map_err(|e| Failure::config(&e))?;
        let keys = Arc::new(ApiKeys::open(&directory, clock.clone()));
        let authenticator = Authenticators::new(tokens.clone(), keys.clone(), clock.clone());
        let authenticator = authenticator.with_provider(provider);
        let signing = SigningKeys::new(&directory);
        signing.ensure()?;
        Ok(Self {
            tokens,
            api_keys: keys,
            cursors: Arc::new(CursorKeys::new(cursor, [])),
            authenticator: Arc::new(authenticator),
            signing,
        })
    }
}

/// Sixteen bytes of the machine's randomness.
pub(crate) fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the machine has randomness");
    bytes
}
