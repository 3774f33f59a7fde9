//! From a connection to a link: the four steps of the handshake.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use snow::{Builder, HandshakeState, StatelessTransportState};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

use super::hello::{BeginsWithHello, Introduction};
use super::{
    Credentials, Difference, Hello, Inbound, Key, LinkError, MAX_FRAME, Outbound, Party, Refusal,
    Seen, TAG, frames,
};

const PATTERN: &str = "Noise_NNpsk0_25519_AESGCM_BLAKE2s";

/// Both sides mix this into the handshake, so that it is valid for no other protocol.
const PROLOGUE: &[u8] = b"antes link";

/// How long sent bytes may stay unacknowledged, or keep-alive probes unanswered, before the connection ends.
/// A new connection is faster than TCP's retransmissions after a longer outage, since their intervals grow.
const SILENT_AT_MOST: Duration = Duration::from_secs(3);

/// How long a connection is idle before TCP probes the other side.
const QUIET_FOR: Duration = Duration::from_secs(1);

/// A connection between two processes that have proved the secret to each other and exchanged their
/// [`Hello`]s.
///
/// It is bound to no runtime yet, so the handshake may run in another runtime than the link.
#[derive(Debug)]
pub struct Link {
    peer: Hello,
    /// The harmless differences between the settings of both sides.
    differences: Vec<Difference>,
    stream: std::net::TcpStream,
    noise: Arc<StatelessTransportState>,
    /// Bytes that arrived after the handshake.
    rest: BytesMut,
    sent: u64,
    received: u64,
}

impl Link {
    /// The process on the other side.
    pub const fn peer(&self) -> Party {
        self.peer.party
    }

    /// What the other side has reported of earlier memories of nodes.
    pub const fn seen(&self) -> Seen {
        self.peer.seen
    }

    /// The harmless differences between the settings of both sides.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Splits the link into both directions, bound to the current runtime.
    ///
    /// # Errors
    ///
    /// The runtime cannot register the connection.
    pub fn open(self) -> io::Result<(Inbound, Outbound)> {
        let (read, write) = TcpStream::from_std(self.stream)?.into_split();
        let inbound = Inbound::new(read, Arc::clone(&self.noise), self.rest, self.received);
        Ok((inbound, Outbound::new(write, self.noise, self.sent)))
    }
}

/// The last message of the handshake.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    /// The acceptor has written the dialler down, and lets it in.
    Welcome,
    Refused(Refusal),
}

/// Makes a link over a connection that this process has opened. `expected` checks who is on the other side;
/// it is called only for a process of this cluster. This waits as long as the other side does, so the caller
/// needs a time limit.
///
/// # Errors
///
/// The other side is not of this cluster, is not the expected process, or refuses this process.
pub async fn dial(
    stream: TcpStream,
    credentials: &Credentials,
    expected: impl FnOnce(&Hello) -> Result<(), Refusal>,
) -> Result<Link, LinkError> {
    let mut wire = Wire::new(stream);
    wire.tune()?;
    let mut state = noise(&credentials.key, |builder| builder.build_initiator());
    wire.write_handshake(&mut state, &[]).await?;
    let peer = wire.read_hello(&mut state).await;
    let wanted = peer.and_then(|peer| {
        let who = peer.party;
        let agreed = credentials.agree(&peer, || expected(&peer));
        match agreed {
            Ok(differences) => Ok((peer, differences)),
            Err(refusal) => Err(LinkError::Unwanted { who, refusal }),
        }
    });
    // The other side is told the reason before the connection ends.
    let objection = match &wanted {
        Err(LinkError::Unwanted { refusal, .. }) => Some(refusal.clone()),
        Ok(_) | Err(_) => None,
    };
    let wanted = match wanted {
        Err(error) if objection.is_none() => return Err(error),
        wanted => wanted,
    };
    let noise = state.into_stateless_transport_mode().map_err(|_| LinkError::Stranger)?;
    let introduction = Introduction { hello: credentials.introduction()?, objection };
    wire.write(&noise, &introduction).await?;
    let answer = wire.read(&noise).await;
    let (peer, differences) = wanted?;
    match answer? {
        Answer::Welcome => wire.into_link(peer, differences, noise),
        Answer::Refused(refusal) => {
            let refusal = refusal.seen_from_there();
            Err(LinkError::Refused { who: peer.party, refusal })
        }
    }
}

/// The ephemeral key of a dialler. No two handshakes have the same one.
pub type FirstFrame = [u8; 32];

/// Makes a link over a connection that another process has opened. `verified` is called when the first frame
/// has verified under the secret, and returns whether the handshake continues. `admit` decides whether the
/// other side is let in. This waits as long as the other side does, so the caller needs a time limit.
///
/// # Errors
///
/// The other side is not of this cluster, is not let in, refuses the link, or closes the connection.
pub async fn accept(
    stream: TcpStream,
    credentials: &Credentials,
    verified: impl FnOnce(FirstFrame) -> bool,
    admit: impl FnOnce(&Hello) -> Result<(), Refusal>,
) -> Result<Link, LinkError> {
    let mut wire = Wire::new(stream);
    let mut state = noise(&credentials.key, |builder| builder.build_responder());
    if !verified(wire.read_first(&mut state).await?) {
        return Err(LinkError::Recording);
    }
    wire.tune()?;
    let hello =
        postcard::to_stdvec(&credentials.introduction()?).map_err(|_| LinkError::TooLarge)?;
    wire.write_handshake(&mut state, &hello).await?;
    let noise = state.into_stateless_transport_mode().map_err(|_| LinkError::Stranger)?;
    // The sender of this frame has used a fresh key, so it is not a recording.
    let introduced = wire.read_introduction(&noise).await;
    let admitted = introduced.and_then(|Introduction { hello, objection }| {
        let who = hello.party;
        let agreed = credentials.agree(&hello, || admit(&hello));
        match (agreed, objection) {
            (Err(refusal), Some(_) | None) => Err(LinkError::Unwanted { who, refusal }),
            (Ok(_), Some(refusal)) => {
                Err(LinkError::Refused { who, refusal: refusal.seen_from_there() })
            }
            (Ok(differences), None) => Ok((hello, differences)),
        }
    });
    match admitted {
        Ok((peer, differences)) => {
            wire.write(&noise, &Answer::Welcome).await?;
            wire.into_link(peer, differences, noise)
        }
        Err(error) => {
            if let LinkError::Unwanted { refusal, .. } | LinkError::Refused { refusal, .. } = &error
            {
                let refusal = refusal.clone();
                // The other side may have gone already.
                let _ = wire.write(&noise, &Answer::Refused(refusal)).await;
            }
            Err(error)
        }
    }
}

/// The state at the beginning of a handshake. Its parameters are fixed, so building it cannot fail.
fn noise(
    key: &Key,
    build: impl FnOnce(Builder<'_>) -> Result<HandshakeState, snow::Error>,
) -> HandshakeState {
    let pattern = PATTERN.parse().expect("the pattern is one of Noise's");
    let builder = Builder::new(pattern).prologue(PROLOGUE).expect("it is set once");
    build(builder.psk(0, &key.0).expect("it is set once")).expect("the pattern needs no other key")
}

/// A connection during the handshake.
struct Wire {
    stream: TcpStream,
    codec: LengthDelimitedCodec,
    arrived: BytesMut,
    sent: u64,
    received: u64,
}

impl Wire {
    fn new(stream: TcpStream) -> Self {
        Self { stream, codec: frames(), arrived: BytesMut::new(), sent: 0, received: 0 }
    }

    /// Sets the socket options for a link.
    fn tune(&self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let socket = SockRef::from(&self.stream);
        let keepalive = TcpKeepalive::new().with_time(QUIET_FOR).with_interval(QUIET_FOR);
        socket.set_tcp_keepalive(&keepalive)?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(Some(SILENT_AT_MOST))?;
        Ok(())
    }

    async fn frame(&mut self) -> Result<BytesMut, LinkError> {
        loop {
            if let Some(frame) = self.codec.decode(&mut self.arrived)? {
                return Ok(frame);
            }
            if self.stream.read_buf(&mut self.arrived).await? == 0 {
                return Err(LinkError::Closed);
            }
        }
    }

    async fn write_frame(&mut self, frame: &[u8]) -> Result<(), LinkError> {
        let length = u16::try_from(frame.len()).map_err(|_| LinkError::TooLarge)?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend_from_slice(frame);
        Ok(self.stream.write_all(&bytes).await?)
    }

    async fn write_handshake(
        &mut self,
        state: &mut HandshakeState,
        payload: &[u8],
    ) -> Result<(), LinkError> {
        let mut frame = [0; MAX_FRAME];
        let length = state.write_message(payload, &mut frame).map_err(|_| LinkError::TooLarge)?;
        self.write_frame(&frame[..length]).await
    }

    /// Reads the dialler's first message. Its sender has the secret, or a recording of the message.
    async fn read_first(&mut self, state: &mut HandshakeState) -> Result<FirstFrame, LinkError> {
        let frame = self.frame().await?;
        let mut payload = [0; MAX_FRAME];
        state.read_message(&frame, &mut payload).map_err(|_| LinkError::Stranger)?;
        // A Noise message begins with the ephemeral key in plain text.
        frame.first_chunk().copied().ok_or(LinkError::Stranger)
    }

    /// Reads the acceptor's answer. An acceptor with another secret sends none.
    async fn read_hello(&mut self, state: &mut HandshakeState) -> Result<Hello, LinkError> {
        let frame = self.frame().await.map_err(|error| match error {
            LinkError::Closed | LinkError::Io(_) => LinkError::Dismissed,
            other => other,
        })?;
        let mut payload = [0; MAX_FRAME];
        let length = state.read_message(&frame, &mut payload).map_err(|_| LinkError::Stranger)?;
        Hello::parse(&payload[..length])
    }

    /// Reads the dialler's introduction, which only the holder of its ephemeral key can have sent.
    async fn read_introduction(
        &mut self,
        noise: &StatelessTransportState,
    ) -> Result<Introduction, LinkError> {
        let mut plain = [0; MAX_FRAME];
        let length = self.read_plain(noise, &mut plain).await?;
        Introduction::parse(&plain[..length])
    }

    async fn write<T: Serialize>(
        &mut self,
        noise: &StatelessTransportState,
        value: &T,
    ) -> Result<(), LinkError> {
        let plain = postcard::to_stdvec(value).map_err(|_| LinkError::TooLarge)?;
        let mut frame = vec![0; plain.len() + TAG];
        noise.write_message(self.sent, &plain, &mut frame).map_err(|_| LinkError::TooLarge)?;
        self.sent += 1;
        self.write_frame(&frame).await
    }

    async fn read<T: DeserializeOwned>(
        &mut self,
        noise: &StatelessTransportState,
    ) -> Result<T, LinkError> {
        let mut plain = [0; MAX_FRAME];
        let length = self.read_plain(noise, &mut plain).await?;
        postcard::from_bytes(&plain[..length]).map_err(|_| LinkError::Stranger)
    }

    async fn read_plain(
        &mut self,
        noise: &StatelessTransportState,
        plain: &mut [u8; MAX_FRAME],
    ) -> Result<usize, LinkError> {
        let frame = self.frame().await?;
        let length =
            noise.read_message(self.received, &frame, plain).map_err(|_| LinkError::Stranger)?;
        self.received += 1;
        Ok(length)
    }

    fn into_link(
        self,
        peer: Hello,
        differences: Vec<Difference>,
        noise: StatelessTransportState,
    ) -> Result<Link, LinkError> {
        let (sent, received) = (self.sent, self.received);
        let stream = self.stream.into_std()?;
        let (noise, rest) = (Arc::new(noise), self.arrived);
        Ok(Link { peer, differences, stream, noise, rest, sent, received })
    }
}
