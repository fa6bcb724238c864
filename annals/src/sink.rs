//! Where a command's events go: a running server, the embedded log, or Kafka.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use annals_broker::{BrokerError, Log, Producer};
use annals_ingest::client::{Fate, GatewayClient, PostError};
use annals_ingest::gateway::ActionSchemas;
use annals_ingest::new_record;
use annals_schemas::{Event, FieldError, Labels, NewRecord, SchemaViolation};
use annals_service::access::{Grants, Profile, Restriction, Scope, TokenClaims, TokenKey};
use annals_service::clock::SharedClock;

use crate::cli::TargetArguments;
use crate::config::Config;
use crate::data_directory::DataDirectory;
use crate::exit::Failure;
use crate::log::{broker_failure, open_kafka, open_local};
use crate::server::Server;
use crate::up::read_actions;

/// How often a busy server or log is tried again.
const TRIES: u32 = 20;
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// Long enough for any import.
const TOKEN_TTL: Duration = Duration::from_secs(24 * 3600);

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The log has it.
    Taken,
    /// It will never be taken; why.
    Refused(String),
}

/// A place that takes events.
pub(crate) enum Sink {
    /// Directly.
    Log {
        producer: Arc<dyn Producer>,
        /// Keeps the embedded log open.
        _log: Arc<dyn Log>,
        /// Say which values are secret and what events of an action look like; a server says so
        /// itself.
        actions: Labels,
        schemas: ActionSchemas,
    },
    /// Through a gateway.
    Gateway(GatewayClient),
}

impl Sink {
    /// The server or brokers given; otherwise the data directory, through the `up` that runs there
    /// or, if none does, straight into its embedded log.
    pub(crate) async fn open(
        target: &TargetArguments,
        config: &Config,
        clock: &SharedClock,
    ) -> Result<Self, Failure> {
        if target.kafka.is_none()
            && let Some(server) = Server::given(target.server.as_deref())?
        {
            return server.gateway().map(Self::Gateway);
        }
        let log = match &target.kafka {
            Some(brokers) => open_kafka(config, brokers).await?,
            None => {
                let data = DataDirectory::new(&target.data.data);
                if let Some(running) = data.running() {
                    let token = own_token(&data, clock)?;
                    let url = format!("http://{}", running.address);
                    return Server::new(&url, token)?.gateway().map(Self::Gateway);
                }
                open_local(&data, config, clock)?
            }
        };
        let file = config.registry.file.as_deref();
        let (actions, schemas) = file.map(read_actions).transpose()?.unwrap_or_default();
        Ok(Self::Log { producer: log.producer(), _log: log, actions, schemas })
    }

    /// Appends a batch; one outcome per event, in order.
    pub(crate) async fn append(&self, mut events: Vec<Event>) -> Result<Vec<Outcome>, Failure> {
        match self {
            _ if events.is_empty() => Ok(Vec::new()),
            Self::Log { producer, actions, schemas, .. } => {
                let unlike: Vec<_> = events
                    .iter()
                    .map(|event| schemas.check(actions, event).err().map(|faults| told(&faults)))
                    .collect();
                let mut fit = unlike.iter().map(Option::is_none);
                events.retain(|_| fit.next().unwrap_or(false));
                for event in &mut events {
                    actions.mask(event);
                }
                let records = events.iter().map(|event| new_record(event, None)).collect();
                let mut outcomes = append_to_log(&**producer, records).await?.into_iter();
                let outcomes = unlike.into_iter().map(|unlike| match unlike {
                    Some(faults) => Some(Outcome::Refused(faults)),
                    None => outcomes.next(),
                });
                Ok(outcomes.flatten().collect())
            }
            Self::Gateway(gateway) => post(gateway, &events).await,
        }
    }
}

/// Every fault of what is no event.
pub(crate) fn describe(violation: &SchemaViolation) -> String {
    told(&violation.errors)
}

fn told(errors: &[FieldError]) -> String {
    let faults = errors.iter().map(|error| match error.pointer.as_str() {
        "" => error.detail.clone(),
        pointer => format!("{pointer}: {}", error.detail),
    });
    faults.collect::<Vec<_>>().join("; ")
}

/// Only what failed for now is tried again; the fold removes what had landed after all.
async fn append_to_log(
    producer: &dyn Producer,
    records: Vec<NewRecord>,
) -> Result<Vec<Outcome>, Failure> {
    for _ in 0..TRIES {
        let answers = producer.append_all(records.clone()).await;
        let mut outcomes = Vec::with_capacity(answers.len());
        let mut retry = false;
        for answer in answers {
            match answer {
                Ok(_) => outcomes.push(Outcome::Taken),
                Err(error) if error.is_retryable() => retry = true,
                Err(error @ BrokerError::TooLarge { .. }) => {
                    outcomes.push(Outcome::Refused(error.to_string()));
                }
                Err(error) => return Err(broker_failure(&error)),
            }
        }
        if !retry {
            return Ok(outcomes);
        }
        // The whole batch goes again, in order: half a batch first would break it.
        tokio::time::sleep(RETRY_PAUSE).await;
    }
    Err(Failure::unreachable(format!("the log did not take a batch in {TRIES} tries")))
}

async fn post(gateway: &GatewayClient, events: &[Event]) -> Result<Vec<Outcome>, Failure> {
    for _ in 0..TRIES {
        match gateway.post(events).await {
            // As with the log: the whole batch goes again, in order.
            Ok(fates) if fates.contains(&Fate::Again) => {}
            Ok(fates) => return Ok(fates.into_iter().map(Outcome::from).collect()),
            Err(PostError::Busy { .. }) => {}
            Err(error @ PostError::Denied { .. }) => return Err(Failure::usage(error.to_string())),
            Err(error) => return Err(Failure::unreachable(error.to_string())),
        }
        tokio::time::sleep(RETRY_PAUSE).await;
    }
    Err(Failure::unreachable(format!("the server was busy {TRIES} times")))
}

impl From<Fate> for Outcome {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Refused(why) => Self::Refused(why),
            Fate::Taken | Fate::Again => Self::Taken,
        }
    }
}

/// A token signed by the key of the data directory: whoever can read it may write.
fn own_token(data: &DataDirectory, clock: &SharedClock) -> Result<String, Failure> {
    let key = TokenKey::load_or_create(&data.secrets()).map_err(|error| Failure::config(&error))?;
    let claims = TokenClaims {
        subject: "import".into(),
        grants: Grants::All,
        scopes: BTreeSet::from([Scope::Write]),
        ttl: TOKEN_TTL,
        profile: Profile::default(),
        restriction: Restriction::default(),
    };
    key.mint(&claims, clock.unix_seconds()).map_err(|error| Failure::config(&error))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use annals_ingest::new_event;
    use annals_schemas::{Instant, WorkspaceId};
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::post as on_post;
    use serde_json::{Value, json};
    use tokio::sync::mpsc;

    use super::*;

    /// A gateway with these answers, one after the other; the bodies it was sent.
    async fn gateway(answers: Vec<(u16, Value)>) -> (Sink, mpsc::UnboundedReceiver<String>) {
        let (sender, bodies) = mpsc::unbounded_channel();
        let next = Arc::new(AtomicUsize::new(0));
        let answer = move |body: String| {
            let (status, answer) = answers[next.fetch_add(1, Ordering::SeqCst)].clone();
            sender.send(body).unwrap();
            std::future::ready((StatusCode::from_u16(status).unwrap(), answer.to_string()))
        };
        let router = Router::new().route("/v1/events:batch", on_post(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Sink::Gateway(GatewayClient::new(&url, "token").unwrap()), bodies)
    }

    fn events(count: usize) -> Vec<Event> {
        let workspace = WorkspaceId::new("acme").unwrap();
        let at = Instant::from_micros(1_700_000_000_000_000).unwrap();
        (0..count).map(|n| new_event(workspace.clone(), format!("thing.n{n}"), at)).collect()
    }

    /// Events that the log did not acknowledge were written to the reject file, for good.
    #[tokio::test]
    async fn a_batch_that_the_log_did_not_take_whole_goes_again_whole() {
        let accepted = json!({"status": "accepted"});
        let away = json!({"status": "rejected", "error": {"type": "log-unavailable",
            "detail": "the log did not acknowledge"}});
        let refused = json!({"status": "rejected", "error": {"type": "schema-violation",
            "detail": "1 fault", "errors": [{"pointer": "/event_id", "detail": "used before"}]}});
        let duplicate = json!({"status": "duplicate"});
        let (sink, mut bodies) = gateway(vec![
            (202, json!({"items": [accepted, away, refused]})),
            (503, json!({"type": "log-unavailable"})),
            (202, json!({"items": [duplicate, accepted, refused]})),
        ])
        .await;
        let outcomes = sink.append(events(3)).await.unwrap();
        let last = Outcome::Refused("/event_id: used before".to_owned());
        assert_eq!(outcomes, [Outcome::Taken, Outcome::Taken, last]);
        let first = bodies.try_recv().unwrap();
        assert_eq!(first.lines().count(), 3);
        for _ in 0..2 {
            assert_eq!(bodies.try_recv().unwrap(), first, "the same bytes, in order");
        }
        assert!(bodies.try_recv().is_err(), "no more than that");
    }
}
