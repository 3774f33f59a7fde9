//! A part of the report.

use std::fmt::Write as _;

/// What was counted, and the findings.
pub struct Section {
    pub what: String,
    pub found: Vec<String>,
    /// Whether the findings are always listed.
    pub always: bool,
}

impl Section {
    pub fn new(what: impl Into<String>, found: Vec<String>) -> Self {
        Self { what: what.into(), found, always: false }
    }

    pub fn write(&self, names: bool, report: &mut String) {
        if self.always {
            writeln!(report, "\n{}:", self.what).expect("a string takes all");
        } else {
            writeln!(report, "\n{}: {}", self.what, self.found.len()).expect("a string takes all");
        }
        if names || self.always {
            for found in &self.found {
                writeln!(report, "  {found}").expect("a string takes all");
            }
        }
    }
}
