//! `Accept-Language` (RFC 9110 section 12.5.4) and the lookup of RFC 4647 section 3.4.

/// Most ranges considered of one header.
const MAX_RANGES: usize = 32;

/// The language ranges in order of preference; those with `q=0` or a malformed q are left out.
pub(super) fn preferred(header: &str) -> Vec<&str> {
    let mut ranges: Vec<(f32, &str)> = Vec::new();
    for item in header.split(',').take(MAX_RANGES) {
        let mut parts = item.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default();
        let quality = match parts.find_map(|part| part.strip_prefix("q=")) {
            None => Some(1.0),
            Some(text) => text.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)),
        };
        if let Some(quality) = quality.filter(|&q| q > 0.0 && !range.is_empty()) {
            ranges.push((quality, range));
        }
    }
    // Stable: equal qualities keep the order of the header.
    ranges.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranges.into_iter().map(|(_, range)| range).collect()
}

/// A range and its shorter forms: `zh-Hant-TW`, `zh-Hant`, `zh`.
pub(super) fn shortened(range: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(range), |range| range.rsplit_once('-').map(|(shorter, _)| shorter))
}
