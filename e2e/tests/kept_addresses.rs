//! Addresses that users have in slides and courses, with the state of the nodes at each.
//!
//! `e2e/kept-addresses.txt` has two lines for each address: the query and the state. No change of the program
//! may change the state at a kept address. To add an address, write only its query; the test then fails and
//! prints the second line.

use std::fs;

use antes_e2e::{Page, Result, Visitor, ensure};

const KEPT: &str = include_str!("../kept-addresses.txt");

#[test]
fn every_kept_address_gives_the_same_states_of_the_nodes() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let mut seen = String::new();
        for query in KEPT.lines().filter(|line| line.starts_with('?')) {
            page.open(query).await?;
            seen += &format!("{query}\n    {}\n", states(page).await?);
        }
        if seen != KEPT {
            let place = concat!(env!("CARGO_TARGET_TMPDIR"), "/kept-addresses.txt");
            fs::write(place, &seen)?;
            let differ = seen.lines().zip(KEPT.lines()).find(|(now, kept)| now != kept);
            ensure!(false, "the first that differs (all: {place}):\n{differ:#?}");
        }
        Ok(())
    })
}

/// The instant, the number of broken invariants, and for each node: state, role, leader, clock, lock.
async fn states(page: &Page) -> Result<String> {
    let told = page
        .script(
            "const app = document.querySelector('.app').dataset;
             const node = ({dataset: d}) =>
                 [d.node + ':', d.state, d.role, d.leader || '-', d.clock, d.lock || '-'].join(' ');
             return [app.timeUs + ' us', app.violations + ' broken',
                     ...[...document.querySelectorAll('[data-node]')].map(node)].join(', ');",
        )
        .await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}
