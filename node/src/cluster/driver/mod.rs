//! The driver: the one task that steps the core, by the contract at the top of `antes-core`.
//!
//! It takes turns. In each it reads the clock, fires the timers that are overdue, and then takes
//! one message. So what is overdue fires before every message that has queued up, also after the
//! process was stopped and continued (`SIGSTOP`, `SIGCONT`): the clock has run on meanwhile. What
//! a turn sends waits in outboxes until there is nothing more to do, and leaves together.
//!
//! Everything the driver waits for is a channel or the earliest deadline. Peers, clients and the
//! trace's disk are others' tasks and threads; only stable storage is waited for. That is once for all
//! that some turns have saved, before anything of them can be seen: the tasks that write to peers
//! have this thread only while the driver waits.

mod carry_out;
mod newcomer;
mod obey;
mod outgoing;
mod part;
mod peers;
mod resource;
mod show;

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use antes_core::hardened;
use antes_core::{
    Boot, Choice, Command, Config, Effects, HardenedConfig, Identity, Incarnation, Input,
    LamportTime, Node, NodeSet, Profile, Stamp, Write,
};
use antes_sim::random::Random;
use antes_sim::trace::{Happening, Storage};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use newcomer::Newcomer;
pub use outgoing::Outgoing;
use part::{Idled, Outside, Part};
pub use peers::{Arrival, Peer};

use super::link::{Credentials, Doorstep};
use super::order::Order;
use super::outbox::Packet;
use super::record::Recorder;
use super::status::{Counters, Status};
use super::store::{Legacy, Store};
use super::summary::Summary;
use super::time::Moment;
use super::timers::Timers;
use super::visitors::Visitors;
use super::why::Down;
use crate::Failure;

/// How many messages may wait for the driver. While they do, readers wait, and so do their peers'
/// writers.
pub const MAX_ARRIVALS: usize = 1024;

/// How many turns are taken before the other tasks of the thread get theirs, however much there
/// is to do.
const TURNS: u32 = 128;

/// How long the last messages may take to leave when the node stops in good order.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A node that fires a timer later than this has stood still. Leases of the lock have a margin of
/// their length times the drift on either side: a node within it keeps its promises. But no process
/// is on time to the millisecond.
const LEAST_LATENESS: Duration = Duration::from_millis(5);

/// What a driver is made of.
pub struct Parts {
    /// Which node of the cluster this is, and which life of it.
    pub me: Identity,
    /// What every node of the cluster is set to.
    pub config: Arc<Config>,
    /// Where the applications' chance starts from.
    pub seed: u64,
    /// Whether a closed connection is told to the protocols.
    pub closed_is_suspect: bool,
    /// Stable storage, and what was found in it.
    pub store: (Store, Legacy),
    /// Which births of the others are written down.
    pub met: hardened::Acquaintances,
    /// What links are made with.
    pub credentials: Arc<Credentials>,
    /// Who writes down what happens.
    pub recorder: Recorder,
    /// Who keeps the waits, if they are to be told.
    pub summary: Option<Summary>,
    /// The other nodes, by node index; none for this one, and for those that do not exist.
    pub peers: Vec<Option<Peer>>,
    /// The way to the resource, if there is one.
    pub resource: Option<Outgoing<Packet<Write>>>,
    /// Where links hand over what they bring; every link's reader gets a copy.
    pub arrivals: mpsc::Sender<Arrival>,
    /// Where links wait that peers have made.
    pub doorstep: Arc<Doorstep>,
    /// Who wants to see the node's state.
    pub status: watch::Sender<Option<Arc<Status>>>,
}

/// The driver of one life of one node.
pub struct Driver {
    node: Node,
    me: Identity,
    /// The stamp of what has been carried out last.
    stamp: Stamp,
    /// How many messages the node has ever sent: the number of the latest.
    sent: u32,
    /// The clock, as read at the beginning of the turn.
    now: Moment,
    /// When it last looked for timers that are overdue.
    awake: Moment,
    /// By how much it may be late without having stood still.
    lateness: Duration,
    closed_is_suspect: bool,
    store: Store,
    timers: Timers,
    random: Random,
    recorder: Recorder,
    summary: Option<Summary>,
    peers: Vec<Option<Peer>>,
    resource: Option<Outgoing<Packet<Write>>>,
    /// Why the resource is not reached; nothing, if it is or was not dialled yet.
    resource_down: Option<Down>,
    /// Who has dialled and was not let in.
    turned_away: Visitors,
    /// How many writes have been lost on this side.
    writes_lost: u64,
    arrivals: mpsc::Sender<Arrival>,
    /// Where links wait that peers have made.
    doorstep: Arc<Doorstep>,
    effects: Effects,
    /// Random choices that have been made and are yet to be told.
    answers: Vec<(Choice, u64)>,
    /// Peers of which the protocols must hear that they cannot be reached.
    unreachable: NodeSet,
    paused: bool,
    part: Part,
    /// Whether the core has been started.
    started: bool,
    /// Nodes that list other nodes as the cluster's.
    lists_others: NodeSet,
    /// What is known of a node whose memory is new.
    newcomer: Option<Newcomer>,
    /// Whether an earlier memory of the node was forgotten by others: this life begins behind it.
    reborn: bool,
    /// What links are made with.
    credentials: Arc<Credentials>,
    counters: Counters,
    status: watch::Sender<Option<Arc<Status>>>,
    shown: Moment,
    /// Whether anything has happened since then.
    changed: bool,
}

/// Why a node that has started is driven no further.
enum Driven {
    /// It must take no part any more.
    MustStandAside,
    /// It is to stop.
    Stopped,
    /// It is to crash.
    Crashed,
}

/// Why the driver has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was told to stop, and has left in good order.
    Left,
    /// It was told to crash.
    Crashed,
}

impl Driver {
    /// A driver that has not started.
    pub fn new(parts: Parts) -> Self {
        let Parts { me, config, seed, closed_is_suspect, store, recorder, .. } = parts;
        let (store, legacy) = store;
        // A crash and a restart are process order, so the vector clock goes on. Lamport's does in
        // the hardened profile alone.
        let stamp = match config.profile {
            Profile::Classic => Stamp { lamport: LamportTime::default(), ..legacy.stamp },
            Profile::Hardened => legacy.stamp,
        };
        let Legacy { stable, least_grace, .. } = legacy;
        let memory = legacy.memory(parts.met);
        let boot = Boot { stamp, known_leader: None, stable, memory, least_grace };
        let is_new = legacy.being.is_some() && !legacy.attested;
        let newcomer = is_new.then(|| Newcomer::with(legacy.seeks_place.then(|| boot.clone())));
        let seen = store.seen();
        parts.credentials.change(|hello| hello.seen.lamport = seen);
        // Each life draws from a stream of its own.
        let stream = u64::from(me.node.get()) | u64::from(me.incarnation.get() - 1) << 8;
        let HardenedConfig { lease, drift, .. } = config.hardened;
        let lateness = LEAST_LATENESS.max(lease * drift.0 / 1_000_000);
        Self {
            node: Node::new(me, config, boot),
            me,
            stamp,
            sent: legacy.messages,
            now: Moment::now(),
            awake: Moment::now(),
            lateness,
            closed_is_suspect,
            store,
            timers: Timers::default(),
            random: Random::new(seed, stream),
            recorder,
            summary: parts.summary,
            peers: parts.peers,
            resource: parts.resource,
            resource_down: None,
            turned_away: Visitors::default(),
            writes_lost: 0,
            arrivals: parts.arrivals,
            doorstep: parts.doorstep,
            effects: Effects::new(),
            answers: Vec::new(),
            unreachable: NodeSet::default(),
            paused: false,
            part: Part::beginning(&legacy),
            newcomer,
            reborn: false,
            credentials: parts.credentials,
            started: false,
            lists_others: NodeSet::default(),
            counters: Counters::default(),
            status: parts.status,
            shown: Moment::now(),
            changed: true,
        }
    }

    /// Starts the node and drives it until `stop` or an order ends it.
    ///
    /// # Errors
    ///
    /// Stable storage has failed: then the node must not go on.
    pub async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Arrival>,
        mut orders: mpsc::Receiver<Order>,
        stop: impl Future<Output = ()>,
    ) -> Result<End, Failure> {
        let mut stop = pin!(stop);
        let outside = Outside { inbox: &mut inbox, orders: &mut orders, stop: stop.as_mut() };
        match self.wait_for_part(outside).await? {
            Idled::Over => {}
            Idled::Stopped => return self.end(),
            Idled::Crashed => return Ok(self.crash()),
        }
        if let Part::Takes = self.part {
            self.start();
            let driven = self.drive(&mut inbox, &mut orders, stop.as_mut()).await?;
            match driven {
                Driven::MustStandAside => {}
                Driven::Stopped => return self.leave(&mut inbox).await,
                Driven::Crashed => return Ok(self.crash()),
            }
        }
        let outside = Outside { inbox: &mut inbox, orders: &mut orders, stop: stop.as_mut() };
        let idled = self.stand_aside(outside).await?;
        match idled {
            Idled::Crashed => Ok(self.crash()),
            Idled::Over | Idled::Stopped => {
                if self.started {
                    self.note(|| Happening::Stop);
                }
                self.end()
            }
        }
    }

    /// Drives a node that has started until `stop` or an order ends it, or it must stand aside.
    async fn drive<S: Future<Output = ()>>(
        &mut self,
        inbox: &mut mpsc::Receiver<Arrival>,
        orders: &mut mpsc::Receiver<Order>,
        mut stop: Pin<&mut S>,
    ) -> Result<Driven, Failure> {
        let mut alarm = pin!(sleep_until(Instant::now()));
        let mut next = None;
        loop {
            let busy = self.take_turns(&mut next, inbox);
            self.watch_part();
            let takes_orders = !self.is_about_to_be_known();
            while takes_orders && let Ok(order) = orders.try_recv() {
                if self.obey(order)? {
                    return Ok(Driven::Crashed);
                }
            }
            if let Part::StandsAside(_) = self.part {
                return Ok(Driven::MustStandAside);
            }
            self.commit()?;
            self.recorder.flush();
            self.show();
            if busy {
                tokio::select! {
                    biased;
                    () = &mut stop => return Ok(Driven::Stopped),
                    () = tokio::task::yield_now() => continue,
                }
            }
            let deadline = self.next_deadline();
            if let Some(deadline) = deadline {
                let deadline = Instant::now() + deadline.since(self.now);
                if deadline != alarm.deadline() {
                    alarm.as_mut().reset(deadline);
                }
            }
            tokio::select! {
                biased;
                Some(arrival) = inbox.recv(), if !self.paused => next = Some(arrival),
                () = &mut alarm, if deadline.is_some() => {}
                Some(order) = orders.recv(), if takes_orders => {
                    if self.obey(order)? {
                        return Ok(Driven::Crashed);
                    }
                }
                () = &mut stop => return Ok(Driven::Stopped),
            }
        }
    }

    fn start(&mut self) {
        self.started = true;
        if self.me.incarnation > Incarnation::FIRST {
            let storage = if self.reborn { Storage::Lost } else { Storage::Kept };
            self.note(|| Happening::Restart { storage });
        }
        self.feed(&Input::Start);
    }

    /// Waits for the disk, if anything has to be there before others see what comes of it.
    fn commit(&mut self) -> Result<(), Failure> {
        if self.store.commit().map_err(no_storage)? {
            self.now = Moment::now();
        }
        Ok(())
    }

    /// Takes turns until there is nothing to do, or the others should get theirs. Says whether
    /// there is more to do.
    fn take_turns(
        &mut self,
        next: &mut Option<Arrival>,
        inbox: &mut mpsc::Receiver<Arrival>,
    ) -> bool {
        for _ in 0..TURNS {
            self.now = Moment::now();
            if self.paused {
                return false;
            }
            let fired = self.fire_overdue();
            let told = self.tell_unreachable();
            let arrival = next.take().or_else(|| inbox.try_recv().ok());
            let arrived = arrival.is_some();
            if let Some(arrival) = arrival {
                self.arrive(arrival);
            }
            if !(fired || told || arrived) {
                return false;
            }
        }
        true
    }

    /// Fires the timers that are overdue, in the order of their deadlines. One that is set
    /// meanwhile and has no duration waits for the next turn, so that it cannot keep messages out.
    fn fire_overdue(&mut self) -> bool {
        self.notice_standstill();
        let latest = self.timers.latest();
        let mut fired = false;
        while let Some(timer) = self.timers.take_due(self.now, latest) {
            fired = true;
            self.counters.timeouts += 1;
            self.note_detail(|| Happening::Timeout { timer });
            self.feed(&Input::Timer(timer));
        }
        fired
    }

    /// Notes a pause from the earliest deadline that it has missed, if it is later than the
    /// protocols allow: it was stopped, or did not get to run. What it did not do meanwhile it
    /// could not do, and whoever judges the trace has to know.
    fn notice_standstill(&mut self) {
        let before = std::mem::replace(&mut self.awake, self.now);
        let Some(due) = self.timers.next() else { return };
        let since = due.max(before);
        if self.now.since(since) > self.lateness {
            self.recorder.note(since, self.me, &self.stamp, || Happening::Pause);
            self.note(|| Happening::Resume);
        }
    }

    /// Tells the protocols of peers that cannot be reached.
    fn tell_unreachable(&mut self) -> bool {
        if self.unreachable.is_empty() {
            return false;
        }
        let gone = std::mem::take(&mut self.unreachable);
        if self.closed_is_suspect {
            for peer in self.node.config().size.others(self.me.node) {
                if gone.contains(peer) {
                    self.feed(&Input::Disconnected { peer });
                }
            }
        }
        true
    }

    /// When there is something to do even if nothing arrives.
    fn next_deadline(&self) -> Option<Moment> {
        let timer = if self.paused { None } else { self.timers.next() };
        match (timer, self.show_at()) {
            (Some(timer), Some(show)) => Some(timer.min(show)),
            (timer, show) => timer.or(show),
        }
    }

    /// Leaves in good order: a holder releases, a leader resigns, and what they say leaves the
    /// process, unless its links are too slow.
    async fn leave(mut self, inbox: &mut mpsc::Receiver<Arrival>) -> Result<End, Failure> {
        self.now = Moment::now();
        if self.paused {
            self.resume();
        }
        self.fire_overdue();
        self.feed(&Input::Command(Command::Leave));
        self.commit()?;
        self.recorder.flush();
        let writers = self.peers.iter_mut().flatten().filter_map(|peer| peer.outgoing.close());
        let writers = writers.chain(self.resource.as_mut().and_then(Outgoing::close));
        let writers: Vec<_> = writers.collect();
        let all = async {
            for writer in writers {
                // It ends when all is written, or when its link does.
                let _ = writer.await;
            }
        };
        let mut all = pin!(tokio::time::timeout(LAST_WORDS, all));
        let in_time = loop {
            tokio::select! {
                biased;
                Some(arrival) = inbox.recv() => {
                    if let Arrival::Answered(answer) = arrival {
                        self.now = Moment::now();
                        self.answered(&answer);
                    }
                }
                done = &mut all => break done.is_ok(),
            }
        };
        if !in_time {
            tracing::warn!("some last messages could not be sent in time");
        }
        self.now = Moment::now();
        self.note(|| Happening::Stop);
        self.end()
    }

    /// Ends in good order what has nothing more to say.
    fn end(self) -> Result<End, Failure> {
        self.recorder.finish();
        if let Some(Err(error)) = self.summary.as_ref().map(Summary::write) {
            tracing::error!("the summary cannot be written: {error}");
        }
        self.store.close(&self.stamp, self.sent).map_err(no_storage)?;
        Ok(End::Left)
    }

    fn crash(mut self) -> End {
        self.note(|| Happening::Crash);
        self.recorder.finish();
        End::Crashed
    }

    #[inline]
    fn note(&mut self, happening: impl FnOnce() -> Happening) {
        self.recorder.note(self.now, self.me, &self.stamp, happening);
    }

    #[inline]
    fn note_detail(&mut self, happening: impl FnOnce() -> Happening) {
        self.recorder.note_detail(self.now, self.me, &self.stamp, happening);
    }
}

fn no_storage(error: io::Error) -> Failure {
    Failure::CannotGoOn(format!(
        "stable storage fails, and without it the node must not go on: {error}"
    ))
}
