//! Lines are missing: of a killed process, at the beginning, in the middle, at the end.

use antes_core::MAX_NODES;

use super::*;

#[test]
fn a_killed_node_writes_nothing_of_it_and_the_run_says_so_nevertheless() {
    let run = killed(Profile::Hardened);
    let by_itself = |event: &TraceEvent| {
        let down = matches!(event.happening, Happening::Lost { loss: Loss::Down, .. });
        !down && !matches!(event.happening, Happening::Crash | Happening::Restart { .. })
    };
    let merged = joined(&taken_apart(&run, &|_| 0, &by_itself));
    let of_kind = |trace: &[TraceEvent], kind: &str| {
        let events = trace.iter().filter(|event| event.kind() == kind);
        let mut names: Vec<_> = events
            .map(|event| match event.message() {
                Some(message) => format!("{:?} {}", event.node, message.id),
                None => format!("{:?} {:?}", event.node, event.incarnation),
            })
            .collect();
        names.sort();
        names
    };
    for kind in ["crash", "restart", "lost"] {
        let (before, after) = (of_kind(run.trace(), kind), of_kind(&merged.events, kind));
        assert!(!before.is_empty(), "{kind}");
        assert_eq!(before, after, "{kind}");
    }
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
    assert!(
        merged.notes.iter().any(|note| note.starts_with("node 2 writes nothing after 15.0")
            || note.starts_with("node 2 writes nothing after 14.")),
        "{:#?}",
        merged.notes
    );
}

#[test]
fn a_torn_last_line_is_told_and_left_out() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let whole = joined(&files).events.len();
    // Node 2 was killed while it wrote, and a page of zeros was left.
    let (name, text) = &mut files[2];
    let length = text.len() - 20;
    text.truncate(length);
    text.push_str("\0\0\0\0\n");
    let line = text.lines().count();
    let told = format!("{name}:{line}: left out: the line is torn");
    let merged = joined(&files);
    assert!(merged.notes.contains(&told), "{:#?}", merged.notes);
    assert!(merged.events.len() <= whole);
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
}

#[test]
fn a_life_may_begin_right_behind_half_a_line_of_the_one_before() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let (_, text) = &mut files[4];
    let header = text.rfind("{\"antes_trace\"").expect("node 4 has two lives");
    text.insert_str(header, "{\"seq\":99,\"at_us\":12");
    assert!(joined(&files).notes.iter().any(|note| note.ends_with("left out: the line is torn")));
    is_the_same_history("torn", &run, &joined(&files));
}

#[test]
fn missing_lines_are_told_and_nothing_is_claimed_about_them() {
    let run = killed(Profile::Hardened);
    for missing in 1..=4 {
        let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
        files.remove(missing);
        let merged = joined(&files);
        let told = format!("no file is of node {missing}: its part of the run is missing");
        assert!(merged.notes.iter().any(|note| note.starts_with(&told)), "{:#?}", merged.notes);
        assert_eq!(violations(&merged.events), Vec::<&Violation>::new(), "without {missing}");
    }
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let (_, text) = &mut files[1];
    let lines: Vec<&str> = text.lines().collect();
    *text = [&lines[..20], &lines[60..]].concat().join("\n");
    let merged = joined(&files);
    let told = "of node 1 were received, but no line says that they were sent";
    assert!(merged.notes.iter().any(|note| note.contains(told)), "{:#?}", merged.notes);
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
}

/// A file without its first lines. The lines after the latest removed header are kept.
fn beheaded(text: &str, lines: usize) -> String {
    let is_header = |line: &&str| line.starts_with("{\"antes_trace\"");
    let all: Vec<&str> = text.lines().collect();
    let (head, rest) = all.split_at(lines);
    let header = head.iter().copied().rfind(is_header).expect("it begins with a header");
    let kept = if rest.first().is_some_and(is_header) {
        rest.to_vec()
    } else {
        [&[header], rest].concat()
    };
    kept.join("\n") + "\n"
}

#[test]
fn whose_beginning_was_cut_off_is_told_and_nothing_is_claimed_for_it() {
    let mut found = BTreeSet::new();
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for profile in [Profile::Classic, Profile::Hardened] {
            for (seed, mut scenario) in storms(profile, algorithm, Faults::ALL).enumerate() {
                scenario.network.latency = Latency::Fixed(ms(20));
                let run = finished(scenario);
                let name = format!("{algorithm:?} {profile:?} {seed}");
                let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
                for (place, (_, text)) in files.iter_mut().enumerate() {
                    let share = (seed * 7 + place * 13) % 80;
                    let count = text.lines().count();
                    *text = beheaded(text, (12 + count * share / 100).min(count - 1));
                }
                let merged = joined(&files);
                let told = merged.notes.iter().filter(|note| note.starts_with("the beginning of"));
                assert_eq!(told.count(), 4, "{name}: {:#?}", merged.notes);
                let ended: BTreeSet<_> = run.trace().iter().filter_map(ended_by).collect();
                let claimed = merged.events.iter().filter(|event| match &event.happening {
                    Happening::Lost { message, .. } => ended.contains(&message.id),
                    _ => true,
                });
                let (before, after) = (contents(run.trace()), contents(claimed));
                let made_up: Vec<_> =
                    after.iter().filter(|event| before.binary_search(event).is_err()).collect();
                assert!(made_up.is_empty(), "{name}: {made_up:#?}");
                // If several nodes violate an invariant together, lines of some may be missing.
                let before = violations(run.trace());
                let known = |found: &&Violation| {
                    before.iter().any(|other| {
                        other.invariant == found.invariant
                            && found.nodes.iter().all(|node| other.nodes.contains(node))
                    })
                };
                let found_now = violations(&merged.events);
                let false_ones: Vec<_> = found_now.iter().filter(|found| !known(found)).collect();
                assert!(false_ones.is_empty(), "{name}: {false_ones:#?}");
                found.extend(found_now.iter().map(|found| found.invariant));
            }
        }
    }
    assert!(found.contains(&Invariant::OneHolder), "what is left is judged: {found:?}");
}

#[test]
fn a_node_that_may_lead_before_its_first_line_is_not_said_to_follow_nobody() {
    let size = ClusterSize::new(2).expect("two");
    let file = |of: u8, kind: &str, count: u8| {
        let header =
            Header::cluster(size, antes_core::Setting::new(Algorithm::Leader, Profile::Classic));
        let header = header.written_by(node(of), 0).to_json();
        let line = format!(
            "{{\"seq\":{count},\"at_us\":{of},\"node\":{of},\"inc\":1,{kind},\"lamport\":{count},\
             \"vector\":[0,{count}]}}"
        );
        (format!("{of}.jsonl"), format!("{header}\n{line}\n"))
    };
    let found = |count: u8| {
        let follows = file(1, "\"kind\":\"leader\",\"leader\":2", 0);
        let merged = joined(&vec![follows, file(2, "\"kind\":\"local\"", count)]);
        violations(&merged.events).iter().map(|found| found.invariant).collect::<Vec<_>>()
    };
    assert_eq!(found(1), [Invariant::OneLeader], "it begins there, and does not lead");
    assert_eq!(found(5), [], "it has done four things before");
}

#[test]
fn without_the_line_of_the_resource_the_order_of_arrival_is_not_judged() {
    let header = |of: u8| {
        let size = ClusterSize::new(2).expect("two");
        let header = match of {
            0 => Header::written_by_resource(Profile::Hardened, 0),
            of => {
                Header::cluster(size, antes_core::Setting::new(Algorithm::Mutex, Profile::Hardened))
                    .written_by(node(of), 0)
            }
        };
        header.to_json()
    };
    let write = |of: u8, at_us: u64, counts: u8| {
        let own = |place: u8| u8::from(place == of).to_string();
        let vector: Vec<String> = (1..=counts).map(own).collect();
        format!(
            "{{\"seq\":{at_us},\"at_us\":{at_us},\"node\":{of},\"inc\":1,\"kind\":\"write\",\
             \"lamport\":1,\"vector\":[{}],\"message\":{{\"id\":\"{of}:1\",\"from\":{of},\"to\":0,\
             \"type\":\"WRITE\",\"request\":\"{of}:1\",\"phase\":\"entry\",\"token\":[1,{of}]}},\
             \"accepted\":true,\"overlaps\":[]}}\n",
            vector.join(",")
        )
    };
    // Node 1 wrote first, and got its answer last.
    let nodes = [(1, 9_000), (2, 5_000)].map(|(of, at_us)| {
        (format!("{of}.jsonl"), format!("{}\n{}", header(of), write(of, at_us, 2)))
    });
    let resource = |first: u8, second: u8| {
        let lines = [write(first, 1_000, MAX_NODES), write(second, 2_000, MAX_NODES)].concat();
        ("0.jsonl".to_owned(), format!("{}\n{lines}", header(0)))
    };
    let order_told = |merged: &Merged| {
        let told = "no line of the resource tells of 2 writes";
        merged.notes.iter().all(|note| !note.starts_with(told))
    };
    let alone = joined(&nodes.to_vec());
    assert_eq!((violations(&alone.events), order_told(&alone)), (Vec::new(), false));
    let mut again = format!("{}\n", alone.header.to_json());
    for event in &alone.events {
        again += &format!("{}\n", jsonl::line(event, alone.header.size()));
    }
    let again = joined(&vec![("merged.jsonl".into(), again)]);
    assert_eq!(violations(&again.events), Vec::<&Violation>::new());
    let right = joined(&[&nodes[..], &[resource(1, 2)]].concat());
    assert_eq!((violations(&right.events), order_told(&right)), (Vec::new(), true));
    let wrong = joined(&[&nodes[..], &[resource(2, 1)]].concat());
    let found: Vec<_> = violations(&wrong.events).iter().map(|found| found.invariant).collect();
    assert_eq!(found, [Invariant::TokenOrder]);
}

#[test]
fn lines_that_are_missing_in_the_middle_are_told() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let lines: Vec<&str> = files[1].1.lines().collect();
    let gap: Vec<&str> = [&lines[..20], &lines[40..]].concat();
    files[1].1 = format!("{}\n", gap.join("\n"));
    let merged = joined(&files);
    let told = "node-1.jsonl:21: lines before this one are missing: node 1 goes from its event";
    assert!(merged.notes.iter().any(|note| note.starts_with(told)), "{:?}", merged.notes);
}
