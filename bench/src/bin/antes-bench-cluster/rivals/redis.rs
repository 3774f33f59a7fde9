//! A lock on Redis: `SET key value NX PX`, and a script that deletes the key only if it has the
//! client's value. Nothing is replicated or written to disk.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
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
            let connection = once_up(|| Connection::open(address))?;
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
        let Reply::Text(script) = connection.ask(&["SCRIPT", "LOAD", RELEASE])? else {
            bail!("Redis does not say what its script is called");
        };
        Ok(Self { connection, value: format!("client-{number}"), script })
    }
}

impl Client for Locking {
    /// Asks again at once until it has the lock: the fastest way for a client that is not notified.
    fn acquire(&mut self) -> Result<()> {
        let command = ["SET", KEY, &self.value, "NX", "PX", EXPIRY_MS];
        while self.connection.ask(&command)? == Reply::Nothing {}
        Ok(())
    }

    fn release(&mut self) -> Result<()> {
        let command = ["EVALSHA", &self.script, "1", KEY, &self.value];
        ensure!(self.connection.ask(&command)? == Reply::Number(1), "the lock had run out");
        Ok(())
    }
}

/// The answers of Redis that are used here.
#[derive(PartialEq, Eq)]
enum Reply {
    Text(String),
    Number(i64),
    Nothing,
}

/// A connection with RESP, the protocol of Redis.
struct Connection {
    reader: BufReader<TcpStream>,
    request: Vec<u8>,
    line: String,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream), request: Vec::new(), line: String::new() })
    }

    fn ask(&mut self, words: &[&str]) -> Result<Reply> {
        self.request.clear();
        write!(self.request, "*{}\r\n", words.len())?;
        for word in words {
            write!(self.request, "${}\r\n{word}\r\n", word.len())?;
        }
        self.reader.get_mut().write_all(&self.request)?;
        let line = self.line()?;
        match line.split_at_checked(1).context("Redis has gone away")? {
            ("+", text) => Ok(Reply::Text(text.to_owned())),
            (":", number) => Ok(Reply::Number(number.parse()?)),
            ("$", "-1") => Ok(Reply::Nothing),
            ("$", _) => Ok(Reply::Text(self.line()?.to_owned())),
            _ => bail!("Redis answers `{line}`"),
        }
    }

    /// The texts used here have one line each.
    fn line(&mut self) -> Result<&str> {
        self.line.clear();
        self.reader.read_line(&mut self.line)?;
        Ok(self.line.trim_end())
    }
}
