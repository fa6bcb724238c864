//! A producer that frames values for a schema registry: `00`, the schema's id, the Avro body.
//!
//! Guarantees: a value is written only under an id that the registry gave for the very schema it
//! is encoded with. While the registry is away appends fail as they do while the log is: a
//! recorder keeps its events. Deliberately not here: reading (the projector resolves ids).

use std::sync::Arc;
use std::time::Duration;

use annals_broker::{Appended, BrokerError, Producer};
use annals_schemas::{NewRecord, SCHEMA_V1, SchemaId, reframe_avro};
use async_trait::async_trait;
use schema_registry_converter::async_impl::schema_registry::post_schema;
use schema_registry_converter::schema_registry_common::{SchemaType, SuppliedSchema};
use tokio::sync::OnceCell;

pub use schema_registry_converter::async_impl::schema_registry::SrSettings;

/// The record that the schema describes.
const RECORD_NAME: &str = "annals.event.AuditEvent";

/// How long the registry may take: its client waits for ever unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Frames what goes through it; everything but values in Avro passes as it is.
pub struct FramingProducer {
    inner: Arc<dyn Producer>,
    registry: SrSettings,
    subject: String,
    id: OnceCell<SchemaId>,
}

impl FramingProducer {
    /// Registers the event's schema under `<topic>-value` (the usual subject) when it is first
    /// needed; nothing is asked yet.
    pub fn new(inner: Arc<dyn Producer>, registry: SrSettings, topic: &str) -> Self {
        Self { inner, registry, subject: format!("{topic}-value"), id: OnceCell::new() }
    }

    /// The id, asked for once: a registry never gives an id to another schema.
    async fn id(&self) -> Result<SchemaId, BrokerError> {
        let register = async || {
            let name = Some(RECORD_NAME.to_owned());
            let schema = SuppliedSchema::new(name, SchemaType::Avro, SCHEMA_V1.to_owned());
            let registering = post_schema(&self.registry, self.subject.clone(), schema);
            let reason = match tokio::time::timeout(TIMEOUT, registering).await {
                Ok(Ok(registered)) => return Ok(SchemaId(registered.id)),
                Ok(Err(error)) => {
                    let cause = error.cause.as_deref().unwrap_or("no reason given");
                    format!("{}: {cause}", error.error)
                }
                Err(_) => format!("no answer within {TIMEOUT:?}"),
            };
            let detail = format!("the schema registry: {reason}");
            tracing::warn!(detail, subject = self.subject, "the schema is not registered yet");
            Err(BrokerError::Unavailable { detail })
        };
        self.id.get_or_try_init(register).await.copied()
    }
}

#[async_trait]
impl Producer for FramingProducer {
    async fn append_all(&self, records: Vec<NewRecord>) -> Vec<Result<Appended, BrokerError>> {
        match self.id().await {
            Ok(id) => self.inner.append_all(framed(records, id)).await,
            Err(away) => vec![Err(away); records.len()],
        }
    }
}

fn framed(mut records: Vec<NewRecord>, id: SchemaId) -> Vec<NewRecord> {
    for record in &mut records {
        let framed = record.value.as_deref().and_then(|value| reframe_avro(value, id));
        if let Some(framed) = framed {
            record.value = Some(framed.into());
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    use annals_broker::Log as _;
    use annals_broker::memory::MemoryLog;
    use annals_schemas::{Instant, WorkspaceId, new_record};

    use super::*;

    fn record() -> NewRecord {
        let workspace = WorkspaceId::new("acme").unwrap();
        let event = crate::new_event(workspace, "segment.updated", Instant::MIN);
        new_record(&event, None)
    }

    /// Gives each connection the next answer, and what was asked back.
    fn registry(answers: Vec<&'static str>) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let answered = answers.into_iter().map(|answer| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut asked, mut length) = (String::new(), 0);
                reader.read_line(&mut asked).unwrap();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    let lower = line.to_ascii_lowercase();
                    if let Some(value) = lower.strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                format!("{} {}", asked.trim(), String::from_utf8(body).unwrap())
            });
            answered.collect()
        });
        (url, serving)
    }

    #[tokio::test]
    async fn what_is_not_registered_yet_is_tried_again_and_then_framed() {
        let refused = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\
            content-length: 2\r\n\r\n{}";
        let given = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\
            content-length: 10\r\n\r\n{\"id\":258}";
        let (url, serving) = registry(vec![refused, given]);
        let log = MemoryLog::new("audit", 1, Arc::new(|| 0));
        let producer = FramingProducer::new(log.producer(), SrSettings::new(url), "audit");
        let original = record();
        let outcome = producer.append(original.clone()).await;
        assert!(matches!(outcome, Err(BrokerError::Unavailable { .. })), "{outcome:?}");
        assert_eq!(log.high_watermark(0).await.unwrap(), 0, "nothing is written under a guess");
        producer.append(original.clone()).await.unwrap();
        // The id is known by now: nobody is asked.
        producer.append(original.clone()).await.unwrap();
        let asked = serving.join().unwrap();
        assert!(asked[1].starts_with("POST /subjects/audit-value/versions "), "{}", asked[1]);
        assert!(asked[1].contains("AuditEvent"), "{}", asked[1]);

        let mut consumer = log.consumer().unwrap();
        consumer.assign(&[annals_schemas::Position { partition: 0, offset: 0 }]).unwrap();
        let records = consumer.poll(10, std::time::Duration::from_secs(1)).await.unwrap();
        assert_eq!(records.len(), 2);
        let value = records[0].value.as_deref().unwrap();
        assert_eq!(value[..5], [0, 0, 0, 1, 2]);
        assert_eq!(value[5..], original.value.as_deref().unwrap()[10..]);
        assert_eq!(records[0].key, original.key);
    }

    #[test]
    fn what_is_no_avro_of_this_schema_passes_as_it_is() {
        let json = NewRecord { value: Some("{}".into()), ..record() };
        let null = NewRecord { value: None, ..record() };
        let passed = framed(vec![json.clone(), null.clone()], SchemaId(7));
        assert_eq!(passed, [json, null]);
    }
}
