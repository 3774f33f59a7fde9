//! Tests of the cluster of `docker-compose.yml` that do what a user would do.
//!
//! `cargo xtask test docker` provides these variables:
//!
//! | variable | meaning |
//! | --- | --- |
//! | `DOCKER_HOST` | the engine, unless `docker` finds it by itself |
//! | `ANTES_IMAGE` | the image, already built |
//! | `ANTES_COMPOSE` | the command of Compose 2, its words separated by newlines |
//! | `ANTES_COMPOSE_V1` | the command of Compose 1.29, likewise |
//!
//! When a [`Cluster`] or [`Stack`] is dropped, everything that its test has started is removed, also after a
//! failure.

mod cluster;
mod command;
mod stack;

use std::process::Command;

use serde_json::Value;

use cluster::{ALL, Cluster, Leader};
use command::{Compose, check, docker, image, wait};
use stack::Stack;

const CLASSIC_LEADER: [(&str, &str); 2] = [("DS_TEST", "LEADER"), ("PROFILE", "classic")];

fn starts_kills_and_starts_again(compose: Compose) {
    if compose.command().is_none() {
        println!("  not tested: {compose:?} is not there, as has been said");
        return;
    }
    let cluster = Cluster::running(compose, &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.wait_until_well(&["node1", "node2", "node3", "node4", "resource"]);
    cluster.compose(&["kill", "node4"]);
    cluster.wait_for(&[1, 2, 3], Leader::Node(3));
    cluster.wait_for_entries(&[1, 2, 3]);
    cluster.compose(&["start", "node4"]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    let lives = cluster.count(4, "listens on");
    check("node 4 has had two lives", lives == 2, lives);
    cluster.judge();
}

#[test]
fn compose_2_starts_the_cluster_and_the_leader_is_replaced_when_killed_and_leads_when_back() {
    starts_kills_and_starts_again(Compose::V2);
}

#[test]
fn compose_1_starts_the_cluster_and_the_leader_is_replaced_when_killed_and_leads_when_back() {
    starts_kills_and_starts_again(Compose::V1);
}

/// Checks the containers that Compose makes, as the engine reports them.
fn is_held(compose: Compose) {
    if compose.command().is_none() {
        println!("  not tested: {compose:?} is not there, as has been said");
        return;
    }
    let cluster = Cluster::new(compose, &[]);
    cluster.compose(&["-f", "docker-compose.override.yml", "up", "--no-start"]);
    for service in ["node1", "node2", "node3", "node4", "resource"] {
        let container = cluster.container(service);
        let inspected = docker(&["inspect", &container]).expect("the container is there");
        let inspected: Value = serde_json::from_str(&inspected).expect("JSON");
        let (host, config) = (&inspected[0]["HostConfig"], &inspected[0]["Config"]);
        println!("  {service}:");
        check("no more than 64 MB of memory", host["Memory"] == 64 << 20, &host["Memory"]);
        check("the root file system is read-only", host["ReadonlyRootfs"] == true, host);
        let dropped = host["CapDrop"].as_array().expect("a list");
        check("no capabilities", dropped.iter().any(|cap| cap == "ALL"), dropped);
        check("nothing is privileged", host["Privileged"] == false, host);
        check("it is not root", config["User"] == "10001:10001", &config["User"]);
        let health = config["Healthcheck"]["Test"].to_string();
        check("its health is looked at", health.contains("health"), &health);
        let logs = &host["LogConfig"]["Config"];
        check("the log has a bound", logs["max-size"] == "10m" && logs["max-file"] == "3", logs);
        let ports = host["PortBindings"].as_object().cloned().unwrap_or_default();
        let addresses: Vec<&Value> =
            ports.values().filter_map(Value::as_array).flatten().map(|to| &to["HostIp"]).collect();
        let loopback = addresses.iter().all(|&address| address == "127.0.0.1");
        // Only other containers use the resource, so it needs no published port.
        let published = usize::from(service != "resource");
        let what = format!("{published} ports are published, on loopback");
        check(&what, loopback && addresses.len() == published, &ports);
    }
}

#[test]
fn compose_2_holds_a_container_within_what_the_file_says() {
    is_held(Compose::V2);
}

#[test]
fn compose_1_holds_a_container_within_what_the_file_says() {
    is_held(Compose::V1);
}

#[test]
fn the_image_is_one_program_and_brings_no_secret() {
    let inspected = docker(&["image", "inspect", &image()]).expect("the image is there");
    let inspected: Value = serde_json::from_str(&inspected).expect("JSON");
    let size = inspected[0]["Size"].as_u64().expect("a number");
    check("the image has less than 10 MB", size < 10_000_000, size);
    let env = inspected[0]["Config"]["Env"].to_string();
    check("no secret is in its environment", !env.contains("SECRET"), &env);
    // The engine itself adds these to each container.
    let of_the_engine = [".dockerenv", "dev/", "etc/", "proc/", "sys/"];
    let files = files();
    let own: Vec<&str> = files.lines().filter(|file| !starts_with(file, &of_the_engine)).collect();
    check("one program and two empty folders are in it", own == ["antes", "data/", "secret/"], own);
    let healthy = docker(&["run", "--rm", "--read-only", &image(), "health", "localhost:1"]);
    check("the health of nobody is bad", healthy.is_err(), healthy);
}

/// All files of a new container of the image.
fn files() -> String {
    let container = docker(&["create", &image()]).expect("a container");
    let container = container.lines().next().expect("its name");
    let archive = std::env::temp_dir().join(format!("antes-image-{}.tar", std::process::id()));
    let exported = docker(&["export", "-o", &archive.to_string_lossy(), container]);
    docker(&["rm", container]).expect("it is removed");
    exported.expect("it is exported");
    let listed = Command::new("tar").arg("-tf").arg(&archive).output().expect("tar runs");
    std::fs::remove_file(archive).expect("it is removed");
    String::from_utf8(listed.stdout).expect("names")
}

fn starts_with(file: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| file.starts_with(start))
}

#[test]
fn clock_runs_call_each_other_and_elect_nobody() {
    let cluster = Cluster::running(Compose::any(), &[("DS_TEST", "CLOCK")]);
    cluster.wait_for_more(&ALL, "receives REPLY");
    for node in ALL {
        let elections = cluster.count(node, "election");
        check(&format!("node {node} holds no election"), elections == 0, elections);
    }
    cluster.judge();
}

#[test]
fn leader_runs_elect_and_lock_nothing() {
    let cluster = Cluster::running(Compose::any(), &[("DS_TEST", "LEADER")]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_more(&ALL, "receives REPLY");
    let requests: usize = ALL.iter().map(|&node| cluster.count(node, "wants the lock")).sum();
    check("nobody asks for the lock", requests == 0, requests);
    cluster.judge();
}

#[test]
fn classic_elects_the_highest_that_is_left_when_several_candidates_are_dead() {
    let cluster = Cluster::running(Compose::any(), &CLASSIC_LEADER);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.compose(&["kill", "node3", "node4"]);
    cluster.wait_for(&[1, 2], Leader::Node(2));
    cluster.compose(&["kill", "node2"]);
    cluster.wait_for(&[1], Leader::Node(1));
    cluster.compose(&["start", "node3"]);
    cluster.wait_for(&[1, 3], Leader::Node(3));
    cluster.compose(&["start", "node2", "node4"]);
    cluster.wait_for(&ALL, Leader::Node(4));
}

#[test]
fn hardened_has_no_leader_without_a_majority_and_says_so() {
    let cluster = Cluster::running(Compose::any(), &[("DS_TEST", "LEADER")]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.compose(&["kill", "node3", "node4"]);
    cluster.wait_for(&[1, 2], Leader::Nobody);
    cluster.wait_for_more(&[1, 2], "no majority has agreed so far");
    cluster.wait_for_more(&[1, 2], "no majority has agreed so far");
    cluster.wait_for(&[1, 2], Leader::Nobody);
    cluster.compose(&["start", "node3"]);
    cluster.wait_for(&[1, 2, 3], Leader::Node(3));
    cluster.judge();
}

#[test]
fn neither_half_of_a_cut_cluster_works_and_the_whole_works_again() {
    let cluster = Cluster::running(Compose::any(), &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.split_off(&[1, 2]);
    cluster.wait_for(&ALL, Leader::Nobody);
    cluster.wait_for_more(&[1, 2, 3, 4], "no majority has agreed so far");
    cluster.rejoin(&[1, 2]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.judge();
}

#[test]
fn a_leader_that_is_cut_off_stops_and_the_others_go_on() {
    let cluster = Cluster::running(Compose::any(), &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.split_off(&[4]);
    cluster.wait_for(&[1, 2, 3], Leader::Node(3));
    cluster.wait_for(&[4], Leader::Nobody);
    cluster.wait_for_entries(&[1, 2, 3]);
    cluster.rejoin(&[4]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.judge();
}

#[test]
fn a_frozen_leader_is_replaced_and_leads_again_when_it_goes_on() {
    let cluster = Cluster::running(Compose::any(), &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.compose(&["pause", "node4"]);
    cluster.wait_for(&[1, 2, 3], Leader::Node(3));
    cluster.wait_for_entries(&[1, 2, 3]);
    cluster.compose(&["unpause", "node4"]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.judge();
}

#[test]
fn the_lock_goes_round_while_one_node_after_the_other_is_restarted() {
    let cluster = Cluster::running(Compose::any(), &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    for node in ALL {
        cluster.wait_for_entries(&ALL);
        cluster.compose(&["restart", &format!("node{node}")]);
        println!("  node {node} has been restarted");
    }
    cluster.compose(&["restart", "resource"]);
    println!("  the resource has been restarted");
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.judge();
}

/// The other nodes and the node itself log the difference, and the others continue without it.
fn is_left_out(cluster: &Cluster, node: u8, [here, there]: [&str; 2]) {
    let others: Vec<u8> = ALL.into_iter().filter(|&other| other != node).collect();
    for &other in &others {
        cluster.wait_for_words(other, &format!("node {node}#2 is refused: {here}"));
        cluster.wait_for_words(node, &format!("node {other} is refused: {there}"));
    }
    cluster.wait_for(&others, Leader::Node(*others.last().expect("three")));
    cluster.wait_for_entries(&others);
}

#[test]
fn a_node_with_another_lease_is_refused_and_both_sides_say_so() {
    let cluster = Cluster::running(Compose::any(), &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.set(&[(2, "LEASE: 2s"), (2, "RETRY: 500ms")]);
    cluster.compose(&["up", "-d", "--no-deps", "node2"]);
    let told =
        ["--lease (LEASE) is 5s here and 2s there", "--lease (LEASE) is 2s here and 5s there"];
    is_left_out(&cluster, 2, told);
    let entries = cluster.count(2, "ENTERS with request");
    check("node 2 is granted nothing", entries == 0, entries);
    cluster.set(&[]);
    cluster.compose(&["up", "-d", "--no-deps", "node2"]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.judge();
}

#[test]
fn a_node_of_the_other_profile_is_refused_by_nodes_and_resource_and_both_sides_say_so() {
    let cluster = Cluster::running(Compose::any(), &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.compose_with(&[("PROFILE", "classic")], &["up", "-d", "--no-deps", "node2"]);
    let told = [
        "--profile (PROFILE) is hardened here and classic there",
        "--profile (PROFILE) is classic here and hardened there",
    ];
    is_left_out(&cluster, 2, told);
    let taken = cluster.count(2, "taken by the resource");
    check("the resource takes nothing of node 2", taken == 0, taken);
    cluster.compose(&["up", "-d", "--no-deps", "node2"]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
}

#[test]
fn a_volume_that_is_replaced_is_refused_until_it_comes_back_by_the_documents_steps() {
    let cluster = Cluster::running(Compose::any(), &[]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    let replace = || {
        cluster.compose(&["rm", "--force", "node1"]);
        let removed = docker(&["volume", "rm", &cluster.volume("node1")]);
        removed.unwrap_or_else(|error| panic!("{error}"));
    };
    cluster.compose(&["stop", "node1"]);
    replace();
    cluster.compose(&["up", "-d", "--no-deps", "node1"]);
    let told = "a node of this number was met with another memory";
    // The first node that it meets refuses it.
    cluster.wait_for_words(1, "this node takes no part: node ");
    cluster.wait_for_words(1, &format!(" refuses this node: {told}"));
    cluster.wait_for_words(4, &format!("node 1 is refused: {told}"));
    cluster.wait_for_entries(&[2, 3, 4]);
    let entries = cluster.count(1, "ENTERS with request");
    check("node 1 is granted nothing", entries == 0, entries);

    // docs/cluster.md, "A disk that is replaced".
    cluster.compose(&["stop"]);
    replace();
    for service in ["node2", "node3", "node4", "resource"] {
        let told = cluster.compose(&["run", "--rm", "-T", service, "forget", "--node", "1"]);
        check("it forgets node 1", told.contains("knows nothing of node 1 any more"), &told);
    }
    cluster.compose(&["up", "-d"]);
    cluster.wait_for(&ALL, Leader::Node(4));
    cluster.wait_for_entries(&ALL);
    cluster.wait_for_words(1, "begins with a new memory, after life 1 of an earlier one");
    cluster.judge();
}

#[test]
fn the_same_file_is_a_stack_of_swarm_that_elects_a_leader() {
    let Some(stack) = Stack::deployed() else {
        println!("  not tested: this engine is in a Swarm already, which is not ours to change");
        return;
    };
    let follows = |node| stack.health(&format!("node{node}")).unwrap_or_default();
    wait(
        "all four services run, and follow node 4",
        || {
            ALL.iter().all(|&node| {
                follows(node).trim_end().ends_with(if node == 4 { "leads" } else { "node 4" })
            })
        },
        || format!("{:?}\n{}", ALL.map(follows), stack.tasks()),
    );
    let resource = || stack.health("resource").unwrap_or_default();
    wait(
        "the resource runs, and all nodes reach it",
        || resource().trim_end().ends_with("nodes 1, 2, 3, 4 reach it"),
        resource,
    );
    for name in ["node1", "node2", "node3", "node4", "resource"] {
        println!("  {name}:");
        let service = docker(&["service", "inspect", &stack.service(name)]).expect("a service");
        let service: Value = serde_json::from_str(&service).expect("JSON");
        let spec = &service[0]["Spec"];
        let replicas = &spec["Mode"]["Replicated"]["Replicas"];
        check("one replica", *replicas == 1, replicas);
        check(
            "no port is published",
            spec["EndpointSpec"]["Ports"].is_null(),
            &spec["EndpointSpec"],
        );
        let memory = &spec["TaskTemplate"]["Resources"]["Limits"]["MemoryBytes"];
        check("no more than 64 MB of memory", *memory == 64 << 20, memory);
        let delay = &spec["TaskTemplate"]["RestartPolicy"]["Delay"];
        check("what has ended is started again after 30 s", *delay == 30_000_000_000_u64, delay);
    }
}
