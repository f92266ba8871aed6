//! Work that goes on when its request has been answered.

use std::time::Duration;

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

/// How long work may go on when the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Work that goes on when its request has been answered.
#[derive(Clone, Debug, Default)]
pub struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Background {
    /// Begins a piece of work. It is to end soon after [`Background::stop`].
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// Comes when work is to be given up.
    pub fn stop(&self) -> WaitForCancellationFutureOwned {
        self.stop.clone().cancelled_owned()
    }

    /// Lets work go on for ten seconds, and then has it given up.
    pub async fn settle(&self) {
        self.tasks.close();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!(count = self.tasks.len(), "loads did not end in time and are given up");
            self.stop.cancel();
            self.tasks.wait().await;
        }
    }
}
