use super::*;
use crate::watched::Watched;
use antes_core::{Algorithm, Command};
use antes_sim::scenario::Action;

fn watched() -> Watched {
    let mut watched = Watched::new(Algorithm::Leader);
    watched.seek(700_000);
    watched.act(Action::Crash(NodeId::new(4).unwrap()));
    watched
}

#[test]
fn reading_as_it_grows_and_reading_at_once_give_the_same() {
    let mut watched = watched();
    let mut grown = Index::default();
    for at_us in (0..10_000_000).step_by(37_000) {
        watched.seek(at_us);
        watched.read_by(&mut grown);
    }
    let mut at_once = Index::default();
    watched.read_by(&mut at_once);
    assert_eq!(grown.arrows(), at_once.arrows());
    assert_eq!(grown.dots(), at_once.dots());
    assert_eq!(grown.spans(), at_once.spans());
    assert!(grown.arrows().len() > 30);
}

#[test]
fn an_orderly_stop_has_a_sign_of_its_own() {
    let mut watched = Watched::new(Algorithm::Leader);
    watched.seek(700_000);
    let command = Command::Leave;
    watched.act(Action::Command { node: NodeId::new(4).unwrap(), command });
    watched.act(Action::Crash(NodeId::new(3).unwrap()));
    let mut index = Index::default();
    watched.read_by(&mut index);
    let signs: Vec<_> = index.signs().iter().map(|sign| (sign.node.get(), sign.kind)).collect();
    assert_eq!(signs, [(4, SignKind::Stop), (3, SignKind::Crash)]);
}

#[test]
fn a_crash_ends_the_lead_and_begins_a_gap() {
    let mut watched = watched();
    watched.seek(10_000_000);
    let mut index = Index::default();
    watched.read_by(&mut index);
    let spans: Vec<_> =
        index.spans().iter().map(|span| (span.node.get(), span.kind, span.to.is_some())).collect();
    assert_eq!(
        spans,
        [(4, SpanKind::Leads, true), (4, SpanKind::Down, false), (3, SpanKind::Leads, false),]
    );
}

#[test]
fn sends_of_one_instant_stand_side_by_side() {
    let mut watched = watched();
    watched.seek(600_000);
    let mut index = Index::default();
    watched.read_by(&mut index);
    let ranks: Vec<_> = index.arrows().iter().map(|arrow| arrow.sent.rank).collect();
    assert_eq!(ranks, [0, 1, 2], "three heartbeats");
}

#[test]
fn a_message_to_a_dead_node_dies_at_the_end_of_its_way() {
    let mut watched = watched();
    watched.seek(3_000_000);
    let mut index = Index::default();
    watched.read_by(&mut index);
    let died =
        |arrow: &&Arrow| matches!(arrow.end, Some((_, Fate::Died { share, .. })) if share == 1.0);
    assert!(index.arrows().iter().filter(died).count() >= 3);
}
