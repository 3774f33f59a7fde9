//! Visits the states of a lock's model. Its network loses, duplicates and reorders messages.

use antes_check::catalogue;
use antes_check::explore::{Order, Report, Search, explore};
use antes_check::library::soup_lock;
use antes_check::soup::lock::{Lock, Rules};
use antes_core::{ClusterSize, Term};
use anyhow::{Context, Result, bail};

/// Prints the first broken property and the number of steps to it. Keys are `nodes` (2 to 4), `askers`,
/// `crashes`, `sent` (how often a request may be sent), `requests` (how many a life of a node may make),
/// `withdrawals` (0 or 1) and `new-terms`. The model `distributed-lock` has the bounds of `antes check`.
pub fn hunt(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let model = arguments.next().context("expected hardened-lock or distributed-lock")?;
    let mut numbers = Vec::new();
    for argument in arguments {
        let (key, number) = argument.split_once('=').context("expected KEY=NUMBER")?;
        numbers.push((key.to_owned(), number.parse::<u8>().with_context(|| argument.clone())?));
    }
    match model.as_str() {
        "hardened-lock" => hardened(&numbers),
        "distributed-lock" => distributed(&numbers),
        _ => bail!("{model:?} is neither hardened-lock nor distributed-lock"),
    }
}

fn hardened(numbers: &[(String, u8)]) -> Result<()> {
    let nodes = numbers.iter().find(|(key, _)| key == "nodes").context("nodes is missing")?.1;
    let size = ClusterSize::new(nodes).context("there cannot be so many nodes")?;
    let mut rules = soup_lock(size, Term(1));
    for (key, number) in numbers {
        set(&mut rules, key, *number)?;
    }
    print(&explore(Lock::new(rules), SEARCH, &mut |_| ()));
    Ok(())
}

fn distributed(numbers: &[(String, u8)]) -> Result<()> {
    let entry = catalogue::find("distributed-lock").context("the catalogue has no such model")?;
    let chosen = numbers.iter().map(|(key, number)| {
        let bound = entry.bounds.iter().map(|&(bound, _)| bound).find(|bound| bound.name() == key);
        Ok((bound.with_context(|| format!("{key} is no number of this model"))?, *number))
    });
    let chosen = chosen.collect::<Result<Vec<_>>>()?;
    print(&entry.check(&entry.settings(&chosen)?, SEARCH, &mut |_| ()));
    Ok(())
}

const SEARCH: Search = Search { order: Order::Breadth, threads: 2, max_states: None };

fn print(report: &Report) {
    if let Some((property, found)) = report.counterexample() {
        println!("{property}\t{}", found.lines.len());
    }
}

fn set(rules: &mut Rules, key: &str, number: u8) -> Result<()> {
    match key {
        "nodes" => {}
        "askers" => rules.askers = number,
        "crashes" => rules.crashes = number,
        "sent" => rules.repetitions = number.into(),
        "requests" => rules.requests = number.into(),
        "withdrawals" => rules.withdrawals = number > 0,
        "new-terms" => rules.last_term = Term(1 + u64::from(number)),
        _ => bail!("{key} is no number of this model"),
    }
    Ok(())
}
