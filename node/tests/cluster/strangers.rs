//! Attacks by strangers, and refusals of the operating system.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::mpsc::{TryRecvError, channel};
use std::{collections::VecDeque, fs, thread};

use super::BUSY;
use super::client::wait_for_state;
use super::harness::{Cluster, PATIENT, count, leader_of, wait_for_line};

/// Connections of strangers, half of them to the nodes' port and half to HTTP.
const IDLE: usize = 400;

/// The same command with a limit of open files. The shell sets it, and is replaced by the command.
fn with_limit(command: &Command, limit: u32) -> Command {
    let mut limited = Command::new("sh");
    limited.arg("-c").arg(format!("ulimit -n {limit}; exec \"$0\" \"$@\""));
    limited.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    limited
}

#[test]
fn idle_strangers_leave_descriptors_for_stable_storage() {
    let mut cluster = Cluster::new(4, &BUSY);
    let http = cluster.http[0].clone();
    let limited = with_limit(&cluster.command(1, &["--http", &http]), 150);
    cluster.adopt(1, limited);
    cluster.start(2, &[]);
    cluster.start(3, &[]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    let addresses = [format!("127.0.0.1:{}", cluster.ports[0]), http];
    let strangers: Vec<TcpStream> = (0..IDLE)
        .map(|at| TcpStream::connect(&addresses[at % 2]).expect("it is accepted"))
        .collect();
    // Node 4 becomes the leader. The others vote, and must save their votes.
    cluster.start(4, &[]);
    cluster.wait_for_leader(&[1, 2, 3, 4], 4);
    cluster.wait_for_entries(&[1, 2, 3, 4]);
    drop(strangers);
}

/// The same command with a limit of its files' sizes, as on a full disk. The shell sets it, and is replaced
/// by the command.
fn with_full_disk(command: &Command, bytes: u32) -> Command {
    let mut limited = Command::new("sh");
    // A block has 512 bytes. The signal is ignored, so writes fail as on a full disk.
    let limit = bytes / 512;
    limited.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\""));
    limited.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    limited
}

#[test]
fn a_full_disk_under_the_trace_is_told_and_counted_and_the_node_goes_on() {
    let mut cluster = Cluster::new(3, &[&BUSY[..], &PATIENT].concat());
    let http = cluster.http[0].clone();
    let mut limited =
        with_full_disk(&cluster.command(1, &["--http", &http, "--log", "warn"]), 64 * 1024);
    // The log goes to a pipe, since the limit would apply to a file as well.
    let mut child = limited.stderr(Stdio::piped()).spawn().expect("it starts");
    let log = child.stderr.take().expect("it is piped");
    cluster.give(1, child);
    cluster.start(2, &[]);
    cluster.start(3, &[]);
    let mut told = BufReader::new(log).lines().map_while(Result::ok);
    let line = told.find(|line| line.contains("the trace cannot be written"));
    assert!(line.expect("it is told").contains("ERROR"));
    let gaps = |state: &serde_json::Value| state["counters"]["trace_gaps"].as_u64();
    wait_for_state(&http, "counts what is missing", |state| gaps(state) > Some(0));
    cluster.wait_for_entries(&[2, 3]);
    let entries = |state: &serde_json::Value| state["counters"]["entries"].as_u64();
    let before = entries(&wait_for_state(&http, "is there", |_| true));
    wait_for_state(&http, "enters", |state| entries(state) > before);
}

#[test]
fn a_node_whose_stable_storage_fails_ends_and_says_why_and_one_whose_log_is_full_goes_on() {
    let mut cluster = Cluster::new(3, &BUSY);
    // With this limit nothing can be written.
    let output = with_full_disk(&cluster.command(1, &[]), 0).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot be used") && said.contains("can be written to"), "{said}");
    // At first, the process's own files fit.
    let log = cluster.path("1.log");
    let mut command = cluster.command(1, &[]);
    command.stderr(fs::File::create(&log).expect("a file for the log"));
    cluster.adopt(1, command);
    let mut full = cluster.command(2, &["--log", "debug"]);
    full.stderr(fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there"));
    cluster.adopt(2, full);
    cluster.start(3, &[]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait_for_entries(&[1, 2, 3]);
    // From now on, node 1 cannot save: a folder has the name of the next file.
    fs::create_dir(cluster.path("1/state.json.new")).expect("it is made");
    // Node 1 is asked for its vote, which it cannot save.
    cluster.kill(3);
    assert_eq!(cluster.ended(1).code(), Some(1));
    wait_for_line(&log, "the node stops, because its stable storage cannot be written");
    cluster.start(3, &[]);
    cluster.wait_for_entries(&[2, 3]);
}

#[test]
fn a_limit_of_open_files_that_is_too_low_is_refused_at_the_start() {
    let cluster = Cluster::new(2, &[]);
    let output = with_limit(&cluster.command(1, &[]), 100).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let sentence = String::from_utf8_lossy(&output.stderr);
    assert!(sentence.contains("ulimit -n"), "{sentence}");
}

#[test]
fn a_member_comes_back_while_strangers_connect_without_a_pause() {
    let mut cluster = Cluster::running(3, &[1, 3], &BUSY);
    cluster.start_logged(2, &[]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    let ports = cluster.ports.clone();
    let (stop, stopped) = channel::<()>();
    let flood = thread::spawn(move || {
        let mut open = VecDeque::new();
        // The loop ends when the sender is dropped, also by a failing test.
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            for &port in &ports {
                // A node that is down refuses the connection.
                if let Ok(stranger) = TcpStream::connect(("127.0.0.1", port)) {
                    open.push_back(stranger);
                }
            }
            if open.len() > 600 {
                open.pop_front();
            }
        }
    });
    for _ in 0..3 {
        cluster.kill(1);
        cluster.start(1, &[]);
        let before = count(&cluster.trace(1), "enter");
        cluster.wait(1, "enters again", |trace| {
            leader_of(trace) == Some(3) && count(trace, "enter") > before
        });
    }
    cluster.wait_for_log(2, "each further one closes one of them at random");
    drop(stop);
    flood.join().expect("it ends");
}

#[test]
fn a_request_with_two_host_fields_or_with_a_foreign_target_is_refused() {
    let mut cluster = Cluster::new(2, &[]);
    cluster.start_with_http(1, &[]);
    wait_for_state(&cluster.http[0], "is up", |_| true);
    let ask = |request: &str| {
        let mut client = TcpStream::connect(&cluster.http[0]).expect("it is listened on");
        client.write_all(request.as_bytes()).expect("it is taken");
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("text");
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    let end = "Connection: close\r\n\r\n";
    let one = format!("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n{end}");
    assert_eq!(ask(&one), "404", "it is answered");
    let two = format!("GET /nowhere HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n{end}");
    assert_eq!(ask(&two), "400");
    let foreign = format!("GET http://evil.example/nowhere HTTP/1.1\r\nHost: localhost\r\n{end}");
    assert_eq!(ask(&foreign), "421");
}

#[test]
fn a_signal_that_comes_while_a_node_still_starts_stops_it_in_order() {
    let mut cluster = Cluster::new(2, &[]);
    // The node waits for its secret until someone writes it.
    let secret = cluster.path("secret");
    let made = Command::new("mkfifo").arg(&secret).status().expect("mkfifo runs");
    assert!(made.success());
    cluster.start(1, &["--secret-file", secret.to_str().expect("a path")]);
    // Opening the pipe waits until the node reads from it.
    let mut writer = fs::OpenOptions::new().write(true).open(&secret).expect("it is read");
    cluster.signal(1, "TERM");
    writer.write_all(b"9f2c41d07be85a36e1b49f2c41d07be8\n").expect("it is taken");
    drop(writer);
    assert_eq!(cluster.ended(1).code(), Some(0));
}
