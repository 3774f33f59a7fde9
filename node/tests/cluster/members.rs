//! Harm that a process with the cluster's secret can do, and its limits.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::thread;

use antes_core::hardened::{Body, ElectionMessage, MutexMessage, Termed};
use antes_core::{
    Identity, Incarnation, LONGEST_JUMP, MAX_NODES, Message, Phase, Profile, RequestId, Term,
    Token, Write,
};
use antes_node::cluster::link::{Being, Credentials, Link, Party, SharedSettings, dial};
use antes_node::cluster::options::NodeArguments;
use antes_node::cluster::settings::Settings;
use antes_node::resource::Answer;
use clap::Parser;
use serde::Serialize;

use super::client::wait_for_state;
use super::commands::{obedient, obeys};
use super::harness::{Cluster, LIMIT, wait_for_line};
use super::ports::free_port;
use super::{BUSY, PATIENT};

/// The options of a node, as a command line of their own.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    node: NodeArguments,
}

/// A node of a cluster that this process plays.
struct Member {
    credentials: Credentials,
    runtime: tokio::runtime::Runtime,
}

impl Member {
    /// Node `id` of a cluster whose nodes have these options.
    fn new(cluster: &Cluster, id: usize, options: &[&str]) -> Self {
        let (number, peers) = (id.to_string(), cluster.peers(cluster.ports.len()));
        let folder = cluster.path("member");
        let folder = folder.to_str().expect("a path");
        let line = ["node", "--id", &number, "--peers", &peers, "--data-dir", folder];
        let line = Line::parse_from(line.iter().chain(options));
        let settings = Settings::new(&line.node).expect("the options fit each other");
        let me = Identity { node: settings.me, incarnation: Incarnation::FIRST };
        let shared = SharedSettings::of_node(&settings.config);
        let hardened = settings.config.profile == Profile::Hardened;
        let being = hardened.then_some(Being { birth: 7, life: 7 });
        let credentials =
            Credentials::new(settings.key.clone(), &settings.cluster, Party::Node(me), shared)
                .with_being(being);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { credentials, runtime: runtime.expect("a runtime") }
    }

    /// The node and the life that this process plays.
    fn identity(&self) -> Identity {
        match self.credentials.party() {
            Party::Node(me) => me,
            Party::Resource => panic!("it is a node"),
        }
    }

    /// Makes a link to the node that listens on this port.
    fn dial(&self, port: u16) -> Link {
        let made = self.runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
            let attempt = dial(stream, &self.credentials, |_| Ok(()));
            tokio::time::timeout(LIMIT, attempt).await.expect("in time")
        });
        made.expect("it is let in")
    }
}

#[test]
fn a_member_that_makes_link_after_link_takes_one_descriptor_of_a_paused_node() {
    // In the classic profile, a node has no birth. Nothing distinguishes the member from the node with its
    // number.
    let cluster = obedient(2, &["--profile", "classic"]);
    cluster.wait_for_leader(&[1, 2], 2);
    obeys(&cluster, 1, "pause", "");
    let member = Member::new(&cluster, 2, &["--auto", "false", "--profile", "classic"]);
    let open = || fs::read_dir(format!("/proc/{}/fd", cluster.process_id(1))).map(Iterator::count);
    let before = open().expect("there is a list of descriptors");
    let links: Vec<Link> = (0..100).map(|_| member.dial(cluster.ports[0])).collect();
    let after = open().expect("there is a list of descriptors");
    assert!(after < before + 20, "{before}, then {after} with {} links", links.len());
    obeys(&cluster, 1, "resume", "");
}

#[test]
fn a_member_that_is_silent_or_talks_nonsense_on_its_links_disturbs_nobody() {
    let mut cluster = Cluster::running(4, &[1, 2, 3], &BUSY);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    let member = Member::new(&cluster, 4, &BUSY);
    let silent: Vec<Link> = cluster.ports[..3].iter().map(|&port| member.dial(port)).collect();
    cluster.wait_for_entries(&[1, 2, 3]);
    let _entered = member.runtime.enter();
    for (port, nonsense) in cluster.ports[..3].iter().cycle().zip(0..30_u8) {
        let (_, mut outbound) = member.dial(*port).open().expect("a link");
        outbound.put(&vec![nonsense; 1 + 130 * usize::from(nonsense)]).expect("it fits a frame");
        // The node may have closed the link.
        let _ = member.runtime.block_on(outbound.flush());
    }
    cluster.wait_for_entries(&[1, 2, 3]);
    drop(silent);
    // The real node with that number differs from the member, and is told so.
    cluster.start_logged(4, &[]);
    cluster.wait_for_log(4, "refuses this node");
    cluster.wait_for_entries(&[1, 2, 3]);
}

/// The content of links: a message to a node, or a write to the resource.
#[derive(Serialize)]
struct Packet<T> {
    number: u32,
    lamport: u64,
    vector: [u64; MAX_NODES as usize],
    message: T,
}

#[test]
fn a_member_that_writes_with_a_token_from_far_ahead_is_cut_off_by_the_resource_and_told_of() {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut cluster = Cluster::new(2, &["--resource", &address]);
    let log = cluster.path("resource.log");
    let file = fs::File::create(&log).expect("a file for the log");
    let mut command = cluster.resource_command(port, &["--log", "info"]);
    cluster.give_resource(command.stderr(file).spawn().expect("it starts"));
    wait_for_line(&log, "the resource listens on");
    let member = Member::new(&cluster, 1, &["--auto", "false"]);
    let _entered = member.runtime.enter();
    let by = member.identity();
    let write = |number: u32, term: u64, sequence: u64| {
        let (mut answers, mut outbound) = member.dial(port).open().expect("a link");
        let token = Some(Token { term: Term(term), sequence });
        let request = RequestId { by, number };
        let message = Write { request, phase: Phase::Entry, token };
        let packet = Packet { number, lamport: 1, vector: [0; MAX_NODES as usize], message };
        outbound.put(&packet).expect("it fits a frame");
        member.runtime.block_on(outbound.flush()).expect("it is sent");
        // The resource answers or ends the link.
        let answered =
            async { tokio::time::timeout(LIMIT, answers.receive::<Answer>(&mut Vec::new())).await };
        member.runtime.block_on(answered).expect("in time").is_ok()
    };
    assert!(write(1, 3, 7), "the first one is taken");
    for (number, term, sequence) in
        [(2, 4 + LONGEST_JUMP, 1), (3, 3, 8 + LONGEST_JUMP), (4, u64::MAX, u64::MAX)]
    {
        assert!(!write(number, term, sequence), "{term}.{sequence}");
    }
    let line = wait_for_line(&log, "of its write is too far ahead");
    assert!(line.contains("WARN") && line.contains("the link from node 1 is closed"), "{line}");
    assert!(write(5, 3, 8), "it goes on where it was");
    let accepted: Vec<u64> = cluster
        .resource_trace()
        .iter()
        .map(|line| line["message"]["token"][1].as_u64().expect("a token"))
        .collect();
    assert_eq!(accepted, [7, 8]);
}

#[test]
fn a_member_that_moves_clocks_and_terms_too_far_is_cut_off_and_told_of() {
    let mut cluster = Cluster::new(3, &PATIENT);
    cluster.start_logged(1, &[]);
    cluster.start_logged(2, &[]);
    let member = Member::new(&cluster, 3, &PATIENT);
    let _entered = member.runtime.enter();
    let far = u64::MAX - 1;
    let term = |term| {
        let body = Body::Election(ElectionMessage::Heartbeat { beat: 1 });
        Message::Hardened(Termed { term: Term(term), body })
    };
    let token = Token { term: Term(far), sequence: far };
    let request = RequestId { by: member.identity(), number: 1 };
    let release = Body::Mutex(MutexMessage::Release { request, token });
    let mut vector = [0; MAX_NODES as usize];
    vector[2] = far;
    let hostile = [
        (far, [0; MAX_NODES as usize], term(0), "its Lamport stamp is"),
        (1, vector, term(0), "it counts"),
        (1, [0; MAX_NODES as usize], term(far), "it is of term"),
        (
            1,
            [0; MAX_NODES as usize],
            Message::Hardened(Termed { term: Term(0), body: release }),
            "its token",
        ),
    ];
    // The same line is logged at most once a minute. So each message goes to nodes that have not logged one.
    for (lamport, vector, message, told) in hostile {
        cluster.kill(1);
        cluster.start_logged(1, &[]);
        cluster.wait_for_log(1, "listens on");
        let (mut watcher, mut outbound) = member.dial(cluster.ports[0]).open().expect("a link");
        // A new node listens for a while before it handles messages.
        let line = loop {
            let packet = Packet { number: 1, lamport, vector, message };
            let sent =
                outbound.put(&packet).is_ok() && member.runtime.block_on(outbound.flush()).is_ok();
            if !sent {
                break cluster.wait_for_log(1, told);
            }
            thread::sleep(std::time::Duration::from_millis(50));
        };
        assert!(line.contains("WARN") && line.contains("the link from node 3 is closed"), "{line}");
        let ended = async { tokio::time::timeout(LIMIT, watcher.ended()).await };
        member.runtime.block_on(ended).expect("the link ends");
    }
    let state = wait_for_state(&cluster.http[0], "goes on", |_| true);
    assert!(state["term"].as_u64().expect("a term") <= 2 * LONGEST_JUMP, "{state}");
}

/// Forwards a dialler's bytes to `to` one at a time, and the answers back.
fn byte_by_byte(listener: TcpListener, to: u16) {
    for dialled in listener.incoming() {
        let Ok(dialled) = dialled else { return };
        let Ok(node) = TcpStream::connect(("127.0.0.1", to)) else { continue };
        let _ = node.set_nodelay(true);
        for (mut from, mut to) in [
            (dialled.try_clone().expect("a copy"), node.try_clone().expect("a copy")),
            (node, dialled),
        ] {
            thread::spawn(move || {
                let mut bytes = [0; 1024];
                while let Ok(count @ 1..) = std::io::Read::read(&mut from, &mut bytes) {
                    for byte in &bytes[..count] {
                        if to.write_all(&[*byte]).is_err() {
                            return;
                        }
                    }
                }
                let _ = to.shutdown(std::net::Shutdown::Write);
            });
        }
    }
}

#[test]
fn links_whose_bytes_arrive_one_by_one_work_like_others() {
    let mut cluster = Cluster::new(2, &BUSY);
    let between = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = between.local_addr().expect("an address");
    let second = cluster.ports[1];
    thread::spawn(move || byte_by_byte(between, second));
    let peers = format!("1=127.0.0.1:{},2={address}", cluster.ports[0]);
    cluster.start(1, &["--peers", &peers]);
    cluster.start(2, &[]);
    cluster.wait_for_leader(&[1, 2], 2);
    cluster.wait_for_entries(&[1, 2]);
}
