//! One part of the report.

use std::fmt::Write as _;

/// Something that is counted, and what was found.
pub struct Section {
    pub what: String,
    pub found: Vec<String>,
    /// Whether what was found is said without being asked for.
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
