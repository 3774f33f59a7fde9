//! The needed part of etcd's gRPC interface, written by hand, since generating it would need a
//! compiler of protocol buffers. (etcd 3.4: `rpc.proto`, `v3lock.proto`)

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use prost::Message;
use tokio::runtime::{Builder, Runtime};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

/// A lease for `ttl` seconds. The server chooses its id.
#[derive(Clone, PartialEq, Message)]
struct LeaseGrantRequest {
    #[prost(int64, tag = "1")]
    ttl_s: i64,
}

#[derive(Clone, PartialEq, Message)]
struct LeaseGrantResponse {
    #[prost(int64, tag = "2")]
    id: i64,
}

#[derive(Clone, PartialEq, Message)]
struct LockRequest {
    #[prost(bytes = "vec", tag = "1")]
    name: Vec<u8>,
    #[prost(int64, tag = "2")]
    lease: i64,
}

#[derive(Clone, PartialEq, Message)]
struct LockResponse {
    #[prost(bytes = "vec", tag = "2")]
    key: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct UnlockRequest {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct UnlockResponse {}

#[derive(Clone, PartialEq, Message)]
struct StatusRequest {}

/// The status of a member.
#[derive(Clone, PartialEq, Message)]
pub struct Status {
    /// The header, with the member's id.
    #[prost(message, optional, tag = "1")]
    header: Option<Header>,
    /// The leader that the member follows; 0 if there is none.
    #[prost(uint64, tag = "4")]
    pub leader: u64,
}

impl Status {
    /// The id of the answering member.
    pub fn member(&self) -> u64 {
        self.header.as_ref().map_or(0, |header| header.member)
    }
}

#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(uint64, tag = "2")]
    member: u64,
}

/// A connection to one member, with a thread of its own for waiting.
pub struct Connection {
    runtime: Runtime,
    grpc: Grpc<Channel>,
}

impl Connection {
    /// Connects. No call may take longer than `timeout`.
    pub fn open(address: SocketAddr, timeout: Duration) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?
            .tcp_nodelay(true)
            .connect_timeout(timeout)
            .timeout(timeout);
        let channel = runtime.block_on(endpoint.connect()).context("etcd cannot be reached")?;
        Ok(Self { runtime, grpc: Grpc::new(channel) })
    }

    /// Creates a lease and returns its id.
    pub fn lease(&mut self, ttl_s: i64) -> Result<i64> {
        let request = LeaseGrantRequest { ttl_s };
        let response: LeaseGrantResponse = self.call("/etcdserverpb.Lease/LeaseGrant", request)?;
        Ok(response.id)
    }

    /// Waits until this lease has the lock, and returns the lock's key.
    pub fn lock(&mut self, name: &str, lease: i64) -> Result<Vec<u8>> {
        let request = LockRequest { name: name.into(), lease };
        let response: LockResponse = self.call("/v3lockpb.Lock/Lock", request)?;
        Ok(response.key)
    }

    pub fn unlock(&mut self, key: Vec<u8>) -> Result<()> {
        let _: UnlockResponse = self.call("/v3lockpb.Lock/Unlock", UnlockRequest { key })?;
        Ok(())
    }

    /// Asks the member for its leader.
    pub fn status(&mut self) -> Result<Status> {
        self.call("/etcdserverpb.Maintenance/Status", StatusRequest {})
    }

    fn call<Q, A>(&mut self, path: &'static str, request: Q) -> Result<A>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let answer = async {
            self.grpc.ready().await?;
            let (path, codec) = (PathAndQuery::from_static(path), ProstCodec::<Q, A>::default());
            let answer = self.grpc.unary(tonic::Request::new(request), path, codec).await?;
            anyhow::Ok(answer.into_inner())
        };
        self.runtime.block_on(answer)
    }
}
