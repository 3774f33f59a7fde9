//! The state that the handlers of all requests share.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};

use super::bearer::Bearer;
use crate::cluster::order::Order;
use crate::cluster::record::RecentEvents;
use crate::cluster::status::Status;

/// How many clients may read events at the same time.
pub const MAX_STREAMS: usize = 16;

/// State shared by all requests.
pub struct Shared {
    pub status: watch::Receiver<Option<Arc<Status>>>,
    pub recent_events: Arc<RecentEvents>,
    /// Permits for readers of events.
    pub streams: Arc<Semaphore>,
    pub orders: mpsc::Sender<Order>,
    pub bearer: Option<Bearer>,
}
