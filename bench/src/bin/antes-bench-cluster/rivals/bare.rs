//! Lower bounds for a lock over TCP: a byte there and back, and a server that only keeps a queue.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::contest::Contestant;
use crate::load::{Client, Turn, contend};
use crate::process::Process;

const ACQUIRE: u8 = b'a';
const GRANTED: u8 = b'g';
const RELEASE: u8 = b'r';
const RELEASED: u8 = b'd';

/// One byte there and back: no lock, one round trip per cycle.
pub struct PingPong;

/// A queue behind a socket: two round trips per cycle.
pub struct BareLock;

impl Contestant for PingPong {
    fn name(&self) -> String {
        "bare TCP ping-pong (no lock)".into()
    }

    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>> {
        if clients > 1 {
            // It excludes no client.
            return Ok(None);
        }
        let (_server, address) = start("ping")?;
        contend(vec![Box::new(Pinging(connect(address)?))], warm_up, duration).map(Some)
    }
}

impl Contestant for BareLock {
    fn name(&self) -> String {
        "bare TCP lock server".into()
    }

    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>> {
        let (_server, address) = start("lock")?;
        let client = |_| Ok(Box::new(Locking(connect(address)?)) as Box<dyn Client>);
        contend((0..clients).map(client).collect::<Result<_>>()?, warm_up, duration).map(Some)
    }
}

struct Pinging(TcpStream);

impl Client for Pinging {
    fn acquire(&mut self) -> Result<()> {
        exchange(&mut self.0, ACQUIRE, ACQUIRE)
    }

    fn release(&mut self) -> Result<()> {
        Ok(())
    }
}

struct Locking(TcpStream);

impl Client for Locking {
    fn acquire(&mut self) -> Result<()> {
        exchange(&mut self.0, ACQUIRE, GRANTED)
    }

    fn release(&mut self) -> Result<()> {
        exchange(&mut self.0, RELEASE, RELEASED)
    }
}

fn exchange(stream: &mut TcpStream, question: u8, answer: u8) -> Result<()> {
    stream.write_all(&[question])?;
    let mut byte = [0];
    stream.read_exact(&mut byte)?;
    ensure!(byte == [answer], "the server answers {byte:?}");
    Ok(())
}

/// Starts this program as the server.
fn start(role: &str) -> Result<(Process, SocketAddr)> {
    let program = std::env::current_exe().context("where is this program?")?;
    let (process, line) = Process::start_and_hear(Command::new(program).args(["serve", role]))?;
    Ok((process, line.parse().with_context(|| format!("`{line}` is no address"))?))
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The holder and the queue, by the clients' numbers.
#[derive(Default)]
struct Table {
    writers: Vec<TcpStream>,
    holder: Option<usize>,
    queue: VecDeque<usize>,
}

impl Table {
    fn acquire(&mut self, client: usize) -> std::io::Result<()> {
        if self.holder.is_some() {
            self.queue.push_back(client);
            return Ok(());
        }
        self.holder = Some(client);
        self.writers[client].write_all(&[GRANTED])
    }

    fn release(&mut self, client: usize) -> std::io::Result<()> {
        self.writers[client].write_all(&[RELEASED])?;
        self.holder = self.queue.pop_front();
        match self.holder {
            Some(next) => self.writers[next].write_all(&[GRANTED]),
            None => Ok(()),
        }
    }
}

/// Serves until it is killed: `ping` returns each byte, `lock` keeps a queue. Prints the address
/// first. There is one thread per client, which is the fastest for so few.
pub fn serve(role: &str) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?);
    let locks = role == "lock";
    let table = Arc::new(Mutex::new(Table::default()));
    for stream in listener.incoming() {
        let stream = stream?;
        stream.set_nodelay(true)?;
        let number = {
            let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
            table.writers.push(stream.try_clone()?);
            table.writers.len() - 1
        };
        let table = table.clone();
        thread::spawn(move || {
            // A client that leaves ends its thread; the server ends with the turn.
            if locks {
                let _ = keep(stream, number, &table);
            } else {
                let _ = echo(stream);
            }
        });
    }
    Ok(())
}

fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut byte = [0];
    loop {
        stream.read_exact(&mut byte)?;
        stream.write_all(&byte)?;
    }
}

fn keep(mut stream: TcpStream, client: usize, table: &Mutex<Table>) -> std::io::Result<()> {
    let mut byte = [0];
    loop {
        stream.read_exact(&mut byte)?;
        let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
        match byte[0] {
            ACQUIRE => table.acquire(client)?,
            RELEASE if table.holder == Some(client) => table.release(client)?,
            _ => return Ok(()),
        }
    }
}
