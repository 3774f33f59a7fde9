//! The scenario of an address that is no part of the library: a file that this browser keeps, or one beside the page.

use crate::library::{self, BROUGHT_SLUG};
use crate::recording::files;
use crate::recording::reader::{self, Brought, Refusal};
use crate::words::recorded as r;

/// The end of the name of a scenario that lies beside the page.
const END: &str = ".toml";

/// Reads the scenario with this name in addresses, unless it is one of the library.
///
/// # Errors
///
/// If there is no such file, or it is no scenario.
pub async fn scenario(slug: &str) -> Result<(), Refusal> {
    let files = match slug {
        BROUGHT_SLUG => files::kept_files().await.read().await?,
        name if name.ends_with(END) => files::fetched(name).await?,
        _ => return Ok(()),
    };
    if files.is_empty() {
        return Err(Refusal::new(r::GONE, String::new()));
    }
    match reader::read(files)? {
        Brought::Scenario(scenario, name) => {
            library::bring(slug, &name, *scenario);
            Ok(())
        }
        // Another file was brought since.
        Brought::Tape(_) => Err(Refusal::new(r::GONE, String::new())),
    }
}
