//! Durations in files: `250us`, `100ms`, `1.5s`, `2m`, `1h`, with a resolution of a microsecond.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::time::Duration;

/// The longest duration in a file.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The units with their length in microseconds. `ms` comes before `m` and `s`, because the first
/// matching suffix is used.
const UNITS: [(&str, u64); 5] =
    [("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000)];

/// The reason why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// It is not a number followed by a unit.
    Malformed,
    /// It has a fraction of a microsecond.
    TooFine,
    /// It is longer than [`LONGEST`].
    TooLong,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "expected a number and a unit (us, ms, s, m or h), such as \"1.5s\" or \"100ms\""
            }
            Self::TooFine => "expected whole microseconds: nothing finer can be told apart",
            Self::TooLong => "expected 24 hours at most",
        })
    }
}

impl core::error::Error for DurationError {}

/// Parses a number with a unit, such as `1.5s`.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let unit = UNITS.iter().find_map(|&(unit, micros)| Some((text.strip_suffix(unit)?, micros)));
    let (number, micros_per_unit) = unit.ok_or(DurationError::Malformed)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(DurationError::Malformed);
    }
    let whole: u64 = whole.parse().map_err(|_| DurationError::TooLong)?;
    let whole = whole.checked_mul(micros_per_unit).ok_or(DurationError::TooLong)?;
    let fraction = micros_of_fraction(fraction.trim_end_matches('0'), micros_per_unit)?;
    let micros = whole.checked_add(fraction).ok_or(DurationError::TooLong)?;
    if micros > micros_of(LONGEST) {
        return Err(DurationError::TooLong);
    }
    Ok(Duration::from_micros(micros))
}

/// The microseconds of the `digits` after the decimal point.
fn micros_of_fraction(digits: &str, micros_per_unit: u64) -> Result<u64, DurationError> {
    // An hour has 3.6e9 microseconds, so further digits cannot add up to a whole one.
    const MOST_DIGITS: usize = 12;
    if digits.len() > MOST_DIGITS {
        return Err(DurationError::TooFine);
    }
    let (parts, scale) = digits.bytes().fold((0_u128, 1_u128), |(parts, scale), digit| {
        (parts * 10 + u128::from(digit - b'0'), scale * 10)
    });
    let scaled = parts * u128::from(micros_per_unit);
    if !scaled.is_multiple_of(scale) {
        return Err(DurationError::TooFine);
    }
    u64::try_from(scaled / scale).map_err(|_| DurationError::TooLong)
}

/// The shortest usual form of `duration`, rounded down to microseconds.
pub fn display(duration: Duration) -> String {
    match micros_of(duration) {
        0 => "0s".to_string(),
        micros if micros < 1_000 => format!("{micros}us"),
        micros if micros < 1_000_000 => decimal(micros, 1_000, "ms"),
        micros if micros.is_multiple_of(60_000_000) => decimal(micros, 60_000_000, "m"),
        micros => decimal(micros, 1_000_000, "s"),
    }
}

/// The whole microseconds of `span`; `u64::MAX` if there are more.
pub(crate) fn micros_of(span: Duration) -> u64 {
    // `as_micros` is not used, since its 128-bit arithmetic is slow.
    span.as_secs().saturating_mul(1_000_000).saturating_add(u64::from(span.subsec_micros()))
}

fn decimal(micros: u64, per_unit: u64, unit: &str) -> String {
    let (whole, rest) = (micros / per_unit, micros % per_unit);
    if rest == 0 {
        return format!("{whole}{unit}");
    }
    let places = per_unit.ilog10() as usize;
    let digits = format!("{rest:0places$}");
    format!("{whole}.{}{unit}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_understood() {
        let micros = |text| micros_of(parse(text).unwrap());
        assert_eq!(micros("250us"), 250);
        assert_eq!(micros("100ms"), 100_000);
        assert_eq!(micros("1.5s"), 1_500_000);
        assert_eq!(micros("2m"), 120_000_000);
        assert_eq!(micros("24h"), 86_400_000_000);
        assert_eq!(micros("0.000001s"), 1);
        assert_eq!(micros("0.1000000000000000s"), 100_000);
    }

    #[test]
    fn invalid_durations_are_refused() {
        for text in ["", "s", "1", "1 s", "-1s", "+1s", "1.s", ".5s", "1e3s", "1.5.0s", "1sec"] {
            assert_eq!(parse(text), Err(DurationError::Malformed), "{text}");
        }
        assert_eq!(parse("0.5us"), Err(DurationError::TooFine));
        for text in ["1.0000001s", "1.00000000001s", "0.00000000000000000000001h"] {
            assert_eq!(parse(text), Err(DurationError::TooFine), "{text}");
        }
        for text in ["24.1h", "1441m", "99999999999999999999999s", "9999999999999999h"] {
            assert_eq!(parse(text), Err(DurationError::TooLong), "{text}");
        }
    }

    #[test]
    fn displayed_durations_can_be_read_back() {
        let shown =
            [0, 1, 999, 1_000, 1_500, 999_999, 1_000_000, 1_234_567, 60_000_000, 90_000_000];
        let expected =
            ["0s", "1us", "999us", "1ms", "1.5ms", "999.999ms", "1s", "1.234567s", "1m", "90s"];
        for (micros, text) in shown.into_iter().zip(expected) {
            let duration = Duration::from_micros(micros);
            assert_eq!(display(duration), text);
            assert_eq!(parse(text), Ok(duration));
        }
    }
}
