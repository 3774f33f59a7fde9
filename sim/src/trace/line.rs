//! The fields of the lines of a trace, in one list for all forms in which a line is written or read.

use alloc::string::String;
use alloc::vec::Vec;

use antes_core::{
    Absence, BullyCause, CallMessage, CallTimer, ClusterSize, ElectionCause, ElectionId, FieldForm,
    LamportTime, Message, NodeId, RequestId, Stable, Timer, Write,
};

use super::kinds::{carry_cause, carry_timer, causes, timers};
use super::{
    Content, Happening, IgnoredBecause, Invariant, Loss, MessageId, MessageRecord, Recipient,
    Storage, Violation,
};

/// A form in which the lines of a trace are written or read.
pub(crate) trait LineForm: FieldForm {
    /// The message of the line.
    fn message(&mut self, record: &mut MessageRecord);

    /// A word, or `None` if the line lacks it. `known` gives the word that equals a text.
    fn word(
        &mut self,
        name: &'static str,
        absence: Absence,
        known: &dyn Fn(&str) -> Option<&'static str>,
        word: &mut Option<&'static str>,
    );

    /// Whether a field is this word. Other words are those of later versions.
    fn mark(&mut self, name: &'static str, word: &'static str, is_there: &mut bool);

    fn text(&mut self, name: &'static str, text: &mut String);

    fn requests(&mut self, name: &'static str, requests: &mut Vec<RequestId>);

    fn nodes(&mut self, name: &'static str, nodes: &mut Vec<NodeId>);

    /// Refuses what has been read.
    fn refuse(&mut self, problem: &str);
}

impl dyn LineForm + '_ {
    /// One of several values that have names.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        absence: Absence,
        value: &mut T,
        of: (&[T], impl Fn(T) -> &'static str),
    ) {
        let (all, name_of) = of;
        let find = |text: &str| all.iter().copied().find(|&it| name_of(it) == text);
        let mut word = Some(name_of(*value));
        self.word(name, absence, &|text| find(text).map(&name_of), &mut word);
        *value = word.and_then(find).unwrap_or(*value);
    }

    /// The kind of a value, which decides its further fields. A value of another kind is replaced by the simplest
    /// one of that kind.
    fn kind<T, I: IntoIterator<Item = T>>(
        &mut self,
        name: &'static str,
        value: &mut T,
        (all, name_of): (impl Fn() -> I, impl Fn(&T) -> &'static str),
    ) {
        let find = |text: &str| all().into_iter().find(|it| name_of(it) == text);
        let mut word = Some(name_of(value));
        self.word(name, Absence::Refused, &|text| find(text).map(|it| name_of(&it)), &mut word);
        if let Some(read) = word.filter(|&word| word != name_of(value)).and_then(find) {
            *value = read;
        }
    }
}

impl Happening {
    /// The simplest event of each kind, with each timer and each cause.
    pub fn simplest() -> Vec<Self> {
        let node = ClusterSize::MAX.highest();
        let id = MessageId::new(node, 1);
        let request = RequestId::first_of(node);
        let content = Content::Message(Message::Call(CallMessage::Plain));
        let message = MessageRecord { id, to: Recipient::Node(node), content };
        let (sent, before) = (LamportTime(1), LamportTime(0));
        let mut all = Vec::from([
            Self::Local,
            Self::Send(message),
            Self::Receive { message, sent, before },
            Self::Lost { message, loss: Loss::Chance },
            Self::Duplicate { message },
            Self::Timeout { timer: CallTimer::Wait.into() },
            Self::Crash,
            Self::Stop,
            Self::Restart { storage: Storage::Kept },
            Self::Pause,
            Self::Resume,
            Self::Save(Stable::default()),
            Self::Election {
                election: ElectionId::first_of(node),
                cause: BullyCause::Start.into(),
            },
            Self::Leader { leader: None, term: None },
            Self::Request { request },
            Self::Withdraw { request },
            Self::Refused,
            Self::Enter { request, token: None },
            Self::Exit { request, lease_over: false },
            Self::Write {
                id,
                write: Write::simplest(node),
                accepted: true,
                overlaps: Vec::new(),
                heard: false,
            },
            Self::Cut { to: node },
            Self::Heal { to: node },
            // Traces of earlier versions do not say why.
            Self::Ignored { sentence: String::new(), because: IgnoredBecause::NothingToDo },
            Self::Violation(Violation {
                invariant: Invariant::OneHolder,
                nodes: Vec::new(),
                sentence: String::new(),
            }),
        ]);
        all.extend(timers().into_iter().map(|timer| Self::Timeout { timer }));
        let election = ElectionId::first_of(node);
        all.extend(causes().into_iter().map(|cause| Self::Election { election, cause }));
        all
    }

    /// Carries the fields that only lines of this kind have to `form`, in the order of files. It is long because
    /// it has an arm for each kind.
    pub(crate) fn carry(&mut self, form: &mut dyn LineForm) {
        match self {
            Self::Local | Self::Crash | Self::Stop | Self::Pause | Self::Refused | Self::Resume => {
            }
            Self::Restart { storage } => {
                let mut word = (*storage == Storage::Lost).then_some(LOST);
                form.word(
                    "storage",
                    Absence::LeftOut,
                    &|it| (it == LOST).then_some(LOST),
                    &mut word,
                );
                *storage = word.map_or(Storage::Kept, |_| Storage::Lost);
            }
            Self::Send(message) | Self::Duplicate { message } => form.message(message),
            Self::Receive { message, sent, before } => {
                form.message(message);
                fields(form).needed("sent", sent);
                fields(form).needed("before", before);
            }
            Self::Lost { message, loss } => {
                form.message(message);
                form.choice("reason", Absence::Refused, loss, (&Loss::ALL[..], Loss::name));
            }
            Self::Timeout { timer } => {
                form.kind("timer", timer, (timers, Timer::name));
                carry_timer(timer, fields(form));
            }
            Self::Save(stable) => {
                fields(form).needed("term", &mut stable.term);
                fields(form).optional("vote", Absence::Null, &mut stable.vote);
            }
            Self::Election { election, cause } => {
                fields(form).needed("election", election);
                form.kind("cause", cause, (causes, ElectionCause::name));
                carry_cause(cause, fields(form));
            }
            Self::Leader { leader, term } => {
                fields(form).optional("leader", Absence::Null, leader);
                fields(form).optional("term", Absence::LeftOut, term);
            }
            Self::Withdraw { request } | Self::Request { request } => {
                fields(form).needed("request", request);
            }
            Self::Enter { request, token } => {
                fields(form).needed("request", request);
                fields(form).optional("token", Absence::LeftOut, token);
            }
            Self::Exit { request, lease_over } => {
                fields(form).needed("request", request);
                form.mark("cause", "lease", lease_over);
            }
            Self::Write { id, write, accepted, overlaps, heard } => {
                let content = Content::Write(*write);
                let mut message = MessageRecord { id: *id, to: Recipient::Resource, content };
                form.message(&mut message);
                match message.content {
                    Content::Write(read) => (*id, *write) = (message.id, read),
                    Content::Message(_) => {
                        form.refuse("a line of the kind \"write\" is about a WRITE");
                    }
                }
                fields(form).needed("accepted", accepted);
                form.requests("overlaps", overlaps);
                let mut told = heard.then_some(true);
                fields(form).optional("heard", Absence::LeftOut, &mut told);
                *heard = told == Some(true);
            }
            Self::Cut { to } | Self::Heal { to } => fields(form).needed("to", to),
            Self::Ignored { sentence, because } => {
                form.text("sentence", sentence);
                let all = (&IgnoredBecause::ALL[..], IgnoredBecause::name);
                form.choice("because", Absence::LeftOut, because, all);
            }
            Self::Violation(Violation { invariant, nodes, sentence }) => {
                let all = (&Invariant::ALL[..], Invariant::name);
                form.choice("invariant", Absence::Refused, invariant, all);
                form.nodes("nodes", nodes);
                form.text("sentence", sentence);
            }
        }
    }
}

/// The word for a storage that is lost.
const LOST: &str = "lost";

/// The fields that messages have too.
fn fields<'a>(form: &'a mut (dyn LineForm + '_)) -> &'a mut (dyn FieldForm + 'a) {
    form
}
