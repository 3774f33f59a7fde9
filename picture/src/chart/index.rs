//! The content of the diagram, updated with each line of the trace.

use antes_core::{MAX_NODES, NodeId, RequestId, Token, Traffic};
use antes_sim::trace::{
    Happening, LineStamp, Loss, MessageId, MessageRecord, Recipient, TraceEvent,
};

use crate::outlook::Outlook;
use crate::ring::layout::progress;

/// The position of an event on its node's line: its instant, and the number of the node's earlier logical
/// events at that instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub at_us: u64,
    pub rank: u16,
}

/// The end of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    Arrived {
        /// The line of the receipt.
        seq: u64,
    },
    Refused {
        /// The line of the refusal.
        seq: u64,
    },
    /// The message was lost on its way.
    Died {
        /// The part of its way that it had completed.
        share: f64,
        /// The line of the loss.
        seq: u64,
    },
}

/// A message in the diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    pub message: MessageRecord,
    pub sent: Spot,
    /// The line of its send.
    pub sent_seq: u64,
    /// Where and how it ends. `None` while it is on its way.
    pub end: Option<(Spot, Fate)>,
    /// Whether the network made it by duplicating another message.
    pub is_copy: bool,
}

/// An event that ticks the logical clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Its line in the trace.
    pub seq: u64,
    pub node: NodeId,
    pub spot: Spot,
    pub stamp: LineStamp,
    /// The family of its message. `None` for a local event.
    pub traffic: Option<Traffic>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignKind {
    Crash,
    /// A node stopped in order.
    Stop,
    Restart,
    /// A timer fired that is shown.
    Timeout,
    /// The resource accepted a write.
    Write,
    /// The resource refused a write.
    Refused,
    Violation,
}

impl SignKind {
    /// The sign of the end of a life.
    const fn of_end(happening: &Happening) -> Self {
        match happening {
            Happening::Stop => Self::Stop,
            _ => Self::Crash,
        }
    }
}

/// A shown event that does not tick the logical clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    /// Its line in the trace.
    pub seq: u64,
    pub node: NodeId,
    pub spot: Spot,
    pub kind: SignKind,
}

/// The kind of a period on a node's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    Leads,
    /// The node is in the critical section.
    Holds {
        /// The request that was granted.
        request: RequestId,
        /// The token of the grant. `None` in the classic profile.
        token: Option<Token>,
    },
    Down,
    Paused,
}

/// A period on a node's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub node: NodeId,
    pub kind: SpanKind,
    pub from: Spot,
    /// The end of the period. `None` while it lasts.
    pub to: Option<Spot>,
}

/// The content of the diagram for a trace.
#[derive(Clone, Debug, Default)]
pub struct Index {
    arrows: Vec<Arrow>,
    dots: Vec<Dot>,
    signs: Vec<Sign>,
    spans: Vec<Span>,
    /// The indices of the arrows whose messages are on their way.
    open: Vec<usize>,
    /// The indices of the periods that still last.
    lasting: Vec<usize>,
    /// The latest instant of each node, and the number of its logical events at that instant.
    ranks: [Spot; MAX_NODES as usize],
    longest_us: u64,
    read: usize,
    generation: u32,
}

impl Index {
    /// In the order of their sends.
    pub fn arrows(&self) -> &[Arrow] {
        &self.arrows
    }

    /// In the order of the trace.
    pub fn dots(&self) -> &[Dot] {
        &self.dots
    }

    /// In the order of the trace.
    pub fn signs(&self) -> &[Sign] {
        &self.signs
    }

    /// In the order of their beginnings.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The messages on their way.
    pub fn open(&self) -> impl Iterator<Item = &Arrow> {
        self.open.iter().map(|&place| &self.arrows[place])
    }

    /// The longest time that any message has been on its way.
    pub const fn longest_us(&self) -> u64 {
        self.longest_us
    }

    /// Reads the new lines of `trace`. If earlier lines were removed or replaced, reads the whole trace
    /// again. Returns whether anything changed.
    pub fn read(&mut self, trace: &[TraceEvent], generation: u32, outlook: &Outlook) -> bool {
        if generation != self.generation || trace.len() < self.read {
            *self = Self { generation, ..Self::default() };
        } else if trace.len() == self.read {
            return false;
        }
        for event in &trace[self.read..] {
            self.take(event, event.at_us, outlook);
        }
        self.read = trace.len();
        true
    }

    /// Adds the next line, at the instant `at_us` of the diagram.
    pub fn take(&mut self, event: &TraceEvent, at_us: u64, outlook: &Outlook) {
        let Some(node) = event.node else {
            self.take_of_nobody(event, at_us, outlook);
            return;
        };
        let spot = self.spot(event, at_us, node);
        if event.ticks() {
            let traffic = event.message().map(|message| message.content.traffic());
            let stamp = event.stamp.clone();
            self.dots.push(Dot { seq: event.seq, node, spot, stamp, traffic });
        }
        match &event.happening {
            Happening::Send(message) => self.send(message, spot, event.seq, false),
            Happening::Duplicate { message } => self.copy(message, spot, event.seq),
            Happening::Receive { message, .. } => {
                self.end(message.id, spot, Fate::Arrived { seq: event.seq });
            }
            Happening::Lost { message, loss } => {
                self.lose(message, *loss, at_us, event.seq, outlook);
            }
            Happening::Write { id, accepted, .. } => {
                let (spot, seq) = (Spot { at_us, rank: 0 }, event.seq);
                let (fate, sign) = match accepted {
                    true => (Fate::Arrived { seq }, SignKind::Write),
                    false => (Fate::Refused { seq }, SignKind::Refused),
                };
                self.end(*id, spot, fate);
                self.sign(seq, node, spot, sign);
            }
            Happening::Leader { leader, .. } => {
                self.close(node, spot, |kind| kind == SpanKind::Leads);
                if *leader == Some(node) {
                    self.begin(node, spot, SpanKind::Leads);
                }
            }
            Happening::Enter { request, token } => {
                self.begin(node, spot, SpanKind::Holds { request: *request, token: *token });
            }
            Happening::Exit { request: over, .. } => {
                let is_over =
                    |kind| matches!(kind, SpanKind::Holds { request, .. } if request == *over);
                self.close(node, spot, is_over);
            }
            Happening::Crash | Happening::Stop => {
                self.go_down(node, spot);
                self.sign(event.seq, node, spot, SignKind::of_end(&event.happening));
            }
            Happening::Restart { .. } => {
                self.close(node, spot, |_| true);
                self.sign(event.seq, node, spot, SignKind::Restart);
            }
            Happening::Pause => self.begin(node, spot, SpanKind::Paused),
            Happening::Resume => self.close(node, spot, |kind| kind == SpanKind::Paused),
            Happening::Timeout { .. } => {
                if !antes_sim::export::is_routine(event) {
                    self.sign(event.seq, node, spot, SignKind::Timeout);
                }
            }
            Happening::Violation(_) => self.sign(event.seq, node, spot, SignKind::Violation),
            Happening::Local
            | Happening::Save(_)
            | Happening::Election { .. }
            | Happening::Request { .. }
            | Happening::Withdraw { .. }
            | Happening::Refused
            | Happening::Cut { .. }
            | Happening::Heal { .. }
            | Happening::Ignored { .. } => {}
        }
    }

    /// Adds a line about a message that no node has sent. Its arrow begins at the claimed sender, where no
    /// event is drawn.
    fn take_of_nobody(&mut self, event: &TraceEvent, at_us: u64, outlook: &Outlook) {
        let spot = Spot { at_us, rank: 0 };
        match &event.happening {
            Happening::Send(message) => self.send(message, spot, event.seq, false),
            Happening::Duplicate { message } => self.copy(message, spot, event.seq),
            Happening::Lost { message, loss } => {
                self.lose(message, *loss, at_us, event.seq, outlook);
            }
            _ => {}
        }
    }

    /// The position of a line. If the line ticks, the next one of the same instant is one place further.
    fn spot(&mut self, event: &TraceEvent, at_us: u64, node: NodeId) -> Spot {
        let latest = &mut self.ranks[node.index()];
        if latest.at_us != at_us {
            *latest = Spot { at_us, rank: 0 };
        }
        let spot = *latest;
        if event.ticks() {
            latest.rank = latest.rank.saturating_add(1);
        }
        spot
    }

    fn send(&mut self, message: &MessageRecord, sent: Spot, sent_seq: u64, is_copy: bool) {
        self.open.push(self.arrows.len());
        let arrow = Arrow { message: *message, sent, sent_seq, end: None, is_copy };
        self.arrows.push(arrow);
    }

    /// Adds a copy, which begins where its original was sent. Arrows keep the order in which they appear.
    fn copy(&mut self, message: &MessageRecord, spot: Spot, seq: u64) {
        self.send(message, spot, seq, true);
    }

    fn lose(
        &mut self,
        message: &MessageRecord,
        loss: Loss,
        at_us: u64,
        seq: u64,
        outlook: &Outlook,
    ) {
        let Some(place) = self.place_of(message.id) else { return };
        let sent = self.arrows[self.open[place]].sent;
        let share = match (loss, outlook.landing_us(message.id)) {
            (Loss::Down, _) => 1.0,
            (_, Some(lands_us)) => progress(at_us, sent.at_us, lands_us),
            (_, None) => 0.5,
        };
        let spot = Spot { at_us, rank: 0 };
        self.end(message.id, spot, Fate::Died { share, seq });
    }

    fn end(&mut self, id: MessageId, spot: Spot, fate: Fate) {
        let Some(place) = self.place_of(id) else { return };
        let arrow = &mut self.arrows[self.open.remove(place)];
        arrow.end = Some((spot, fate));
        self.longest_us = self.longest_us.max(spot.at_us.saturating_sub(arrow.sent.at_us));
    }

    /// The index of an open message. The search starts with the latest ones and is short, as few messages are
    /// open or the one in question is recent.
    fn place_of(&self, id: MessageId) -> Option<usize> {
        self.open.iter().rposition(|&place| self.arrows[place].message.id == id)
    }

    fn sign(&mut self, seq: u64, node: NodeId, spot: Spot, kind: SignKind) {
        self.signs.push(Sign { seq, node, spot, kind });
    }

    fn begin(&mut self, node: NodeId, from: Spot, kind: SpanKind) {
        self.lasting.push(self.spans.len());
        self.spans.push(Span { node, kind, from, to: None });
    }

    /// Ends everything on the node's line, and begins the time in which no process runs.
    fn go_down(&mut self, node: NodeId, spot: Spot) {
        self.close(node, spot, |_| true);
        self.begin(node, spot, SpanKind::Down);
    }

    fn close(&mut self, node: NodeId, to: Spot, ends: impl Fn(SpanKind) -> bool) {
        self.lasting.retain(|&place| {
            let span = &mut self.spans[place];
            let is_over = span.node == node && ends(span.kind);
            if is_over {
                span.to = Some(to);
            }
            !is_over
        });
    }
}

/// The node that a message goes to. `None` for a message to the resource.
pub const fn receiver(arrow: &Arrow) -> Option<NodeId> {
    match arrow.message.to {
        Recipient::Node(node) => Some(node),
        Recipient::Resource => None,
    }
}

#[cfg(test)]
mod tests;
