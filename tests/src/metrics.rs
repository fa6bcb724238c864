//! What a server tells of itself on `/metrics`.

use crate::http::Http;

/// The sum of a metric over its labels; `None` before it was recorded first.
///
/// # Panics
/// When the answer is not in Prometheus' text format.
pub fn value(client: &Http, name: &str) -> Option<f64> {
    let answer = client.get("/metrics");
    assert_eq!(answer.status, 200, "GET /metrics: {}", answer.text());
    sum(&answer.text(), name)
}

fn sum(text: &str, name: &str) -> Option<f64> {
    let values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value = match rest.strip_prefix('{') {
            Some(labels) => labels.rsplit_once('}')?.1,
            None => rest.strip_prefix(' ')?,
        };
        Some(value.trim().parse::<f64>().unwrap_or_else(|error| panic!("{line}: {error}")))
    });
    values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn a_metric_is_summed_over_its_labels_and_not_taken_for_a_longer_name() {
        let text = "# TYPE a counter\na{of=\"x}y\"} 2\na{of=\"z\"} 3\na_b 7\nb 1.5\n";
        assert_eq!(sum(text, "a"), Some(5.0));
        assert_eq!(sum(text, "b"), Some(1.5));
        assert_eq!(sum(text, "c"), None);
    }
}
