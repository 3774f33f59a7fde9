//! The messages and timers of a path of the model: which message goes from where to where, and
//! which timer runs from when to when. They are derived from the effects of the nodes, step by
//! step.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use antes_core::{Context, Effect, Effects, Identity, Incarnation, NodeId, Stack, Timer};
use antes_sim::narrow::Input;
use antes_sim::scenario::Moment as CrashAt;
use antes_sim::trace::MessageId;

use crate::cluster::{Action, Cause, Cluster};
use crate::explore::Steps;

/// A position on the path: 0 is the beginning, and the actions are numbered from 1.
pub(super) type Moment = usize;

/// An action and the node where it happens.
pub(super) struct TimedAction {
    pub action: Action,
    pub node: NodeId,
    /// Whether the node is down at this moment.
    pub down: bool,
    /// A description in one line.
    pub description: String,
    /// How the crash is placed, if the node crashes before all effects are carried out.
    pub cut: Option<Cut>,
}

/// How a script makes a node crash in the middle of a step.
pub(super) enum Cut {
    /// The node is told beforehand to crash at this effect.
    At(CrashAt),
    /// The node crashes right after the step. The effects that it should not have carried out are
    /// listed.
    Late(Vec<Effect>),
}

/// A message or a copy of one.
pub(super) struct Letter {
    pub id: MessageId,
    pub from: NodeId,
    pub to: NodeId,
    /// The name of its message type.
    pub kind: &'static str,
    /// The moment of the send or the copying.
    pub sent: Moment,
    /// Its number, from 1, among the messages of the same kind, link and moment.
    pub nth: u32,
    /// The moments at which it is copied.
    pub copied: Vec<Moment>,
    pub fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in flight at the end.
    Flies,
    /// It arrives, perhaps at a dead node.
    Lands(Moment),
    Lost,
}

/// A timer, from setting to its end.
pub(super) struct Wait {
    pub node: NodeId,
    pub set: Moment,
    pub after: Duration,
    pub end: End,
}

/// How a timer ends, and at which moment of the path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is still running at the end of the path.
    Runs,
    Fires(Moment),
    /// It is cancelled or set again.
    Stops(Moment),
    Dies(Moment),
}

/// A path as a list of actions, messages and timers.
pub(super) struct Story {
    pub timed_actions: Vec<TimedAction>,
    pub letters: Vec<Letter>,
    pub waits: Vec<Wait>,
    /// Whether any effect was a random draw.
    pub draws: bool,
}

impl Story {
    pub fn of(model: &Cluster, steps: &Steps<Cluster>) -> Self {
        let mut teller = Teller::new(model);
        for node in model.config.size.nodes() {
            let effects = effects_of_start(model, node);
            teller.carry_out(0, node, &effects);
        }
        for (state, action) in steps {
            let Some(action) = *action else { continue };
            let description = crate::explore::Subject::describe(model, state, &action);
            let effects = match action {
                Action::Step { node, cause, .. } => {
                    model.effects_of(&mut state.clone(), node, cause)
                }
                Action::Crash(_) | Action::Lose { .. } | Action::Duplicate { .. } => Effects::new(),
            };
            let down = |node: NodeId| state.seats[node.index()].life.is_none();
            teller.tell(action, description, &effects, down);
        }
        teller.story
    }

    /// The actions with their moments.
    pub fn moments(&self) -> impl DoubleEndedIterator<Item = (Moment, &TimedAction)> {
        (0..self.timed_actions.len()).map(|place| place + 1).zip(&self.timed_actions)
    }

    /// The node's latest own action before `moment`. Fates of its messages do not count.
    pub fn before(&self, node: NodeId, moment: Moment) -> Option<Moment> {
        let mut own =
            self.moments().rev().filter(|(_, timed)| timed.node == node && timed.is_own());
        own.find(|&(other, _)| other < moment).map(|(other, _)| other)
    }

    pub fn end(&self) -> Moment {
        self.timed_actions.len() + 1
    }
}

impl TimedAction {
    /// Whether the node itself acts or crashes, as opposed to a message's fate.
    pub const fn is_own(&self) -> bool {
        match self.action {
            Action::Step { .. } | Action::Crash(_) => !self.is_death(),
            Action::Lose { .. } | Action::Duplicate { .. } => false,
        }
    }

    pub const fn is_delivery(&self) -> bool {
        matches!(self.action, Action::Step { cause: Cause::Delivery(_), .. })
    }

    /// Whether a message arrives at a dead node.
    pub const fn is_death(&self) -> bool {
        self.down && self.is_delivery()
    }

    /// Whether the script causes it: a command, a restart or a crash.
    pub const fn is_scripted(&self) -> bool {
        match self.action {
            Action::Step { cause, .. } => matches!(cause, Cause::Order(_) | Cause::Restart),
            Action::Crash(_) => true,
            Action::Lose { .. } | Action::Duplicate { .. } => false,
        }
    }
}

fn effects_of_start(model: &Cluster, node: NodeId) -> Effects {
    let me = Identity { node, incarnation: Incarnation::FIRST };
    let mut stack = Stack::new(&model.config, model.first_storage());
    let mut out = Effects::new();
    let cx = Context::without_clock(me, &model.config);
    stack.step(cx, model.known_leader(), &Input::Start, &mut out);
    out
}

impl Letter {
    /// Whether the original is lost after a copy was made.
    pub fn is_lost_after_copy(&self) -> bool {
        self.fate == Fate::Lost && !self.copied.is_empty()
    }

    /// Whether it is on the same link as `other`, which was sent earlier.
    pub fn is_behind(&self, other: &Self) -> bool {
        (self.from, self.to) == (other.from, other.to)
    }
}

/// How a script separates the effects that are carried out from the others. A node can be told to
/// crash at its next send or save, but not at a later one, and not while it is down.
fn cut_of(cause: Cause, done: &[Effect], undone: &[Effect]) -> Cut {
    let is_sent = |effect: &Effect| matches!(effect, Effect::Send { .. } | Effect::Write(_));
    let is_saved = |effect: &Effect| matches!(effect, Effect::Save(_) | Effect::Remember(_));
    match done.split_last() {
        Some((last, before)) if cause != Cause::Restart => {
            if is_sent(last) && !before.iter().any(is_sent) {
                return Cut::At(CrashAt::Send);
            }
            if is_saved(last) && !before.iter().any(is_saved) {
                return Cut::At(CrashAt::AfterSave);
            }
        }
        Some(_) | None => {}
    }
    Cut::Late(undone.to_vec())
}

/// Follows messages and timers while the story is built.
struct Teller {
    story: Story,
    /// How many messages and writes each node has sent, in all its lives.
    sent: BTreeMap<NodeId, u32>,
    /// Messages in flight on each link, as indices into the letters.
    links: BTreeMap<(NodeId, NodeId), VecDeque<usize>>,
    /// Running timers, as indices into the waits.
    armed: BTreeMap<(NodeId, Timer), usize>,
}

impl Teller {
    fn new(model: &Cluster) -> Self {
        let story = Story {
            timed_actions: Vec::new(),
            letters: Vec::new(),
            waits: Vec::new(),
            draws: false,
        };
        let nodes = || model.config.size.nodes();
        let links = nodes().flat_map(|from| nodes().map(move |to| ((from, to), VecDeque::new())));
        Self { story, sent: BTreeMap::new(), links: links.collect(), armed: BTreeMap::new() }
    }

    fn tell(
        &mut self,
        action: Action,
        description: String,
        effects: &[Effect],
        down: impl Fn(NodeId) -> bool,
    ) {
        let moment = self.story.end();
        let (node, cut) = match action {
            Action::Step { node, cause, cut } => {
                match cause {
                    Cause::Delivery(from) => self.take(from, node, Fate::Lands(moment)),
                    Cause::Timeout(timer) => self.end(node, timer, End::Fires(moment)),
                    Cause::Order(_) | Cause::Restart => {}
                }
                (node, cut)
            }
            Action::Crash(node) => (node, Some(0)),
            Action::Lose { from, to } => {
                self.take(from, to, Fate::Lost);
                (from, None)
            }
            Action::Duplicate { from, to } => {
                self.copy(from, to, moment);
                (from, None)
            }
        };
        let (done, undone) = effects.split_at(cut.unwrap_or(effects.len()));
        self.carry_out(moment, node, done);
        if cut.is_some() {
            let timers: Vec<Timer> =
                self.armed.keys().filter(|(of, _)| *of == node).map(|&(_, timer)| timer).collect();
            // A node that crashes in the middle of a step runs until then, and so do its timers.
            let end = match action {
                Action::Crash(_) => End::Dies(moment),
                Action::Step { .. } | Action::Lose { .. } | Action::Duplicate { .. } => {
                    End::Stops(moment)
                }
            };
            for timer in timers {
                self.end(node, timer, end);
            }
        }
        let cut = match action {
            Action::Step { cause, cut: Some(_), .. } => Some(cut_of(cause, done, undone)),
            Action::Step { .. }
            | Action::Crash(_)
            | Action::Lose { .. }
            | Action::Duplicate { .. } => None,
        };
        if let Some(Cut::Late(undone)) = &cut {
            let sent = undone.iter().filter(|effect| matches!(effect, Effect::Send { .. }));
            *self.sent.entry(node).or_default() += sent.count() as u32;
        }
        self.story.timed_actions.push(TimedAction {
            action,
            node,
            down: down(node),
            description,
            cut,
        });
    }

    fn carry_out(&mut self, moment: Moment, node: NodeId, effects: &[Effect]) {
        for effect in effects {
            match *effect {
                Effect::Send { to, message } => self.send(moment, node, to, message.name()),
                Effect::Write(_) => *self.sent.entry(node).or_default() += 1,
                Effect::SetTimer { timer, after } => {
                    self.end(node, timer, End::Stops(moment));
                    self.armed.insert((node, timer), self.story.waits.len());
                    let wait = Wait { node, set: moment, after, end: End::Runs };
                    self.story.waits.push(wait);
                }
                Effect::CancelTimer { timer } => self.end(node, timer, End::Stops(moment)),
                Effect::Draw { .. } => self.story.draws = true,
                Effect::Save(_) | Effect::Remember(_) | Effect::Emit(_) => {}
            }
        }
    }

    fn send(&mut self, moment: Moment, from: NodeId, to: NodeId, kind: &'static str) {
        let number = self.sent.entry(from).or_default();
        *number += 1;
        let id = MessageId::new(from, *number);
        let same = |letter: &&Letter| {
            (letter.sent, letter.from, letter.to, letter.kind) == (moment, from, to, kind)
        };
        let nth = 1 + self.story.letters.iter().filter(same).count() as u32;
        let (copied, fate) = (Vec::new(), Fate::Flies);
        self.launch(Letter { id, from, to, kind, sent: moment, nth, copied, fate });
    }

    fn copy(&mut self, from: NodeId, to: NodeId, moment: Moment) {
        let Some(&place) = self.links[&(from, to)].front() else { return };
        let copies = |letter: &&Letter| letter.id.number == self.story.letters[place].id.number;
        let of_sender = self.story.letters.iter().filter(|letter| letter.from == from);
        let copy = of_sender.filter(copies).count() as u8;
        let letter = &mut self.story.letters[place];
        letter.copied.push(moment);
        let (id, kind) = (MessageId { copy, ..letter.id }, letter.kind);
        let (copied, fate) = (Vec::new(), Fate::Flies);
        self.launch(Letter { id, from, to, kind, sent: moment, nth: 1, copied, fate });
    }

    fn launch(&mut self, letter: Letter) {
        let place = self.story.letters.len();
        self.links.entry((letter.from, letter.to)).or_default().push_back(place);
        self.story.letters.push(letter);
    }

    /// Ends the first message in flight on a link.
    fn take(&mut self, from: NodeId, to: NodeId, fate: Fate) {
        let place = self.links.get_mut(&(from, to)).and_then(VecDeque::pop_front);
        if let Some(place) = place {
            self.story.letters[place].fate = fate;
        }
    }

    fn end(&mut self, node: NodeId, timer: Timer, end: End) {
        if let Some(place) = self.armed.remove(&(node, timer)) {
            self.story.waits[place].end = end;
        }
    }
}
