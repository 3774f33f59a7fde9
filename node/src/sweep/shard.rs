//! A part of a sweep, for one of several machines.

use std::num::NonZeroU64;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

/// Environment variables with the number of a process among many, from 0: of a Kubernetes indexed
/// job, a Slurm array, and a Docker Swarm job that passes it.
const PLACES: [&str; 3] = ["JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID", SWARM];

/// Docker Swarm has no variable of its own: the service passes `{{.Task.Slot}}` in this one.
const SWARM: &str = "SWARM_TASK_SLOT";

/// The length of a node's id in Docker Swarm.
const NODE_ID: usize = 25;

/// One of the equal parts of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The part's number, from 0 to `of` - 1.
    pub index: u64,
    pub of: u64,
}

impl Shard {
    fn new(index: u64, of: u64) -> Result<Self, String> {
        if index < of {
            return Ok(Self { index, of });
        }
        let last = of.saturating_sub(1);
        Err(format!("there is no shard {index} of {of}: expected 0 to {last}"))
    }

    /// Its seeds. Empty if there are fewer seeds than shards and none is left.
    pub fn seeds(self, all: &RangeInclusive<u64>) -> Range<u64> {
        let count = u128::from(all.end() - all.start()) + 1;
        let start = |shard: u64| {
            let before = count * u128::from(shard) / u128::from(self.of);
            // At most `count`, so at most the seed after the last.
            all.start() + before as u64
        };
        start(self.index)..start(self.index + 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = "expected which shard, from 0, and of how many, such as 0/8";
        let (index, of) = text.split_once('/').ok_or(wanted)?;
        match (index.parse(), of.parse::<NonZeroU64>()) {
            (Ok(index), Ok(of)) => Self::new(index, of.get()),
            _ => Err(wanted.into()),
        }
    }
}

/// The number of this process among `shards`, from its environment.
pub fn of_environment(
    shards: NonZeroU64,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Shard, String> {
    let found: Vec<_> = PLACES.iter().filter_map(|name| Some((name, variable(name)?))).collect();
    let [(name, text)] = found.as_slice() else {
        let names: Vec<_> = found.iter().map(|(name, _)| **name).collect();
        return Err(match names.as_slice() {
            [] => format!(
                "--shards {shards}: which of them is this? expected one of {} in the environment, or \
                 --shard 0/{shards}",
                PLACES.join(", ")
            ),
            names => {
                format!("{} say which shard this is: expected one of them", names.join(" and "))
            }
        });
    };
    let index = match text.parse() {
        Ok(index) => index,
        // In slot 0, Swarm's template gives the id of the node.
        Err(_) if **name == SWARM && is_node_id(text) => 0,
        Err(_) => return Err(format!("{name} is {text:?}: expected a whole number")),
    };
    Shard::new(index, shards.get()).map_err(|error| format!("{name} is {text}: {error}"))
}

fn is_node_id(text: &str) -> bool {
    text.len() == NODE_ID && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shards_of_a_sweep_are_its_seeds_each_once_and_about_equally_many() {
        for (all, of) in [(1..=10_000, 8), (5..=11, 3), (1..=2, 5), (0..=u64::MAX - 1, 7)] {
            let mut next = *all.start();
            let (mut least, mut most) = (u64::MAX, 0);
            for index in 0..of {
                let seeds = Shard { index, of }.seeds(&all);
                assert_eq!(seeds.start, next);
                let count = seeds.end - seeds.start;
                (least, most) = (least.min(count), most.max(count));
                next = seeds.end;
            }
            assert_eq!(next, all.end() + 1);
            assert!(most - least <= 1);
        }
    }

    #[test]
    fn a_shard_is_written_as_its_place_and_their_number() {
        assert_eq!("3/8".parse(), Ok(Shard { index: 3, of: 8 }));
        let wrong = "8/8".parse::<Shard>();
        assert_eq!(wrong, Err("there is no shard 8 of 8: expected 0 to 7".into()));
        for text in ["3", "0/0", "-1/8", "1/2/3", "", "a/b"] {
            let error = text.parse::<Shard>().expect_err(text);
            assert!(error.contains("such as 0/8"), "{error}");
        }
    }

    #[test]
    fn an_engine_says_in_the_environment_which_shard_it_runs() {
        let eight = NonZeroU64::new(8).expect("it is not 0");
        let by = |set: &[(&str, &str)]| {
            of_environment(eight, |name| {
                let (_, value) = set.iter().find(|(each, _)| *each == name)?;
                Some((*value).to_owned())
            })
        };
        assert_eq!(by(&[("JOB_COMPLETION_INDEX", "0")]), Ok(Shard { index: 0, of: 8 }));
        assert_eq!(by(&[("SLURM_ARRAY_TASK_ID", "7")]), Ok(Shard { index: 7, of: 8 }));
        assert_eq!(by(&[("SWARM_TASK_SLOT", "3")]), Ok(Shard { index: 3, of: 8 }));
        let node = [("SWARM_TASK_SLOT", "yybopd9yeh81puqbppr004e5d")];
        assert_eq!(by(&node), Ok(Shard { index: 0, of: 8 }));
        for (set, told) in [
            (&[][..], "which of them is this?"),
            (&[("SLURM_ARRAY_TASK_ID", "8")], "SLURM_ARRAY_TASK_ID is 8: there is no shard 8 of 8"),
            (&[("SWARM_TASK_SLOT", "{{.Task.Slot}}")], "expected a whole number"),
            (&[("JOB_COMPLETION_INDEX", "one")], "JOB_COMPLETION_INDEX is \"one\": expected a"),
            (&[("JOB_COMPLETION_INDEX", "1"), ("SLURM_ARRAY_TASK_ID", "1")], "expected one of"),
        ] {
            let error = by(set).expect_err(told);
            assert!(error.contains(told), "{error}");
        }
    }
}
