//! The driver's contract as code: the order of effects, their stamps, and the answers to draws.

use alloc::vec::Vec;

use crate::clock::{Count, Stamp};
use crate::id::NodeId;
use crate::io::{Choice, Effect, Effects, Input};

/// The effects of a step that a driver has not carried out yet.
///
/// A driver [begins](Agenda::begin) with an input, and carries out each effect that
/// [`next`](Agenda::next) returns before it asks for the next one. Draws are answered here: when all
/// effects of the step are carried out, the node gets the answers in the order of the draws, and
/// the effects that they cause follow. If the node crashes, the driver [clears](Agenda::clear) the
/// rest.
///
/// A driver keeps the agenda for the capacity of its lists.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    effects: Effects,
    /// How many of the effects were returned.
    done: usize,
    answers: Vec<(Choice, u64)>,
    /// How many of the answers were given.
    told: usize,
}

impl Agenda {
    /// Begins with an input, which `step` gives to the node.
    #[inline]
    pub fn begin<R>(&mut self, step: impl FnOnce(&mut Effects) -> R) -> R {
        step(&mut self.effects)
    }

    /// How many effects of the present step are left. Draws among them count too.
    pub const fn left(&self) -> usize {
        self.effects.len() - self.done
    }

    /// The next effect of node `me`. If it [ticks](Effect::ticks), `stamp` ticks: it is the effect's
    /// stamp then. `step` gives an input to the node, and `draw` draws a number from the smallest to
    /// the largest, both included.
    #[inline]
    pub fn next<C: Count>(
        &mut self,
        (me, stamp): (NodeId, &mut Stamp<C>),
        mut step: impl FnMut(&Input<C>, &mut Effects) -> Stamp<C>,
        draw: impl FnMut(u64, u64) -> u64,
    ) -> Option<&Effect> {
        let effect = self.next_without_stamp(
            |input, out| {
                step(input, out);
            },
            draw,
        )?;
        if effect.ticks() {
            stamp.tick(me);
        }
        Some(effect)
    }

    /// The same for a driver that has no clocks.
    #[inline]
    pub fn next_without_stamp<C>(
        &mut self,
        mut step: impl FnMut(&Input<C>, &mut Effects),
        mut draw: impl FnMut(u64, u64) -> u64,
    ) -> Option<&Effect> {
        loop {
            match self.effects.get(self.done) {
                Some(&Effect::Draw { choice, low, high }) => {
                    self.done += 1;
                    self.answers.push((choice, draw(low, high)));
                }
                Some(_) => break,
                None => {
                    self.effects.clear();
                    self.done = 0;
                    let Some(&(choice, value)) = self.answers.get(self.told) else {
                        self.clear();
                        return None;
                    };
                    self.told += 1;
                    step(&Input::Drawn { choice, value }, &mut self.effects);
                }
            }
        }
        self.done += 1;
        self.effects.get(self.done - 1)
    }

    /// Forgets what is left: the node has crashed.
    pub fn clear(&mut self) {
        self.effects.clear();
        self.answers.clear();
        (self.done, self.told) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::call::{CallChoice, CallTimer};
    use crate::io::{Event, Timer, cancel};

    const DRAW: Effect = Effect::Draw { choice: Choice::Call(CallChoice::Peer), low: 3, high: 9 };
    const LOCAL: Effect = Effect::Emit(Event::Local);

    fn agenda(effects: &[Effect]) -> Agenda {
        let mut agenda = Agenda::default();
        agenda.begin(|out| out.extend_from_slice(effects));
        agenda
    }

    /// The rest, where each answer causes the cancelling of a timer.
    fn rest(agenda: &mut Agenda, stamp: &mut Stamp) -> Vec<(Effect, u64)> {
        let me = NodeId::new(1).expect("a node");
        let mut all = vec![];
        while let Some(&effect) = agenda.next(
            (me, stamp),
            |input: &Input, out| {
                let choice = Choice::Call(CallChoice::Peer);
                assert_eq!(*input, Input::Drawn { choice, value: 9 });
                out.push(cancel(CallTimer::Reply));
                Stamp::default()
            },
            |_, high| high,
        ) {
            all.push((effect, stamp.lamport.0));
        }
        all
    }

    #[test]
    fn answers_to_draws_follow_all_effects_of_the_step() {
        let mut agenda = agenda(&[DRAW, LOCAL, DRAW, LOCAL]);
        let answered = Effect::CancelTimer { timer: Timer::Call(CallTimer::Reply) };
        assert_eq!(
            rest(&mut agenda, &mut Stamp::default()),
            [(LOCAL, 1), (LOCAL, 2), (answered, 2), (answered, 2)]
        );
        assert_eq!(agenda.left(), 0);
    }

    #[test]
    fn a_crash_between_two_effects_leaves_the_stamp_of_the_first_and_no_answers() {
        let mut agenda = agenda(&[DRAW, LOCAL, LOCAL]);
        let (me, mut stamp) = (NodeId::new(1).expect("a node"), Stamp::<u64>::default());
        agenda.next((me, &mut stamp), |_, _| unreachable!("nothing is answered"), |low, _| low);
        assert_eq!((stamp.lamport.0, agenda.left()), (1, 1));
        agenda.clear();
        assert_eq!(rest(&mut agenda, &mut stamp), []);
    }
}
