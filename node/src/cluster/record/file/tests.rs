use antes_core::{Algorithm, ClusterSize, NodeId, Profile};

use super::*;

fn folder(name: &str) -> std::path::PathBuf {
    let name = format!("antes-trace-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn header(profile: Profile, epoch_us: u64) -> Header {
    let node = NodeId::new(1).expect("a node");
    let size = ClusterSize::new(3).expect("a size");
    Header::cluster(size, antes_core::Setting::new(Algorithm::Mutex, profile))
        .written_by(node, epoch_us)
}

#[test]
fn a_torn_last_line_is_cut_off_and_the_numbers_go_on() {
    let folder = folder("torn");
    let path = folder.join("trace.jsonl");
    let head = header(Profile::Hardened, 5).to_json();
    let whole = format!("{head}\n{{\"seq\":0}}\n{{\"seq\":1}}\n");
    std::fs::write(&path, format!("{whole}{{\"se")).expect("it is written");
    let mut trace =
        TraceFile::open(&path, None, &header(Profile::Hardened, 99)).expect("it is a trace");
    assert_eq!((trace.seq, trace.began_us), (2, 5));
    trace.write(b"{\"seq\":2}\n", 1);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(text, format!("{whole}{{\"seq\":2}}\n"));
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn a_file_without_lines_is_refused_before_it_is_read_to_its_end() {
    let folder = folder("endless");
    let path = folder.join("image");
    std::fs::write(&path, format!("{{\"antes_trace\":{}", " ".repeat(2 << 20))).expect("written");
    let header = header(Profile::Hardened, 5);
    let refused = |path: &Path| {
        let error = TraceFile::open(path, None, &header).err();
        error.expect("it is refused").to_string()
    };
    assert!(refused(&path).contains("no trace of node 1"));
    assert_eq!(std::fs::metadata(&path).expect("it is there").len(), (2 << 20) + 15);
    std::fs::remove_dir_all(folder).expect("it is removed");
    for device in ["/dev/full", "/dev/zero", "/dev/null"] {
        assert!(refused(Path::new(device)).contains("no ordinary file"), "{device}");
    }
}

#[test]
fn another_profile_or_other_settings_begin_under_a_header_of_their_own() {
    let folder = folder("headers");
    let path = folder.join("trace.jsonl");
    let of_hardened = header(Profile::Hardened, 5);
    let of_classic = header(Profile::Classic, 9);
    let longer = Header { settings: "LEASE=9s".into(), ..header(Profile::Classic, 11) };
    let mut began = Vec::new();
    for header in [&of_hardened, &of_classic, &of_classic, &longer] {
        let mut trace = TraceFile::open(&path, None, header).expect("it is a trace");
        began.push((trace.seq, trace.began_us));
        trace.write(format!("{{\"seq\":{}}}\n", trace.seq).as_bytes(), 1);
    }
    assert_eq!(began, [(0, 5), (1, 9), (2, 9), (3, 11)]);
    let text = std::fs::read_to_string(&path).expect("it is there");
    let [first, second, third] = [of_hardened, of_classic, longer].map(|it| it.to_json());
    let expected =
        [&*first, "{\"seq\":0}", &*second, "{\"seq\":1}", "{\"seq\":2}", &*third, "{\"seq\":3}"];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn a_process_whose_wall_clock_was_set_back_begins_under_a_header_of_its_own() {
    let folder = folder("set-back");
    let path = folder.join("trace.jsonl");
    let began = [7, 9, 5, 6].map(|epoch_us| {
        let header = header(Profile::Hardened, epoch_us);
        TraceFile::open(&path, None, &header).expect("it is a trace").began_us
    });
    assert_eq!(began, [7, 7, 5, 5]);
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn a_file_that_is_too_long_loses_its_oldest_lines_and_keeps_the_header_they_are_under() {
    let folder = folder("bound");
    let path = folder.join("trace.jsonl");
    let old = header(Profile::Classic, 3);
    let mut trace = TraceFile::open(&path, Some(LEAST_BOUND), &old).expect("a trace");
    trace.write(b"{\"seq\":0}\n", 1);
    drop(trace);
    let head = header(Profile::Hardened, 5);
    let line = |seq: u64| format!("{{\"seq\":{seq},\"and\":\"{}\"}}\n", "x".repeat(97));
    let mut written = 1;
    let mut longest = 0;
    // Each opening stands for another life.
    for _ in 0..5 {
        let mut trace = TraceFile::open(&path, Some(LEAST_BOUND), &head).expect("a trace");
        assert_eq!((trace.seq, trace.began_us), (written, 5));
        for _ in 0..300 {
            let lines: String = (written..written + 3).map(line).collect();
            trace.write(lines.as_bytes(), 3);
            written += 3;
            longest = longest.max(fs::metadata(&path).expect("it is there").len());
        }
        let text = fs::read_to_string(&path).expect("it is there");
        let (first, rest) = text.split_once('\n').expect("lines");
        let kept = rest.lines().count() as u64;
        let expected: String = (written - kept..written).map(line).collect();
        assert_eq!((first, rest), (&*head.to_json(), &*expected));
    }
    assert!(longest <= LEAST_BOUND && longest > LEAST_BOUND - 1000, "{longest}");
    let left: Vec<_> = fs::read_dir(&folder).expect("a folder").collect();
    assert_eq!(left.len(), 1, "nothing is left beside it");
    fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn a_file_that_is_no_trace_of_this_process_is_left_alone() {
    let folder = folder("other");
    let path = folder.join("notes.txt");
    let node_2 = header(Profile::Classic, 5).written_by(NodeId::new(2).expect("a node"), 5);
    let of_node_2 = format!("{}\n", node_2.to_json());
    // A file with a secret often has no line end.
    for text in ["buy milk\n", "9f2c41d07be85a36e1b4", "{\"antes\":1}", "\n", &of_node_2] {
        std::fs::write(&path, text).expect("it is written");
        assert!(TraceFile::open(&path, None, &header(Profile::Classic, 5)).is_err(), "{text}");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), text);
    }
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn a_file_that_a_running_process_writes_is_refused() {
    let folder = folder("locked");
    let path = folder.join("trace.jsonl");
    let header = header(Profile::Hardened, 5);
    let held = TraceFile::open(&path, None, &header).expect("a trace");
    let refused = TraceFile::open(&path, None, &header).err().expect("it is locked");
    assert!(refused.to_string().contains("a file for this process only"), "{refused}");
    drop(held);
    assert!(TraceFile::open(&path, None, &header).is_ok());
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn lines_that_cannot_be_written_are_counted_and_the_next_are_tried_again() {
    let folder = folder("full");
    let path = folder.join("trace.jsonl");
    let header = header(Profile::Hardened, 5);
    let mut trace = TraceFile::open(&path, None, &header).expect("a trace");
    let Out::File(bounded) = &mut trace.out else { panic!("it is a file") };
    // A file that accepts no bytes stands for a full disk.
    let writable = std::mem::replace(&mut bounded.file, File::open(&path).expect("it is there"));
    trace.write(b"{\"seq\":0}\n{\"seq\":1}\n", 2);
    assert_eq!(trace.left_out().load(Ordering::Relaxed), 2);
    let Out::File(bounded) = &mut trace.out else { panic!("it is a file") };
    bounded.file = writable;
    trace.write(b"{\"seq\":2}\n", 1);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(text, format!("{}\n{{\"seq\":2}}\n", header.to_json()));
    std::fs::remove_dir_all(folder).expect("it is removed");
}
