//! Transitions of the hardened profile: the rules that make the same algorithms safe.

#[path = "../common/mod.rs"]
mod common;
mod election;
mod grants;
mod leaving;
mod recovery;

use std::time::Duration;

use antes_core::hardened::{Body, ElectionMessage, LockTimer, MutexMessage, TermTimer};
use antes_core::*;
use common::{Bench, first_life, id, request};

/// The configured lease in microseconds, as messages carry it.
const LEASE_US: u64 = 5_000_000;

const HOLD: Command = Command::Request { hold: Hold::UntilReleased };

fn token(term: u64, sequence: u64) -> Token {
    Token { term: Term(term), sequence }
}

fn grant(number: u32, repetition: u32, token: Token) -> Body {
    Body::Mutex(MutexMessage::Grant { request: request(1, number), repetition, token })
}

fn election(message: ElectionMessage) -> Body {
    Body::Election(message)
}

fn claim(number: u32, repetition: u32) -> Input {
    Input::Timer(Timer::Lock(LockTimer::Claim(request(1, number), repetition)))
}

const RETRY: Input = Input::Timer(Timer::Lock(LockTimer::Retry));

fn suspicious(number: u8) -> Bench {
    let mut bench = Bench::hardened(number);
    bench.timeout(ElectionTimer::Suspicion);
    bench
}

fn willing() -> Body {
    election(ElectionMessage::ProbeAck { yes: true, leader: None })
}
