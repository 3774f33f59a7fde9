//! The driver: the only task that steps the core, by the contract at the top of `antes-core`.
//! The driver works in turns. In each turn it reads the clock, fires the overdue timers, and then takes one
//! message. So overdue timers fire before all queued messages, even if the process was stopped and continued
//! (`SIGSTOP`, `SIGCONT`), since the clock has advanced meanwhile. Messages sent in a turn wait in outboxes
//! until there is nothing more to do, and leave together.
//! The driver waits only for channels, the earliest deadline, and stable storage. Other tasks and threads
//! serve peers, clients and the trace's disk. The driver commits stable storage once for several turns,
//! before anything of them is visible: the tasks that write to peers run only while the driver waits.

mod carry_out;
mod ending;
mod newcomer;
mod obey;
mod outgoing;
mod part;
mod peers;
mod resource;
mod show;
mod turns;

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use antes_core::hardened;
use antes_core::{
    Agenda, Boot, Config, HardenedConfig, Identity, Incarnation, Input, LamportTime, Node, NodeSet,
    Profile, Stamp, Write,
};
use antes_sim::random::Random;
use antes_sim::trace::{Happening, Storage};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use newcomer::Newcomer;
pub use outgoing::Outgoing;
use part::{Idled, Outside, Part};
pub use peers::{LinkEvent, Peer};

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

/// How many messages may wait for the driver. If there are more, readers wait, and so do the peers' writers.
pub const MAX_LINK_EVENTS: usize = 1024;

/// The least lateness of a timer after which the node notes a pause. The lock's leases have a margin of their
/// length times the drift on both sides, so a node that is late by less keeps its promises. No process is
/// exact to the millisecond.
const LEAST_LATENESS: Duration = Duration::from_millis(5);

/// The parts of a driver.
pub struct Parts {
    pub me: Identity,
    /// The settings of all nodes of the cluster.
    pub config: Arc<Config>,
    /// The seed of the applications' random choices.
    pub seed: u64,
    /// Whether the protocols are told of closed connections.
    pub closed_is_suspect: bool,
    /// Stable storage, and its content at the start.
    pub store: (Store, Legacy),
    /// The births of other nodes that are written down.
    pub met: hardened::Acquaintances,
    pub credentials: Arc<Credentials>,
    pub recorder: Recorder,
    /// Collects the waits for the lock. `None` if no summary is wanted.
    pub summary: Option<Summary>,
    /// The other nodes, by node index. `None` for this node and for indices without a node.
    pub peers: Vec<Option<Peer>>,
    /// `None` if there is no resource.
    pub resource: Option<Outgoing<Packet<Write>>>,
    /// The channel for events of links. The reader of each link gets a copy.
    pub link_events: mpsc::Sender<LinkEvent>,
    /// Holds the links that peers have made, until the driver takes them.
    pub doorstep: Arc<Doorstep>,
    pub status: watch::Sender<Option<Arc<Status>>>,
}

/// The driver of one life of one node.
pub struct Driver {
    node: Node,
    me: Identity,
    /// The stamp of the latest effect.
    stamp: Stamp,
    /// How many messages the node has sent in all lives; also the number of the latest.
    sent: u32,
    /// The time at the beginning of the turn.
    now: Moment,
    /// When the driver last looked for overdue timers.
    awake: Moment,
    /// The largest lateness that does not count as a pause.
    lateness: Duration,
    closed_is_suspect: bool,
    store: Store,
    timers: Timers,
    random: Random,
    recorder: Recorder,
    summary: Option<Summary>,
    peers: Vec<Option<Peer>>,
    resource: Option<Outgoing<Packet<Write>>>,
    /// Why the resource cannot be reached. `None` if it is reached, or was not dialled yet.
    resource_down: Option<Down>,
    /// Processes that dialled and were not let in.
    turned_away: Visitors,
    /// The number of writes lost at this node.
    writes_lost: u64,
    link_events: mpsc::Sender<LinkEvent>,
    /// Holds the links that peers have made, until the driver takes them.
    doorstep: Arc<Doorstep>,
    agenda: Agenda,
    /// Peers that the protocols must be told are unreachable.
    unreachable: NodeSet,
    paused: bool,
    part: Part,
    /// Whether the core has been started.
    started: bool,
    /// Nodes that have another list of the cluster's nodes.
    lists_others: NodeSet,
    /// The search of a node with a new memory for its place. `None` for other nodes.
    newcomer: Option<Newcomer>,
    /// Messages for births that arrived before the node started, at most one per peer.
    early: Vec<LinkEvent>,
    /// Whether this life begins above an earlier memory that others were told to forget.
    reborn: bool,
    credentials: Arc<Credentials>,
    counters: Counters,
    status: watch::Sender<Option<Arc<Status>>>,
    shown: Moment,
    /// Whether anything has changed since the last publication.
    changed: bool,
}

/// The reason why the driver stops driving a node that has started.
enum Driven {
    /// The node must leave the cluster for good.
    MustStandAside,
    /// An order or a signal asked the node to stop.
    Stopped,
    /// An order asked the node to crash: nothing is released or announced.
    Crashed,
}

/// Why the driver returned, if stable storage has not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was told to stop, and stopped in good order.
    Left,
    Crashed,
}

impl Driver {
    /// A driver that has not started.
    pub fn new(parts: Parts) -> Self {
        let Parts { me, config, seed, closed_is_suspect, store, recorder, .. } = parts;
        let (store, legacy) = store;
        // A restart follows the crash in process order, so the vector clock continues. The Lamport clock
        // continues in the hardened profile only.
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
        // Each life has its own random stream.
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
            link_events: parts.link_events,
            doorstep: parts.doorstep,
            agenda: Agenda::default(),
            unreachable: NodeSet::default(),
            paused: false,
            part: Part::beginning(&legacy),
            newcomer,
            early: Vec::new(),
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
    /// Stable storage has failed, so the node must not continue.
    pub async fn run(
        mut self,
        mut inbox: mpsc::Receiver<LinkEvent>,
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

    /// Drives a started node until `stop`, an order, or the need to stand aside ends it.
    async fn drive<S: Future<Output = ()>>(
        &mut self,
        inbox: &mut mpsc::Receiver<LinkEvent>,
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
        for arrival in std::mem::take(&mut self.early) {
            self.arrive(arrival);
        }
    }

    /// Writes to the disk, if others must not see the effects before.
    fn commit(&mut self) -> Result<(), Failure> {
        if self.store.commit().map_err(no_storage)? {
            self.now = Moment::now();
        }
        Ok(())
    }

    /// The instant of the next work if nothing arrives. `None` if there is none.
    fn next_deadline(&self) -> Option<Moment> {
        let timer = if self.paused { None } else { self.timers.next() };
        match (timer, self.show_at()) {
            (Some(timer), Some(show)) => Some(timer.min(show)),
            (timer, show) => timer.or(show),
        }
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
        "the node stops, because its stable storage cannot be written: {error}"
    ))
}
