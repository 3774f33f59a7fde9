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

/// The most bytes of values in one frame.
const MAX_PLAIN: usize = MAX_FRAME - TAG;

/// How many bytes are read at a time.
const READ_BYTES: usize = 16 << 10;

/// The receiving direction of a link.
#[derive(Debug)]
pub struct Inbound {
    stream: OwnedReadHalf,
    noise: Arc<StatelessTransportState>,
    codec: LengthDelimitedCodec,
    arrived: BytesMut,
    /// The number of received frames, which is the next nonce.
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

    /// Waits for data, and appends all complete values to `values`. Cancel safe.
    ///
    /// # Errors
    ///
    /// If the connection has ended, or the data is invalid. Values that were read before are in
    /// `values`.
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

    /// Waits until the other side, which sends nothing in this direction, ends the connection.
    pub async fn ended(&mut self) {
        self.arrived.clear();
        // Whether it closes the connection or sends something, the link is over.
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

/// The sending direction of a link.
#[derive(Debug)]
pub struct Outbound {
    stream: OwnedWriteHalf,
    noise: Arc<StatelessTransportState>,
    /// The number of sealed frames, which is the next nonce.
    sealed: u64,
    /// The values of the next frame.
    plain: Vec<u8>,
    /// Sealed frames that are not written yet.
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

    /// Adds a value to those that the next [`flush`](Self::flush) sends.
    ///
    /// # Errors
    ///
    /// If the value is larger than a frame. The link is not usable after that.
    pub fn put<T: Serialize>(&mut self, value: &T) -> Result<(), LinkError> {
        let begin = self.plain.len();
        // After an error the link is not usable, so the rest does not matter.
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

    /// Writes all values that were added, and waits until the operating system has taken them.
    ///
    /// # Errors
    ///
    /// If the connection has ended.
    pub async fn flush(&mut self) -> Result<(), LinkError> {
        if !self.plain.is_empty() {
            self.seal()?;
        }
        self.stream.write_all(&self.wire).await?;
        self.wire.clear();
        Ok(())
    }

    /// Ends this direction: the other side reads an end of file.
    ///
    /// # Errors
    ///
    /// If the connection has ended.
    pub async fn finish(mut self) -> Result<(), LinkError> {
        self.flush().await?;
        Ok(self.stream.shutdown().await?)
    }

    /// Makes a frame of the added values.
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
