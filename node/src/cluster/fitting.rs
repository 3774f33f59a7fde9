//! Timeouts of a node: defaults for those that are not given, and checks that all fit each other.

use std::time::Duration;

use antes_core::spans::{self, Misfit, Network, Reason, Span};
use antes_core::{Algorithm, Config, Profile};
use antes_sim::scenario::duration::display;

use super::options::Behaviour;
use crate::Failure;

/// A node does not know its network. Timeouts that do not even suit this fast network are refused.
const FASTEST: Network = Network::with_transmission(Duration::from_millis(1));

/// `config` with the timeouts that were not given adjusted to the slowest network for which T is
/// long enough.
pub fn fitted(config: &Config, given: &Behaviour) -> Config {
    if config.profile == Profile::Classic {
        return *config;
    }
    let left_out = |span| match span {
        Span::AnswerTimeout => false,
        Span::CoordinatorTimeout => given.coordinator_timeout.is_none(),
        Span::SuspectAfter => given.suspect_after.is_none(),
        Span::Retry => given.retry.is_none(),
    };
    spans::fitted(config, Network::that_suits_t(config), left_out)
}

/// Refuses timeouts with which the hardened profile is safe but makes no progress.
///
/// # Errors
///
/// If timeouts do not fit: all of them, each with the nearest value that fits.
pub fn check(config: &Config) -> Result<(), Failure> {
    if config.profile == Profile::Classic {
        return Ok(());
    }
    let misfits = spans::misfits(config, FASTEST);
    let sentences: Vec<String> = misfits.into_iter().map(sentence).collect();
    if sentences.is_empty() { Ok(()) } else { Err(Failure::BadInput(sentences.join("; "))) }
}

fn sentence(misfit: Misfit) -> String {
    let option = match misfit.span {
        Span::AnswerTimeout => "--answer-timeout (ANSWER_TIMEOUT)",
        Span::CoordinatorTimeout => "--coordinator-timeout (COORDINATOR_TIMEOUT)",
        Span::SuspectAfter => "--suspect-after (SUSPECT_AFTER)",
        Span::Retry => "--retry (RETRY)",
    };
    let problem = match misfit.reason {
        Reason::AnswerOnItsWay => "is shorter than a round trip on a fast clock",
        Reason::WinnerStillAsks => {
            "is too short for a winner that waits for higher nodes without an answer"
        }
        Reason::LeaseRunsOut => {
            "is so short that the leader's lease would run out before its next heartbeat is \
             acknowledged"
        }
        Reason::LiveLeaderSuspected => {
            "is so short that a follower with a fast clock would suspect a live leader with a slow one"
        }
        Reason::LongerThanLease => "is longer than the lease",
        Reason::LongerThanQuarterLease => "is longer than a quarter of the lease",
    };
    let fits = display(misfit.fits);
    match misfit.reason {
        Reason::LongerThanLease | Reason::LongerThanQuarterLease => {
            format!("{option} {problem}; expected {fits} at most")
        }
        Reason::AnswerOnItsWay
        | Reason::WinnerStillAsks
        | Reason::LeaseRunsOut
        | Reason::LiveLeaderSuspected => format!("{option} {problem}; expected {fits} at least"),
    }
}

/// A warning if the lease may cut a hold.
pub fn hold_beyond_lease(config: &Config) -> Option<String> {
    let certain = spans::longest_hold(config, FASTEST);
    let hold = config.mutex.hold.max;
    let leases = config.profile == Profile::Hardened && config.algorithm == Algorithm::Mutex;
    (leases && hold > certain).then(|| {
        format!(
            "the lease may end before the work: the lock may be held for {} (--hold, HOLD), and the \
             lease guarantees only {}; expected a longer --lease (LEASE) or a shorter hold",
            display(hold),
            display(certain)
        )
    })
}

#[cfg(test)]
mod tests {
    use antes_core::{ClusterSize, Form};
    use clap::Parser as _;

    use super::super::options::NodeArguments;
    use super::super::settings::Settings;
    use super::*;

    fn hardened(nodes: u8) -> Config {
        let size = ClusterSize::new(nodes).expect("a cluster size");
        Config { profile: Profile::Hardened, ..Config::new(Algorithm::Mutex, size) }
    }

    fn refusal(config: &Config) -> String {
        match check(config) {
            Err(Failure::BadInput(sentence)) => sentence,
            other => panic!("{other:?} is no bad input"),
        }
    }

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        node: NodeArguments,
    }

    fn settings(options: &str) -> Result<Settings, Failure> {
        let peers = "--peers=1=localhost:7001,2=localhost:7002,3=localhost:7003,4=localhost:7004";
        let given = ["antes", "--id=1", peers, "--data-dir=folder"].into_iter();
        let command = Command::try_parse_from(given.chain(options.split_whitespace()));
        Settings::new(&command.expect("the options are known").node)
    }

    #[test]
    fn a_node_starts_with_what_its_options_leave_out() {
        for options in [
            "",
            "--form sequential",
            "--lease 1s",
            "--heartbeat 2s",
            "--drift 0.1",
            "--answer-timeout 2s",
            "--form sequential --drift 0.3 --heartbeat 1s",
        ] {
            assert!(settings(options).is_ok(), "{options}");
        }
        for options in [
            "--form sequential --coordinator-timeout 600ms",
            "--suspect-after 505ms",
            "--lease 1s --suspect-after 1200ms",
            "--lease 1s --retry 1s",
        ] {
            assert!(settings(options).is_err(), "{options}");
        }
    }

    #[test]
    fn timeouts_that_are_left_out_fit_for_every_size_form_and_drift() {
        for nodes in 1..=8 {
            for form in [Form::Parallel, Form::Sequential] {
                for drift in [0, 10_000, 100_000] {
                    let mut config = hardened(nodes);
                    config.election.form = form;
                    config.hardened.drift.0 = drift;
                    let network = Network::that_suits_t(&config);
                    let fitted =
                        spans::fitted(&config, network, |span| span != Span::AnswerTimeout);
                    assert!(check(&fitted).is_ok(), "{nodes} {form:?} {drift}");
                    assert_eq!(spans::misfits(&fitted, network), []);
                }
            }
        }
    }

    #[test]
    fn spans_that_do_not_fit_are_refused_with_the_nearest_that_do() {
        let mut config = hardened(4);
        config.election.form = Form::Sequential;
        assert_eq!(
            refusal(&config),
            "--coordinator-timeout (COORDINATOR_TIMEOUT) is too short for a winner that waits \
             for higher nodes without an answer; expected 614.142ms at least"
        );
        let mut config = hardened(4);
        config.election.suspect_after = config.election.heartbeat;
        config.hardened.retry = Duration::from_secs(2);
        assert_eq!(
            refusal(&config),
            "--retry (RETRY) is longer than a quarter of the lease; expected 1.25s at most; \
             --suspect-after (SUSPECT_AFTER) is so short that a follower with a fast clock would \
             suspect a live leader with a slow one; expected 511.112ms at least"
        );
        assert!(check(&Config { profile: Profile::Classic, ..config }).is_ok());
    }

    #[test]
    fn a_hold_that_the_lease_may_cut_is_warned_of() {
        let mut config = hardened(4);
        assert_eq!(hold_beyond_lease(&config), None);
        config.mutex.hold.max = Duration::from_secs(20);
        let told = hold_beyond_lease(&config).expect("it is told");
        assert!(told.contains("20s") && told.contains("3.948s"), "{told}");
        assert_eq!(hold_beyond_lease(&Config { profile: Profile::Classic, ..config }), None);
    }
}
