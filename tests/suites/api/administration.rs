//! The address of operators: metrics, and readiness with its reasons.

use annals_tests::http::Http;
use annals_tests::ports;
use annals_tests::process::UpOptions;
use serde_json::Value;

use crate::server::Server;

#[test]
fn operators_have_an_address_of_their_own() {
    let free = format!("127.0.0.1:{}", ports::free(1));
    let options = UpOptions {
        arguments: vec!["--admin-listen".into(), free.clone()],
        ..UpOptions::default()
    };
    let _server = Server::start_with(&options);
    let operator = Http::new(&format!("http://{free}"), None);
    let readiness: Value = operator.get_json("/readyz");
    assert_eq!(
        (&readiness["ready"], &readiness["partitions"][0]["partition"]),
        (&true.into(), &0.into())
    );
    assert_eq!(operator.get("/livez").text(), "ok\n");
    assert!(operator.get("/metrics").text().contains("annals_"));
    for elsewhere in ["/ui/", "/v1/workspaces/acme/events", "/openapi.json"] {
        assert_eq!(operator.get(elsewhere).problem(), "not-found", "{elsewhere}");
    }
}
