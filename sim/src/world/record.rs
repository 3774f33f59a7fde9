//! Writes the lines of the trace.

use antes_core::{Identity, Incarnation, NodeId};

use super::{Process, World};
use crate::narrow::Stamp;
use crate::recorder::Recorder;
use crate::trace::{Happening, TraceEvent};

impl<P: Process> World<P> {
    /// Records the violations that the judge has found.
    #[inline]
    pub(super) fn report(&mut self, recorder: &mut Recorder) {
        if self.judge.has_found() {
            self.report_found(recorder);
        }
    }

    #[cold]
    fn report_found(&mut self, recorder: &mut Recorder) {
        for violation in self.judge.take_found() {
            self.violations[violation.invariant as usize] += 1;
            let slot = self.slot(violation.nodes[0]);
            let (me, stamp) = (slot.me(), *slot.stamp());
            self.record(recorder, me, &stamp, || Happening::Violation(violation));
        }
    }

    /// Records a line with the node's unchanged stamp.
    pub(super) fn line(&mut self, node: NodeId, happening: Happening, recorder: &mut Recorder) {
        self.line_of(node, || happening, recorder);
    }

    /// Like `line`, but the event is only constructed if it is recorded.
    #[inline]
    pub(super) fn line_of(
        &mut self,
        node: NodeId,
        happening: impl FnOnce() -> Happening,
        recorder: &mut Recorder,
    ) {
        if recorder.wants(self.lines) {
            let slot = self.slot(node);
            // Made before the line, they are copied less often.
            let (stamp, happening) = ((&slot.stamp).into(), happening());
            recorder.record(TraceEvent {
                seq: self.lines,
                at_us: self.now_us,
                node: Some(node),
                incarnation: slot.me.incarnation,
                stamp,
                happening,
            });
        }
        self.lines += 1;
    }

    pub(super) fn record(
        &mut self,
        recorder: &mut Recorder,
        me: Identity,
        stamp: &Stamp,
        happening: impl FnOnce() -> Happening,
    ) {
        let seq = self.lines;
        self.lines += 1;
        if recorder.wants(seq) {
            recorder.record(TraceEvent {
                seq,
                at_us: self.now_us,
                node: Some(me.node),
                incarnation: me.incarnation,
                stamp: stamp.into(),
                happening: happening(),
            });
        }
    }

    /// Records a line about a message that no node sent.
    #[cold]
    pub(super) fn record_of_nobody(
        &mut self,
        recorder: &mut Recorder,
        stamp: &Stamp,
        happening: impl FnOnce() -> Happening,
    ) {
        let seq = self.lines;
        self.lines += 1;
        if recorder.wants(seq) {
            let at_us = self.now_us;
            let incarnation = Incarnation::FIRST;
            let happening = happening();
            let stamp = stamp.into();
            recorder.record(TraceEvent { seq, at_us, node: None, incarnation, stamp, happening });
        }
    }
}
