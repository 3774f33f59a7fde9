//! Defaults and checks for the timeouts of hardened scenarios.

use alloc::format;
use alloc::string::String;

use antes_core::Form;
use antes_core::spans::{self, Misfit, Reason, Span};

use super::Scenario;
use super::duration::display;
use super::error::Fault;
use super::fields::Section;
use super::timing::network;

/// The section and field of a timeout in files.
const fn place(span: Span) -> (&'static str, &'static str) {
    match span {
        Span::AnswerTimeout => ("election", "answer_timeout"),
        Span::CoordinatorTimeout => ("election", "coordinator_timeout"),
        Span::SuspectAfter => ("election", "suspect_after"),
        Span::Retry => ("mutex", "retry"),
    }
}

/// Sets timeouts that the file leaves out so that they fit the network and each other.
pub(super) fn fit_defaults(top: &Section<'_>, scenario: &mut Scenario) {
    let left_out = |span| {
        let (section, field) = place(span);
        !top.has(section, field)
    };
    scenario.config = spans::fitted(&scenario.config, network(scenario), left_out);
}

/// Returns an error for timeouts with which the hardened profile is safe but makes no progress. The
/// error lists all of them, at the position of the first.
pub(super) fn check(top: &Section<'_>, scenario: &Scenario) -> Result<(), Fault> {
    let misfits = spans::misfits(&scenario.config, network(scenario));
    let Some((first, others)) = misfits.split_first() else { return Ok(()) };
    let form = scenario.config.election.form;
    let mut expected = remedy(*first);
    for other in others {
        expected += &format!("; {}: {}", problem(*other, form), remedy(*other));
    }
    let (section, field) = place(first.span);
    Err(top.fault_at(section, field, problem(*first, form), expected))
}

const fn problem(misfit: Misfit, form: Form) -> &'static str {
    match (misfit.reason, form) {
        (Reason::AnswerOnItsWay, _) => "T is shorter than a round trip on a fast clock",
        (Reason::WinnerStillAsks, Form::Parallel) => {
            "T' is shorter than T on a slow clock plus a round trip"
        }
        (Reason::WinnerStillAsks, Form::Sequential) => {
            "T' is too short to ask all higher nodes without an answer on a slow clock"
        }
        (Reason::LeaseRunsOut, _) => {
            "a leader's lease runs out before its next heartbeat can be acknowledged"
        }
        (Reason::LiveLeaderSuspected, _) => {
            "a follower with a fast clock would suspect a live leader with a slow one"
        }
        (Reason::LongerThanLease, _) => "\"suspect_after\" is longer than \"lease\"",
        (Reason::LongerThanQuarterLease, _) => "\"retry\" is more than a quarter of \"lease\"",
    }
}

fn remedy(misfit: Misfit) -> String {
    let (field, fits) = (place(misfit.span).1, display(misfit.fits));
    match misfit.reason {
        Reason::LongerThanLease | Reason::LongerThanQuarterLease => {
            format!("expected \"{fits}\" at most")
        }
        Reason::AnswerOnItsWay
        | Reason::WinnerStillAsks
        | Reason::LeaseRunsOut
        | Reason::LiveLeaderSuspected => format!("expected \"{field}\" of at least \"{fits}\""),
    }
}
