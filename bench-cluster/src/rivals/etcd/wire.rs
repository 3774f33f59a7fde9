//! The little of etcd's gRPC interface that is needed, written down by hand: generating it would
//! need a compiler of protocol buffers. (etcd 3.4: `rpc.proto`, `v3lock.proto`)

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use prost::Message;
use tokio::runtime::{Builder, Runtime};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

/// A lease for so many seconds; the identity is the server's to choose.
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

/// What a member says of itself.
#[derive(Clone, PartialEq, Message)]
pub struct Status {
    /// Who it is.
    #[prost(message, optional, tag = "1")]
    header: Option<Header>,
    /// Whom it follows; 0: nobody.
    #[prost(uint64, tag = "4")]
    pub leader: u64,
}

impl Status {
    /// The number of the member that says so.
    pub fn member(&self) -> u64 {
        self.header.as_ref().map_or(0, |header| header.member)
    }
}

#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(uint64, tag = "2")]
    member: u64,
}

/// A connection to one member, with a thread of its own to wait on.
pub struct Connection {
    runtime: Runtime,
    grpc: Grpc<Channel>,
}

impl Connection {
    /// Connects; no call may take longer than `timeout`.
    pub fn open(address: SocketAddr, timeout: Duration) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?
            .tcp_nodelay(true)
            .connect_timeout(timeout)
            .timeout(timeout);
        let channel = runtime.block_on(endpoint.connect()).context("etcd cannot be reached")?;
        Ok(Self { runtime, grpc: Grpc::new(channel) })
    }

    /// A lease; gives its identity.
    pub fn lease(&mut self, ttl_s: i64) -> Result<i64> {
        let request = LeaseGrantRequest { ttl_s };
        let response: LeaseGrantResponse = self.call("/etcdserverpb.Lease/LeaseGrant", request)?;
        Ok(response.id)
    }

    /// Comes back when this lease has the lock; gives the key to it.
    pub fn lock(&mut self, name: &str, lease: i64) -> Result<Vec<u8>> {
        let request = LockRequest { name: name.into(), lease };
        let response: LockResponse = self.call("/v3lockpb.Lock/Lock", request)?;
        Ok(response.key)
    }

    /// Gives the lock back.
    pub fn unlock(&mut self, key: Vec<u8>) -> Result<()> {
        let _: UnlockResponse = self.call("/v3lockpb.Lock/Unlock", UnlockRequest { key })?;
        Ok(())
    }

    /// Whom the member follows.
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
