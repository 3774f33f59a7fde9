//! Parses the query of an address, and undoes changes that chat programs, mail and content
//! management systems make to addresses. Unclear parts are reported.

use crate::address::{Trouble, quoted, unescape};
use crate::host::settings;
use crate::words as w;

/// The names of an address, besides [`settings::NAMES`].
const NAMES: [&str; 16] = [
    "scenario", "profile", "seed", "t", "do", "embed", "lang", "theme", "type", "motion", "stamps",
    "select", "zoom", "show", "trace", "compare",
];

/// Characters that a sentence around an address may leave at the end of a value. No value ends with
/// one of these.
const AFTER: [char; 15] =
    ['.', ')', ',', ';', '!', ':', ']', '}', '>', '"', '\'', '`', '”', '»', '*'];

/// Characters before a quoted value.
const BEFORE: [char; 7] = ['"', '\'', '`', '<', '“', '«', '('];

/// The parts of a query, each once, and problems with it.
pub fn pairs(query: &str) -> (Vec<(String, String)>, Vec<Trouble>) {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut troubles = Vec::new();
    for pair in plain(query).split(['&', '?']).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = clean(name).to_ascii_lowercase();
        let value = clean(value);
        // Other names belong to others, for example search engines.
        if known(&name).is_none() && is_nearly_known(&name) {
            troubles.push((w::MISSPELLED, quoted(&name)));
        }
        match pairs.iter().find(|(other, _)| *other == name) {
            Some((_, before)) if *before == value || known(&name).is_none() => {}
            Some(_) => {
                let trouble = (w::GIVEN_TWICE, name);
                // Each problem is reported once.
                if !troubles.contains(&trouble) {
                    troubles.push(trouble);
                }
            }
            None => pairs.push((name, value)),
        }
    }
    (pairs, troubles)
}

/// The query without escaped separators. No value of the page contains `&`, `=` or `?`.
fn plain(query: &str) -> String {
    let mut plain = query.to_owned();
    // `%2526` is an ampersand that was escaped twice.
    for _ in 0..2 {
        for (escaped, sign) in
            [("%26", "&"), ("%3D", "="), ("%3d", "="), ("%3F", "?"), ("%3f", "?")]
        {
            plain = plain.replace(escaped, sign);
        }
        for hex in ["26", "3D", "3d", "3F", "3f", "40", "7E", "7e", "2C", "2c", "3A", "3a"] {
            plain = plain.replace(&["%25", hex].concat(), &["%", hex].concat());
        }
    }
    while plain.contains("&amp;") || plain.contains("&#38;") || plain.contains("&#038;") {
        plain = plain.replace("&amp;", "&").replace("&#38;", "&").replace("&#038;", "&");
    }
    plain
}

/// A name or value without characters that do not belong to it.
fn clean(text: &str) -> String {
    let is_invisible = |sign: &char| {
        sign.is_control()
            || matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    let plain: String = unescape(text).chars().filter(|sign| !is_invisible(sign)).collect();
    // Mail encodes `=` as `=3D`.
    let mut plain = plain.trim().trim_start_matches("3D");
    while let Some(rest) = plain.strip_prefix(BEFORE).filter(|rest| !is_closed(plain, rest)) {
        plain = rest;
    }
    // Several dots mean that something was cut off.
    let is_cut = plain.ends_with("..") || plain.ends_with('…');
    while let Some(rest) =
        plain.strip_suffix(AFTER).filter(|rest| !is_cut && !is_opened(plain, rest))
    {
        plain = rest;
    }
    plain.to_owned()
}

/// Brackets that a sentence may put around an address.
const BRACKETS: [(char, char); 4] = [('<', '>'), ('(', ')'), ('[', ']'), ('{', '}')];

/// Whether `text` begins with a bracket that is closed in `rest`, the text after it.
fn is_closed(text: &str, rest: &str) -> bool {
    BRACKETS.iter().any(|&(open, close)| text.starts_with(open) && rest.contains(close))
}

/// Whether `text` ends with a bracket that is opened in `rest`, the text before it.
fn is_opened(text: &str, rest: &str) -> bool {
    BRACKETS.iter().any(|&(open, close)| text.ends_with(close) && rest.contains(open))
}

fn known(name: &str) -> Option<&'static str> {
    NAMES.into_iter().chain(settings::NAMES).find(|known| *known == name)
}

/// Whether a name differs from a known one by a single slip.
fn is_nearly_known(name: &str) -> bool {
    // Short names may well belong to others.
    let long = |known: &&str| known.len() > 4;
    NAMES.into_iter().chain(settings::NAMES).filter(long).any(|known| is_one_slip(known, name))
}

/// Whether two texts differ by one letter: replaced, added or missing, or two swapped letters.
fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let same = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let (short_rest, long_rest) = (&short[same..], &long[same..]);
    match long.len() - short.len() {
        0 => {
            let swapped = short_rest.len() >= 2
                && short_rest[0] == long_rest[1]
                && short_rest[1] == long_rest[0]
                && short_rest[2..] == long_rest[2..];
            swapped || short_rest.get(1..) == long_rest.get(1..)
        }
        1 => short_rest == &long_rest[1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_that_belong_to_a_value_stay() {
        for text in ["<img src=x onerror=alert(1)>", "<script>", "a (b)"] {
            assert_eq!(clean(text), text);
        }
        assert_eq!(
            (clean("leader-dies)."), clean("(leader-dies")),
            ("leader-dies".into(), "leader-dies".into())
        );
    }

    fn read(query: &str) -> Vec<(String, String)> {
        let (mut pairs, troubles) = pairs(query);
        assert_eq!(troubles, [], "{query}");
        pairs.retain(|(name, _)| known(name).is_some());
        pairs
    }

    #[test]
    fn an_address_that_programs_have_mangled_says_what_it_said_before() {
        let whole =
            read("?scenario=leader-dies&profile=hardened&do=c4@700000~r4@900000&t=1000000.3");
        for mangled in [
            "?scenario=leader-dies&amp;profile=hardened&amp;do=c4@700000~r4@900000&amp;t=1000000.3",
            "?scenario=leader-dies&amp;amp;profile=hardened&#38;do=c4%40700000%7Er4%40900000&t=1000000.3",
            "?scenario=leader-dies&profile=hardened&do=c4%2540700000%257Er4%2540900000&t=1000000.3",
            "?scenario%3Dleader-dies%26profile%3Dhardened%26do%3Dc4%40700000~r4%40900000%26t%3D1000000.3",
            "?scenario=leader-dies&profile=hardened&do=c4@700000~r4@900000&t=1000000.3.",
            "?scenario=leader-dies&profile=hardened&do=c4@700000~r4@900000&t=1000000.3).",
            "?scenario=leader-dies&profile=hardened&do=c4@700000~r4@900000&t=1000000.3%29",
            "?scenario=3Dleader-dies&profile=3Dhardened&do=3Dc4@700000~r4@900000&t=3D1000000.3",
            "?scenario=%22leader-dies%22&profile=hardened%20&do=c4@700000~r4@900000&t=1000000.3%E2%80%8B",
            "?Scenario=leader-dies&PROFILE=hardened&do=c4@700000~r4@900000?t=1000000.3&utm_source=x",
        ] {
            assert_eq!(read(mangled), whole, "{mangled}");
        }
    }

    #[test]
    fn a_value_that_was_cut_off_is_not_taken_for_another_name() {
        for cut in ["holder-dies...", "holder-dies…", "holder-dies%E2%80%A6"] {
            let value = &read(&["?scenario=", cut].concat())[0].1;
            assert!(value.len() > "holder-dies".len(), "{cut}: {value}");
        }
    }

    #[test]
    fn a_part_that_is_given_twice_or_misspelled_is_told_of() {
        let (taken, troubles) = pairs("?scenario=a&scenario=b&seed=7&seed=7");
        assert_eq!(taken.len(), 2);
        assert_eq!(troubles, [(w::GIVEN_TWICE, "scenario".to_owned())]);
        for slip in ["profil=x", "profle=x", "porfile=x", "pprofile=x", "prafile=x"] {
            let (_, troubles) = pairs(slip);
            let name = slip.trim_end_matches("=x").to_owned();
            assert_eq!(troubles, [(w::MISSPELLED, name)], "{slip}");
        }
        assert_eq!(read("?utm_source=a&utm_source=b&fbclid=b&ref=c&from2=4"), []);
    }
}
