//! The rival: turmoil, with one host per node, one for the resource, and datagrams between them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::pending;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;

use antes_core::{Agenda, Config, Effect, Identity, Incarnation, Message, NodeId, Timer};
use antes_sim::narrow::{Boot, Input, Stamp};
use antes_sim::random::Random;
use antes_sim::world::Process;
use tokio::time::{Instant, sleep_until};
use turmoil::net::UdpSocket;

use crate::contest::Done;
use crate::work::{LATENCY, NODES, Outcome, Work, nodes};

const PORT: u16 = 1978;
const RESOURCE: usize = NODES;
const RESOURCE_NAME: &str = "resource";

/// State that the hosts share outside of the simulated network.
struct Shared {
    outcome: Outcome,
    /// Messages in flight on each link. The datagrams are empty, so that turmoil need not carry the
    /// stamps and the hosts need not encode them.
    links: [[VecDeque<(Stamp, Message)>; NODES]; NODES],
}

/// The hosts and turmoil's world.
pub struct Simulation {
    sim: turmoil::Sim<'static>,
    shared: Rc<RefCell<Shared>>,
    rounds: u64,
}

impl Simulation {
    pub fn new<P: Process + 'static>(work: &Work) -> Self {
        let mut sim = turmoil::Builder::new()
            .simulation_duration(work.scenario.duration * 2)
            .tick_duration(LATENCY)
            .min_message_latency(LATENCY)
            .max_message_latency(LATENCY)
            .rng_seed(work.scenario.seed)
            .build();
        let outcome = Outcome { deliveries: 0, stamps: [Stamp::default(); NODES] };
        let shared = Rc::new(RefCell::new(Shared { outcome, links: Default::default() }));
        let config = Arc::new(work.scenario.config);
        let seed = work.scenario.seed;
        let names = nodes().map(|node| node.to_string()).chain([RESOURCE_NAME.to_owned()]);
        let addresses: Rc<[IpAddr]> = names.map(|name| sim.lookup(name)).collect();
        for node in nodes() {
            let (shared, config, addresses) = (shared.clone(), config.clone(), addresses.clone());
            sim.host(node.to_string(), move || {
                let (shared, addresses) = (shared.clone(), addresses.clone());
                let config = config.clone();
                async move {
                    let host = Host::<P>::new(node, &config, seed, shared, addresses).await?;
                    host.live().await
                }
            });
        }
        let seen = shared.clone();
        sim.host(RESOURCE_NAME, move || take_writes(seen.clone()));
        Self { sim, shared, rounds: work.rounds() }
    }

    pub fn run(mut self) -> Self {
        // A message sent in one tick arrives in the next; the first tick is the start.
        for _ in 0..=self.rounds {
            self.sim.step().expect("no host fails");
        }
        self
    }

    pub fn outcome(&self) -> Outcome {
        self.shared.borrow().outcome.clone()
    }
}

impl Done for Simulation {
    fn deliveries(&self) -> u64 {
        self.shared.borrow().outcome.deliveries
    }
}

async fn take_writes(shared: Rc<RefCell<Shared>>) -> turmoil::Result {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    loop {
        socket.recv_from(&mut []).await?;
        shared.borrow_mut().outcome.deliveries += 1;
    }
}

struct Armed {
    due: Instant,
    number: u64,
    timer: Timer,
}

struct Host<P> {
    me: NodeId,
    process: P,
    stamp: Stamp,
    random: Random,
    timers: Vec<Armed>,
    armed: u64,
    agenda: Agenda,
    socket: UdpSocket,
    shared: Rc<RefCell<Shared>>,
    addresses: Rc<[IpAddr]>,
}

impl<P: Process> Host<P> {
    async fn new(
        me: NodeId,
        config: &Arc<Config>,
        seed: u64,
        shared: Rc<RefCell<Shared>>,
        addresses: Rc<[IpAddr]>,
    ) -> turmoil::Result<Self> {
        let identity = Identity { node: me, incarnation: Incarnation::FIRST };
        let boot = Boot { known_leader: Some(config.size.highest()), ..Boot::default() };
        Ok(Self {
            me,
            process: P::boot(identity, config, boot),
            stamp: Stamp::default(),
            random: Random::new(seed, u64::from(me.get())),
            timers: Vec::new(),
            armed: 0,
            agenda: Agenda::default(),
            socket: UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?,
            shared,
            addresses,
        })
    }

    async fn live(mut self) -> turmoil::Result {
        self.step(&Input::Start).await?;
        loop {
            let next = self.next_timer();
            let due = next.map(|place| self.timers[place].due);
            tokio::select! {
                biased;
                received = self.socket.recv_from(&mut []) => {
                    let input = self.take_from(received?.1.ip());
                    self.step(&input).await?;
                }
                () = ring(due) => {
                    let Some(place) = next else { continue };
                    let armed = self.timers.swap_remove(place);
                    self.step(&Input::Timer(armed.timer)).await?;
                }
            }
        }
    }

    fn next_timer(&self) -> Option<usize> {
        let key = |place: &usize| (self.timers[*place].due, self.timers[*place].number);
        (0..self.timers.len()).min_by_key(key)
    }

    fn take_from(&mut self, address: IpAddr) -> Input {
        let place = self.addresses.iter().position(|&known| known == address);
        let from = place.and_then(|place| NodeId::new(place as u8 + 1)).expect("a node's address");
        let mut shared = self.shared.borrow_mut();
        shared.outcome.deliveries += 1;
        let link = &mut shared.links[from.index()][self.me.index()];
        let (stamp, message) = link.pop_front().expect("a datagram for each message");
        Input::Message { from, stamp, message }
    }

    fn put_on_link(&self, to: NodeId, message: Message) {
        let mut shared = self.shared.borrow_mut();
        shared.links[self.me.index()][to.index()].push_back((self.stamp, message));
    }

    async fn step(&mut self, input: &Input) -> turmoil::Result {
        let mut agenda = std::mem::take(&mut self.agenda);
        self.stamp = agenda.begin(|out| self.process.step(input, out));
        loop {
            let effect = agenda.next(
                (self.me, &mut self.stamp),
                |input, out| self.process.step(input, out),
                |low, high| self.random.between(low, high),
            );
            let Some(&effect) = effect else { break };
            self.carry_out(effect).await?;
        }
        self.agenda = agenda;
        self.shared.borrow_mut().outcome.stamps[self.me.index()] = self.stamp;
        Ok(())
    }

    async fn carry_out(&mut self, effect: Effect) -> turmoil::Result {
        match effect {
            Effect::Send { to, message } => {
                self.put_on_link(to, message);
                self.socket.send_to(&[], (self.addresses[to.index()], PORT)).await?;
            }
            Effect::Write(_) => {
                self.socket.send_to(&[], (self.addresses[RESOURCE], PORT)).await?;
            }
            Effect::SetTimer { timer, after } => {
                self.timers.retain(|armed| armed.timer != timer);
                self.armed += 1;
                let due = Instant::now() + after;
                self.timers.push(Armed { due, number: self.armed, timer });
            }
            Effect::CancelTimer { timer } => self.timers.retain(|armed| armed.timer != timer),
            Effect::Draw { .. } | Effect::Save(_) | Effect::Remember(_) | Effect::Emit(_) => {}
        }
        Ok(())
    }
}

/// Waits for a timer, or for ever if there is none.
async fn ring(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}
