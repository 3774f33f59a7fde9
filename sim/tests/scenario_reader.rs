//! Scenario files: their meaning, and the errors for wrong ones.

use std::time::Duration;

use antes_core::{
    Algorithm, Announce, Command, Detector, Form, Hold, Identity, Incarnation, NodeId, Term, Token,
};
use antes_sim::scenario::claim::Claims;
use antes_sim::scenario::{
    About, Action, Forgery, HardenedConfig, Latency, Moment, Ppm, Preempt, Scenario, Start,
    Tampering, Which, read, write,
};

fn node(number: u8) -> NodeId {
    NodeId::new(number).expect("a node id")
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The example of the file format, with all fields and all actions.
const EVERYTHING: &str = r#"
title.en = "The leader crashes"
title.pt = "O líder cai"
summary = "What it shows."
look_for.en = "What to look for."
look_for.pt = "O que observar."
simplifies = "What the model simplifies."
keywords.en = "crash, leader"
keywords.pt = "queda, líder"
algorithm = "mutex"
profile = "classic"
nodes = 5
seed = 7
duration = "45s"

[network]
latency = { min = "50ms", max = "150ms" }
loss = 0.1
duplicate = 1
fifo = false

[election]
form = "sequential"
announce = "all"
detector = "poll"
heartbeat = "400ms"
suspect_after = "1100ms"
answer_timeout = "250ms"
coordinator_timeout = "1s"
start = "cold"
preempt = "stable"
probation = "3s"

[mutex]
hold = { min = "1s", max = "1s" }
lease = "8s"
retry = "2s"
drift = 0.02
resource_latency = "10ms"

[application]
auto = true
wait = "2s"
call_timeout = "1s"

[[node]]
id = 2
clock_rate = 1.005

[[node]]
id = 3
latency = "140ms"

[[step]]
at = "1s"
crash = 4
note.en = "Node 4, the leader, dies."
note.pt = "O nó 4, o líder, morre."
claims = ["crashes 4", "not leads none", "follows 1 -> 4 for 500ms"]

[[step]]
at = "2s"
note = "Only a note."

[[step]]
at = "1s"
after = 2
restart = 4
[[step]]
at = "3s"
pause = 1
[[step]]
at = "3s"
resume = 1
[[step]]
at = "3s"
crash_at = { node = 2, at = "after-save" }
[[step]]
at = "3s"
elect = 1
[[step]]
at = "3s"
request = 1
[[step]]
at = "3s"
request = { node = 1, hold = "1s" }
[[step]]
at = "3s"
request = { node = 1, hold = "random" }
[[step]]
at = "3s"
release = 1
[[step]]
at = "3s"
write = 1
[[step]]
at = "3s"
event = 1
[[step]]
at = "3s"
send = { from = 1, to = 2 }
[[step]]
at = "3s"
send = { from = 1, to = 2, latency = "250us" }
[[step]]
at = "3s"
call = { from = 1, to = 2 }
[[step]]
at = "3s"
partition = [[1, 2], [3, 4]]
[[step]]
at = "3s"
cut = { from = 1, to = 2 }
[[step]]
at = "3s"
heal = true
[[step]]
at = "3s"
drop = { message = "1:7" }
[[step]]
at = "3s"
duplicate = { kind = "GRANT", from = 5, to = 1, nth = 2 }
[[step]]
at = "3s"
delay = { kind = "WRITE", by = "2s" }
[[step]]
at = "3s"
deliver = { message = "2:4+1" }
[[step]]
at = "3s"
drop = { kind = "GRANT", nth = 2, copy = 1 }
[[step]]
at = "3s"
forge = { kind = "GRANT", from = 5, to = 1, request = "1#2:3", token = [2, 1], repetition = 4, term = 2, lamport = 9, latency = "0s" }
[[step]]
at = "3s"
forge = { kind = "OK", from = 5, to = 1 }
[[step]]
at = "3s"
restart = { node = 4, storage = "lost" }
[[step]]
at = "3s"
withdraw = 1
[[step]]
at = "3s"
withdraw = { node = 1, request = 3 }
[[step]]
at = "3s"
restart = { node = 4, storage = "kept" }
"#;

fn everything() -> Scenario {
    read(EVERYTHING).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_setting_arrives_where_it_belongs() {
    let scenario = everything();
    assert_eq!(scenario.title.en, "The leader crashes");
    assert_eq!(scenario.title.pt.as_deref(), Some("O líder cai"));
    assert_eq!(scenario.keywords.unwrap().pt.as_deref(), Some("queda, líder"));
    assert_eq!(scenario.look_for.unwrap().pt.as_deref(), Some("O que observar."));
    assert_eq!(scenario.config.algorithm, Algorithm::Mutex);
    assert_eq!((scenario.config.size.get(), scenario.seed), (5, 7));
    assert_eq!(scenario.duration, ms(45_000));
    assert_eq!(scenario.network.latency, Latency::Uniform { min: ms(50), max: ms(150) });
    assert_eq!((scenario.network.loss, scenario.network.duplicate), (0.1, 1.0));
    assert!(!scenario.network.fifo);
    let election = scenario.config.election;
    assert_eq!((election.form, election.announce), (Form::Sequential, Announce::All));
    assert_eq!((election.detector, scenario.start), (Detector::Poll, Start::Cold));
    assert_eq!((election.heartbeat, election.suspect_after), (ms(400), ms(1100)));
    assert_eq!((election.answer_timeout, election.coordinator_timeout), (ms(250), ms(1000)));
    let expected = HardenedConfig {
        preempt: Preempt::Stable,
        probation: ms(3000),
        lease: ms(8000),
        retry: ms(2000),
        drift: Ppm(20_000),
    };
    assert_eq!(scenario.config.hardened, expected);
    assert_eq!(scenario.config.mutex.hold.min, ms(1000));
    assert_eq!(scenario.resource_latency, ms(10));
    assert!(scenario.config.application.auto);
    assert_eq!(scenario.config.application.wait.max, ms(2000));
    assert_eq!(scenario.config.application.call_timeout, ms(1000));
    assert_eq!(scenario.clock_rates[1], Ppm(1_005_000));
    assert_eq!(scenario.clock_rates[2], Ppm::TRUE);
    assert_eq!(scenario.network.node_latencies[..3], [None, None, Some(ms(140))]);
}

#[test]
fn the_spans_of_the_hardened_profile_fit_the_farthest_node() {
    let far = "profile = \"hardened\"\n[[node]]\nid = 2\nlatency = \"400ms\"\n";
    let scenario = read(far).unwrap();
    assert_eq!(scenario.longest_way(), ms(400));
    assert_eq!(scenario.config.election.answer_timeout, ms(808));
    let error = read(&format!("{far}[election]\nanswer_timeout = \"300ms\"")).unwrap_err();
    assert!(error.to_string().contains("808ms"), "{error}");
}

#[test]
fn a_file_may_begin_with_a_byte_order_mark() {
    assert_eq!(read(&format!("\u{FEFF}{EVERYTHING}")), read(EVERYTHING));
    let error = read("\u{FEFF}nods = 4").unwrap_err().to_string();
    assert_eq!(error, "1:1: a scenario has no \"nods\"; did you mean \"node\"?");
}

#[test]
fn a_key_that_is_there_twice_is_named() {
    for (text, expected) in [
        ("seed = 1\nnodes = 4\nseed = 2\n", "3:1: \"seed\" is there twice"),
        ("[network]\nloss = 0.1\nfifo = true\nloss = 0.2\n", "4:1: \"loss\" is there twice"),
        ("[network]\nloss = 0.1\n[network]\n", "3:2: \"network\" is there twice"),
        ("[[step]]\nat = \"1s\"\nelect = 1\nelect = 2\n", "4:1: \"elect\" is there twice"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nis not\n{expected}");
        assert!(error.ends_with("; expected each key of a table once"), "{error}");
    }
}

#[test]
fn every_verb_means_its_action() {
    let actions: Vec<Action> = everything().steps.into_iter().map(|step| step.action).collect();
    let command = |command| Action::Command { node: node(1), command };
    let request = |hold| command(Command::Request { hold });
    let nth = |kind: &str, from, to, nth| Which::Nth { kind: kind.into(), from, to, nth, copy: 0 };
    let second_life = Identity { node: node(1), incarnation: Incarnation::new(2).expect("a life") };
    let expected = [
        Action::Crash(node(4)),
        Action::Restart(node(4)),
        Action::Note,
        Action::Pause(node(1)),
        Action::Resume(node(1)),
        Action::CrashAt { node: node(2), moment: Moment::AfterSave },
        command(Command::Elect),
        request(Hold::UntilReleased),
        request(Hold::For(ms(1000))),
        request(Hold::Drawn),
        command(Command::Release),
        command(Command::Write),
        command(Command::LocalEvent),
        Action::Send { from: node(1), to: node(2), latency: None },
        Action::Send { from: node(1), to: node(2), latency: Some(Duration::from_micros(250)) },
        command(Command::Call { to: node(2) }),
        Action::Partition(vec![vec![node(1), node(2)], vec![node(3), node(4)]]),
        Action::Cut { from: node(1), to: node(2) },
        Action::Heal,
        Action::Tamper { which: Which::Id("1:7".parse().unwrap()), tampering: Tampering::Drop },
        Action::Tamper {
            which: nth("GRANT", Some(node(5)), Some(node(1)), 2),
            tampering: Tampering::Duplicate,
        },
        Action::Tamper {
            which: nth("WRITE", None, None, 1),
            tampering: Tampering::Delay { by: ms(2000) },
        },
        Action::Tamper {
            which: Which::Id("2:4+1".parse().unwrap()),
            tampering: Tampering::Deliver,
        },
        Action::Tamper {
            which: Which::Nth { kind: "GRANT".into(), from: None, to: None, nth: 2, copy: 1 },
            tampering: Tampering::Drop,
        },
        Action::Forge(Box::new(Forgery {
            kind: "GRANT".into(),
            from: node(5),
            to: Some(node(1)),
            lamport: 9,
            latency: Some(Duration::ZERO),
            about: About {
                request: Some((second_life, 3)),
                token: Some(Token { term: Term(2), sequence: 1 }),
                term: Some(2),
                repetition: Some(4),
                ..About::default()
            },
        })),
        Action::Forge(Box::new(Forgery {
            kind: "OK".into(),
            from: node(5),
            to: Some(node(1)),
            lamport: 1,
            latency: None,
            about: About::default(),
        })),
        Action::RestartWithoutStorage(node(4)),
        command(Command::Withdraw { request: None }),
        command(Command::Withdraw { request: Some(3) }),
        Action::Restart(node(4)),
    ];
    assert_eq!(actions, expected);
}

#[test]
fn a_step_keeps_its_note_its_instant_and_its_place_in_the_instant() {
    let scenario = everything();
    let note = scenario.steps[0].note.as_ref().unwrap();
    assert_eq!(note.pt.as_deref(), Some("O nó 4, o líder, morre."));
    let Claims::Facts(claims) = &scenario.steps[0].claims else { panic!("it claims something") };
    let claims: Vec<_> = claims.iter().map(ToString::to_string).collect();
    assert_eq!(claims, ["crashes 4", "not leads none", "follows 1 -> 4 for 500ms"]);
    assert_eq!((scenario.steps[1].at, scenario.steps[1].after), (ms(1000), 2));
}

#[test]
fn a_written_scenario_reads_back_as_the_same() {
    let scenario = everything();
    let written = write(&scenario);
    assert_eq!(read(&written).unwrap_or_else(|error| panic!("{error}\n{written}")), scenario);
}

#[test]
fn an_empty_file_is_an_election_of_four_with_every_default() {
    let size = antes_core::ClusterSize::new(4).unwrap();
    assert_eq!(read("").unwrap(), Scenario::new(Algorithm::Leader, size));
}

#[test]
fn a_latency_can_be_exponential_with_or_without_a_minimum() {
    let latency =
        |text: &str| read(&format!("[network]\nlatency = {text}")).unwrap().network.latency;
    let exponential = |mean, min| Latency::Exponential { mean: ms(mean), min: ms(min) };
    assert_eq!(latency(r#"{ mean = "100ms", min = "20ms" }"#), exponential(100, 20));
    assert_eq!(latency(r#"{ mean = "100ms" }"#), exponential(100, 0));
}

#[test]
fn with_only_the_lease_given_the_retries_fit_it() {
    let scenario = read("[mutex]\nlease = \"2s\"").unwrap();
    assert_eq!(scenario.config.hardened.retry, ms(500));
    assert_eq!(read(&write(&scenario)).unwrap(), scenario);
}

#[test]
fn hardened_files_have_spans_that_fit_each_other() {
    let said = |text: &str| {
        let text = format!("algorithm = \"mutex\"\nprofile = \"hardened\"\n{text}");
        read(&text).map_err(|error| error.to_string())
    };
    assert!(said("").is_ok());
    for (text, error) in [
        (
            "[election]\nanswer_timeout = \"150ms\"",
            "4:18: T is shorter than a round trip on a fast clock; expected \
             \"answer_timeout\" of at least \"202ms\"",
        ),
        (
            "[election]\nanswer_timeout = \"500ms\"\ncoordinator_timeout = \"600ms\"",
            "5:23: T' is shorter than T on a slow clock plus a round trip; expected \
             \"coordinator_timeout\" of at least \"712.102ms\"",
        ),
        (
            "[election]\nform = \"sequential\"\ncoordinator_timeout = \"600ms\"",
            "5:23: T' is too short to ask all higher nodes without an answer on a slow clock; expected \
             \"coordinator_timeout\" of at least \"814.122ms\"",
        ),
        (
            "[election]\nsuspect_after = \"1s\"\n[mutex]\nlease = \"900ms\"",
            "4:17: \"suspect_after\" is longer than \"lease\"; expected \"900ms\" at most",
        ),
        (
            "[mutex]\nlease = \"700ms\"",
            "2:11: \"suspect_after\" is longer than \"lease\"; expected \"700ms\" at most",
        ),
        (
            "[election]\nheartbeat = \"1s\"\nsuspect_after = \"1.2s\"",
            "5:17: a leader's lease runs out before its next heartbeat can be acknowledged; \
             expected \"suspect_after\" of at least \"1.214142s\"",
        ),
        (
            "[election]\nsuspect_after = \"600ms\"\n[mutex]\ndrift = 0.1\n[network]\nlatency = \"10ms\"",
            "4:17: a follower with a fast clock would suspect a live leader with a slow one; \
             expected \"suspect_after\" of at least \"622.112ms\"",
        ),
        (
            "[election]\nsuspect_after = \"600ms\"\nanswer_timeout = \"15ms\"\n\
             coordinator_timeout = \"90ms\"\n[mutex]\ndrift = 0.1\n[network]\nlatency = \"10ms\"",
            "5:18: T is shorter than a round trip on a fast clock; expected \
             \"answer_timeout\" of at least \"22ms\"; a follower with a fast clock would suspect a \
             live leader with a slow one: expected \"suspect_after\" of at least \"622.112ms\"",
        ),
        (
            "[mutex]\nretry = \"2s\"",
            "4:9: \"retry\" is more than a quarter of \"lease\"; expected \"1.25s\" at most",
        ),
    ] {
        assert_eq!(said(text).err().as_deref(), Some(error), "{text}");
    }
    assert!(read("[election]\nheartbeat = \"1s\"").is_ok(), "classic may be set at will");
    let scenario = said("[election]\nform = \"sequential\"").unwrap();
    assert_eq!(scenario.config.election.coordinator_timeout, ms(815));
    assert_eq!(read(&write(&scenario)).unwrap(), scenario);
}

/// Wrong files with their errors.
const WRONG: &[(&str, &str)] = &[
    ("title = ", "1:9: "),
    ("a = 1\na = 2", "2:1: "),
    ("titel = \"x\"", "1:1: a scenario has no \"titel\"; did you mean \"title\"?"),
    (
        "\n[network]\nlatancy = \"1s\"",
        "3:1: \"network\" has no \"latancy\"; did you mean \"latency\"?",
    ),
    (
        "[network]\nx = 1",
        "2:1: \"network\" has no \"x\"; expected \"latency\", \"loss\", \"duplicate\", \"fifo\" or \"faults_end\"",
    ),
    ("network = 3", "1:11: \"network\" is 3; expected the table [network]"),
    ("nodes = 9", "1:9: \"nodes\" is 9; expected a whole number from 1 to 8"),
    ("nodes = 4.0", "1:9: \"nodes\" is 4.0; expected a whole number from 1 to 8"),
    ("nodes = \"4\"", "1:9: \"nodes\" is \"4\"; expected a whole number from 1 to 8"),
    ("seed = -1", "1:8: \"seed\" is -1; expected a whole number from 0 to 18446744073709551615"),
    (
        "title.pt = \"só\"",
        "1:1: \"title\" has no \"en\"; expected the English text, or only one text for all",
    ),
    (
        "title = 1979-05-27",
        "1:9: \"title\" is a date; expected a text, or one for each of \"en\" and \"pt\"",
    ),
    (
        "algorithm = \"voting\"",
        "1:13: \"algorithm\" is \"voting\"; expected \"clock\", \"leader\" or \"mutex\"",
    ),
    ("algorithm = \"mutx\"", "1:13: \"algorithm\" is \"mutx\"; did you mean \"mutex\"?"),
    (
        "duration = 30",
        "1:12: \"duration\" is 30; expected a duration such as \"1.5s\" or \"100ms\"",
    ),
    (
        "duration = \"30\"",
        "1:12: \"duration\" is \"30\"; expected a number and a unit (us, ms, s, m or h), such as \"1.5s\" or \"100ms\"",
    ),
    ("duration = \"25h\"", "1:12: \"duration\" is \"25h\"; expected 24 hours at most"),
    (
        "duration = \"0.5us\"",
        "1:12: \"duration\" is \"0.5us\"; expected whole microseconds: nothing finer can be told apart",
    ),
    ("[network]\nloss = 1.5", "2:8: \"loss\" is 1.5; expected a number from 0 to 1"),
    ("[network]\nloss = nan", "2:8: \"loss\" is nan; expected a number from 0 to 1"),
    ("[network]\nfifo = 1", "2:8: \"fifo\" is 1; expected true or false"),
    (
        "[network]\nlatency = { min = \"2s\", max = \"1s\" }",
        "2:31: \"max\" is \"1s\"; expected at least the \"min\", \"2s\"",
    ),
    (
        "[network]\nlatency = { min = \"2s\" }",
        "2:11: \"latency\" has no \"max\"; expected { min = \"...\", max = \"...\" }",
    ),
    (
        "[network]\nlatency = { mean = \"1s\", max = \"2s\" }",
        "2:32: \"latency\" has both a \"mean\" and a \"max\"; expected { min, max } for a uniform latency, { mean, min } for an exponential one",
    ),
    (
        "[network]\nlatency = { mean = \"1s\", min = \"2s\" }",
        "2:20: the \"mean\" is below the \"min\"; expected at least the \"min\"",
    ),
    ("[election]\nheartbeat = \"0s\"", "2:13: \"heartbeat\" is \"0s\"; expected at least \"1ms\""),
    ("[election]\nform = \"paralel\"", "2:8: \"form\" is \"paralel\"; did you mean \"parallel\"?"),
    (
        "[election]\npreempt = \"no\"",
        "2:11: \"preempt\" is \"no\"; expected true, false or \"stable\"",
    ),
    (
        "[mutex]\nlease = \"2s\"\nretry = \"1s\"",
        "3:9: \"retry\" is more than a quarter of \"lease\"; expected \"500ms\" at most",
    ),
    ("[[node]]\nid = 5", "2:6: \"id\" is 5; expected a node, 1 to 4"),
    (
        "[[node]]\nid = 1\nlatency = 5",
        "3:11: \"latency\" is 5; expected a duration such as \"1.5s\" or \"100ms\"",
    ),
    ("[[node]]\nclock_rate = 1.0", "1:1: \"node\" has no \"id\"; expected [[node]] with an \"id\""),
    (
        "[[node]]\nid = 1\n[[node]]\nid = 1",
        "4:6: node 1 is described twice; expected one [[node]] for each",
    ),
    ("[node]\nid = 1", "1:1: \"node\" is a table; expected [[node]] with an \"id\""),
    (
        "[[step]]\ncrash = 1",
        "1:1: \"step\" has no \"at\"; expected the time of the step, such as at = \"1s\"",
    ),
    ("[[step]]\nat = \"1s\"\ncrash = 5", "3:9: \"crash\" is 5; expected a node, 1 to 4"),
    ("[[step]]\nat = \"1s\"\ncrush = 4", "3:1: \"step\" has no \"crush\"; did you mean \"crash\"?"),
    (
        "[[step]]\nat = \"1s\"",
        "1:1: the step does nothing and says nothing; expected a \"note\" or one of: crash, restart, pause, resume, crash_at, elect, request, withdraw, release, write, leave, event, send, call, partition, cut, heal, forge, drop, duplicate, delay, deliver",
    ),
    (
        "[[step]]\nat = \"1s\"\nrestart = 1\ncrash = 1",
        "4:9: the step has both \"restart\" and \"crash\"; expected one [[step]] for each",
    ),
    (
        "algorithm = \"clock\"\n[[step]]\nat = \"1s\"\nelect = 1",
        "4:9: \"elect\" needs elections, which a run of \"clock\" does not hold; expected algorithm = \"leader\" or \"mutex\"",
    ),
    (
        "[[step]]\nat = \"1s\"\nrequest = 1",
        "3:11: \"request\" needs the lock, which this algorithm does not run; expected algorithm = \"mutex\"",
    ),
    ("[[step]]\nat = \"1s\"\nheal = false", "3:8: \"heal\" is false; expected true"),
    (
        "[[step]]\nat = \"1s\"\ncall = { from = 1, to = 1 }",
        "3:8: \"call\" goes from node 1 to itself; expected two nodes",
    ),
    ("[[step]]\nat = \"1s\"\nsend = 1", "3:8: \"send\" is 1; expected { from, to, latency }"),
    (
        "[[step]]\nat = \"1s\"\npartition = [[1, 2], [2]]",
        "3:23: node 2 is in the partition twice; expected each node in one group",
    ),
    (
        "[[step]]\nat = \"1s\"\npartition = [[]]",
        "3:14: a group of the partition is empty; expected groups of nodes, such as [[1, 2], [3, 4]]",
    ),
    (
        "[[step]]\nat = \"1s\"\ndrop = { kind = \"GRNT\" }",
        "3:17: no message is of the type \"GRNT\"; did you mean \"GRANT\"?",
    ),
    (
        "[[step]]\nat = \"1s\"\ndrop = { kind = \"WRITE\", to = 1 }",
        "3:31: a WRITE goes to the resource, not to a node; expected no \"to\"",
    ),
    (
        "[[step]]\nat = \"1s\"\ndrop = { message = \"5:1\" }",
        "3:20: there is no node 5; expected a sender from 1 to 4",
    ),
    (
        "[[step]]\nat = \"1s\"\ndrop = { message = \"1-1\" }",
        "3:20: this names no message; expected its sender and number, such as \"1:7\"",
    ),
    (
        "[[step]]\nat = \"1s\"\ndrop = { message = \"1:1\", nth = 1 }",
        "3:33: \"drop\" has both \"message\" and \"nth\"; expected { message = \"1:7\" } or { kind, from, to, nth, copy }",
    ),
    (
        "[[step]]\nat = \"1s\"\ndrop = { kind = \"OK\", by = \"1s\" }",
        "3:23: \"drop\" has no \"by\"; expected \"message\", \"kind\", \"from\", \"to\", \"nth\" or \"copy\"",
    ),
    (
        "[[step]]\nat = \"1s\"\ndelay = { kind = \"OK\" }",
        "3:9: \"delay\" has no \"by\"; expected by how much, such as by = \"1s\"",
    ),
    (
        "[[step]]\nat = \"1s\"\ncrash_at = { node = 1, at = \"sent\" }",
        "3:29: \"at\" is \"sent\"; did you mean \"send\"?",
    ),
    (
        "[[step]]\nat = \"1s\"\nnote = \"3 leads.\"\nclaims = [\"leads 3\", \"leeds 2\"]",
        "4:22: no claim begins with \"leeds\"; did you mean \"leads\"?",
    ),
    (
        "[[step]]\nat = \"1s\"\nnote = \"3 leads.\"\nclaims = [\"leads 5\"]",
        "4:11: \"5\" is not understood in a claim; expected a node, 1 to 4",
    ),
    (
        "[[step]]\nat = \"1s\"\nnote = \"3 leads.\"\nclaims = \"leads 3\"",
        "4:10: \"claims\" is \"leads 3\"; expected a list of claims such as [\"leads 3\", \"enters 1\"]",
    ),
    (
        "[[step]]\nat = \"1s\"\nnote = \"3 leads.\"\nclaims = []",
        "4:10: \"claims\" is empty; expected a list of claims such as [\"leads 3\", \"enters 1\"]",
    ),
    (
        "[[step]]\nat = \"1s\"\nnote = \"3 leads.\"\nclaims = [\"leads 3\"]\nclaims_nothing = \"a joke\"",
        "5:18: the step has both \"claims\" and \"claims_nothing\"; expected one of them",
    ),
    (
        "[[step]]\nat = \"1s\"\ncrash = 4\nclaims = [\"crashes 4\"]",
        "1:1: the step claims something but has no \"note\"; expected the note that says it",
    ),
];

#[test]
fn every_mistake_is_named_with_its_place_and_its_remedy() {
    let mut wrong = String::new();
    for (text, expected) in WRONG {
        let said = read(text).map_or_else(|error| error.to_string(), |_| "nothing".into());
        let is_start = expected.ends_with(": ");
        if !(said == *expected || is_start && said.starts_with(expected)) {
            wrong.push_str(&format!("---\n{text}\nsaid:     {said}\nexpected: {expected}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn files_and_scripts_have_a_largest_size() {
    let large = "#".repeat(antes_sim::scenario::MAX_BYTES + 1);
    assert!(read(&large).unwrap_err().to_string().starts_with("1:1: the file has"));
    let many = "[[step]]\nat=\"1s\"\nheal=true\n".repeat(antes_sim::scenario::MAX_STEPS + 1);
    assert!(read(&many).unwrap_err().to_string().contains("the script has 10001 steps"));
}
