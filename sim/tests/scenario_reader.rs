//! Scenario files: what they mean.

use std::time::Duration;

use antes_core::{
    Algorithm, Announce, Command, Detector, Form, Hold, Identity, Incarnation, NodeId, Term, Token,
    Value,
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
            about: About::from_iter([
                ("request", Value::Name(second_life, 3)),
                ("token", Value::Token(Token { term: Term(2), sequence: 1 })),
                ("term", Value::Number(2)),
                ("repetition", Value::Number(4)),
            ]),
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
