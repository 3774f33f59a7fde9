//! Failover of an etcd cluster, as seen by clients of the surviving members.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use super::{Connection, Etcd, LEASE_S, LOCK, Members, TIMEOUT};
use crate::failover::{Cluster, Failover, Fault};

/// How often a member is asked for its leader: short beside the measured times.
const POLL: Duration = Duration::from_micros(500);

/// How soon a request is repeated. Requests that are lost with the leader are never answered.
const RETRY: Duration = Duration::from_millis(50);

/// The longest failover that is waited for.
const LONGEST: Duration = Duration::from_secs(30);

impl Cluster for Etcd {
    fn name(&self) -> String {
        format!("etcd, {} members", self.members)
    }

    fn lose_leader(&self, fault: Fault) -> Result<Failover> {
        let members = Members::start(&self.program, self.members)?;
        let status = Connection::open(members.clients[0], TIMEOUT)?.status()?;
        let mut survivors = Vec::new();
        let mut lost = None;
        for (place, &address) in members.clients.iter().enumerate() {
            match Connection::open(address, TIMEOUT)?.status()?.member() {
                member if member == status.leader => lost = Some(place),
                _ => survivors.push(address),
            }
        }
        let lost = lost.context("no member leads")?;
        let lease = Connection::open(survivors[0], TIMEOUT)?.lease(LEASE_S)?;
        // Time for heartbeats.
        thread::sleep(Duration::from_millis(300));

        let start = Instant::now();
        members.processes[lost].signal(fault.signal());
        thread::scope(|scope| {
            let watch = |&address| scope.spawn(move || follow_other(address, status.leader, start));
            let watches: Vec<_> = survivors.iter().map(watch).collect();
            let served = scope.spawn(|| have_lock(survivors[0], lease, start));
            let mut followed = Vec::new();
            for watch in watches {
                followed.push(watch.join().map_err(|_| anyhow!("a watch panicked"))??);
            }
            let served = served.join().map_err(|_| anyhow!("a client panicked"))??;
            Ok(Failover { led: followed.into_iter().max().context("nobody is left")?, served })
        })
    }
}

/// When this member follows another leader than `lost`.
fn follow_other(address: SocketAddr, lost: u64, start: Instant) -> Result<Duration> {
    let mut connection = Connection::open(address, TIMEOUT)?;
    loop {
        let leader = connection.status()?.leader;
        if leader != 0 && leader != lost {
            return Ok(start.elapsed());
        }
        ensure!(start.elapsed() < LONGEST, "a member finds no new leader");
        thread::sleep(POLL);
    }
}

/// When a client of this member has the lock. Asking again with the same lease keeps its place.
fn have_lock(address: SocketAddr, lease: i64, start: Instant) -> Result<Duration> {
    let mut connection = Connection::open(address, RETRY)?;
    while connection.lock(LOCK, lease).is_err() {
        ensure!(start.elapsed() < LONGEST, "nobody gets the lock");
    }
    Ok(start.elapsed())
}
