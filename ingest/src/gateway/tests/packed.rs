//! Bodies that are sent packed.

use std::io::Write as _;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 19).unwrap()
}

fn lines(count: usize) -> Vec<u8> {
    let line = |number| format!("{{\"workspace_id\":\"acme\",\"action\":\"count.n{number}\"}}\n");
    (0..count).map(line).collect::<String>().into_bytes()
}

async fn post(fixture: &Fixture, encoding: &str, body: Vec<u8>) -> Answered {
    let request = request("/v1/events:batch", "writer", "application/x-ndjson")
        .header("content-encoding", encoding)
        .header("content-length", body.len())
        .body(body.into());
    fixture.send(request.unwrap()).await
}

#[tokio::test]
async fn packed_batches_are_taken_like_plain_ones() {
    let fixture = Fixture::new();
    let (first, second) = (lines(100), lines(100));
    // Two streams behind one another are one body.
    let parts = [gzip(&first[..50]), gzip(&first[50..])].concat();
    for (encoding, body) in
        [("gzip", gzip(&first)), ("GZIP", parts), ("zstd", zstd_of(&second)), ("identity", second)]
    {
        let answered = post(&fixture, encoding, body).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{encoding}: {}", answered.body);
        assert_eq!(answered.items().len(), 100, "{encoding}");
    }
    assert_eq!(fixture.events().await.len(), 400);
}

/// 4 KB that unpack to 40 MB, and a stream that asks for a window of 128 MiB.
#[tokio::test]
async fn a_body_that_unpacks_to_more_than_a_body_may_have_is_too_large() {
    let fixture = Fixture::new();
    let zeros = vec![b' '; 40 << 20];
    for (encoding, bomb) in [("gzip", gzip(&zeros)), ("zstd", zstd_of(&zeros))] {
        assert!(bomb.len() < 64 << 10, "{encoding}: {}", bomb.len());
        let answered = post(&fixture, encoding, bomb).await;
        assert_eq!(answered.problem(), "payload-too-large", "{encoding}");
    }
    let mut wide = zstd::Encoder::new(Vec::new(), 1).unwrap();
    wide.window_log(27).unwrap();
    wide.include_contentsize(false).unwrap();
    wide.write_all(&lines(10)).unwrap();
    let answered = post(&fixture, "zstd", wide.finish().unwrap()).await;
    assert_eq!(answered.problem(), "invalid-parameter");
}

#[tokio::test]
async fn what_is_broken_or_unknown_is_refused_whole() {
    let fixture = Fixture::new();
    let (gzipped, zipped) = (gzip(&lines(50)), zstd_of(&lines(50)));
    let mut flipped = gzipped.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 1;
    let broken = [
        ("gzip", gzipped[..gzipped.len() / 2].to_vec()),
        ("gzip", flipped),
        ("gzip", lines(1)),
        ("zstd", zipped[..zipped.len() / 2].to_vec()),
        ("zstd", gzipped.clone()),
        ("br", lines(1)),
        ("gzip, gzip", gzip(&gzipped)),
    ];
    for (encoding, body) in broken {
        let answered = post(&fixture, encoding, body).await;
        assert_eq!(answered.problem(), "invalid-parameter", "{encoding}");
    }
    assert!(fixture.events().await.is_empty());
}
