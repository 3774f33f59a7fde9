//! A run, a recording and a comparison have this in common: a moment that can be moved, and one or two traces
//! up to it.

use core::ops::RangeInclusive;

use antes_core::{ClusterSize, NodeId, Profile};
use antes_sim::run::Run;
use antes_sim::scenario::Latency;
use antes_sim::trace::{MessageId, TraceEvent};

use crate::chart::index::Index;
use crate::chart::scale::ZOOMS;
use crate::language::Language;
use crate::message::{Selection, Time};
use crate::outlook::Mark;
use crate::playback::Playback;
use crate::ring::scene::Scene;
use crate::routine::{Hidden, Routines};
use crate::speed::Speed;
use crate::view::strip::{Verdict, WaitShown};
use crate::why::Why;

/// A trace at the moment, with facts about it.
pub struct Side<'a> {
    /// The instant at which this trace is. In a comparison, the shorter run stays at its end.
    pub now_us: u64,
    /// The lines up to the moment.
    pub past: &'a [TraceEvent],
    /// These lines, and those that are known to follow.
    pub known: &'a [TraceEvent],
    pub size: ClusterSize,
    pub profile: Profile,
    pub has_resource: bool,
    /// Increases whenever lines of the past may have been replaced.
    pub generation: u32,
    pub index: &'a Index,
    pub routines: &'a Routines,
    /// The run. `None` for a recording, in which nobody can act.
    pub run: Option<&'a Run>,
}

impl Side<'_> {
    /// The line of the past with this number.
    pub fn line(&self, seq: u64) -> Option<&TraceEvent> {
        self.past.get(usize::try_from(seq).ok()?)
    }

    /// The node of the line with this number.
    pub fn node_of(&self, seq: u64) -> Option<NodeId> {
        self.line(seq)?.node
    }

    /// The message of the line with this number.
    pub fn message_of(&self, seq: u64) -> Option<MessageId> {
        self.line(seq)?.message().map(|message| message.id)
    }
}

/// A run, a recording or two runs side by side, at a moment.
pub trait Timeline {
    /// The state of playing.
    fn playback(&self) -> &Playback;

    fn playback_mut(&mut self) -> &mut Playback;

    /// How many traces there are: 1 or 2.
    fn sides(&self) -> usize {
        1
    }

    fn side(&self, side: usize) -> Side<'_>;

    /// The ring of a side.
    fn scene(&self, side: usize) -> Scene;

    /// Reads what is new at this moment, before it is drawn.
    fn watch(&mut self) {}

    /// The latency that the diagram's time axis is made for.
    fn latency(&self) -> Latency;

    /// The allowed zooms of the diagram.
    fn zooms(&self) -> RangeInclusive<i8> {
        ZOOMS
    }

    /// Whether too many lines lie between two instants to draw them all.
    fn is_crowded(&self, _from_us: u64, _to_us: u64) -> bool {
        false
    }

    /// The last instant that the diagram's axis names.
    fn last_tick_us(&self) -> u64 {
        u64::MAX
    }

    /// Whether the end of each message is known. Otherwise only messages of the ring are on their way.
    fn knows_ends(&self) -> bool {
        true
    }

    /// The marks on the scrubber.
    fn marks(&self) -> Vec<Mark>;

    /// The state of the invariants.
    fn verdicts(&self, side: usize) -> Vec<Verdict>;

    /// How long the cluster waits.
    fn waits(&self, language: Language) -> Vec<WaitShown>;

    /// The line that the moment of a side is about, unless one is selected.
    fn told(&self, side: usize, hidden: Hidden) -> Option<u64>;

    /// The explanation of the selection, or of the line that the moment is about.
    fn why(&self, selection: Selection, told: Option<u64>, language: Language) -> Option<Why>;

    /// Goes to the moment after a line of a side.
    fn show(&mut self, side: usize, seq: u64);

    /// The instant of a line of the past of a side, on this timeline. 0 if there is no such line.
    fn at_us(&self, side: usize, seq: u64) -> u64 {
        self.side(side).line(seq).map_or(0, |event| event.at_us)
    }

    /// The instant that is shown for an instant of this timeline.
    fn told_us(&self, at_us: u64) -> u64 {
        at_us
    }

    /// Writes an instant of the traces.
    fn tell(&self, told_us: u64, language: Language) -> String {
        language.seconds(told_us)
    }

    /// The current instant, in microseconds.
    fn now_us(&self) -> u64;

    /// The beginning of the part to play, in microseconds.
    fn start_us(&self) -> u64;

    /// The end of the part to play, in microseconds.
    fn end_us(&self) -> u64;

    fn is_playing(&self) -> bool {
        self.playback().playing
    }

    /// Whether there is nothing to play after this moment.
    fn is_over(&self) -> bool;

    /// Whether the moment is the first one of the part to play.
    fn is_at_start(&self) -> bool;

    /// Whether the moment is the last one of the part to play.
    fn is_at_end(&self) -> bool {
        self.is_over()
    }

    fn speed(&self) -> Speed {
        self.playback().speed
    }

    fn set_speed(&mut self, speed: Speed) {
        self.playback_mut().speed = speed;
    }

    /// Sets whether time moves from event to event, for users who prefer less motion.
    fn set_still(&mut self, still: bool) {
        self.playback_mut().still = still;
    }

    /// Plays on. If everything has been played, plays from the beginning.
    fn play(&mut self) {
        if self.is_over() {
            self.reset();
        }
        self.playback_mut().playing = true;
    }

    fn pause(&mut self) {
        self.playback_mut().playing = false;
    }

    /// Holds time still, or releases it. Returns whether that is a change.
    fn hold(&mut self, held: bool) -> bool {
        std::mem::replace(&mut self.playback_mut().held, held) != held
    }

    /// Advances by one frame of `real_us` microseconds. Returns the side and the line of the violation that
    /// stopped it, if any.
    fn frame(&mut self, real_us: u64) -> Option<(usize, u64)>;

    /// Goes to the next event, or to the end if there is none.
    fn step(&mut self);

    fn step_back(&mut self);

    /// Goes to the next decision, or to the end if there is none.
    fn jump(&mut self);

    /// Goes to the latest decision before this moment, or to the beginning if there is none.
    fn jump_back(&mut self);

    /// Goes to the beginning of the part to play.
    fn reset(&mut self);

    /// Goes to the end of the part to play.
    fn finish(&mut self);

    /// Goes to an instant of the part to play.
    fn seek(&mut self, at_us: u64);

    /// Goes to the narrator's next note. Returns whether there is a narrator.
    fn next_note(&mut self) -> bool {
        false
    }

    /// Goes to the narrator's previous note. Returns whether there is a narrator.
    fn previous_note(&mut self) -> bool {
        false
    }

    /// Carries out a request. Returns whether it makes sense here.
    fn obey(&mut self, time: Time) -> bool {
        match time {
            Time::Pause => self.pause(),
            Time::Toggle if self.is_playing() => self.pause(),
            Time::Play | Time::Toggle => self.play(),
            Time::Step => self.step(),
            Time::Back => self.step_back(),
            Time::Jump => self.jump(),
            Time::JumpBack => self.jump_back(),
            Time::Reset => self.reset(),
            Time::End => self.finish(),
            Time::Seek(at_us) => self.seek(at_us),
            Time::Speed(speed) => self.set_speed(speed),
            Time::Faster(stops) => self.set_speed(self.speed().faster(stops)),
            Time::NextNote => return self.next_note(),
            Time::PreviousNote => return self.previous_note(),
        }
        true
    }
}
