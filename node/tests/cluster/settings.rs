//! Clusters whose processes have different settings. Processes that must not work together do not, and say
//! so.

use std::fs;

use serde_json::Value;

use super::client::{wait_for_metric, wait_for_state};
use super::harness::{Cluster, count, wait_for_line};
use super::http::wait_for_health;
use super::ports::free_port;
use super::{ALL, BUSY};

/// A stopped cluster whose nodes have met each other with equal settings. Its traces are removed.
fn begun(nodes: usize, options: &[&str]) -> Cluster {
    let all: Vec<usize> = (1..=nodes).collect();
    let mut cluster = Cluster::running(nodes, &all, options);
    cluster.wait_for_leader(&all, nodes);
    for node in all {
        cluster.signal(node, "TERM");
        assert_eq!(cluster.ended(node).code(), Some(0));
        fs::remove_file(cluster.path(&format!("{node}.jsonl"))).expect("it is removed");
    }
    cluster
}

/// Node 3 has another setting. All nodes log the difference, and node 3 takes no part. `here` is how the
/// others describe it, `there` how node 3 does.
fn one_is_left_out(options: &[&str], other: &[&str], [here, there]: [&str; 2]) -> Cluster {
    let mut cluster = begun(3, &[&BUSY, options].concat());
    for node in [1, 2] {
        cluster.start_logged(node, &[]);
    }
    cluster.start_logged(3, other);
    for node in [1, 2] {
        let line = cluster.wait_for_log(node, &format!("node 3#2 is refused: {here}"));
        assert!(line.contains("WARN"), "{line}");
        let line = cluster.wait_for_log(3, &format!("node {node}#2 is refused: {there}"));
        assert!(line.contains("WARN"), "{line}");
        wait_for_state(&cluster.http[node - 1], "tells of node 3", |state| {
            let link = &state["links"][1];
            link["reason"] == "settings"
                && link["why"].as_str().is_some_and(|why| why.contains(here))
        });
        let metric = r#"antes_link_down{peer="3",reason="settings"} 1"#;
        wait_for_metric(&cluster.http[node - 1], metric);
        wait_for_health(&cluster.http[node - 1], 0, |told| told.contains(here));
    }
    let state = wait_for_state(&cluster.http[2], "tells of both", |state| {
        let links = state["links"].as_array().expect("a list");
        links.iter().all(|link| link["reason"] == "settings")
    });
    assert!(state["links"][0]["since_us"].as_u64() > Some(0), "{state}");
    cluster
}

/// Waits until a node's health says that all others refuse it.
fn wait_for_refusal(address: &str, told: &str) {
    let said = wait_for_health(address, 1, |said| {
        said.contains("all nodes that it reaches refuse the node")
    });
    assert!(said.contains(told), "{said}");
}

#[test]
fn a_node_that_is_refused_for_its_settings_does_not_count_as_having_met_a_new_one() {
    let mut cluster = Cluster::new(3, &BUSY);
    cluster.start_logged(1, &[]);
    cluster.start_logged(2, &[]);
    cluster.start_logged(3, &["--lease", "2s", "--retry", "500ms"]);
    for node in [1, 2] {
        cluster.wait_for_log(node, "node 3 is refused: --lease (LEASE) is 5s here and 2s there");
        cluster.wait_for_log(3, &format!("node {node} is refused"));
        wait_for_state(&cluster.http[node - 1], "waits", |state| {
            state["waits"].as_str().is_some_and(|waits| waits.ends_with("1 of 2 have"))
        });
    }
    for node in 1..=3 {
        assert_eq!(count(&cluster.trace(node), "leader"), 0, "node {node} follows nobody");
    }
    cluster.kill(3);
    cluster.start(3, &[]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
}

#[test]
fn a_node_with_another_lease_is_granted_nothing_and_both_sides_name_both_values() {
    let other = ["--lease", "2s", "--retry", "500ms"];
    let told =
        ["--lease (LEASE) is 5s here and 2s there", "--lease (LEASE) is 2s here and 5s there"];
    let mut cluster = one_is_left_out(&[], &other, told);
    cluster.wait_for_leader(&[1, 2], 2);
    cluster.wait_for_entries(&[1, 2]);
    wait_for_refusal(&cluster.http[2], told[1]);
    assert_eq!(count(&cluster.trace(3), "enter"), 0);
    assert_eq!(count(&cluster.trace(3), "receive"), 0);
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

#[test]
fn a_classic_node_of_a_hardened_cluster_is_left_alone_and_goes_on_as_in_a_partition() {
    let told = [
        "--profile (PROFILE) is hardened here and classic there",
        "--profile (PROFILE) is classic here and hardened there",
    ];
    let mut cluster = one_is_left_out(&[], &["--profile", "classic"], told);
    cluster.wait_for_leader(&[1, 2], 2);
    cluster.wait_for_entries(&[1, 2]);
    cluster.wait_for_leader(&[3], 3);
    assert_eq!(count(&cluster.trace(3), "receive"), 0);
    cluster.kill(3);
}

#[test]
fn a_node_that_does_another_test_is_refused() {
    let told = [
        "--test (DS_TEST) is mutex here and leader there",
        "--test (DS_TEST) is leader here and mutex there",
    ];
    let cluster = one_is_left_out(&[], &["--test", "leader"], told);
    cluster.wait_for_leader(&[1, 2], 2);
    cluster.wait_for_entries(&[1, 2]);
    assert_eq!(count(&cluster.trace(3), "receive"), 0);
}

/// Starts nodes whose list of peers has the first `listed` nodes.
fn start_listing(cluster: &mut Cluster, nodes: &[usize], listed: usize) {
    let peers = cluster.peers(listed);
    for &node in nodes {
        cluster.start_logged(node, &["--peers", &peers]);
    }
}

/// Waits until both groups log the difference, and the group with the smaller list takes no part any more.
fn wait_for_the_smaller_list_to_stand_aside(cluster: &Cluster) {
    for node in [1, 2] {
        let told =
            "is refused: --peers (PEERS) lists nodes 1, 2 here and nodes 1, 2, 3, 4, 5 there";
        assert!(cluster.wait_for_log(node, told).contains("WARN"));
        let line = cluster.wait_for_log(node, "this node takes no part");
        assert!(line.contains("ERROR"), "{line}");
        wait_for_state(&cluster.http[node - 1], "says why", |state| {
            state["no_part"].is_string() && !state["turned_away"].is_null()
        });
        wait_for_health(&cluster.http[node - 1], 1, |told| told.contains("--peers (PEERS)"));
    }
    for node in 3..=5 {
        let told =
            "is refused: --peers (PEERS) lists nodes 1, 2, 3, 4, 5 here and nodes 1, 2 there";
        assert!(cluster.wait_for_log(node, told).contains("WARN"));
    }
}

/// Checks that no token was accepted from two requests.
fn assert_tokens_have_one_owner(taken: &[Value]) {
    let mut owners = std::collections::BTreeMap::new();
    for line in taken.iter().filter(|line| line["accepted"] == true) {
        let (token, request) = (&line["message"]["token"], &line["message"]["request"]);
        let known = owners.entry(token.to_string()).or_insert_with(|| request.clone());
        assert_eq!(known, request, "{token}");
    }
}

#[test]
fn nodes_that_come_with_a_smaller_list_take_no_part() {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut cluster = begun(5, &[&BUSY[..], &["--resource", &address]].concat());
    cluster.start_resource(port, &[]);
    start_listing(&mut cluster, &[3, 4, 5], 5);
    cluster.wait_for_leader(&[3, 4, 5], 5);
    start_listing(&mut cluster, &[1, 2], 2);
    wait_for_the_smaller_list_to_stand_aside(&cluster);
    cluster.wait_for_leader(&[3, 4, 5], 5);
    cluster.wait_for_entries(&[3, 4, 5]);
    for node in [1, 2] {
        assert_eq!(count(&cluster.trace(node), "enter"), 0, "node {node} was granted nothing");
        assert_eq!(count(&cluster.trace(node), "leader"), 0, "node {node} followed nobody");
        cluster.signal(node, "TERM");
        assert_eq!(cluster.ended(node).code(), Some(0), "it stops in good order");
    }
    assert_tokens_have_one_owner(&cluster.wait_for_writes(3));
}

#[test]
fn nodes_with_a_smaller_list_let_go_of_all_when_more_come_that_list_others() {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut cluster = begun(5, &[&BUSY[..], &["--resource", &address]].concat());
    cluster.start_resource(port, &[]);
    start_listing(&mut cluster, &[1, 2], 2);
    cluster.wait_for_leader(&[1, 2], 2);
    cluster.wait_for_writes(3);
    start_listing(&mut cluster, &[3, 4, 5], 5);
    wait_for_the_smaller_list_to_stand_aside(&cluster);
    cluster.wait_for_leader(&[3, 4, 5], 5);
    cluster.wait_for_entries(&[3, 4, 5]);
    for node in [1, 2] {
        let trace = cluster.trace(node);
        assert_eq!(count(&trace, "enter"), count(&trace, "exit"), "nobody is in there");
        cluster.signal(node, "TERM");
        assert_eq!(cluster.ended(node).code(), Some(0), "it stops in good order");
        assert_eq!(count(&cluster.trace(node), "enter"), count(&trace, "enter"));
    }
    assert_tokens_have_one_owner(&cluster.resource_trace());
}

#[test]
fn a_setting_that_only_slows_a_cluster_down_is_told_on_both_sides_and_allowed() {
    let mut cluster = Cluster::new(3, &BUSY);
    for node in [1, 2] {
        cluster.start_logged(node, &[]);
    }
    cluster.start_logged(3, &["--heartbeat", "300ms"]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait_for_entries(&[1, 2, 3]);
    for (node, other, told) in [
        (1, 3, "--heartbeat (HEARTBEAT) is 500ms here and 300ms there"),
        (3, 1, "--heartbeat (HEARTBEAT) is 300ms here and 500ms there"),
    ] {
        let line = cluster.wait_for_log(node, &format!("node {other} has other settings: {told}"));
        assert!(line.contains("WARN"), "{line}");
        let http = &cluster.http[node - 1];
        let state = wait_for_state(http, "has the link", |state| {
            let links = state["links"].as_array().expect("a list");
            links.iter().any(|link| link["peer"] == other && link["differs"][0] == told)
        });
        assert_eq!(state["node"], node);
        wait_for_metric(http, &format!("antes_link_settings_differ{{peer=\"{other}\"}} 1"));
    }
}

#[test]
fn a_link_that_is_down_says_why() {
    let secrets = Cluster::new(1, &[]);
    let (right, wrong) = (secrets.path("right"), secrets.path("wrong"));
    std::fs::write(&right, "9f2c41d07be85a36e1b4").expect("it is written");
    std::fs::write(&wrong, "c07b3e5a91d2486f0a7c").expect("it is written");
    let [right, wrong] = [&right, &wrong].map(|path| path.to_str().expect("a path"));
    let mut cluster = Cluster::new(4, &[]);
    let [one, two, mute] = [0, 1, 2].map(|node| format!("127.0.0.1:{}", cluster.ports[node]));
    let ear = std::net::TcpListener::bind(&*mute).expect("the port is free");
    let peers = format!("1={one},2={two},3={mute},4=no-such-host.invalid:7000");
    let common = ["--peers", &peers, "--secret-file"];
    cluster.start_logged(1, &[&common[..], &[right, "--listen", &one]].concat());
    cluster
        .wait_for_log(1, "node 4 is not reached: the name no-such-host.invalid does not resolve");
    cluster.wait_for_log(1, &format!("node 2 is not reached: no process listens at {two}"));
    cluster.wait_for_log(1, &format!("node 3 is not reached: {mute} is silent"));
    wait_for_state(&cluster.http[0], "tells why", |state| {
        let reasons: Vec<&Value> = (0..3).map(|link| &state["links"][link]["reason"]).collect();
        reasons == ["refused", "silent", "unresolved"]
    });
    cluster.start_logged(2, &[&common[..], &[wrong, "--listen", &two]].concat());
    let told = cluster.wait_for_log(1, "probably has another secret");
    assert!(told.contains("WARN node 2 is not reached"), "{told}");
    cluster.wait_for_log(2, "probably has another secret");
    wait_for_state(&cluster.http[0], "suspects the secret", |state| {
        state["links"][0]["reason"] == "secret"
    });
    drop(ear);
}

#[test]
fn a_resource_of_the_other_profile_refuses_and_is_refused() {
    let mut cluster = Cluster::new(4, &BUSY);
    let port = free_port();
    let log = cluster.path("resource.log");
    let file = fs::File::create(&log).expect("a file for the log");
    let mut command = cluster.resource_command(port, &["--profile", "classic", "--log", "info"]);
    let resource = command.stderr(file).spawn().expect("it starts");
    cluster.give_resource(resource);
    let address = format!("127.0.0.1:{port}");
    for node in ALL {
        cluster.start_logged(node, &["--resource", &address]);
    }
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
    let told = "the resource is refused: --profile (PROFILE) is hardened here and classic there";
    cluster.wait_for_log(1, told);
    wait_for_line(
        &log,
        "node 1 is refused: --profile (PROFILE) is classic here and hardened there",
    );
    wait_for_state(&cluster.http[0], "does not reach it", |state| {
        state["resource"]["reached"] == false && state["resource"]["reason"] == "settings"
    });
    assert!(cluster.resource_trace().is_empty(), "it takes nothing of theirs");
}

#[test]
fn the_same_folders_serve_one_profile_after_the_other() {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut cluster = Cluster::new(1, &[&BUSY[..], &["--resource", &address]].concat());
    for profile in ["hardened", "classic", "hardened"] {
        let options = ["--profile", profile];
        cluster.start_resource(port, &options);
        cluster.start(1, &options);
        let with_token = |line: &Value| line["message"]["token"].is_array();
        cluster.wait_for_resource("takes writes of the profile", |lines| {
            let last = lines.iter().rfind(|line| line["accepted"] == true);
            last.is_some_and(|line| with_token(line) == (profile == "hardened"))
        });
        cluster.signal(1, "TERM");
        assert_eq!(cluster.ended(1).code(), Some(0));
        let mut resource = cluster.take_resource();
        super::harness::send(&resource, "TERM");
        assert!(resource.wait().expect("it has ended").success());
    }
    let refused = |line: &Value| line["accepted"] == false;
    assert!(!cluster.resource_trace().iter().any(refused), "each profile has its own state");
}

/// The error message of the only node of a cluster with these variables.
fn said_with(options: &[&str], variables: &[(&str, &str)]) -> String {
    let cluster = Cluster::new(1, &[]);
    let mut command = cluster.command(1, options);
    let output = command.envs(variables.iter().copied()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{variables:?}: {said}");
    said
}

#[test]
fn blanks_around_a_variable_are_no_part_of_it_and_quotes_are_refused() {
    let too_rare = &["--retry", "2s"];
    let blanks =
        [("LEASE", " 5s\n"), ("DS_TEST", "mutex "), ("AUTO", "\ttrue"), ("RESOURCE", "  ")];
    let said = said_with(too_rare, &blanks);
    assert!(said.contains("1.25s at most"), "a quarter of the lease: {said}");
    for (variable, value) in [
        ("LEASE", "\"5s\""),
        ("RESOURCE", "'localhost:7009'"),
        ("CLUSTER_SECRET", "\"9f2c41d07be85a36e1b4\""),
    ] {
        let said = said_with(&[], &[(variable, value)]);
        assert!(
            said.contains(&format!("variable {variable} of the environment has quotes")),
            "{said}"
        );
    }
    let said = said_with(too_rare, &[("RETRY", "\"5s\"")]);
    assert!(!said.contains("quotes"), "an option comes before its variable: {said}");
}

#[test]
fn an_address_to_listen_on_is_refused_with_what_would_be_right() {
    for wrong in ["8000", ":8000", "localhost:8000", "http://127.0.0.1:8000"] {
        let said = said_with(&[], &[("HTTP", wrong)]);
        assert!(said.contains("such as 127.0.0.1:8001"), "{said}");
        assert!(said.contains("variable HTTP of the environment"), "{said}");
    }
    let peers = "1=0.0.0.0:7001";
    let said = said_with(&["--peers", peers], &[]);
    assert!(said.contains("--listen or LISTEN sets where to listen"), "{said}");
}

#[test]
fn an_empty_variable_is_one_that_is_not_there_and_a_bad_one_is_named() {
    let cluster = Cluster::new(1, &[]);
    let mut command = cluster.command(1, &["--retry", "2s"]);
    let output = command.env("LEASE", "").env("RESOURCE", "").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("1.25s at most"), "the lease is the default: {said}");
    let output = cluster.command(1, &[]).env("LEASE", "soon").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("variable LEASE of the environment"), "{said}");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_antes"));
    let output = command.arg("node").env("PEERS", "").env_remove("NODE_ID").output();
    let output = output.expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("The environment can give them as NODE_ID, PEERS"), "{said}");
    let command = &mut cluster.command(1, &["--lease", "soon"]);
    let output = command.env("LEASE", "5s").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("variable LEASE"), "the option is to blame: {said}");
}
