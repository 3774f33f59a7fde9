//! Whether the simulator's world is in a state of the model.

use antes_sim::world::World;

use crate::cluster::State;

impl State {
    /// Whether the nodes of `world` are what they are here: up or down, in which life, and in which
    /// state of all their protocols.
    pub fn is_that_of(&self, world: &World) -> bool {
        self.seats.iter().all(|seat| {
            let slot = world.node(seat.me.node);
            let same = match &seat.life {
                None => !world.is_up(seat.me.node),
                Some(life) => world.is_up(seat.me.node) && *slot.node().stack() == life.stack,
            };
            same && slot.me() == seat.me
        })
    }
}
