//! Several lives of a node, and several runs in the same files.

use super::*;

/// The clocks of both machines were set back by two seconds while the nodes were down.
#[test]
fn a_life_after_the_clock_was_set_back_comes_after_the_one_before_with_its_own_spans() {
    let file = |of: u8| {
        let path = format!("{}/tests/traces/clock-set-back-{of}.jsonl", env!("CARGO_MANIFEST_DIR"));
        (format!("{of}.jsonl"), std::fs::read_to_string(path).expect("it is there"))
    };
    let merged = joined(&vec![file(1), file(2)]);
    let second = merged.events.iter().filter(|event| event.incarnation.get() == 2);
    let second: Vec<(u64, &str)> = second.map(|event| (event.at_us, event.kind())).collect();
    let begun_us = second[0].0;
    let since: Vec<u64> = second.iter().map(|(at_us, _)| at_us - begun_us).collect();
    assert_eq!(since, [0, 0, 499_800, 599_800, 1_399_800, 1_499_800], "{second:?}");
    let first = merged.events.iter().filter(|event| event.incarnation.get() == 1);
    assert!(first.map(|event| event.at_us).max() <= Some(begun_us));
    for node in [1, 2] {
        let set_back = format!("the clock of node {node} was set back by ");
        let told = merged.notes.iter().any(|note| {
            note.starts_with(&set_back) && note.ends_with(" between its lives 1 and 2")
        });
        assert!(told, "{:?}", merged.notes);
    }
}

#[test]
fn runs_of_two_profiles_in_the_same_files_are_told_apart() {
    let of = |profile: Profile, begins_us: i64| {
        let mut scenario = busy(Algorithm::Mutex, 7);
        scenario.config.profile = profile;
        taken_apart(&finished(scenario), &|_| begins_us, &|_| true)
    };
    let classic = of(Profile::Classic, 0);
    // Some minutes later, in the other profile.
    let hardened = of(Profile::Hardened, 600_000_000);
    let both: Files = classic
        .iter()
        .map(|(name, text)| {
            let later = hardened.iter().find(|(other, _)| other == name);
            (name.clone(), format!("{text}{}", later.map_or("", |(_, text)| text)))
        })
        .collect();
    let merged = joined(&both);
    assert!(contents(&merged.events) == contents(&joined(&hardened).events), "other events");
    assert_eq!(merged.header.profile, "hardened");
    let told = "run 1 of 2 (4 nodes, classic, mutex) is left out";
    assert!(merged.notes.iter().any(|note| note.starts_with(told)), "{:?}", merged.notes);

    let mut reader = Reader::default();
    for (name, text) in &both {
        reader.read(name, text.as_bytes()).expect("it is a trace");
    }
    let (parts, _) = reader.finished();
    let first = merge(parts.clone(), Some(1)).expect("there is a first run");
    assert_eq!(first.header.profile, "classic");
    assert_eq!(first.events.len(), joined(&classic).events.len());
    let refused = merge(parts, Some(3)).expect_err("there is no third run").to_string();
    assert!(refused.ends_with("there is no run 3; expected 1 to 2"), "{refused}");
}

/// The resource is told the profile only, so it begins no new header with another algorithm.
#[test]
fn the_writes_of_an_earlier_algorithm_do_not_count_to_a_later_run_of_the_same_profile() {
    let of = |algorithm: Algorithm, begins_us: i64| {
        let mut scenario = busy(algorithm, 7);
        scenario.config.profile = Profile::Hardened;
        taken_apart(&finished(scenario), &|_| begins_us, &|_| true)
    };
    let mutex = of(Algorithm::Mutex, 0);
    // Life 1 is followed by life 11, life 2 by life 12.
    let later = |(name, text): (String, String)| (name, text.replace("\"inc\":", "\"inc\":1"));
    let leader: Files = of(Algorithm::Leader, 600_000_000).into_iter().map(later).collect();
    assert!(leader.iter().all(|(name, _)| name != "node-0.jsonl"), "an election writes nothing");
    let mut both = mutex.clone();
    for (name, text) in &leader {
        let file = both.iter_mut().find(|(other, _)| other == name).expect("every node has a file");
        file.1.push_str(text);
    }
    let merged = joined(&both);
    assert!(contents(&merged.events) == contents(&joined(&leader).events), "other events");
    assert!(!merged.notes.iter().any(|note| note.contains("no line says")), "{:?}", merged.notes);

    let mut reader = Reader::default();
    for (name, text) in &both {
        reader.read(name, text.as_bytes()).expect("it is a trace");
    }
    let first = merge(reader.finished().0, Some(1)).expect("there is a first run");
    assert!(contents(&first.events) == contents(&joined(&mutex).events), "other events");
}

/// The files of a run, of which all headers of nodes name these births.
fn born(files: Files, birth: impl Fn(&str) -> Option<u64>) -> Files {
    let header = |name: &str, line: &str| match birth(name) {
        Some(birth) if line.starts_with("{\"antes_trace\"") => {
            let mut header = Header::read(line).expect("it is one");
            header.birth = Some(birth);
            header.to_json()
        }
        Some(_) | None => line.to_owned(),
    };
    let named = files.into_iter().map(|(name, text)| {
        let lines = text.lines().map(|line| header(&name, line) + "\n").collect();
        (name, lines)
    });
    named.collect()
}

#[test]
fn a_cluster_that_begins_anew_in_the_same_files_is_told_from_the_one_before() {
    let of = |seed: u64, begins_us: i64, birth: u64| {
        let mut scenario = busy(Algorithm::Mutex, seed);
        scenario.config.profile = Profile::Hardened;
        let files = taken_apart(&finished(scenario), &|_| begins_us, &|_| true);
        born(files, |name| (name != "node-0.jsonl").then_some(birth))
    };
    let (before, after) = (of(7, 0, 1), of(8, 600_000_000, 2));
    let texts = |name: &str, files: &Files| {
        files.iter().filter(|(other, _)| other == name).map(|(_, text)| text.clone()).collect()
    };
    let both: Files = before
        .iter()
        .map(|(name, text)| {
            let later: String = texts(name, &after);
            (name.clone(), format!("{text}{later}"))
        })
        .collect();
    let merged = joined(&both);
    assert!(contents(&merged.events) == contents(&joined(&after).events), "other events");
    for node in 1..=4 {
        let told = format!(
            "node {node} begins with another memory and counts its lives from 1 again: what it did \
             with the memory before is left out"
        );
        assert!(merged.notes.contains(&told), "{:?}", merged.notes);
    }
}

#[test]
fn a_process_that_was_refused_for_its_memory_spoils_nothing() {
    let mut scenario = busy(Algorithm::Mutex, 7);
    scenario.config.profile = Profile::Hardened;
    let files = taken_apart(&finished(scenario), &|_| 0, &|_| true);
    let mut files = born(files, |name| (name != "node-0.jsonl").then_some(1));
    let alone = joined(&files);
    // It has asked to be known, in vain.
    let size = ClusterSize::new(4).expect("four");
    let header =
        Header::cluster(size, antes_core::Setting::new(Algorithm::Mutex, Profile::Hardened));
    let header = Header { birth: Some(2), ..header.written_by(node(2), BEGUN_US + 1_000_000) };
    let asks = r#"{"seq":0,"at_us":0,"node":2,"inc":1,"kind":"timeout","lamport":0,"vector":[0,0,0,0],"timer":"birth"}"#;
    files.push(("second.jsonl".into(), format!("{}\n{asks}\n", header.to_json())));
    let merged = joined(&files);
    assert!(contents(&merged.events) == contents(&alone.events), "other events");
    let told = "node 2 begins with another memory and counts its lives from 1 again: it has taken no \
                part with that, which is left out";
    assert!(merged.notes.iter().any(|note| note == told), "{:?}", merged.notes);
}

#[test]
fn a_node_whose_disk_was_replaced_is_one_process_after_the_other() {
    let mut scenario = busy(Algorithm::Mutex, 7);
    scenario.config.profile = Profile::Hardened;
    scenario.network = quiet(Algorithm::Mutex, 4, Vec::new()).network;
    scenario.steps = vec![at(3_000, Action::Crash(node(4))), at(9_000, Action::Restart(node(4)))];
    let run = finished(scenario);
    let alike = |event: &TraceEvent| !matches!(event.happening, Happening::Restart { .. });
    let mut files = taken_apart(&run, &|_| 0, &alike);
    // The second life of node 4 has a header of its own.
    let (_, text) = &mut files[4];
    let place = text.rfind("{\"antes_trace\"").expect("two headers");
    let header = text[place..].lines().next().expect("a line").to_owned();
    let mut reborn = Header::read(&header).expect("it is one");
    reborn.birth = Some(2);
    let first = Header {
        birth: Some(1),
        ..Header::read(text.lines().next().expect("a line")).expect("one")
    };
    let rest = text[place + header.len()..].to_owned();
    let begun = text[..place].lines().skip(1).map(|line| format!("{line}\n")).collect::<String>();
    *text = format!("{}\n{begun}{}{rest}", first.to_json(), reborn.to_json());
    let merged = joined(&files);
    let told = "node 4 begins with another memory in life 2: its disk was replaced";
    assert!(merged.notes.iter().any(|note| note == told), "{:?}", merged.notes);
    let lost = merged.events.iter().any(|event| {
        event.node == Some(node(4))
            && matches!(event.happening, Happening::Restart { storage: Storage::Lost })
    });
    assert!(lost, "its second life begins without what was stored");
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
}

#[test]
fn a_profile_that_comes_back_is_another_run_however_wrong_the_clocks_are() {
    let of = |profile: Profile, seed: u64, begins_us: i64| {
        let mut scenario = busy(Algorithm::Mutex, seed);
        scenario.config.profile = profile;
        // Node 2 is hours ahead.
        let skew = |writer| begins_us + i64::from(writer == 2) * 10_000_000_000;
        taken_apart(&finished(scenario), &skew, &|_| true)
    };
    let periods = [
        of(Profile::Hardened, 7, 0),
        of(Profile::Classic, 7, 600_000_000),
        of(Profile::Hardened, 8, 1_200_000_000),
    ];
    let mut reader = Reader::default();
    for (place, (name, _)) in periods[0].iter().enumerate() {
        // The first process has lost its oldest lines.
        let kept = &periods[usize::from(place == 0)..];
        let texts = kept.iter().flatten().filter(|(other, _)| other == name);
        let text: String = texts.map(|(_, text)| text.as_str()).collect();
        reader.read(name, text.as_bytes()).expect("it is a trace");
    }
    let (parts, _) = reader.finished();
    for (which, period) in [(None, 2), (Some(3), 2), (Some(2), 1)] {
        let merged = merge(parts.clone(), which).expect("there is such a run");
        assert!(
            contents(&merged.events) == contents(&joined(&periods[period]).events),
            "{which:?}"
        );
    }
    let notes = merge(parts, None).expect("there is a latest run").notes;
    for told in ["run 1 of 3 (4 nodes, hardened, mutex)", "run 2 of 3 (4 nodes, classic, mutex)"] {
        assert!(notes.iter().any(|note| note.starts_with(told)), "{notes:?}");
    }
}
