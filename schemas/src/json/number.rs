//! JSON numbers: their grammar, and the two readings of their value.

/// The length of the number literal at the start of the bytes, or `None` if there is none.
pub(super) fn literal_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = usize::from(bytes.first() == Some(&b'-'));
    match (bytes.get(end), digits(end)) {
        (_, 0) => return None,
        (Some(b'0'), _) => end += 1,
        (_, count) => end += count,
    }
    if bytes.get(end) == Some(&b'.') {
        match digits(end + 1) {
            0 => return None,
            count => end += 1 + count,
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        match digits(end + 1 + sign) {
            0 => return None,
            count => end += 1 + sign + count,
        }
    }
    Some(end)
}

/// Whether the literal is within the range of a double.
pub(super) fn fits_double(literal: &[u8]) -> bool {
    let has_exponent = literal.iter().any(|byte| byte.eq_ignore_ascii_case(&b'e'));
    let parsed = || std::str::from_utf8(literal).ok()?.parse::<f64>().ok();
    literal.len() < 300 && !has_exponent || parsed().is_some_and(f64::is_finite)
}

/// Appends the literal's canonical form: integers of 64 bits exactly, the rest as RFC 8785 has it.
///
/// RFC 8785 alone reads every number as a double, which would make neighbouring 64-bit ids equal.
pub(super) fn write_canonical_number(literal: &str, out: &mut Vec<u8>) {
    let integer = literal.parse::<i64>().map(i128::from);
    let integer = integer.or_else(|_| literal.parse::<u64>().map(i128::from));
    match integer {
        Ok(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Err(_) => {
            // The reader has checked the literal: it parses and is finite.
            let value = literal.parse::<f64>().unwrap_or_default();
            out.extend_from_slice(ryu_js::Buffer::new().format(value).as_bytes());
        }
    }
}
