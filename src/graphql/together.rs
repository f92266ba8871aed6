//! Siblings that load at once go on at once.
//!
//! The crate's loader lets those who waited for a batch through one after the other, each woken by the one before. The
//! first would ask the loaders of the next level long before the last came by, and one batch a level would fall apart
//! into many. So whoever has been answered waits here until nobody is left who has not.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Those who are at one loader.
#[derive(Debug, Default)]
pub struct Together {
    unanswered: AtomicUsize,
    all_answered: Notify,
}

impl Together {
    /// The answer, once all who asked meanwhile have theirs.
    pub async fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        let asked = Asked::at(self);
        let answer = answer.await;
        let all_answered = self.all_answered.notified();
        tokio::pin!(all_answered);
        // From here on a notification is not missed.
        all_answered.as_mut().enable();
        drop(asked);
        all_answered.await;
        answer
    }
}

/// One who has no answer yet; gone when it has, and when it is given up.
struct Asked<'a>(&'a Together);

impl<'a> Asked<'a> {
    fn at(together: &'a Together) -> Self {
        together.unanswered.fetch_add(1, Ordering::Relaxed);
        Self(together)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if self.0.unanswered.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.all_answered.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future::{join, join_all};

    use super::*;

    #[tokio::test]
    async fn nobody_goes_on_before_the_last_is_answered() {
        let (together, log) = (Together::default(), Mutex::new(Vec::new()));
        let sibling = |turns: usize| {
            let (together, log) = (&together, &log);
            async move {
                let answer = async {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                    log.lock().unwrap().push("answered");
                };
                together.wait(answer).await;
                log.lock().unwrap().push("on");
            }
        };
        join_all([3, 0, 7].map(sibling)).await;
        assert_eq!(*log.lock().unwrap(), ["answered", "answered", "answered", "on", "on", "on"]);
    }

    #[tokio::test]
    async fn who_is_given_up_is_not_waited_for() {
        let together = Together::default();
        let given_up = async {
            let never = together.wait(std::future::pending::<()>());
            let soon = async {
                for _ in 0..5 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::pin!(never, soon);
            futures::future::select(never, soon).await;
        };
        join(given_up, together.wait(async {})).await;
        assert_eq!(together.unanswered.load(Ordering::Relaxed), 0);
    }
}
