//! Links: authenticated, encrypted streams of values between the processes of one cluster.
//!
//! # Why Noise with a shared key
//!
//! The processes of a cluster have one thing in common: the cluster's secret. The Noise protocol
//! (`Noise_NNpsk0_25519_AESGCM_BLAKE2s`, by the crate `snow`) turns it into an authenticated
//! and encrypted link in one round trip, without certificates, their clocks and their files, which
//! TLS would ask of everyone who starts four containers. Fresh Diffie-Hellman keys on both sides
//! keep recorded traffic secret even from who learns the cluster's secret later. AES-GCM is chosen
//! for the speed of short frames: with the processor's AES, sealing and opening one takes this
//! crate's implementations a fifth of the time of ChaCha20-Poly1305. The secret is not
//! a password: whoever records the first frame of a handshake can try guesses on the recording, and so
//! a secret that is easy to guess is refused ([`Key::from_secret`]).
//!
//! # What happens on a connection
//!
//! 1. The dialler sends its ephemeral key, under the secret. Whoever lacks the secret is dropped
//!    here, with no byte in answer.
//! 2. The acceptor answers with its own ephemeral key and its [`Hello`], under both. This shows the
//!    dialler that it talks to a member, now. The acceptor knows nothing yet: the first message
//!    may be a recording.
//! 3. The dialler sends its [`Hello`] under the keys that came of it, and why it does not want the
//!    link, if it does not. Only who has just made the ephemeral key of step 1 can do that, so
//!    recorded bytes end here.
//! 4. The acceptor lets the dialler in or says why not. From here on values travel, from the
//!    dialler to the acceptor or both ways, as the two agree.
//!
//! A [`Hello`] carries the settings on which safety rests. Both sides compare them, so both know in
//! what they differ, with both values.
//!
//! Frames are at most [`MAX_FRAME`] bytes; a frame carries as many whole values as are ready. Frames
//! are numbered by Noise's nonces: one that is repeated, left out or out of order does not
//! decrypt, and ends the connection.

mod doorstep;
mod gate;
mod handshake;
mod hello;
mod key;
mod shared;
mod stream;

pub use doorstep::Doorstep;
pub use gate::{Admission, HANDSHAKE_TIMEOUT, Places, Visit, serve};
pub use handshake::{FirstFrame, Link, accept, dial};
pub use hello::{Being, Credentials, Hello, PROTOCOL, Party, Refusal, Seen};
pub use key::{InvalidSecret, Key, MIN_SECRET_BYTES};
pub use shared::{Difference, Setting, SharedSettings, sentence};
pub use stream::{Inbound, Outbound};

use std::fmt;
use std::io;

use tokio_util::codec::LengthDelimitedCodec;

/// The largest frame, in bytes, without its length. All that a node says at once fits easily, and
/// a stranger can make a node keep no more than this.
pub const MAX_FRAME: usize = 4096;

/// What Noise adds to a frame: the tag that authenticates it.
const TAG: usize = 16;

/// Why a link could not be made, or ended.
#[derive(Debug)]
pub enum LinkError {
    /// The name of the other side does not resolve.
    Unresolved(io::Error),
    /// The operating system says so.
    Io(io::Error),
    /// The other side has closed the connection.
    Closed,
    /// The other side took too long.
    TooSlow,
    /// What arrived is not of this cluster: another secret, a recording, or no link at all.
    Stranger,
    /// The first frame has been seen before: somebody sends a recording of it.
    Recording,
    /// The other side has ended the connection without a word, as it does where the secret is
    /// another one.
    Dismissed,
    /// The other side has the secret but does not want this process, for the reason it gives, as
    /// it is seen from here.
    Refused {
        /// The process on the other side.
        who: Party,
        /// The reason.
        refusal: Refusal,
    },
    /// The other side has the secret but is not who it should be, or not set as it should be.
    Unwanted {
        /// The process on the other side.
        who: Party,
        /// What is wrong.
        refusal: Refusal,
    },
    /// A value is larger than a frame.
    TooLarge,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(error) => write!(f, "its name does not resolve: {error}"),
            Self::Io(error) => error.fmt(f),
            Self::Closed => f.write_str("the other side has closed the connection"),
            Self::TooSlow => f.write_str("the other side has not answered in time"),
            Self::Stranger => f.write_str(
                "the other side does not show the cluster's secret; expected the same on all nodes",
            ),
            Self::Recording => f.write_str("the first frame is a recording of an earlier one"),
            Self::Dismissed => f.write_str(
                "the connection is ended without a word; probably another secret there, or so many \
                 connections of strangers that there is no room; expected the same secret on all nodes",
            ),
            Self::Refused { who, refusal } => write!(f, "{who} refuses: {refusal}"),
            Self::Unwanted { who, refusal } => write!(f, "{who} is refused: {refusal}"),
            Self::TooLarge => write!(f, "a value is larger than a frame of {MAX_FRAME} bytes"),
        }
    }
}

impl std::error::Error for LinkError {}

impl From<io::Error> for LinkError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            // The codec's word for a length that no frame of ours has.
            io::ErrorKind::InvalidData => Self::Stranger,
            _ => Self::Io(error),
        }
    }
}

/// Frames: two bytes of length, big-endian, and the frame.
fn frames() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().length_field_length(2).max_frame_length(MAX_FRAME).new_codec()
}
