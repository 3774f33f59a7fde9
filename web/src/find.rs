//! Searches scenarios by their titles and keywords, in both languages.

use antes_core::Profile;

use crate::fold::fold;
use crate::library::LIBRARY;

/// The indices of the scenarios with all words of `query`, in the order of the library. Words of at
/// least two letters match as prefixes. Of a pair of twins that both match, the one for the running
/// profile is returned.
pub fn found(query: &str, runs: Profile) -> Vec<usize> {
    let query = fold(query);
    let fits = |place: usize| {
        let (title, words) = (fold(LIBRARY[place].title), LIBRARY[place].words);
        query.split_whitespace().all(|wanted| {
            words.split_whitespace().chain(title.split_whitespace()).any(|word| {
                match wanted.len() {
                    1 => word == wanted,
                    _ => word.starts_with(wanted),
                }
            })
        })
    };
    let is_found = |&place: &usize| {
        let entry = &LIBRARY[place];
        let twin = entry.twin.filter(|&twin| fits(twin));
        fits(place) && (twin.is_none() || entry.profile == runs)
    };
    (0..LIBRARY.len()).filter(is_found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::find;

    fn slugs(query: &str, runs: Profile) -> Vec<&'static str> {
        found(query, runs).into_iter().map(|place| LIBRARY[place].slug).collect()
    }

    #[test]
    fn scenarios_are_found_by_what_they_teach_in_both_languages() {
        let classic = |query| slugs(query, Profile::Classic);
        for (query, wanted) in [
            ("lease", "holder-dies-hardened"),
            ("fencing", "stale-holder-hardened"),
            ("token de fencing", "stale-holder-hardened"),
            ("two leaders", "partition"),
            ("dois líderes", "partition"),
            ("dois lideres", "partition"),
            ("DOIS LÍDERES", "partition"),
            ("split brain", "partition"),
            ("split-brain", "t-too-short"),
            ("stale leader", "paused-leader"),
            ("líder obsoleto", "paused-leader"),
            ("bully", "leader-dies"),
            ("valentao", "leader-dies"),
            ("brigão", "leader-dies"),
            ("lamport", "first-clock"),
            ("timestamp", "first-clock"),
            ("timeout", "t-too-short"),
            ("tempo limite", "short-wait"),
            ("T'", "short-wait"),
            ("quórum", "partition-hardened"),
            ("seção crítica", "lock-and-queue"),
            ("região crítica", "lock-and-queue"),
            ("aconteceu antes", "concurrent-but-ordered"),
            ("course report", "report-freed"),
            ("test mutex", "report-freed"),
            ("model checker", "two-holders"),
            ("idempot", "lost-grant-hardened"),
        ] {
            let found = classic(query);
            assert!(found.contains(&wanted), "{query}: {found:?}");
            assert!(found.len() < LIBRARY.len() / 3, "{query} finds {}", found.len());
        }
        assert_eq!(classic("paxos"), Vec::<&str>::new());
    }

    #[test]
    fn every_scenario_is_found_by_its_whole_title() {
        for (place, entry) in LIBRARY.iter().enumerate() {
            assert!(found(entry.title, entry.profile).contains(&place), "{}", entry.title);
        }
    }

    #[test]
    fn the_twin_of_the_running_profile_is_found_if_both_fit() {
        let both = slugs("partition 2 | 2", Profile::Classic);
        assert!(both.contains(&"partition") && !both.contains(&"partition-hardened"), "{both:?}");
        let both = slugs("partition 2 | 2", Profile::Hardened);
        assert!(both.contains(&"partition-hardened") && !both.contains(&"partition"), "{both:?}");
        // Only one of the two is about leases.
        assert!(slugs("lease", Profile::Classic).contains(&"holder-dies-hardened"));
    }

    #[test]
    fn without_a_word_every_scenario_is_there_once() {
        for profile in [Profile::Classic, Profile::Hardened] {
            let all = found(" ", profile);
            let of_pairs = LIBRARY.iter().filter(|entry| entry.twin.is_some()).count();
            assert_eq!(all.len(), LIBRARY.len() - of_pairs / 2);
            assert!(all.contains(&find("leader-dies").unwrap()));
        }
    }
}
