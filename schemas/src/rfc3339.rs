//! Reading and printing RFC 3339 date-times. Written out, because what counts as a time is part of
//! fold version 1 and must not move with a library's leniency.

use crate::InvalidInstant;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Microseconds since 1970 of `YYYY-MM-DDTHH:MM:SS[.digits](Z|±HH:MM)`.
///
/// `t` and `z` may be small, and a space may stand for `T` (RFC 3339 section 5.6). Digits beyond
/// microseconds are cut.
pub(crate) fn parse(text: &str) -> Result<i64, InvalidInstant> {
    let mut rest = Rest { bytes: text.as_bytes() };
    let days = rest.date().ok_or(InvalidInstant::Malformed)?;
    if rest.bytes.is_empty() {
        return Err(InvalidInstant::NoZone);
    }
    let time = rest.time().ok_or(InvalidInstant::Malformed)?;
    if rest.bytes.is_empty() {
        return Err(InvalidInstant::NoZone);
    }
    let offset = rest.offset().filter(|_| rest.bytes.is_empty());
    let offset_seconds = offset.ok_or(InvalidInstant::Malformed)?;
    if time.second == 60 {
        return Err(InvalidInstant::LeapSecond);
    }
    let seconds = days * SECONDS_PER_DAY + time.minutes * 60 + time.second - offset_seconds;
    Ok(seconds * MICROS_PER_SECOND + time.micros)
}

/// `YYYY-MM-DDTHH:MM:SS.ssssssZ` of microseconds since 1970, years 0 to 9999.
pub(crate) fn written(micros: i64) -> [u8; 27] {
    // No moment lies before the first day of the count, so that nothing below has a sign.
    let micros = (micros + DAYS_BEFORE_1970 * SECONDS_PER_DAY * MICROS_PER_SECOND).cast_unsigned();
    let per_second = MICROS_PER_SECOND.cast_unsigned();
    let (seconds, fraction) = (micros / per_second, micros % per_second);
    let per_day = SECONDS_PER_DAY.cast_unsigned();
    let small = |number: u64| u32::try_from(number).unwrap_or_default();
    let (day, second, fraction) =
        (small(seconds / per_day), small(seconds % per_day), small(fraction));
    let (year, month, day) = civil(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    // Eight characters in a register each: written one by one they could not be read as words yet.
    let [dash, t, colon, dot, zulu] = [b'-', b'T', b':', b'.', b'Z'].map(u64::from);
    let words = [
        pair(year / 100) | pair(year) << 16 | dash << 32 | pair(month) << 40 | dash << 56,
        pair(day) | t << 16 | pair(hour) << 24 | colon << 40 | pair(minute) << 48,
        colon
            | pair(second) << 8
            | dot << 24
            | pair(fraction / 10_000) << 32
            | pair(fraction / 100) << 48,
        pair(fraction) | zulu << 16,
    ];
    let text = words.map(u64::to_le_bytes);
    *text.as_flattened().first_chunk().expect("four words have 32 characters")
}

/// The last two digits of a number, the first one lowest.
fn pair(number: u32) -> u64 {
    u16::from_le_bytes(PAIRS[number as usize % 100]).into()
}

/// Two digits of each number below a hundred.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0_u8;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// Days from 0000-03-01, with which the count below begins.
const DAYS_BEFORE_1970: i64 = 719_468;

/// Howard Hinnant's `civil_from_days`, of days since 0000-03-01: year, month and day.
fn civil(days: u32) -> (u32, u32, u32) {
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u32::from(month <= 2), month, day)
}

struct Time {
    /// Since midnight.
    minutes: i64,
    /// 0 to 60.
    second: i64,
    micros: i64,
}

struct Rest<'a> {
    bytes: &'a [u8],
}

impl Rest<'_> {
    /// Days since 1970-01-01.
    fn date(&mut self) -> Option<i64> {
        let year = self.digits(4)?;
        self.one_of(b"-")?;
        let month = self.digits(2)?;
        self.one_of(b"-")?;
        let day = self.digits(2)?;
        let valid = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
        valid.then(|| days_since_1970(year, month, day))
    }

    fn time(&mut self) -> Option<Time> {
        self.one_of(b"Tt ")?;
        let hour = self.digits(2)?;
        self.one_of(b":")?;
        let minute = self.digits(2)?;
        self.one_of(b":")?;
        let second = self.digits(2)?;
        let micros = if self.one_of(b".").is_some() { self.fraction()? } else { 0 };
        let valid = hour < 24 && minute < 60 && second <= 60;
        valid.then_some(Time { minutes: hour * 60 + minute, second, micros })
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hour = self.digits(2)?;
        self.one_of(b":")?;
        let minute = self.digits(2)?;
        (hour < 24 && minute < 60).then_some(sign * (hour * 60 + minute) * 60)
    }

    /// Microseconds; at least one digit.
    fn fraction(&mut self) -> Option<i64> {
        let count = self.bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.bytes.split_at(count);
        self.bytes = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(6);
        (count > 0).then(|| padded.fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        let value = |value, digit: &u8| value * 10 + i64::from(digit - b'0');
        digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, value))
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.bytes.split_first().filter(|(first, _)| wanted.contains(first))?;
        self.bytes = rest;
        Some(*first)
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Howard Hinnant's `days_from_civil`; the year is at least 0.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - DAYS_BEFORE_1970
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_that_are_times() {
        let instant = 1_792_891_800_000_123;
        for text in [
            "2026-10-25T01:30:00.000123Z",
            "2026-10-25t01:30:00.000123z",
            "2026-10-25 01:30:00.000123999+00:00",
            "2026-10-24T22:00:00.000123-03:30",
            "2026-10-26T01:29:00.000123+23:59",
        ] {
            assert_eq!(parse(text), Ok(instant), "{text}");
        }
        assert_eq!(parse("1969-12-31T23:59:59.9999999Z"), Ok(-1));
        assert_eq!(parse("2024-02-29T00:00:00.5-00:00"), Ok(1_709_164_800_500_000));
    }

    #[test]
    fn spellings_that_are_none() {
        for text in [
            "2026-10-25T01:30Z",
            "2026-10-25T01:30:00.Z",
            "2026-10-25T01:30:00,5Z",
            "2026-10-25T01:30:61Z",
            "2026-10-25T01:60:00Z",
            "2026-10-25T01:30:00+2:00",
            "2026-10-25T01:30:00+0200",
            "2026-10-25T01:30:00+24:00",
            "2026-10-25T01:30:00ZZ",
            "2026-10-25_01:30:00Z",
            "2023-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "+2026-10-25T01:30:00Z",
            "12026-10-25T01:30:00Z",
            "２026-10-25T01:30:00Z",
        ] {
            assert_eq!(parse(text), Err(InvalidInstant::Malformed), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn valid_times_are_read_as_chrono_reads_them(
            (year, month, day) in (0..10_000, 1..13, 1..32),
            (hour, minute, second) in (0..25, 0..61, 0..60),
            fraction in "(\\.[0-9]{1,9})?",
            zone in "Z|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]",
        ) {
            let text = format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"
            );
            let theirs = DateTime::parse_from_rfc3339(&text).map(|time| time.timestamp_micros());
            prop_assert_eq!(parse(&text).ok(), theirs.ok(), "{}", text);
        }

        #[test]
        fn any_text_gets_an_answer(text in "\\PC{0,40}|[0-9TZtz:. +-]{0,40}") {
            let _ = parse(&text);
        }
    }
}
