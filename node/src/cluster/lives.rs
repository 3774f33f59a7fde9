//! The lives of a node, from start to stop. Each draws a random number.
//! A process that has met a life lets in a later one only if that continues the life that it has met. So a
//! node lists its earlier lives that others may have met when it introduces itself ([`Ancestry`]). A copy of
//! a folder lists the lives up to the copy and those of the copy, and none of the original's later lives.
//! A life is recorded on the disk before it introduces itself to anybody for the first time. A life that
//! never reaches anybody is not listed, however often the node is started.

use antes_core::{Identity, Incarnation};
use serde::{Deserialize, Serialize};

use super::link::{Ancestry, Being, Refusal};

/// The most lives that a node lists. They fit into the frame of the introduction.
const MAX_LISTED: usize = 128;

/// A life of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    pub incarnation: Incarnation,
    /// The random number drawn when it began.
    pub number: u64,
}

/// The lives of one memory of a node that may have introduced themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introduced {
    /// All such lives from this one on are listed. Earlier ones may be missing.
    complete_from: Incarnation,
    /// The earliest first.
    lives: Vec<Life>,
}

impl Introduced {
    /// The list for a folder without one: a new folder, or one of an older version. `before` is the only
    /// earlier life whose number is known.
    pub fn taken_over(this: Life, before: Option<Life>) -> Self {
        let complete_from = before.map_or(this.incarnation, |before| before.incarnation);
        Self { complete_from, lives: before.into_iter().collect() }
    }

    /// Adds a life. Returns false if it is listed already.
    pub fn add(&mut self, life: Life) -> bool {
        if self.lives.iter().any(|listed| listed.number == life.number) {
            return false;
        }
        self.lives.push(life);
        while self.lives.len() > MAX_LISTED {
            self.lives.remove(0);
            self.complete_from = self.lives[0].incarnation;
        }
        true
    }

    /// The list as the life `this` introduces itself with it.
    pub fn ancestry(&self, this: Life) -> Ancestry {
        let earlier = self.lives.iter().filter(|life| life.number != this.number);
        let lives = earlier.map(|life| life.number).collect();
        Ancestry { lives, complete_from: self.complete_from }
    }
}

/// The entry of a process for a node that it has met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    pub birth: u64,
    /// The latest life that it has met.
    pub incarnation: Incarnation,
    /// The random number of that life.
    pub life: u64,
}

/// The entry of a node after it has introduced itself.
///
/// # Errors
///
/// The node does not continue the life that was met.
pub fn recognize(
    known: Option<Known>,
    them: Identity,
    being: &Being,
    ancestry: &Ancestry,
) -> Result<Known, Refusal> {
    let Being { birth, life } = *being;
    let incarnation = them.incarnation;
    let Some(known) = known else { return Ok(Known { birth, incarnation, life }) };
    if known.birth != birth {
        return Err(Refusal::OtherBirth);
    }
    if known.life == life {
        // It is the same process, which has meanwhile learned the number of its life.
        return Ok(Known { incarnation: incarnation.max(known.incarnation), ..known });
    }
    if known.incarnation > incarnation {
        return Err(Refusal::OlderLife { known: known.incarnation });
    }
    let is_unlisted_for_its_age = known.incarnation < ancestry.complete_from;
    let continues = ancestry.lives.contains(&known.life) || is_unlisted_for_its_age;
    if known.incarnation == incarnation || !continues {
        return Err(Refusal::OtherLife);
    }
    Ok(Known { birth, incarnation, life })
}

#[cfg(test)]
mod tests {
    use antes_core::NodeId;

    use super::*;

    const BIRTH: u64 = 7;

    fn life(incarnation: u32, number: u64) -> Life {
        Life { incarnation: Incarnation::new(incarnation).expect("a life"), number }
    }

    /// A folder of node 1, which can be copied.
    #[derive(Clone)]
    struct Folder {
        birth: u64,
        latest: Option<Life>,
        introduced: Option<Introduced>,
    }

    impl Folder {
        fn new(birth: u64) -> Self {
            Self { birth, latest: None, introduced: None }
        }

        /// Starts the node, whose life draws this number.
        fn start(&mut self, number: u64) {
            let before = self.latest;
            let incarnation = before.map_or(Incarnation::FIRST, |life| life.incarnation.next());
            let this = Life { incarnation, number };
            self.introduced.get_or_insert_with(|| Introduced::taken_over(this, before));
            self.latest = Some(this);
        }

        /// The same, and introduces itself to a process.
        fn start_and_meet(&mut self, number: u64, by: &mut Option<Known>) -> Option<Refusal> {
            self.start(number);
            self.meet(by)
        }

        /// Introduces the current life to a process.
        fn meet(&mut self, by: &mut Option<Known>) -> Option<Refusal> {
            self.record();
            let this = self.latest.expect("it was started");
            let ancestry = self.introduced.as_ref().expect("it was started").ancestry(this);
            let node = NodeId::new(1).expect("1 is a node");
            let them = Identity { node, incarnation: this.incarnation };
            let being = Being { birth: self.birth, life: this.number };
            match recognize(*by, them, &being, &ancestry) {
                Ok(now) => {
                    *by = Some(now);
                    None
                }
                Err(refusal) => Some(refusal),
            }
        }

        /// Records the current life, which then crashes before it introduces itself.
        fn record(&mut self) {
            let this = self.latest.expect("it was started");
            self.introduced.as_mut().expect("it was started").add(this);
        }
    }

    #[test]
    fn a_node_that_keeps_its_folder_is_known_in_every_life() {
        let (mut folder, mut near, mut far) = (Folder::new(BIRTH), None, None);
        assert_eq!(folder.start_and_meet(1, &mut far), None);
        for number in 2..=40 {
            assert_eq!(folder.start_and_meet(number, &mut near), None);
            assert_eq!(folder.meet(&mut near), None, "the same life again");
        }
        assert_eq!(folder.meet(&mut far), None, "it was away for 39 lives");
    }

    #[test]
    fn lives_that_reach_nobody_change_nothing() {
        let (mut folder, mut by) = (Folder::new(BIRTH), None);
        assert_eq!(folder.start_and_meet(1, &mut by), None);
        (2..1000).for_each(|number| folder.start(number));
        assert_eq!(folder.meet(&mut by), None);
        assert_eq!(folder.introduced.expect("a list").lives.len(), 2);
    }

    #[test]
    fn a_life_that_crashes_before_it_introduces_itself_is_listed_and_disturbs_nobody() {
        let (mut folder, mut by) = (Folder::new(BIRTH), None);
        assert_eq!(folder.start_and_meet(1, &mut by), None);
        for number in 2..10 {
            folder.start(number);
            folder.record();
        }
        assert_eq!(folder.start_and_meet(10, &mut by), None);
    }

    #[test]
    fn a_copy_of_an_earlier_life_is_refused_however_often_it_was_started() {
        for starts in 1..=2 * MAX_LISTED {
            let (mut folder, mut by) = (Folder::new(BIRTH), None);
            assert_eq!(folder.start_and_meet(1, &mut by), None);
            let mut copy = folder.clone();
            assert_eq!(folder.start_and_meet(2, &mut by), None);
            (0..starts).for_each(|start| copy.start(100 + start as u64));
            assert_eq!(copy.meet(&mut by), Some(Refusal::OtherLife), "started {starts} times");
            assert_eq!(folder.start_and_meet(3, &mut by), None);
        }
    }

    #[test]
    fn a_copy_that_others_have_let_in_is_refused_by_whoever_knows_a_later_life() {
        let (mut folder, mut was_away, mut by) = (Folder::new(BIRTH), None, None);
        assert_eq!(folder.start_and_meet(1, &mut was_away), None);
        assert_eq!(folder.meet(&mut by), None);
        let mut copy = folder.clone();
        assert_eq!(folder.start_and_meet(2, &mut by), None);
        for number in 100..110 {
            assert_eq!(copy.start_and_meet(number, &mut was_away), None);
        }
        assert_eq!(copy.meet(&mut by), Some(Refusal::OtherLife));
        assert!(folder.start_and_meet(3, &mut was_away).is_some());
    }

    #[test]
    fn a_copy_that_was_made_before_the_life_introduced_itself_is_an_older_one() {
        let (mut folder, mut by) = (Folder::new(BIRTH), None);
        folder.start(1);
        let mut copy = folder.clone();
        assert_eq!(folder.meet(&mut by), None);
        assert_eq!(copy.start_and_meet(2, &mut by), Some(Refusal::OtherLife));
    }

    #[test]
    fn a_copy_with_fewer_lives_than_are_known_is_told_how_many_are() {
        let (mut folder, mut by) = (Folder::new(BIRTH), None);
        folder.start(1);
        let mut copy = folder.clone();
        folder.start(2);
        assert_eq!(folder.start_and_meet(3, &mut by), None);
        let known = Incarnation::new(3).expect("a life");
        assert_eq!(copy.start_and_meet(9, &mut by), Some(Refusal::OlderLife { known }));
    }

    #[test]
    fn a_lost_folder_is_another_birth_even_in_the_first_life() {
        let (mut folder, mut lost, mut by) = (Folder::new(BIRTH), Folder::new(8), None);
        assert_eq!(folder.start_and_meet(1, &mut by), None);
        assert_eq!(lost.start_and_meet(2, &mut by), Some(Refusal::OtherBirth));
        assert_eq!(folder.meet(&mut by), None);
    }

    #[test]
    fn a_process_that_learns_which_life_is_its_own_is_the_same_one() {
        let (mut folder, mut by) = (Folder::new(BIRTH), None);
        assert_eq!(folder.start_and_meet(1, &mut by), None);
        folder.latest = Some(life(5, 1));
        assert_eq!(folder.meet(&mut by), None);
        assert_eq!(folder.start_and_meet(2, &mut by), None);
        assert_eq!(by.expect("it is known").incarnation, life(6, 2).incarnation);
    }

    #[test]
    fn a_folder_of_an_older_version_is_let_in_by_those_that_know_its_latest_life_or_an_earlier_one()
    {
        let old = |latest| Folder { birth: BIRTH, latest, introduced: None };
        let met = |number: u32| {
            let incarnation = Incarnation::new(number).expect("a life");
            Some(Known { birth: BIRTH, incarnation, life: number.into() })
        };
        for known in 1..=5 {
            let mut folder = old(Some(life(5, 5)));
            assert_eq!(folder.start_and_meet(9, &mut met(known)), None, "life {known} was met");
        }
        let mut copy = old(Some(life(4, 4)));
        (0..5).for_each(|number| copy.start(100 + number));
        assert_eq!(copy.meet(&mut met(5)), Some(Refusal::OtherLife), "it is a copy of life 4");
    }

    #[test]
    fn only_the_latest_lives_are_listed() {
        let (mut folder, mut far, mut near) = (Folder::new(BIRTH), None, None);
        assert_eq!(folder.start_and_meet(1, &mut far), None);
        for number in 2..1000 {
            assert_eq!(folder.start_and_meet(number, &mut near), None);
        }
        let introduced = folder.introduced.as_ref().expect("a list");
        assert_eq!(introduced.lives.len(), MAX_LISTED);
        assert_eq!(introduced.complete_from, introduced.lives[0].incarnation);
        assert_eq!(folder.meet(&mut far), None, "it is older than the list");
    }
}
