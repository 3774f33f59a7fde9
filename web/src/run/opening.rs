//! The run and the moment that the page opens with.

use antes_core::{ClusterSize, NodeId};
use antes_sim::scenario::{Scenario, Step};

use super::{Choice, host};
use crate::address::{Address, Trouble, quoted};
use crate::dom;
use crate::interventions;
use crate::language::Language;
use crate::library::{self, FIRST, Shelf};
use crate::message::Selection;
use crate::player::Player;
use crate::speed::Speed;
use crate::timeline::Timeline;
use crate::words as w;
use antes_picture::telling::{Telling, telling_moment};

/// The index of the scenario in the address, otherwise of the first one.
pub fn first_asked_for() -> usize {
    let (address, _) = Address::read(&dom::query());
    asked_for(&address).map_or(FIRST, |choice| choice.place)
}

/// The language in the address, otherwise the browser's.
pub fn language_asked_for() -> Language {
    let (address, _) = Address::read(&dom::query());
    address.language.or_else(|| Language::from_tag(&dom::language_tag())).unwrap_or_default()
}

/// The run at the moment that an address names.
pub async fn player_at(query: &str) -> Player {
    let (address, _) = Address::read(query);
    let shelf = match asked_for(&address) {
        Some(choice) if choice.place != FIRST => Shelf::fetch().await.unwrap_or_default(),
        _ => Shelf::default(),
    };
    let (choice, scenario, _) = find(&shelf, &address);
    open(varied(scenario, choice), &address, &mut Vec::new()).player
}

/// The scenario that an address names, in its profile and with its seed, and its index. `troubles` receives
/// what the address says wrongly.
pub fn scenario_at(
    shelf: &Shelf,
    address: &Address,
    troubles: &mut Vec<Trouble>,
) -> (usize, Scenario) {
    let (choice, scenario, trouble) = find(shelf, address);
    troubles.splice(0..0, trouble);
    (choice.place, varied(scenario, choice))
}

/// The choice in the address. `None` if the address names an unknown scenario.
pub(super) fn asked_for(address: &Address) -> Option<Choice> {
    let place = match &address.scenario {
        Some(slug) => library::find(slug)?,
        None => FIRST,
    };
    let (place, profile) = library::in_profile(place, address.profile);
    Some(Choice { place, profile, seed: address.seed })
}

/// The scenario to show at first: the address's, otherwise the first one. It is returned unchanged, without
/// the chosen seed and profile.
pub(super) fn find(shelf: &Shelf, address: &Address) -> (Choice, Scenario, Option<Trouble>) {
    let asked = asked_for(address);
    if let Some(choice) = asked
        && let Some(scenario) = shelf.get(choice.place)
    {
        let entry = library::entry(choice.place);
        let refused = address.profile.filter(|&profile| !entry.runs_in(profile));
        let trouble = refused.map(|_| (w::NOT_HARDENED, entry.slug.to_owned()));
        return (choice, scenario, trouble);
    }
    let slug = address.scenario.iter().flat_map(|slug| slug.chars()).take(40).collect();
    let word = if asked.is_some() { w::NO_LIBRARY } else { w::BAD_SCENARIO };
    let choice = Choice { place: FIRST, profile: None, seed: address.seed };
    let first = shelf.get(FIRST).expect("the page is built with its first scenario");
    (choice, first, Some((word, slug)))
}

/// A run at the moment that it is opened with.
pub(super) struct Opened {
    pub player: Player,
    pub selection: Selection,
    /// The beginning of the events that led to the moment. Only if the page has chosen the moment.
    pub since_us: Option<u64>,
}

/// The run at the address's moment, with the address's selection. Without a moment in the address, the page
/// chooses a telling one. `troubles` receives what this run does not have.
pub(super) fn open(scenario: Scenario, address: &Address, troubles: &mut Vec<Trouble>) -> Opened {
    let size = scenario.config.size;
    let quote = |step: &Step| quoted(&interventions::encode_one(step));
    let (acts, strangers): (Vec<_>, Vec<_>) =
        address.acts.iter().cloned().partition(|step| concerns(size, &step.action));
    troubles.extend(strangers.iter().map(|step| (w::BAD_NODE, quote(step))));
    let speed = address.settings.speed.unwrap_or(Speed::DEFAULT);
    let is_open = address.scenario.is_none() && address.at_us.is_none();
    let telling = is_open.then(|| telling_moment(&scenario));
    let mut player = Player::new(scenario, &acts, speed);
    player.set_range(host::range(address, &player, troubles));
    let told_us = telling.map(|telling| telling.at_us);
    let moment = host::moment(address, &player, told_us, troubles);
    let telling = telling.filter(|telling| telling.at_us == moment && acts.is_empty());
    player.set_still(dom::is_still(address.motion));
    let end_us = player.run().end_us();
    let is_behind = |step: &&Step| step.at.as_micros() > u128::from(end_us);
    troubles.extend(acts.iter().filter(is_behind).map(|step| (w::BEHIND_END, quote(step))));
    if let Some(done) = address.events {
        player.go_to(done, moment);
    }
    let run = player.run();
    let is_there = match address.events {
        Some(done) => (run.done(), run.now_us()) == (done, moment),
        None => (player.start_us()..=player.end_us()).contains(&moment),
    };
    if !is_there {
        let events = address.events.map(|events| format!(".{events}")).unwrap_or_default();
        troubles.push((w::BAD_MOMENT, format!("{moment}{events}")));
    }
    if address.events.is_none() || !is_there {
        player.seek(moment);
    }
    player.prepare();
    let selection = selected(&player, address, troubles);
    match (selection, telling) {
        (Selection::Latest, Some(Telling { seq: Some(seq), since_us, .. })) => {
            Opened { player, selection: Selection::Event(seq), since_us: Some(since_us) }
        }
        (selection, _) => Opened { player, selection, since_us: None },
    }
}

/// The selection in the address, if it exists at this moment.
fn selected(player: &Player, address: &Address, troubles: &mut Vec<Trouble>) -> Selection {
    let (is_there, word, part) = match address.selection {
        Selection::Latest => return Selection::Latest,
        Selection::Event(seq) => {
            (seq < player.run().trace().len() as u64, w::BAD_EVENT, seq.to_string())
        }
        Selection::Node(node) => {
            (size_of(player).contains(node), w::BAD_NODE, ["n", &node.to_string()].concat())
        }
    };
    if is_there {
        return address.selection;
    }
    troubles.push((word, part));
    Selection::Latest
}

/// The scenario with the chosen seed and profile.
pub(super) fn varied(mut scenario: Scenario, choice: Choice) -> Scenario {
    scenario.seed = choice.seed.unwrap_or(scenario.seed);
    let own = scenario.config.profile;
    scenario.in_profile(choice.profile.unwrap_or(own))
}

pub(super) fn size_of(player: &Player) -> ClusterSize {
    player.run().world().size()
}

/// Whether an action only names nodes that exist.
pub fn concerns(size: ClusterSize, action: &antes_sim::scenario::Action) -> bool {
    use antes_sim::scenario::{Action, Which};
    let all = |nodes: &[NodeId]| nodes.iter().all(|&node| size.contains(node));
    match action {
        Action::Note | Action::Heal => true,
        Action::Crash(node)
        | Action::Restart(node)
        | Action::RestartWithoutStorage(node)
        | Action::Pause(node)
        | Action::Resume(node)
        | Action::CrashAt { node, .. } => all(&[*node]),
        Action::Command { node, command } => match command {
            antes_core::Command::Send { to } | antes_core::Command::Call { to } => {
                all(&[*node, *to])
            }
            _ => all(&[*node]),
        },
        Action::Send { from, to, .. } | Action::Cut { from, to } => all(&[*from, *to]),
        Action::Partition(groups) => groups.iter().all(|group| all(group)),
        Action::Forge(forgery) => {
            size.contains(forgery.from) && forgery.to.is_none_or(|to| size.contains(to))
        }
        Action::Tamper { which: Which::Id(id), .. } => all(&[id.from]),
        Action::Tamper { which: Which::Nth { from, to, .. }, .. } => {
            from.iter().chain(to).all(|&node| size.contains(node))
        }
    }
}
