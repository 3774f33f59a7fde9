//! Files that cannot be read, or are no traces of one run.

use super::*;

/// In the classic profile, so that there are violations to report.
#[test]
fn a_line_that_cannot_be_read_is_left_out_and_nothing_is_claimed_of_its_node() {
    let mut scenario = busy(Algorithm::Mutex, 3);
    scenario.config.profile = Profile::Classic;
    let files = taken_apart(&finished(scenario), &|_| 0, &EVERYTHING);
    let whole = joined(&files);
    assert!(violations(&whole.events).iter().any(|found| found.nodes.contains(&node(1))));
    let cases: [(&str, &str, &str); 4] = [
        (
            "\"node\":1,\"inc\":1,\"kind\":\"send\"",
            "\"node\":3,\"inc\":1,\"kind\":\"send\"",
            "this is not of node 1",
        ),
        ("\"kind\":\"send\"", "\"kind\":\"sent\"", "is no kind of event"),
        ("\"kind\":\"send\"", "\"kind\":\"send", "the line is torn"),
        ("\"kind\":\"send\"", "\"kind\":\"send\",\"vector\":[1]", "duplicate field"),
    ];
    for (good, bad, problem) in cases {
        let mut files = files.clone();
        files[1].1 = files[1].1.replacen(good, bad, 1);
        let merged = joined(&files);
        let told = |note: &String| {
            note.starts_with("node-1.jsonl:")
                && note.contains("left out: ")
                && note.contains(problem)
        };
        assert!(merged.notes.iter().any(told), "{problem}: {:?}", merged.notes);
        let claimed = violations(&merged.events);
        assert!(claimed.iter().all(|found| !found.nodes.contains(&node(1))), "{claimed:?}");
        // All lines of the other nodes are present.
        let of_others = |merged: &Merged| {
            let others =
                merged.events.iter().filter(|event| event.node.is_some_and(|of| of != node(1)));
            contents(others.filter(|event| !matches!(event.happening, Happening::Lost { .. })))
                .len()
        };
        assert_eq!(of_others(&merged), of_others(&whole), "{problem}");
    }
}

#[test]
fn files_that_cannot_be_merged_are_refused_with_a_line() {
    let files = taken_apart(&killed(Profile::Hardened), &|_| 0, &EVERYTHING);
    let refused = |change: Change<'_>| {
        let mut files = files.clone();
        change(&mut files);
        read(&files).err().unwrap_or_else(|| "nothing is refused".into())
    };
    let cases: [(Change<'_>, &str); 5] = [
        (
            &|files| files.push(files[1].clone()),
            "node-1.jsonl:1: this is life 1 of node 1, which node-1.jsonl:1 is too; expected each \
             life once",
        ),
        (
            &|files| files[3].1 = files[3].1.replace("\"nodes\":4", "\"nodes\":5"),
            "node-3.jsonl:1: this is of 5 nodes, hardened, mutex, but node-1.jsonl is of 4 nodes",
        ),
        (
            &|files| files[2].1 = files[2].1.replacen("hardened", "classic", 1),
            "node-2.jsonl:1: this is of 4 nodes, classic, mutex, but node-1.jsonl is of 4 nodes, \
             hardened, mutex; expected the files of one run",
        ),
        (
            &|files| files[1].1 = files[1].1.split_once('\n').expect("lines").1.to_owned(),
            "node-1.jsonl:1: the file does not begin with a header; expected {\"antes_trace\":1,...}",
        ),
        (
            &|files| files.truncate(1),
            "node-0.jsonl:1: this is the resource's; expected the trace of at least one node",
        ),
    ];
    for (change, expected) in cases {
        let said = refused(change);
        assert!(said.contains(expected), "{said}\nis not\n{expected}");
    }
}

#[test]
fn a_file_that_is_no_trace_is_named_as_what_it_is() {
    let run = killed(Profile::Hardened);
    let utf_16: Vec<u8> = "nodes = 4".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let pretty = "{\n  \"antes_trace\": 1,\n  \"source\": \"sim\"\n}\n";
    let cases: [(&[u8], &str); 13] = [
        (&utf_16, "this is a scenario"),
        (b"\xFE\xFF\0[\0]", "not a line for each event"),
        (shiviz::write(run.trace()).leak().as_bytes(), "this is a log for ShiViz"),
        (
            mermaid::write(&Header::of(run.scenario()), run.trace()).leak().as_bytes(),
            "this is a diagram of a run",
        ),
        (text::header(run.scenario()).leak().as_bytes(), "a run told in plain text"),
        (scenario::write(run.scenario()).leak().as_bytes(), "this is a scenario"),
        (b"# A comment.\n\n[[step]]\nat = \"1s\"\n", "antes run SCENARIO --format jsonl"),
        (b"{\"processes\": [\"P\"],\n\"events\": []}", "this is a figure"),
        (b"{\"messages\":{},\"leaders\":{},\"entries\":[]}", "this is a summary"),
        (pretty.as_bytes(), "not a line for each event; expected JSON Lines"),
        (b"[{\"antes_trace\":1},{}]", "not a line for each event; expected JSON Lines"),
        (b"\x1F\x8B\x08\0\0\0", "the file is compressed"),
        (b"\x89PNG\r\n\x1A\n\0\0", "a page or a picture; expected a trace in JSON Lines"),
    ];
    for (bytes, expected) in cases {
        let error = Reader::default().read("run", bytes).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("run:1: ") && error.contains(expected), "{error}: {expected}");
    }
}

#[test]
fn a_trace_may_begin_with_a_byte_order_mark_be_utf_16_and_have_a_header_with_blanks() {
    let run = killed(Profile::Hardened);
    let header = Header::of(run.scenario()).to_json();
    let lines = run.trace().iter().map(|event| jsonl::line(event, run.scenario().config.size));
    let lines = lines.collect::<Vec<_>>().join("\n");
    let whole = |header: &str| joined(&vec![("run".into(), format!("{header}\n{lines}\n"))]).events;
    let expected = whole(&header);
    assert_eq!(whole(&format!("\u{FEFF}{header}")), expected);
    assert_eq!(whole(&header.replacen('{', "{ ", 1).replace(',', ", ")), expected);
    let units: Vec<u8> =
        format!("\u{FEFF}{header}\n{lines}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut reader = Reader::default();
    reader.read("run", &units).expect("UTF-16 is read");
    assert_eq!(merge(reader.finished().0, None).expect("it is one run").events, expected);
}

#[test]
fn traces_that_contradict_each_other_are_refused() {
    let vector = |node: u8, counts: &str, id: &str, kind: &str| {
        let other = 3 - node;
        let (from, to) = if kind == "send" { (node, other) } else { (other, node) };
        let sent = if kind == "send" { "" } else { ",\"sent\":2,\"before\":0" };
        format!(
            "{{\"seq\":{},\"at_us\":1,\"node\":{node},\"inc\":1,\"kind\":\"{kind}\",\
             \"lamport\":{},\"vector\":{counts},\"message\":{{\"id\":\"{id}\",\"from\":{from},\
             \"to\":{to},\"type\":\"MESSAGE\"}}{sent}}}\n",
            u8::from(kind == "send"),
            if kind == "send" { 2 } else { 3 },
        )
    };
    let file = |node: u8, counts: [&str; 2]| {
        let size = ClusterSize::new(2).expect("two");
        let header =
            Header::cluster(size, antes_core::Setting::new(Algorithm::Clock, Profile::Classic))
                .written_by(common::node(node), 0);
        let received = vector(node, counts[0], &format!("{}:1", 3 - node), "receive");
        let sent = vector(node, counts[1], &format!("{node}:1"), "send");
        (format!("{node}.jsonl"), format!("{}\n{received}{sent}", header.to_json()))
    };
    // Each node receives the other's message before it sends its own.
    let files = vec![file(1, ["[1,0]", "[2,0]"]), file(2, ["[0,1]", "[0,2]"])];
    let said = read(&files).expect_err("a circle is refused");
    let expected =
        "1.jsonl:2: this event comes after that of 2.jsonl:2, which comes after this one";
    assert!(said.starts_with(expected), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any bytes give a run, or an error with a line number.
    #[test]
    fn no_bytes_make_it_panic(
        changes in vec((any::<Index>(), any::<Index>(), vec(any::<u8>(), 0..4)), 1..6),
        numbers in vec((any::<Index>(), any::<Index>(), any::<u64>()), 0..6),
    ) {
        static FILES: LazyLock<Files> = LazyLock::new(|| {
            let mut scenario = busy(Algorithm::Mutex, 3);
            scenario.duration = ms(4_000);
            taken_apart(&finished(scenario), &|_| 0, &EVERYTHING)
        });
        let mut files: Vec<Vec<u8>> =
            FILES.iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
        for (file, place, number) in &numbers {
            let file = file.get_mut(&mut files);
            let digits: Vec<usize> =
                (0..file.len()).filter(|&place| file[place].is_ascii_digit()).collect();
            let place = *place.get(&digits);
            file.splice(place..=place, number.to_string().into_bytes());
        }
        for (file, place, bytes) in &changes {
            let file = file.get_mut(&mut files);
            let place = place.index(file.len());
            let end = (place + bytes.len() / 2).min(file.len());
            file.splice(place..end, bytes.iter().copied());
        }
        for some in [&files[..], &files[1..2], &files[..3]] {
            let mut reader = Reader::default();
            let read = some.iter().try_for_each(|bytes| reader.read("fuzzed", bytes));
            let (parts, _) = reader.finished();
            if let (Ok(()), false) = (read, parts.is_empty()) {
                let total: usize = parts.iter().map(|part| part.events.len()).sum();
                match merge(parts, None) {
                    Ok(merged) => prop_assert!(total == 0 || !merged.events.is_empty()),
                    Err(error) => prop_assert!(!error.problem.is_empty() && error.line > 0),
                }
            }
        }
    }
}
