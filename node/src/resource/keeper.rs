//! The only task that decides about writes.
//!
//! It takes all writes that have arrived, decides about each in turn, saves the result to stable
//! storage, writes the trace, and only then answers. So no answer is forgotten, whenever the
//! process is killed, and many writes share one wait for the disk.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use antes_core::{
    ClusterSize, Identity, LONGEST_JUMP, MAX_NODES, NodeId, Token, Write, is_token_far,
};
use antes_sim::export::{Header, jsonl};
use antes_sim::resource::Resource;
use antes_sim::trace::{Happening, MessageId, TraceEvent};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};

use super::answer::Answer;
use super::http::Status;
use super::options::ResourceArguments;
use crate::Failure;
use crate::cluster::folder::{FILE, Folder};
use crate::cluster::link::{Inbound, Link, Party, Visit};
use crate::cluster::options::{LogFormat, Profile};
use crate::cluster::outbox::{Leaves, Outbox, Packet};
use crate::cluster::record::{self, TraceClock, TraceFile, open_trace, unix_us};
use crate::cluster::time::Moment;
use crate::cluster::visitors::Visitors;
use crate::cluster::why::{Notices, Why};

/// How many writes may wait. While there are as many, the readers wait, and so do the nodes'
/// writers.
const MAX_EVENTS: usize = 1024;

/// The most writes that are decided before they are answered.
const MAX_BATCH: usize = 256;

/// How often a snapshot is published, which shows that the resource is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How long the last answers may take to leave when the resource stops in order.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// The state that survives a restart, as JSON in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    highest_token: Option<Token>,
    last_accepted: Option<Write>,
}

/// The file of each profile's state. A resource that has seen a token accepts no write without one,
/// so the classic profile has a state of its own in the same folder.
const fn file_of(profile: Profile) -> &'static str {
    match profile {
        Profile::Hardened => FILE,
        Profile::Classic => "state-classic.json",
    }
}

/// Events of the links to nodes.
enum WriterEvent {
    Write { from: Identity, link: u64, packet: Packet<Write> },
    Gone { from: NodeId, link: u64 },
}

/// A node with a link.
struct Writer {
    link: u64,
    reader: AbortHandle,
    answers: Arc<Outbox<Answer>>,
    /// The task that writes the answers.
    task: JoinHandle<()>,
}

/// The resource and its surroundings.
pub struct Keeper {
    resource: Resource,
    folder: Arc<Folder>,
    /// The latest link of each node.
    writers: [Option<Writer>; MAX_NODES as usize],
    /// How many links there have been.
    links: u64,
    trace: Option<TraceFile>,
    clock: TraceClock,
    /// The number of the next line.
    seq: u64,
    log: LogFormat,
    /// How many writes were accepted, and how many refused.
    decided: [u64; 2],
    /// Processes that have dialled and were refused.
    turned_away: Visitors,
    notices: Notices,
    status: watch::Sender<Option<Arc<Status>>>,
}

impl Keeper {
    /// Restores the resource from its folder. Snapshots go to `status`.
    ///
    /// # Errors
    ///
    /// If the folder or the trace cannot be used.
    pub fn open(
        arguments: &ResourceArguments,
        status: watch::Sender<Option<Arc<Status>>>,
    ) -> Result<Self, Failure> {
        let folder = Folder::lock(&arguments.data_dir, "a resource", file_of(arguments.profile))?;
        let State { highest_token, last_accepted } = folder.read()?.unwrap_or_default();
        let now_us = unix_us();
        let common = &arguments.common;
        let header = Header::written_by_resource(arguments.profile.into(), now_us);
        let trace = open_trace(common.trace.as_deref(), common.trace_max, &header)?;
        let (seq, began_us) = trace.as_ref().map_or((0, now_us), |file| (file.seq, file.began_us));
        Ok(Self {
            resource: Resource::restored(highest_token, last_accepted),
            folder: Arc::new(folder),
            writers: Default::default(),
            links: 0,
            trace,
            clock: TraceClock::new(began_us),
            seq,
            log: common.log_format,
            decided: [0; 2],
            turned_away: Visitors::default(),
            notices: Notices::default(),
            status,
        })
    }

    /// Describes the state for the log.
    pub fn state(&self) -> String {
        match self.resource.highest_token() {
            Some(token) => {
                format!("the highest token it has seen is {}.{}", token.term.0, token.sequence)
            }
            None => "and has seen no token yet".into(),
        }
    }

    /// Decides about writes until `stop`.
    ///
    /// # Errors
    ///
    /// If a decision cannot be saved: the resource must stop.
    pub async fn run(
        mut self,
        mut visited: mpsc::Receiver<Visit>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let (events, mut inbox) = mpsc::channel(MAX_EVENTS);
        let mut stop = pin!(stop);
        let mut batch = Vec::new();
        let mut signs = tokio::time::interval(SIGN_OF_LIFE);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(visit) = visited.recv() => self.visit(visit, &events),
                _ = signs.tick() => self.show(),
                _ = inbox.recv_many(&mut batch, MAX_BATCH) => self.decide(&mut batch).await?,
            }
        }
        while let Ok(arrival) = inbox.try_recv() {
            batch.push(arrival);
        }
        self.decide(&mut batch).await?;
        let writers = self.writers.iter_mut().filter_map(|writer| Some(writer.take()?.close()));
        let writers: Vec<_> = writers.collect();
        let all = async {
            for writer in writers {
                // It ends when all is written, or when its link ends.
                let _ = writer.await;
            }
        };
        if tokio::time::timeout(DRAIN_TIMEOUT, all).await.is_err() {
            tracing::warn!("some answers could not be sent before the resource stopped");
        }
        Ok(())
    }

    /// Publishes a snapshot for HTTP.
    fn show(&self) {
        let nodes = (1..=MAX_NODES).filter_map(NodeId::new);
        let now = Moment::now();
        let visitors = self.turned_away.current(now);
        let status = Status {
            at: now,
            refusals: visitors.map(|visitor| visitor.down.why.sentence.clone()).collect(),
            nodes: nodes.filter(|node| self.writers[node.index()].is_some()).collect(),
            highest_token: self.resource.highest_token(),
            accepted: self.decided[0],
            refused: self.decided[1],
            trace_gaps: self.trace.as_ref().map_or(0, TraceFile::gaps),
        };
        self.status.send_replace(Some(Arc::new(status)));
    }

    fn visit(&mut self, visit: Visit, events: &mpsc::Sender<WriterEvent>) {
        match visit {
            Visit::Made(link) => self.welcome(*link, events),
            Visit::TurnedAway { who, refusal, by_them } => {
                let why = Why::turned_away(who, &refusal, by_them);
                self.notices.turned_away(who, &why);
                self.turned_away.note(who, why, Moment::now());
            }
        }
    }

    /// Takes a new link of a node, which replaces the earlier one.
    fn welcome(&mut self, link: Link, events: &mpsc::Sender<WriterEvent>) {
        let Party::Node(them) = link.peer() else { return };
        let Ok((inbound, outbound)) = link.open() else { return };
        self.end_link(them.node);
        self.turned_away.forget(them.node);
        self.links += 1;
        let answers: Arc<Outbox<Answer>> = Arc::default();
        let written = Arc::clone(&answers).write_to(outbound);
        let task = tokio::spawn(async move {
            // A failure ends the link, which the reader reports.
            let _ = written.await;
        });
        let reader = tokio::spawn(read(them, self.links, inbound, events.clone()));
        let reader = reader.abort_handle();
        self.writers[them.node.index()] = Some(Writer { link: self.links, reader, answers, task });
        tracing::debug!("node {them} has made a link");
    }

    /// Ends the link of a node, and its open critical section. Otherwise an exit that is lost with
    /// the link would leave it open for ever. A killed node has left it too.
    fn end_link(&mut self, node: NodeId) {
        if let Some(writer) = self.writers[node.index()].take() {
            writer.close();
            self.resource.close(node);
        }
    }

    /// Decides about all events, saves the results, and answers.
    async fn decide(&mut self, batch: &mut Vec<WriterEvent>) -> Result<(), Failure> {
        let (mut answers, mut gone) = (Vec::with_capacity(batch.len()), Vec::new());
        for arrival in batch.drain(..) {
            match arrival {
                WriterEvent::Write { from, link, packet } if self.is_current(from.node, link) => {
                    let highest = self.resource.highest_token();
                    if let Some(token) =
                        packet.message.token.filter(|&it| is_token_far(highest, it))
                    {
                        tracing::warn!(
                            "the link from node {from} is closed: the token {token} of its write is too \
                             far ahead; expected {LONGEST_JUMP} more at most"
                        );
                        self.end_link(from.node);
                        continue;
                    }
                    let verdict = self.resource.write(packet.message, true);
                    let (accepted, overlaps) = (verdict.accepted, verdict.overlaps);
                    self.decided[usize::from(!accepted)] += 1;
                    answers.push(Answer { packet, accepted, overlaps });
                }
                // A newer link of the node has replaced the one of this write.
                WriterEvent::Write { .. } => {}
                WriterEvent::Gone { from, link } if self.is_current(from, link) => {
                    self.resource.close(from);
                    gone.push(from);
                }
                WriterEvent::Gone { .. } => {}
            }
        }
        if answers.iter().any(|answer| answer.accepted) {
            self.save().await?;
        }
        self.record(&answers);
        for answer in answers {
            self.answer(answer);
        }
        // Only after the last answers are sent.
        gone.into_iter().for_each(|node| self.end_link(node));
        Ok(())
    }

    fn is_current(&self, node: NodeId, link: u64) -> bool {
        self.writers[node.index()].as_ref().is_some_and(|writer| writer.link == link)
    }

    /// Saves the state on another thread. Readers continue meanwhile, so the next writes keep their order of
    /// arrival.
    async fn save(&self) -> Result<(), Failure> {
        let state = State {
            highest_token: self.resource.highest_token(),
            last_accepted: self.resource.last_accepted().copied(),
        };
        let folder = Arc::clone(&self.folder);
        let saved = tokio::task::spawn_blocking(move || folder.write(&state)).await;
        saved.map_err(std::io::Error::other).flatten().map_err(|error| {
            Failure::CannotGoOn(format!(
                "the resource stops, because its stable storage cannot be written: {error}"
            ))
        })
    }

    /// Writes the decisions to the trace and the log.
    fn record(&mut self, answers: &[Answer]) {
        let at_us = self.clock.at_us(Moment::now());
        let mut lines = String::new();
        for answer in answers {
            let event = event(answer, self.seq, at_us);
            self.seq += 1;
            record::tell(&event, self.log);
            if self.trace.is_some() {
                lines += &jsonl::line(&event, ClusterSize::MAX);
                lines.push('\n');
            }
        }
        if let Some(trace) = &mut self.trace {
            trace.write(lines.as_bytes(), answers.len());
        }
    }

    fn answer(&mut self, answer: Answer) {
        let node = answer.packet.message.request.by.node;
        let Some(writer) = &self.writers[node.index()] else { return };
        if writer.answers.push(Leaves::Now, answer).is_err() {
            tracing::warn!(
                "the link from node {node} is closed: it sends writes and reads no answers"
            );
            self.end_link(node);
        }
    }
}

impl Writer {
    /// Stops reading, and ends when the answers are written.
    fn close(self) -> JoinHandle<()> {
        self.reader.abort();
        self.answers.close();
        self.task
    }
}

/// Delivers a node's writes until its link ends.
async fn read(from: Identity, link: u64, mut inbound: Inbound, to: mpsc::Sender<WriterEvent>) {
    let mut packets: Vec<Packet<Write>> = Vec::new();
    let mut ended = false;
    while !ended {
        if let Err(error) = inbound.receive(&mut packets).await {
            tracing::debug!("the link from node {from} has ended: {error}");
            ended = true;
        }
        for packet in packets.drain(..) {
            if packet.message.request.by != from {
                tracing::warn!("the link from node {from} is closed: its write names another node");
                ended = true;
                break;
            }
            if to.send(WriterEvent::Write { from, link, packet }).await.is_err() {
                return;
            }
        }
    }
    // The resource may have ended.
    let _ = to.send(WriterEvent::Gone { from: from.node, link }).await;
}

/// The trace line of a write. It has the stamp of the send.
fn event(answer: &Answer, seq: u64, at_us: u64) -> TraceEvent {
    let Answer { packet, accepted, overlaps } = answer;
    let write = packet.message;
    let by = write.request.by;
    TraceEvent {
        seq,
        at_us,
        node: Some(by.node),
        incarnation: by.incarnation,
        stamp: (&packet.stamp()).into(),
        happening: Happening::Write {
            id: MessageId::new(by.node, packet.number),
            write,
            accepted: *accepted,
            overlaps: overlaps.clone(),
            heard: false,
        },
    }
}
