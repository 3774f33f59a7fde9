//! The two directions of a link.

use std::sync::Arc;

use bytes::{Buf as _, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use snow::StatelessTransportState;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

use super::{LinkError, MAX_FRAME, TAG, frames};

/// The most bytes of values that fit into one frame.
const MAX_PLAIN: usize = MAX_FRAME - TAG;

/// How much is read at once.
const READ_BYTES: usize = 16 << 10;

/// What arrives on a link.
#[derive(Debug)]
pub struct Inbound {
    stream: OwnedReadHalf,
    noise: Arc<StatelessTransportState>,
    codec: LengthDelimitedCodec,
    arrived: BytesMut,
    /// How many frames have been received: the next one's nonce.
    received: u64,
    plain: Box<[u8; MAX_FRAME]>,
}

impl Inbound {
    pub(super) fn new(
        stream: OwnedReadHalf,
        noise: Arc<StatelessTransportState>,
        arrived: BytesMut,
        received: u64,
    ) -> Self {
        let plain = Box::new([0; MAX_FRAME]);
        Self { stream, noise, codec: frames(), arrived, received, plain }
    }

    /// Waits until something has arrived, and appends all whole values of it to `values`. Nothing
    /// is lost if it is dropped while it waits.
    ///
    /// # Errors
    ///
    /// The connection has ended, or what arrived is not what the other side should say. Values
    /// that were read before that are in `values`.
    pub async fn receive<T: DeserializeOwned>(
        &mut self,
        values: &mut Vec<T>,
    ) -> Result<(), LinkError> {
        let before = values.len();
        loop {
            while let Some(frame) = self.codec.decode(&mut self.arrived)? {
                self.read_frame(&frame, values)?;
            }
            if values.len() > before {
                return Ok(());
            }
            self.arrived.reserve(READ_BYTES);
            if self.stream.read_buf(&mut self.arrived).await? == 0 {
                let at_once = if self.arrived.has_remaining() {
                    LinkError::Stranger
                } else {
                    LinkError::Closed
                };
                return Err(at_once);
            }
        }
    }

    /// Waits until the other side, which has nothing to say, ends the connection.
    pub async fn ended(&mut self) {
        self.arrived.clear();
        // Whether it closes the connection or says something after all, it has no place here.
        let _ = self.stream.read_buf(&mut self.arrived).await;
    }

    fn read_frame<T: DeserializeOwned>(
        &mut self,
        frame: &[u8],
        values: &mut Vec<T>,
    ) -> Result<(), LinkError> {
        let length = self
            .noise
            .read_message(self.received, frame, &mut *self.plain)
            .map_err(|_| LinkError::Stranger)?;
        self.received += 1;
        let mut rest = &self.plain[..length];
        while !rest.is_empty() {
            let value;
            (value, rest) = postcard::take_from_bytes(rest).map_err(|_| LinkError::Stranger)?;
            values.push(value);
        }
        Ok(())
    }
}

/// What leaves on a link.
#[derive(Debug)]
pub struct Outbound {
    stream: OwnedWriteHalf,
    noise: Arc<StatelessTransportState>,
    /// How many frames have been sealed: the next one's nonce.
    sealed: u64,
    /// The values of the next frame.
    plain: Vec<u8>,
    /// Sealed frames that have not been written.
    wire: Vec<u8>,
}

impl Outbound {
    pub(super) fn new(
        stream: OwnedWriteHalf,
        noise: Arc<StatelessTransportState>,
        sealed: u64,
    ) -> Self {
        Self { stream, noise, sealed, plain: Vec::with_capacity(MAX_PLAIN), wire: Vec::new() }
    }

    /// Puts a value behind those that leave with the next [`flush`](Self::flush).
    ///
    /// # Errors
    ///
    /// The value is larger than a frame. The link is of no use from then on.
    pub fn put<T: Serialize>(&mut self, value: &T) -> Result<(), LinkError> {
        let begin = self.plain.len();
        // On an error the link is of no use, and what is left behind here does not matter.
        let plain = std::mem::take(&mut self.plain);
        self.plain = postcard::to_extend(value, plain).map_err(|_| LinkError::TooLarge)?;
        if self.plain.len() > MAX_PLAIN {
            let next = self.plain.split_off(begin);
            if begin == 0 || next.len() > MAX_PLAIN {
                return Err(LinkError::TooLarge);
            }
            self.seal()?;
            self.plain.extend_from_slice(&next);
        }
        Ok(())
    }

    /// How many bytes wait to be written.
    pub const fn pending(&self) -> usize {
        self.plain.len() + self.wire.len()
    }

    /// Writes all that was put.
    ///
    /// # Errors
    ///
    /// The connection has ended.
    pub async fn flush(&mut self) -> Result<(), LinkError> {
        if !self.plain.is_empty() {
            self.seal()?;
        }
        self.stream.write_all(&self.wire).await?;
        self.wire.clear();
        Ok(())
    }

    /// Says that nothing more will come.
    ///
    /// # Errors
    ///
    /// The connection has ended.
    pub async fn finish(mut self) -> Result<(), LinkError> {
        self.flush().await?;
        Ok(self.stream.shutdown().await?)
    }

    /// Makes a frame of the values that were put.
    fn seal(&mut self) -> Result<(), LinkError> {
        let begin = self.wire.len();
        let length = self.plain.len() + TAG;
        let prefix = u16::try_from(length).map_err(|_| LinkError::TooLarge)?.to_be_bytes();
        self.wire.extend_from_slice(&prefix);
        self.wire.resize(begin + prefix.len() + length, 0);
        let frame = &mut self.wire[begin + prefix.len()..];
        self.noise
            .write_message(self.sealed, &self.plain, frame)
            .map_err(|_| LinkError::TooLarge)?;
        self.sealed += 1;
        self.plain.clear();
        Ok(())
    }
}
