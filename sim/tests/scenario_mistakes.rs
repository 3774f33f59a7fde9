//! Wrong scenario files, and what is said about them.

use antes_sim::scenario::read;

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
    ("nodes = 17", "1:9: \"nodes\" is 17; expected a whole number from 1 to 16"),
    ("nodes = 4.0", "1:9: \"nodes\" is 4.0; expected a whole number from 1 to 16"),
    ("nodes = \"4\"", "1:9: \"nodes\" is \"4\"; expected a whole number from 1 to 16"),
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
