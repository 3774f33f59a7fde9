//! Compares a state of the model with the simulator's world.

use antes_sim::world::World;

use crate::cluster::State;

impl State {
    /// Whether each node of `world` is up or down, in the same life, and in the same protocol state
    /// as here.
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
