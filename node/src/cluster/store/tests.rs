use antes_core::ClusterSize;

use super::*;

fn config(nodes: u8, lease_s: u64) -> Config {
    let size = ClusterSize::new(nodes).expect("a size");
    let mut config = Config::new(Algorithm::Mutex, size);
    config.profile = Profile::Hardened;
    config.hardened.lease = Duration::from_secs(lease_s);
    config
}

#[test]
fn the_longest_lease_is_remembered_until_a_recovery_has_waited_for_it() {
    let folder = std::env::temp_dir().join(format!("antes-spans-{}", std::process::id()));
    let me = NodeId::new(1).expect("1 is a node");
    let open = |config| Store::open(Some(&folder), me, &config).expect("it can be used");
    let spans = |lease_s| config(4, lease_s);
    let grace = |lease_s| Spans::of(&spans(lease_s)).expect("there are leases").grace();
    let classic = Config { profile: Profile::Classic, ..spans(5) };
    assert_eq!(grace(5), Duration::from_micros(6_262_000));
    assert_eq!(open(spans(20)).1.least_grace, Duration::ZERO);
    assert_eq!(open(spans(5)).1.least_grace, grace(20));
    assert_eq!(open(classic).1.least_grace, grace(20), "the classic profile changes nothing");
    assert_eq!(open(spans(3)).1.least_grace, grace(20), "nothing has waited for it yet");
    let (mut store, _) = open(spans(3));
    store.forget_earlier_spans();
    store.commit().expect("it is kept");
    drop(store);
    assert_eq!(open(spans(3)).1.least_grace, Duration::ZERO);
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn a_node_listens_first_where_its_list_of_nodes_is_new() {
    let folder = std::env::temp_dir().join(format!("antes-lists-{}", std::process::id()));
    let me = NodeId::new(1).expect("1 is a node");
    let listens = |config| {
        let (_, legacy) = Store::open(Some(&folder), me, &config).expect("it can be used");
        legacy.listens
    };
    let found = [4, 4, 3, 3].map(|nodes| listens(config(nodes, 5)));
    assert_eq!(found, [true, false, true, false]);
    let classic = Config { profile: Profile::Classic, ..config(5, 5) };
    assert!(!listens(classic), "nothing rests on majorities there");
    std::fs::remove_dir_all(folder).expect("it is removed");
}
