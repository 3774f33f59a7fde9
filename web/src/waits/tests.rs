use super::*;
use antes_sim::library;
use antes_sim::run::Run;

/// The waits at the end of a scenario of the library.
fn at_the_end(slug: &str) -> Waits {
    let place = library::LIBRARY.iter().position(|&(name, _)| name == slug).unwrap();
    let scenario = antes_sim::library::scenarios().unwrap().swap_remove(place);
    let (nodes, bounds) = (scenario.config.size.get(), Bounds::of(&scenario));
    let mut run = Run::new(scenario);
    run.finish();
    let mut waits = Waits::new(nodes, bounds);
    waits.read(run.trace(), 0, nodes, bounds);
    waits.at(run.now_us())
}

#[test]
fn a_lock_that_nobody_gives_back_is_overdue_in_classic_and_not_in_hardened() {
    for slug in ["lost-grant", "holder-dies"] {
        let classic = at_the_end(slug).lock();
        assert!(classic.late.is_some(), "{slug}: {classic:?}");
        let hardened = at_the_end(&format!("{slug}-hardened")).lock();
        assert_eq!(hardened.late, None, "{slug}: {hardened:?}");
        assert!(hardened.longest.us > 0, "{slug}");
    }
}

#[test]
fn three_leaders_at_once_are_no_hand_over() {
    let waits = at_the_end("t-too-short");
    assert_eq!(waits.crowded().most, 3);
    assert!(waits.crowded().late.is_some());
    assert_eq!(at_the_end("t-too-short-hardened").crowded().late, None);
}

#[test]
fn a_bully_that_comes_back_leads_beside_the_old_leader_for_the_way_of_a_message() {
    let waits = at_the_end("highest-comes-back");
    assert_eq!(waits.crowded().most, 2);
    assert_eq!(waits.crowded().late, None, "{:?}", waits.crowded());
}

#[test]
fn two_sides_of_a_cut_that_both_lead_are_overdue_in_classic() {
    assert!(at_the_end("partition").crowded().late.is_some());
    assert_eq!(at_the_end("partition-hardened").crowded().late, None);
}

#[test]
fn reading_as_it_grows_and_reading_at_once_give_the_same() {
    let scenario = antes_sim::library::scenarios().unwrap().swap_remove(25);
    let bounds = Bounds::of(&scenario);
    let mut run = Run::new(scenario);
    run.finish();
    let (mut grown, mut at_once) = (Waits::new(4, bounds), Waits::new(4, bounds));
    for lines in 0..=run.trace().len() {
        grown.read(&run.trace()[..lines], 0, 4, bounds);
    }
    at_once.read(run.trace(), 0, 4, bounds);
    let told = |waits: &Waits| (waits.leaderless(), waits.crowded(), waits.lock());
    assert_eq!(told(&grown), told(&at_once));
}

#[test]
fn overdue_in_the_library_is_what_its_stories_tell_of() {
    let late: Vec<_> = library::LIBRARY
        .iter()
        .map(|&(slug, _)| (slug, at_the_end(slug)))
        .filter_map(|(slug, waits)| {
            let told = [
                ("leader", waits.leaderless()),
                ("leaders", waits.crowded()),
                ("lock", waits.lock()),
            ];
            let late: Vec<_> =
                told.iter().filter(|(_, told)| told.late.is_some()).map(|it| it.0).collect();
            (!late.is_empty()).then(|| format!("{slug}: {}", late.join(" ")))
        })
        .collect();
    assert_eq!(
        late,
        [
            "t-too-short: leaders",
            "holder-dies: lock",
            "partition: leaders",
            "partition-hardened: leader",
            "lost-grant: lock",
            "stale-holder: leaders",
            "two-of-four-dead-hardened: leader",
            "one-crash-stops-all: lock",
        ]
    );
}
