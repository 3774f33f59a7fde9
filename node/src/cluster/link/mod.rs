//! Links: authenticated, encrypted streams of values between the processes of one cluster.
//!
//! # Why Noise with a shared key
//!
//! The processes of a cluster share one thing: the cluster's secret. The Noise protocol
//! (`Noise_NNpsk0_25519_AESGCM_BLAKE2s`, by the crate `snow`) makes an authenticated and encrypted link from
//! it in one round trip. TLS would need certificates, with their dates and files, from everyone who starts
//! four containers. Fresh Diffie-Hellman keys keep recorded traffic secret even if the cluster's secret
//! becomes known later. AES-GCM was chosen for short frames: with hardware AES, this crate seals and opens
//! one in a fifth of the time of ChaCha20-Poly1305. The secret is not a password. Anyone who records the
//! first frame of a handshake can try guesses on it, so a secret that is easy to guess is refused
//! ([`Key::from_secret`]).
//!
//! # What happens on a connection
//!
//! 1. The dialler sends its ephemeral key, under the secret. If the dialler lacks the secret, the connection is
//!    dropped here, with no byte in answer.
//! 2. The acceptor answers with its own ephemeral key and its [`Hello`], under both. This proves to the dialler
//!    that it talks to a member now. The acceptor knows nothing yet, since the first message may be a
//!    recording.
//! 3. The dialler sends its [`Hello`] under the resulting keys, and its objection to the link if it has one. Only
//!    the process that made the ephemeral key of step 1 can do that, so recordings fail here.
//! 4. The acceptor lets the dialler in, or says why not. Then values travel, from the dialler to the acceptor or
//!    in both directions, as both sides agree.
//!
//! A [`Hello`] carries the settings that matter for safety. Both sides compare them, so both know the
//! differences, with both values.
//!
//! A frame has at most [`MAX_FRAME`] bytes and carries as many whole values as are ready. Noise numbers
//! frames by its nonces. A frame that is repeated, missing or out of order does not decrypt, and ends the
//! connection.

mod acceptor;
mod doorstep;
mod handshake;
mod hello;
mod key;
mod shared;
mod stream;

pub use acceptor::{Admission, HANDSHAKE_TIMEOUT, Places, Visit, serve};
pub use doorstep::Doorstep;
pub use handshake::{FirstFrame, Link, accept, dial};
pub use hello::{
    Ancestry, Being, Credentials, Hello, PROTOCOL, Party, RecordsIntroductions, Refusal, Seen,
};
pub use key::{InvalidSecret, Key, MIN_SECRET_BYTES};
pub use shared::{Difference, Setting, SharedSettings, sentence};
pub use stream::{Inbound, Outbound};

use std::fmt;
use std::io;

use tokio_util::codec::LengthDelimitedCodec;

/// The largest frame in bytes, without its length. All that a node sends at once fits easily, and a stranger
/// can make a node store no more than this.
pub const MAX_FRAME: usize = 4096;

/// The size of the tag by which Noise authenticates a frame, in bytes.
const TAG: usize = 16;

/// The reason why a link could not be made, or ended.
#[derive(Debug)]
pub enum LinkError {
    /// The other side's host name does not resolve.
    Unresolved(io::Error),
    Io(io::Error),
    /// The other side has closed the connection.
    Closed,
    TooSlow,
    /// The bytes are not of this cluster: another secret, a recording, or another protocol.
    Stranger,
    /// The first frame was seen before, so it is a recording.
    Recording,
    /// The other side closed the connection without an answer, as it does if the secrets differ.
    Dismissed,
    /// The other side has the secret but refuses this process. The reason is from this side's point of view.
    Refused {
        who: Party,
        refusal: Refusal,
    },
    /// The other side has the secret, but this process refuses it because of its identity or its settings.
    Unwanted {
        who: Party,
        refusal: Refusal,
    },
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
                "the other side has closed the connection without an answer; it probably has another \
                 secret, or too many connections of strangers; expected the same secret on all nodes",
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
            // The codec reports a length that no valid frame has.
            io::ErrorKind::InvalidData => Self::Stranger,
            _ => Self::Io(error),
        }
    }
}

/// The codec for frames: two bytes of length, big-endian, and the frame.
fn frames() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().length_field_length(2).max_frame_length(MAX_FRAME).new_codec()
}
