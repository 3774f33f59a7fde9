//! A lock on Redis: `SET key value NX PX`, and a script that deletes the key only if it has the
//! client's value. Nothing is replicated or written to disk.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use redis::io::tcp::TcpSettings;
use redis::{Connection, IntoConnectionInfo as _, cmd};
use tempfile::TempDir;

use super::once_up;
use crate::contest::Contestant;
use crate::load::{Client, Turn, contend};
use crate::process::{Process, free_addresses};

const KEY: &str = "lock";

/// How long Redis keeps the lock of a client that does not come back, in milliseconds.
const EXPIRY_MS: &str = "10000";

/// Deletes the key if the client still holds the lock.
const RELEASE: &str = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/// A contestant: the path of the Redis server.
pub struct Redis(pub PathBuf);

impl Contestant for Redis {
    fn name(&self) -> String {
        "Redis, `SET NX PX` and script".into()
    }

    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>> {
        let (folder, address) = (TempDir::new()?, free_addresses(1)?[0]);
        let mut command = Command::new(&self.0);
        // Debian's package of tools contains the server under another name; its behaviour depends
        // on `arg0`.
        command.arg0("redis-server").args(["--save", "", "--appendonly", "no"]);
        command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string()]);
        command.arg("--dir").arg(folder.path()).stderr(Stdio::null());
        let mut server = Process::start(&mut command)?;
        let mut client = |number: u32| -> Result<Box<dyn Client>> {
            let connection = once_up(|| connected(address))?;
            server.still_runs()?;
            Ok(Box::new(Locking::new(connection, number)?))
        };
        contend((0..clients).map(&mut client).collect::<Result<_>>()?, warm_up, duration).map(Some)
    }
}

struct Locking {
    connection: Connection,
    value: String,
    script: String,
}

impl Locking {
    fn new(mut connection: Connection, number: u32) -> Result<Self> {
        let script = cmd("SCRIPT").arg("LOAD").arg(RELEASE).query(&mut connection)?;
        Ok(Self { connection, value: format!("client-{number}"), script })
    }
}

impl Client for Locking {
    /// Asks again at once until it has the lock: the fastest way for a client that is not notified.
    fn acquire(&mut self) -> Result<()> {
        let mut set = cmd("SET");
        set.arg(KEY).arg(&self.value).arg("NX").arg("PX").arg(EXPIRY_MS);
        while set.query::<Option<String>>(&mut self.connection)?.is_none() {}
        Ok(())
    }

    fn release(&mut self) -> Result<()> {
        let mut release = cmd("EVALSHA");
        release.arg(&self.script).arg(1).arg(KEY).arg(&self.value);
        ensure!(release.query::<i64>(&mut self.connection)? == 1, "the lock had run out");
        Ok(())
    }
}

fn connected(address: SocketAddr) -> Result<Connection> {
    let settings = TcpSettings::default().set_nodelay(true);
    let address = format!("redis://{address}").into_connection_info()?.set_tcp_settings(settings);
    Ok(redis::Client::open(address)?.get_connection()?)
}
