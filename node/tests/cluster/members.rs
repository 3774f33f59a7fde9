//! What a process can do to others that has the cluster's secret.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::thread;

use antes_core::{Identity, Incarnation, Profile};
use antes_node::cluster::link::{Being, Credentials, Link, Party, SharedSettings, dial};
use antes_node::cluster::options::NodeArguments;
use antes_node::cluster::settings::Settings;
use clap::Parser;

use super::BUSY;
use super::commands::{obedient, obeys};
use super::harness::{Cluster, LIMIT};

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
        let being = hardened.then_some(Being { birth: 7, life: 7, previous: None });
        let credentials =
            Credentials::new(settings.key.clone(), &settings.cluster, Party::Node(me), shared)
                .with_being(being);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { credentials, runtime: runtime.expect("a runtime") }
    }

    /// Makes a link to the node that listens on this port.
    fn dial(&self, port: u16) -> Link {
        let made = self.runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
            let attempt = dial(stream, &self.credentials, |_| Ok(()), || ());
            tokio::time::timeout(LIMIT, attempt).await.expect("in time")
        });
        made.expect("it is let in")
    }
}

#[test]
fn a_member_that_makes_link_after_link_takes_one_descriptor_of_a_paused_node() {
    // There nothing tells the member from the node whose number it has.
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
    // The one whose number it has taken is another, and is told so.
    cluster.start_logged(4, &[]);
    cluster.wait_for_log(4, "refuses this node");
    cluster.wait_for_entries(&[1, 2, 3]);
}

/// Passes on what a dialler sends to `to`, one byte after the other, and what comes back.
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
