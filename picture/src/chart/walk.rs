//! Moves the selection from event to event by keys.

use crate::chart::index::Index;

/// A direction in which a key moves the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The previous event of the same node.
    Earlier,
    /// The next event of the same node.
    Later,
    /// The nearest event of the node on the line above.
    Up,
    /// The nearest event of the node on the line below.
    Down,
}

/// An event or a sign that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stop {
    node: u8,
    at_us: u64,
    seq: u64,
}

/// The event in this direction from the line `from`. Without `from`, the latest event. `None` if there is no
/// such event.
pub fn next(index: &Index, from: Option<u64>, way: Way) -> Option<u64> {
    let dots = index.dots().iter().map(|dot| (dot.node, dot.spot, dot.seq));
    let signs = index.signs().iter().map(|sign| (sign.node, sign.spot, sign.seq));
    let stop = |(node, spot, seq): (antes_core::NodeId, crate::chart::index::Spot, u64)| Stop {
        node: node.get(),
        at_us: spot.at_us,
        seq,
    };
    let stops: Vec<Stop> = dots.chain(signs).map(stop).collect();
    let Some(here) = from.and_then(|seq| stops.iter().find(|stop| stop.seq == seq)) else {
        return stops.iter().map(|stop| stop.seq).max();
    };
    let beside = || stops.iter().filter(|stop| stop.node == here.node).map(|stop| stop.seq);
    let nearest = |is_there: &dyn Fn(u8) -> bool, closest: &dyn Fn(u8) -> u8| {
        let on_lines = || stops.iter().filter(|stop| is_there(stop.node));
        // The nearest line that has an event.
        let line = on_lines().map(|stop| closest(stop.node)).min()?;
        let on_line = on_lines().filter(|stop| closest(stop.node) == line);
        let away =
            |stop: &Stop| (stop.at_us.abs_diff(here.at_us), stop.seq.abs_diff(here.seq), stop.seq);
        on_line.map(away).min().map(|(.., seq)| seq)
    };
    match way {
        Way::Earlier => beside().filter(|&seq| seq < here.seq).max(),
        Way::Later => beside().filter(|&seq| seq > here.seq).min(),
        Way::Up => nearest(&|node| node < here.node, &|node| here.node - node),
        Way::Down => nearest(&|node| node > here.node, &|node| node - here.node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watched::Watched;
    use antes_core::Algorithm;

    fn index() -> Index {
        let mut watched = Watched::new(Algorithm::Leader);
        watched.seek(1_500_000);
        let mut index = Index::default();
        watched.read_by(&mut index);
        index
    }

    fn node_of(index: &Index, seq: u64) -> u8 {
        index.dots().iter().find(|dot| dot.seq == seq).unwrap().node.get()
    }

    #[test]
    fn a_walk_begins_at_the_latest_event_and_keeps_to_its_line() {
        let index = index();
        let last = next(&index, None, Way::Earlier).unwrap();
        assert_eq!(Some(last), index.dots().last().map(|dot| dot.seq));
        let before = next(&index, Some(last), Way::Earlier).unwrap();
        assert!(before < last);
        assert_eq!(node_of(&index, before), node_of(&index, last));
        assert_eq!(next(&index, Some(before), Way::Later), Some(last));
    }

    #[test]
    fn up_and_down_lead_to_the_neighbouring_lines_and_not_beyond_the_last_one() {
        let index = index();
        let first = index.dots().iter().find(|dot| dot.node.get() == 4).unwrap().seq;
        let above = next(&index, Some(first), Way::Up).unwrap();
        assert_eq!(node_of(&index, above), 3);
        assert_eq!(node_of(&index, next(&index, Some(above), Way::Down).unwrap()), 4);
        assert_eq!(next(&index, Some(first), Way::Down), None);
    }
}
