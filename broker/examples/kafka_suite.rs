//! Runs the conformance suite and the Kafka suite against a live broker:
//! `cargo run -p annals-broker --example kafka_suite -- 127.0.0.1:19092`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let Some(brokers) = std::env::args().nth(1) else {
        eprintln!("usage: kafka_suite HOST:PORT");
        return std::process::ExitCode::from(2);
    };
    let started = std::time::Instant::now();
    annals_broker::kafka::suite::run(&brokers).await;
    println!("every case passed in {:.1} s", started.elapsed().as_secs_f64());
    std::process::ExitCode::SUCCESS
}
