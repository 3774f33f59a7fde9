//! A process that sends a message to each other node and returns each message that it receives.

use std::sync::Arc;

use antes_core::{CallMessage, ClusterSize, Config, Effect, Effects, Identity, Message, NodeId};
use antes_sim::narrow::{Boot, Input, Stamp};
use antes_sim::world::Process;

#[derive(Clone, Debug)]
pub struct Player {
    me: NodeId,
    size: ClusterSize,
    stamp: Stamp,
}

impl Process for Player {
    fn boot(me: Identity, config: &Arc<Config>, boot: Boot) -> Self {
        Self { me: me.node, size: config.size, stamp: boot.stamp }
    }

    fn step(&mut self, input: &Input, out: &mut Effects) -> Stamp {
        match input {
            Input::Start => {
                let happened = self.stamp;
                for to in self.size.others(self.me) {
                    self.throw(to, out);
                }
                happened
            }
            Input::Message { from, stamp, .. } => {
                self.stamp.witness(stamp, self.me);
                let happened = self.stamp.copy();
                self.throw(*from, out);
                happened
            }
            Input::Timer(_)
            | Input::Command(_)
            | Input::Drawn { .. }
            | Input::Disconnected { .. }
            | Input::Met { .. }
            | Input::Denied => self.stamp,
        }
    }
}

impl Player {
    fn throw(&mut self, to: NodeId, out: &mut Effects) {
        out.push(Effect::Send { to, message: Message::Call(CallMessage::Plain) });
        self.stamp.tick(self.me);
    }
}
