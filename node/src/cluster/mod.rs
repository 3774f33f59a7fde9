//! `antes node`: the core as a real process among others.
//!
//! There are three threads. The *core's thread* has the driver, which steps the core, and the links of peers
//! that have proved the secret. The *io thread* (`io_thread`) does all work that strangers and clients can cause:
//! accepting, handshakes, dialling, HTTP. So such work takes no time of the core's thread. The *trace writer*
//! (`trace_writer`) writes the trace and the log, if they are wanted.
//!
//! ```text
//!            io thread                              core's thread
//!   acceptor - handshake --- Link ---> LinkEvent --> driver --> antes_core::Node
//!   dialler -- handshake --- Link ---> LinkEvent -->   |  \
//!   HTTP  ----------------- Order ----------------->   |   recorder --> trace writer --> trace, recent events, log
//!         <---------------- Status -----------------   |
//!                                                    outbox --> writer --> peer
//!                                    LinkEvent <----- reader <-- peer
//! ```

pub(crate) mod acquaintances;
pub mod addresses;
pub(crate) mod descriptors;
pub mod driver;
pub(crate) mod fitting;
pub(crate) mod folder;
pub(crate) mod http;
mod io_thread;
pub mod link;
pub(crate) mod lives;
pub mod options;
pub mod order;
pub(crate) mod outbox;
pub mod record;
mod runtime;
pub mod secret;
pub mod settings;
pub mod status;
mod store;
mod summary;
pub(crate) mod time;
mod timers;
pub(crate) mod visitors;
pub mod why;

pub use http::Health;
pub(crate) use runtime::{runtime, runtime_with_stop_signal};

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use antes_core::{Identity, NodeId, Write};
use antes_sim::export::Header;
use antes_sim::trace::Recipient;
use socket2::{Domain, Socket, Type};
use tokio::sync::{mpsc, watch};

use self::acquaintances::{Acquaintances, Lives, Owner};
use self::descriptors::Connections;
use self::driver::{Driver, End, MAX_LINK_EVENTS, Outgoing, Parts, Peer};
use self::http::Outside;
use self::io_thread::IoThread;
use self::link::{Being, Credentials, Doorstep, Party, SharedSettings};
use self::lives::Life;
use self::options::{LogLevel, NodeArguments};
use self::order::MAX_ORDERS;
use self::outbox::Packet;
use self::record::{RecentEvents, Recorder, TraceWriter, open_trace, unix_us};
use self::settings::Settings;
use self::store::{Legacy, Store};
use self::summary::Summary;
use crate::Failure;

/// Runs a node of a cluster until it is told to stop.
///
/// # Errors
///
/// The arguments are wrong, or the node has to stop because of an error.
pub fn run(arguments: &NodeArguments) -> Result<(), Failure> {
    // The kernel ignores signals to a container's first process unless that process handles them. So the
    // handler is installed before any work that may take long.
    let (core, stop) = runtime_with_stop_signal()?;
    let settings = Settings::new(arguments)?;
    record::log(settings.log_format, settings.log);
    let connections = Connections::of_node(settings.config.size)?;
    let listener =
        listen(settings.listen, "--listen (LISTEN) or in the own entry of --peers (PEERS)")?;
    let http = settings.http.map(|address| listen(address, "--http (HTTP)")).transpose()?;
    let mut store = Store::open(settings.data_dir.as_deref(), settings.me, &settings.config)?;
    let me = Identity { node: settings.me, incarnation: store.1.incarnation };
    let acquaintances = Arc::new(acquaintances(&settings, me, &mut store)?);
    let being = store.1.being;
    let credentials = Arc::new(credentials(&settings, me, being, &acquaintances));
    let Recording { recorder, trace_writer, recent_events } = recording(&settings, being)?;
    let summary = settings.summary.clone().map(Summary::new).transpose()?;

    let (link_events, inbox) = mpsc::channel(MAX_LINK_EVENTS);
    let doorstep: Arc<Doorstep> = Arc::default();
    let (orders, asked) = mpsc::channel(MAX_ORDERS);
    let (status, watched) = watch::channel(None);
    let Receivers { peers, resource, dials } = receivers(&settings, me.node);
    let parts = Parts {
        me,
        config: Arc::clone(&settings.config),
        seed: settings.seed,
        closed_is_suspect: settings.closed_is_suspect,
        store,
        met: acquaintances.births(),
        credentials: Arc::clone(&credentials),
        recorder,
        summary,
        peers,
        resource,
        link_events: link_events.clone(),
        doorstep: Arc::clone(&doorstep),
        status,
    };
    if let Some(sentence) = fitting::hold_beyond_lease(&settings.config) {
        tracing::warn!("{sentence}");
    }
    tracing::info!("node {me} of {} listens on {}", settings.config.size.get(), settings.listen);
    let outside = http.zip(recent_events).map(|(listener, recent_events)| {
        tell_http_address(arguments.http_shown.as_deref(), &listener);
        let hosts = settings.hosts().map(str::to_owned).collect();
        let (origins, bearer) = (settings.http_origins.clone(), settings.http_token.clone());
        let connections = connections.http;
        let status = watched;
        Outside { listener, hosts, origins, bearer, orders, status, recent_events, connections }
    });
    let io_thread = IoThread {
        me: me.node,
        credentials,
        acquaintances,
        settings,
        listener,
        places: connections.places,
        dials,
        link_events,
        doorstep,
        outside,
    };
    let _io_thread = io_thread.start()?;
    // A spawned driver is scheduled between the tasks that read and write for it. If it were awaited
    // here, the runtime would poll the network before each of its turns.
    let driver = async { tokio::spawn(Driver::new(parts).run(inbox, asked, stop)).await };
    let ended = core.block_on(driver);
    finish(ended.map_err(|error| format!("the driver fails: {error}")), trace_writer)
}

/// Waits until the trace writer has written everything that the driver has handed over. Returns how the driver
/// `ended`.
fn finish(
    ended: Result<Result<End, Failure>, String>,
    trace_writer: Option<JoinHandle<()>>,
) -> Result<(), Failure> {
    if let Some(trace_writer) = trace_writer {
        let _ = trace_writer.join();
    }
    match ended.map_err(Failure::CannotGoOn)?? {
        End::Left => Ok(()),
        End::Crashed => Err(Failure::CannotGoOn("the node was told to crash".into())),
    }
}

/// The receivers of the node's messages and writes, each with the channel that makes the io thread dial it.
struct Receivers {
    /// By node index. `None` for the node itself.
    peers: Vec<Option<Peer>>,
    resource: Option<Outgoing<Packet<Write>>>,
    dials: Vec<(Recipient, watch::Receiver<u32>)>,
}

fn receivers(settings: &Settings, me: NodeId) -> Receivers {
    let mut peers: Vec<Option<Peer>> = settings.config.size.nodes().map(|_| None).collect();
    let mut dials = Vec::new();
    for peer in settings.config.size.others(me) {
        let (dial, dialled) = watch::channel(0);
        peers[peer.index()] = Some(Peer::new(dial));
        dials.push((Recipient::Node(peer), dialled));
    }
    let resource = settings.resource.as_ref().map(|_| {
        let (dial, dialled) = watch::channel(0);
        dials.push((Recipient::Resource, dialled));
        Outgoing::new(dial)
    });
    Receivers { peers, resource, dials }
}

/// Logs where browsers find the node's state: at `shown`, or else at the listener's own address.
fn tell_http_address(shown: Option<&str>, listener: &TcpListener) {
    let own = || listener.local_addr().ok().map(|address| format!("http://{address}/"));
    if let Some(address) = shown.map(str::to_owned).or_else(own) {
        tracing::info!("its state can be read at {address}state");
    }
}

/// The peers that this life has met. They are not kept for a node whose memory does not matter for safety,
/// since such a node would be refused at its next start.
fn acquaintances(
    settings: &Settings,
    me: Identity,
    (store, legacy): &mut (Store, Legacy),
) -> Result<Acquaintances, Failure> {
    let (Some(folder), Some(being)) = (&settings.data_dir, &legacy.being) else {
        return Ok(Acquaintances::unkept());
    };
    let owner = Owner::node(me, being);
    if Acquaintances::are_of_a_later_life(folder, owner)? {
        store.mark_outdated();
        store.commit().map_err(|error| folder::cannot(folder, &error))?;
        return Err(store::outdated(folder, me.node));
    }
    let this = Life { incarnation: me.incarnation, number: being.life };
    let lives = Lives { this, before: legacy.before };
    let acquaintances = Acquaintances::open(folder, owner, Some(lives), legacy.kept_acquaintances)?;
    store.keeps_acquaintances();
    store.commit().map_err(|error| folder::cannot(folder, &error))?;
    Ok(acquaintances)
}

/// The secret and the introduction with which the node makes links.
fn credentials(
    settings: &Settings,
    me: Identity,
    being: Option<Being>,
    acquaintances: &Arc<Acquaintances>,
) -> Credentials {
    let (party, shared) = (Party::Node(me), SharedSettings::of_node(&settings.config));
    let credentials = Credentials::new(settings.key.clone(), &settings.cluster, party, shared);
    credentials.change(|hello| {
        hello.being = being;
        hello.ancestry = acquaintances.ancestry();
        hello.seen = acquaintances.seen();
    });
    credentials.recorded_by(Arc::clone(acquaintances) as _)
}

/// How many connections the kernel queues until they are accepted. It is large enough for a burst of
/// strangers, who must not displace members before the acceptor can choose. It is small enough that a member
/// behind all of them is accepted within [`link::HANDSHAKE_TIMEOUT`], even on a machine that accepts only a
/// thousand per second.
const BACKLOG: i32 = 1024;

/// Listens on `address`. The error message names `option` as the way to choose another address.
pub(crate) fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    let listener =
        Socket::new(Domain::for_address(address), Type::STREAM, None).and_then(|socket| {
            // A restarted node must not wait until the connections of its earlier life have expired.
            socket.set_reuse_address(true)?;
            socket.bind(&address.into())?;
            socket.listen(BACKLOG)?;
            socket.set_nonblocking(true)?;
            Ok(TcpListener::from(socket))
        });
    listener.map_err(|error| {
        Failure::BadInput(format!(
            "{address} cannot be listened on: {error}; expected a free address in {option}"
        ))
    })
}

/// The recorder, and the trace writer behind it if there is one.
struct Recording {
    recorder: Recorder,
    trace_writer: Option<JoinHandle<()>>,
    recent_events: Option<Arc<RecentEvents>>,
}

fn recording(settings: &Settings, being: Option<Being>) -> Result<Recording, Failure> {
    let header = |began_us| {
        let config = &settings.config;
        let header = Header::cluster(config.size, config.setting());
        let settings_in_words = SharedSettings::of_node(config).to_string();
        Header {
            seed: Some(settings.seed),
            settings: settings_in_words,
            birth: being.map(|being| being.birth),
            ..header.written_by(settings.me, began_us)
        }
    };
    let began_us = unix_us();
    let file = open_trace(settings.trace.as_deref(), settings.trace_max, &header(began_us))?;
    let told = match settings.log {
        LogLevel::Error | LogLevel::Warn => false,
        LogLevel::Info | LogLevel::Debug => true,
    };
    if file.is_none() && settings.http.is_none() && !told {
        return Ok(Recording {
            recorder: Recorder::off(),
            trace_writer: None,
            recent_events: None,
        });
    }
    let details = file.is_some() || settings.http.is_some() || settings.log == LogLevel::Debug;
    let size = settings.config.size;
    let mut trace_writer =
        TraceWriter { size, file, recent_events: None, began_us, format: settings.log_format };
    let (next, began_us) = trace_writer.begin();
    trace_writer.recent_events =
        settings.http.map(|_| Arc::new(RecentEvents::new(header(began_us).to_json(), next)));
    let recent_events = trace_writer.recent_events.clone();
    match Recorder::start(trace_writer, details) {
        Ok((recorder, thread)) => {
            Ok(Recording { recorder, trace_writer: Some(thread), recent_events })
        }
        Err(error) => Err(Failure::CannotGoOn(format!("a thread cannot be started: {error}"))),
    }
}
