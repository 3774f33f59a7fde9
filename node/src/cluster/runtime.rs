//! The asynchronous runtime of a thread, and the signals that stop the process.

use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::Failure;

/// A runtime with one thread.
pub(crate) fn runtime() -> Result<runtime::Runtime, Failure> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::CannotGoOn(format!("the runtime cannot be started: {error}")))
}

/// A runtime with one thread, and a future that ends with the first signal to stop. Signals that arrive
/// before the future is polled count too.
pub(crate) fn runtime_with_stop_signal()
-> Result<(runtime::Runtime, impl Future<Output = ()> + use<>), Failure> {
    let runtime = runtime()?;
    let stop = {
        let _entered = runtime.enter();
        stop_signal()?
    };
    Ok((runtime, stop))
}

/// Ends with the first signal that asks the process to stop.
fn stop_signal() -> Result<impl Future<Output = ()> + use<>, Failure> {
    let listen = |kind| {
        signal(kind)
            .map_err(|error| Failure::CannotGoOn(format!("signals cannot be handled: {error}")))
    };
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
