//! `antes resource`: the shared resource as a process of its own, which judges mutual exclusion from outside.
//! Nodes write to it over the same kind of links as between each other. The rule for accepting writes is
//! [`antes_sim::resource::Resource`], the same as in the simulator. Connections are accepted on a thread of
//! their own, so that strangers do not delay writes.

mod answer;
mod http;
mod keeper;
mod options;

pub use answer::Answer;
pub use http::Health;
pub use options::ResourceArguments;

use std::net::TcpListener;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use self::keeper::Keeper;
use crate::Failure;
use crate::cluster::acquaintances::{Acquaintances, Owner};
use crate::cluster::descriptors::Connections;
use crate::cluster::link::{
    self, Admission, Credentials, Party, Places, Refusal, SharedSettings, Visit,
};
use crate::cluster::settings;
use crate::cluster::{listen, record, runtime, runtime_with_stop_signal};

/// The largest number of visits (links and refusals) that wait to be handled.
const MAX_VISITS: usize = 16;

/// Runs the resource of a cluster until it is told to stop.
///
/// # Errors
///
/// The arguments are wrong, or the resource has to stop because of an error.
pub fn run(arguments: &ResourceArguments) -> Result<(), Failure> {
    let (core, stop) = runtime_with_stop_signal()?;
    let common = &arguments.common;
    record::log(common.log_format, common.log);
    let connections = Connections::of_resource()?;
    let secret = settings::cluster_secret(common)?;
    let key = settings::key(secret.as_deref(), arguments.listen)?;
    let listener = listen(arguments.listen, "--listen (LISTEN)")?;
    let http = common.http.map(|address| listen(address, "--http (HTTP)")).transpose()?;
    let (shown, watched) = watch::channel(None);
    let keeper = Keeper::open(arguments, shown)?;
    let shared = SharedSettings::of_resource(arguments.profile.into());
    let acquaintances = Acquaintances::open(&arguments.data_dir, Owner::RESOURCE, None, None)?;
    let credentials = Credentials::new(key, &common.cluster, Party::Resource, shared);
    credentials.change(|hello| hello.seen = acquaintances.seen());
    let (visits, visited) = mpsc::channel(MAX_VISITS);
    let outside = http.map(|listener| http::serve(listener, watched, connections.http));
    serve(listener, credentials, acquaintances, visits, connections.places, outside)?;
    tracing::info!("the resource listens on {}, {}", arguments.listen, keeper.state());
    core.block_on(keeper.run(visited, stop))
}

/// Accepts nodes on a thread of its own, which ends with the process. It also serves HTTP if that is wanted.
fn serve(
    listener: TcpListener,
    credentials: Credentials,
    acquaintances: Acquaintances,
    visits: mpsc::Sender<Visit>,
    places: Places,
    outside: Option<impl Future<Output = ()> + Send + 'static>,
) -> Result<(), Failure> {
    let runtime = runtime()?;
    let admit: Arc<Admission> = Arc::new(move |hello| match hello.party {
        Party::Node(_) => acquaintances.meet(hello),
        found @ Party::Resource => Err(Refusal::OtherParty { found }),
    });
    let work = async move {
        outside.map(tokio::spawn);
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => {
                link::serve(listener, Arc::new(credentials), admit, visits, places).await;
            }
            Err(error) => tracing::error!("no node can connect: listening fails: {error}"),
        }
    };
    let thread = std::thread::Builder::new().name("acceptor".into());
    let thread = thread.spawn(move || runtime.block_on(work));
    thread
        .map(drop)
        .map_err(|error| Failure::CannotGoOn(format!("a thread cannot be started: {error}")))
}
