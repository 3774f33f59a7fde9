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

/// What both sides mix into the handshake, so that it is good for nothing else.
const PROLOGUE: &[u8] = b"antes link";

/// How long the other side's operating system may leave what was sent unacknowledged, or a quiet
/// connection without a sign of life. Longer outages make a new connection, which is quicker than
/// TCP's repetitions: those come ever more rarely.
const SILENT_AT_MOST: Duration = Duration::from_secs(3);

/// How long a connection is quiet before TCP asks whether the other side is still there.
const QUIET_FOR: Duration = Duration::from_secs(1);

/// A connection between two processes that have shown each other the secret and said who they are.
///
/// It is of no runtime yet: the handshake may happen in another one than what follows.
#[derive(Debug)]
pub struct Link {
    peer: Hello,
    /// In what the two sides differ without harm.
    differences: Vec<Difference>,
    stream: std::net::TcpStream,
    noise: Arc<StatelessTransportState>,
    /// What has arrived behind the handshake.
    rest: BytesMut,
    sent: u64,
    received: u64,
}

impl Link {
    /// Who is on the other side.
    pub const fn peer(&self) -> Party {
        self.peer.party
    }

    /// What the other side knows of the memories that nodes had before.
    pub const fn seen(&self) -> Seen {
        self.peer.seen
    }

    /// In what the other side's settings differ from the own ones without harm.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Both directions, in the runtime that this is called in.
    ///
    /// # Errors
    ///
    /// The runtime cannot watch the connection.
    pub fn open(self) -> io::Result<(Inbound, Outbound)> {
        let (read, write) = TcpStream::from_std(self.stream)?.into_split();
        let inbound = Inbound::new(read, Arc::clone(&self.noise), self.rest, self.received);
        Ok((inbound, Outbound::new(write, self.noise, self.sent)))
    }
}

/// The last word of the handshake.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    /// The acceptor has written down whom it has met, and lets it in.
    Welcome,
    Refused(Refusal),
}

/// Makes a link over a connection that this process has opened; `expected` says who must be on
/// the other side, and is asked only of a process of this cluster. It takes as long as the other side
/// does: give it a time limit.
///
/// # Errors
///
/// The other side is not of this cluster, or not who it should be, or does not want this process.
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
    // The other side hears why before the connection ends.
    let objection = match &wanted {
        Err(LinkError::Unwanted { refusal, .. }) => Some(refusal.clone()),
        Ok(_) | Err(_) => None,
    };
    let wanted = match wanted {
        Err(error) if objection.is_none() => return Err(error),
        wanted => wanted,
    };
    let noise = state.into_stateless_transport_mode().map_err(|_| LinkError::Stranger)?;
    let introduction = Introduction { hello: credentials.hello(), objection };
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

/// The key that a dialler has made for its handshake: two handshakes never share one.
pub type FirstFrame = [u8; 32];

/// Makes a link over a connection that somebody else has opened. `verified` is called once the first
/// frame has verified under the secret, and says whether the handshake goes on; `admit` says whether
/// the other side is welcome. It takes as long as the other side does: give it a time limit.
///
/// # Errors
///
/// The other side is not of this cluster, or not welcome, or does not want the link, or goes away.
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
    let hello = postcard::to_stdvec(&credentials.hello()).map_err(|_| LinkError::TooLarge)?;
    wire.write_handshake(&mut state, &hello).await?;
    let noise = state.into_stateless_transport_mode().map_err(|_| LinkError::Stranger)?;
    // Whoever says this has used a fresh key: from here on it is no recording.
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
                // It may have gone already.
                let _ = wire.write(&noise, &Answer::Refused(refusal)).await;
            }
            Err(error)
        }
    }
}

/// The handshake's beginning. Its parameters are fixed, so nothing about them can fail.
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

    /// Sets the connection up for a link.
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

    /// The dialler's first message: it shows that its sender has the secret, or a recording.
    async fn read_first(&mut self, state: &mut HandshakeState) -> Result<FirstFrame, LinkError> {
        let frame = self.frame().await?;
        let mut payload = [0; MAX_FRAME];
        state.read_message(&frame, &mut payload).map_err(|_| LinkError::Stranger)?;
        // Noise's message begins with the ephemeral key, in the clear.
        frame.first_chunk().copied().ok_or(LinkError::Stranger)
    }

    /// The acceptor's answer. One that has another secret gives none.
    async fn read_hello(&mut self, state: &mut HandshakeState) -> Result<Hello, LinkError> {
        let frame = self.frame().await.map_err(|error| match error {
            LinkError::Closed | LinkError::Io(_) => LinkError::Dismissed,
            other => other,
        })?;
        let mut payload = [0; MAX_FRAME];
        let length = state.read_message(&frame, &mut payload).map_err(|_| LinkError::Stranger)?;
        Hello::parse(&payload[..length])
    }

    /// What the dialler says of itself.
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
