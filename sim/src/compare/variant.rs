//! The variants of a scenario that can be compared with it.

use core::fmt;
use core::str::FromStr;

use antes_core::{Form, Profile};

use crate::scenario::{Action, Scenario};

/// How a run differs from another run of the same scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// It runs in this profile.
    Profile(Profile),
    /// Its elections have this form.
    Form(Form),
    /// The act with this number in the script, from 1, is left out. Notes do not count.
    Without(usize),
}

/// A text that is no variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVariant;

impl fmt::Display for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected classic, hardened, parallel, sequential, or without:2 for a run without the second act")
    }
}

impl core::error::Error for UnknownVariant {}

impl FromStr for Variant {
    type Err = UnknownVariant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "classic" => Self::Profile(Profile::Classic),
            "hardened" => Self::Profile(Profile::Hardened),
            "parallel" => Self::Form(Form::Parallel),
            "sequential" => Self::Form(Form::Sequential),
            _ => {
                let number = text.strip_prefix("without:").and_then(|number| number.parse().ok());
                Self::Without(number.filter(|&number| number > 0).ok_or(UnknownVariant)?)
            }
        })
    }
}

impl Variant {
    /// This variant of `scenario`. `None` if the script has no such act, or cannot run in this
    /// profile.
    pub fn of(self, scenario: &Scenario) -> Option<Scenario> {
        let mut scenario = scenario.clone();
        match self {
            Self::Profile(profile) if scenario.refuses(profile).is_some() => return None,
            Self::Profile(profile) => return Some(scenario.in_profile(profile)),
            Self::Form(form) => return Some(scenario.in_form(form)),
            Self::Without(number) => {
                let is_act = |action: &Action| !matches!(action, Action::Note);
                let mut acts =
                    scenario.steps.iter().enumerate().filter(|(_, step)| is_act(&step.action));
                let (place, _) = acts.nth(number - 1)?;
                scenario.steps.remove(place);
            }
        }
        Some(scenario)
    }
}
