//! Checks whether a cluster recovers from any state of a run once no more faults happen: each
//! message takes the same time, each timer its own, and no node crashes or gets a command.
//!
//! Messages in flight are lost, which is the worst case. The remaining time of an armed timer is
//! unknown: see [`Left`].

use std::collections::VecDeque;
use std::time::Duration;

use antes_core::hardened::{Election, Standing, TermTimer};
use antes_core::{
    Config, Context, Effect, Effects, ElectionTimer, Identity, Incarnation, Message, NodeId, Stack,
    Term, Timer,
};
use antes_sim::narrow::{Input, Stamp};
use antes_sim::random::Random;
use antes_sim::storm::to_one_leader;

use super::node::Node;

/// The latency of each message.
const WAY: Duration = Duration::from_millis(100);

/// The remaining time of the timers that are armed at the beginning.
#[derive(Clone, Debug)]
enum Left {
    /// The same for all timers.
    Alike(Duration),
    /// Drawn at random for each timer, up to this maximum.
    Drawn(Random, Duration),
}

/// A simulation of the cluster without faults.
struct Cluster<'a> {
    config: &'a Config,
    now: Duration,
    members: Vec<Member>,
    flying: VecDeque<Flight>,
}

struct Member {
    id: NodeId,
    stack: Stack,
    timers: Vec<(Timer, Duration)>,
}

struct Flight {
    from: NodeId,
    to: NodeId,
    message: Message,
    lands: Duration,
}

/// Whether these nodes reach a state in which all follow one leader with its lease and keep it,
/// within the bound that the sweep uses for a healed network. This is tried with several remaining
/// times of armed timers and, if that leaves a majority, with each node dead.
pub fn gets_well<'a>(config: &Config, nodes: impl Iterator<Item = &'a Node> + Clone) -> bool {
    let most = config.election.suspect_after;
    let drawn = |seed| Left::Drawn(Random::new(seed, 0), most);
    let all = [Left::Alike(Duration::ZERO), Left::Alike(most), drawn(1), drawn(2)];
    let all = all.map(|left| (None, left)).into_iter();
    let dead = config.size.nodes().filter(|_| config.size.get() > 2);
    all.chain(dead.map(|dead| (Some(dead), drawn(3)))).all(|(dead, left)| {
        let well = nodes.clone().filter(|node| Some(node.id) != dead);
        Cluster::new(config, well, left).gets_well()
    })
}

impl Left {
    fn next(&mut self) -> Duration {
        match self {
            Self::Alike(left) => *left,
            Self::Drawn(random, most) => {
                let most_us = u64::try_from(most.as_micros()).expect("a span of seconds");
                Duration::from_micros(random.between(0, most_us))
            }
        }
    }
}

impl<'a> Cluster<'a> {
    fn new<'b>(config: &'a Config, nodes: impl Iterator<Item = &'b Node>, mut left: Left) -> Self {
        let member = |node: &Node| {
            let timers = node.timers.iter().map(|&timer| (timer, left.next())).collect();
            Member { id: node.id, stack: node.stack.clone(), timers }
        };
        let members = nodes.map(member).collect();
        Self { config, now: Duration::ZERO, members, flying: VecDeque::new() }
    }

    /// Whether the cluster recovers within the bound, and stays so for longer than a leader may be
    /// silent.
    fn gets_well(&mut self) -> bool {
        let election = &self.config.election;
        let (bound, long) =
            (to_one_leader(self.config), election.suspect_after + election.heartbeat);
        let mut since = None;
        while since.is_none_or(|since| self.now < since + long) {
            if !self.step() {
                return false;
            }
            since = self.is_well().then_some(since.unwrap_or(self.now));
            if since.unwrap_or(self.now) > bound {
                return false;
            }
        }
        true
    }

    /// Whether all nodes follow the same leader of the same term, the leader is up and has its
    /// lease, and no node is about to change that.
    fn is_well(&self) -> bool {
        let Some(leader) = self.members.iter().find(|member| member.has_lease()) else {
            return false;
        };
        self.members.iter().all(|member| {
            member.stack.leader(member.id) == Some(leader.id)
                && member.term() == leader.term()
                && member.is_calm()
        })
    }

    /// Delivers the next message or fires the next timer. `false` if there is none.
    fn step(&mut self) -> bool {
        let timers = self.members.iter().enumerate().flat_map(|(index, member)| {
            member.timers.iter().map(move |&(timer, due)| (due, index, timer))
        });
        let timer = timers.min_by_key(|&(due, index, _)| (due, index));
        let lands = self.flying.front().map(|flight| flight.lands);
        match (timer, lands) {
            (Some((due, index, timer)), lands) if lands.is_none_or(|lands| due < lands) => {
                self.now = due;
                self.members[index].timers.retain(|&(other, _)| other != timer);
                self.react(index, &Input::Timer(timer));
            }
            (_, Some(_)) => {
                let flight = self.flying.pop_front().expect("there is one");
                let Flight { from, to, message, lands } = flight;
                self.now = lands;
                // A message to a dead node is lost.
                if let Some(index) = self.members.iter().position(|member| member.id == to) {
                    let stamp = Stamp::default();
                    self.react(index, &Input::Message { from, stamp, message });
                }
            }
            (_, None) => return false,
        }
        true
    }

    fn react(&mut self, index: usize, input: &Input) {
        let (now, member) = (self.now, &mut self.members[index]);
        let me = Identity { node: member.id, incarnation: Incarnation::FIRST };
        let mut effects = Effects::new();
        member.stack.step(Context::without_clock(me, self.config), None, input, &mut effects);
        for effect in effects {
            match effect {
                Effect::Send { to, message } => {
                    self.flying.push_back(Flight {
                        from: member.id,
                        to,
                        message,
                        lands: now + WAY,
                    });
                }
                Effect::SetTimer { timer, after } => member.set(timer, Some(now + after)),
                Effect::CancelTimer { timer } => member.set(timer, None),
                Effect::Save(_) | Effect::Remember(_) | Effect::Write(_) | Effect::Emit(_) => {}
                Effect::Draw { .. } => {
                    unreachable!("the hardened election leaves nothing to chance")
                }
            }
        }
    }
}

impl Member {
    fn set(&mut self, timer: Timer, due: Option<Duration>) {
        self.timers.retain(|&(other, _)| other != timer);
        self.timers.extend(due.map(|due| (timer, due)));
    }

    fn election(&self) -> &Election {
        let (election, _) = self.stack.hardened().expect("the profile is the hardened one");
        election
    }

    fn term(&self) -> Term {
        self.election().term()
    }

    fn has_lease(&self) -> bool {
        match self.election().standing() {
            Standing::Leads(office) => office.has_lease(),
            Standing::Leaderless | Standing::Follows { .. } => false,
        }
    }

    /// Whether the only running timers are those that a leader or a follower always has.
    fn is_calm(&self) -> bool {
        let leads = self.has_lease();
        let usual = if leads { ElectionTimer::Heartbeat } else { ElectionTimer::Suspicion };
        let waits_for =
            |other| self.timers.iter().any(|&(timer, _)| timer == Timer::Election(other));
        let expected = |timer| match timer {
            Timer::Term(TermTimer::Lease(_)) => leads,
            timer => timer == Timer::Election(usual),
        };
        waits_for(usual) && self.timers.iter().all(|&(timer, _)| expected(timer))
    }
}
