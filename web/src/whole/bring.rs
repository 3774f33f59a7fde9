//! The scenario of an address that is no part of the library: a file that this browser keeps, or one beside the page.

use crate::host::link;
use crate::library::{self, BROUGHT_SLUG};
use crate::recording::files;
use crate::recording::reader::{self, Brought, Refusal};
use crate::words::recorded as r;

/// Reads the scenario with this name in addresses, unless it is one of the library.
///
/// # Errors
///
/// If there is no such file, or it is no scenario.
pub async fn scenario(slug: &str) -> Result<(), Refusal> {
    let files = match slug {
        BROUGHT_SLUG => files::kept_files().await.read().await?,
        // The library's names have no dot. A dot at the end belongs to the sentence that the address was in.
        name if name.rsplit_once('.').is_some_and(|(_, end)| !end.is_empty()) => {
            files::fetched(name).await?
        }
        _ => return Ok(()),
    };
    if files.is_empty() {
        return Err(Refusal::new(r::GONE, String::new()));
    }
    match reader::read(files)? {
        Brought::Scenario(scenario, name) => {
            let host = match slug {
                BROUGHT_SLUG => files::host_of_kept().await,
                _ => None,
            };
            if let Some(host) = &host {
                link::speak_only_to(host);
            }
            library::bring(slug, &name, *scenario, host);
            Ok(())
        }
        // Another file was brought since.
        Brought::Tape(_) => Err(Refusal::new(r::GONE, String::new())),
    }
}
