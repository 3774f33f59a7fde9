//! Transitions of the cluster model, according to the driver's contract.

use std::collections::BTreeSet;

use antes_core::{
    Agenda, Command, Context, Effect, Effects, ElectionTimer, Event, Identity, Incarnation, NodeId,
    Stable, Stack, Term, Timer,
};
use antes_sim::narrow::{Input, Stamp};

use super::{Action, Cause, Cluster, ClusterNode, History, Life, State};

/// T' has fired: the node that said OK has not won in time, so this node holds another election.
const GIVES_UP: Cause = Cause::Timeout(Timer::Election(ElectionTimer::Coordinator));

impl Cluster {
    pub(crate) fn beginning(&self) -> State {
        let (leader, stable) = (self.known_leader(), self.first_storage());
        let nodes = self.config.size.nodes();
        let seats: Vec<ClusterNode> = nodes
            .map(|node| ClusterNode {
                me: Identity { node, incarnation: Incarnation::FIRST },
                stable,
                life: None,
                made: 0,
            })
            .collect();
        let links = vec![Vec::new(); seats.len() * seats.len()];
        let mut state = State { seats, links, left: self.budget, history: History::default() };
        for node in self.config.size.nodes() {
            self.start(&mut state, node, leader, None);
        }
        state
    }

    /// Adds a step of `node`. If crashes are left, adds a variant with a crash after each effect
    /// that other nodes can see.
    pub(super) fn offer(
        &self,
        state: &State,
        node: NodeId,
        cause: Cause,
        actions: &mut Vec<Action>,
    ) {
        actions.push(Action::Step { node, cause, cut: None });
        if state.left.crashes == 0 {
            return;
        }
        let effects = self.effects_of(&mut state.clone(), node, cause);
        let seen = |effect: &Effect| {
            matches!(
                effect,
                Effect::Send { .. } | Effect::Save(_) | Effect::Remember(_) | Effect::Write(_)
            )
        };
        let Some(last) = effects.iter().rposition(seen) else { return };
        let cuts = (0..last).filter(|&place| seen(&effects[place]));
        actions.extend(cuts.map(|place| Action::Step { node, cause, cut: Some(place + 1) }));
    }

    pub(crate) fn after(&self, last: &State, action: Action) -> State {
        let mut state = last.clone();
        match action {
            Action::Step { node, cause, cut } => {
                let mut agenda = Agenda::default();
                agenda.begin(|out| *out = self.effects_of(&mut state, node, cause));
                self.carry_out(&mut state, node, agenda, cut);
                if self.frugal && cause == GIVES_UP && last.is_led_soon(node) {
                    state.history.elects_in_vain();
                }
                match cause {
                    Cause::Timeout(_) => state.left.timeouts -= 1,
                    Cause::Order(Command::Elect) => state.left.elections -= 1,
                    Cause::Order(Command::Request { .. }) => state.left.requests -= 1,
                    Cause::Order(Command::Withdraw { .. }) => state.left.withdrawals -= 1,
                    Cause::Restart => state.left.restarts -= 1,
                    Cause::Delivery(_) | Cause::Order(_) => {}
                }
            }
            Action::Crash(node) => crash(&mut state, node),
            Action::Lose { from, to } => {
                let link = state.link(from, to);
                state.links[link].remove(0);
                state.left.losses -= 1;
            }
            Action::Duplicate { from, to } => {
                let link = state.link(from, to);
                let copy = state.links[link][0];
                state.links[link].push(copy);
                state.left.duplicates -= 1;
            }
        }
        state
    }

    pub(crate) fn known_leader(&self) -> Option<NodeId> {
        self.elected.then(|| self.config.size.highest())
    }

    /// The stable storage at the beginning. If the nodes know a leader, it was elected in the first
    /// term.
    pub(crate) fn first_storage(&self) -> Stable {
        let leader = self.known_leader();
        leader.map_or_else(Stable::default, |leader| Stable { term: Term(1), vote: Some(leader) })
    }

    /// Feeds the input to the node and returns its effects, which are not carried out yet.
    pub(crate) fn effects_of(&self, state: &mut State, node: NodeId, cause: Cause) -> Effects {
        let input = match cause {
            Cause::Delivery(from) => {
                let link = state.link(from, node);
                let message = state.links[link].remove(0);
                Input::Message { from, stamp: Stamp::default(), message }
            }
            Cause::Timeout(timer) => Input::Timer(timer),
            Cause::Order(command) => Input::Command(command),
            Cause::Restart => {
                let seat = &mut state.seats[node.index()];
                seat.me.incarnation = seat.me.incarnation.next();
                seat.made = 0;
                seat.life = Some(self.new_life(seat.stable));
                Input::Start
            }
        };
        let seat = &mut state.seats[node.index()];
        let mut out = Effects::new();
        // A message to a dead node is lost.
        let Some(life) = &mut seat.life else { return out };
        if let Input::Timer(timer) = input {
            life.timers.remove(&timer);
        }
        life.stack.step(Context::without_clock(seat.me, &self.config), None, &input, &mut out);
        out
    }

    fn new_life(&self, stable: Stable) -> Life {
        Life { stack: Stack::new(&self.config, stable), timers: BTreeSet::<Timer>::new() }
    }

    fn start(&self, state: &mut State, node: NodeId, known: Option<NodeId>, cut: Option<usize>) {
        let seat = &mut state.seats[node.index()];
        let mut life = self.new_life(seat.stable);
        let mut agenda = Agenda::default();
        let cx = Context::without_clock(seat.me, &self.config);
        agenda.begin(|out| life.stack.step(cx, known, &Input::Start, out));
        seat.life = Some(life);
        self.carry_out(state, node, agenda, cut);
    }

    /// Carries out effects in order, up to the crash. Each draw is answered with its smallest
    /// number: draws only determine durations, and time has no length here.
    fn carry_out(&self, state: &mut State, node: NodeId, mut agenda: Agenda, cut: Option<usize>) {
        let mut done = 0;
        loop {
            let ClusterNode { me, life: Some(life), .. } = &mut state.seats[node.index()] else {
                return;
            };
            let cx = Context::without_clock(*me, &self.config);
            let effect = agenda.next_without_stamp(
                |input: &Input, out| life.stack.step(cx, None, input, out),
                |low, _| {
                    done += 1;
                    low
                },
            );
            let Some(&effect) = effect else { return };
            carry_out_one(state, node, effect);
            done += 1;
            if cut == Some(done) {
                crash(state, node);
            }
        }
    }
}

fn carry_out_one(state: &mut State, node: NodeId, effect: Effect) {
    let leads = state.leads(&state.seats[node.index()]);
    let seat = &mut state.seats[node.index()];
    let Some(life) = &mut seat.life else { return };
    match effect {
        Effect::Send { to, message } => {
            if let Some((request, token)) = message.granted() {
                let asker = &state.seats[request.by.node.index()];
                let made = asker.me.incarnation > request.by.incarnation
                    || asker.me == request.by && request.number <= asker.made;
                state.history.grants(leads, made);
                if let Some(token) = token {
                    state.history.given(request, token);
                }
            }
            let link = state.link(node, to);
            state.links[link].push(message);
        }
        Effect::SetTimer { timer, .. } => {
            life.timers.insert(timer);
        }
        Effect::CancelTimer { timer } => {
            life.timers.remove(&timer);
        }
        Effect::Save(stable) => seat.stable = stable,
        Effect::Emit(Event::Leader { leader, term: Some(term) }) if leader == Some(node) => {
            state.history.leads(term, seat.me);
        }
        Effect::Emit(Event::Requested { request }) => seat.made = request.number,
        Effect::Emit(Event::Entered { request, token }) => {
            state.history.entered(request);
            if let Some(token) = token {
                state.history.given(request, token);
            }
        }
        Effect::Emit(Event::Withdrawn { request }) => state.history.given_up(request),
        // Tokens are checked when they are granted, which is stricter than at the resource.
        Effect::Write(_)
        // No node has a new memory in this model.
        | Effect::Remember(_)
        | Effect::Draw { .. }
        | Effect::Emit(
            Event::Local
            | Event::ElectionStarted { .. }
            | Event::Leader { .. }
            | Event::Refused
            | Event::Exited { .. }
            | Event::Expired { .. },
        ) => {}
    }
}

fn crash(state: &mut State, node: NodeId) {
    state.seats[node.index()].life = None;
    state.left.crashes -= 1;
}
