//! One question for many who ask the same at once, and nobody is told what was found before he asked.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};

/// What is being found out, by what is asked for. Who asks while an answer is on its way gets the next one, together with
/// all others who do.
pub(super) struct Gather<K, V>(Arc<Mutex<HashMap<K, Asked<V>>>>);

type Finding<V> = Shared<BoxFuture<'static, V>>;

struct Asked<V> {
    /// On its way: it may tell what was before whoever asks now.
    running: Finding<V>,
    /// Not begun.
    next: Option<Finding<V>>,
}

impl<K: Clone + Eq + Hash + Send + 'static, V: Clone + Send + Sync + 'static> Gather<K, V> {
    /// What is found by a question that begins from now on.
    pub async fn find<F>(&self, key: K, ask: impl FnOnce() -> F) -> V
    where
        F: Future<Output = V> + Send + 'static,
    {
        let finding = self.join(&key, ask());
        let _waiter = Waiter { finding: Some(finding.clone()), gather: self.clone(), key };
        finding.await
    }

    fn join<F>(&self, key: &K, ask: F) -> Finding<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        self.with(|all| {
            let Some(asked) = all.get_mut(key) else {
                let running = ask.boxed().shared();
                all.insert(key.clone(), Asked { running: running.clone(), next: None });
                return running;
            };
            if let Some(next) = &asked.next {
                return next.clone();
            }
            let (gather, key, before) = (self.clone(), key.clone(), asked.running.clone());
            let next = async move {
                before.await;
                // From here on it is on its way: who comes now gets the one after it.
                gather.with(|all| {
                    if let Some(asked) = all.get_mut(&key)
                        && let Some(next) = asked.next.take()
                    {
                        asked.running = next;
                    }
                });
                ask.await
            };
            let next = next.boxed().shared();
            asked.next = Some(next.clone());
            next
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<K, Asked<V>>) -> T) -> T {
        // Nothing panics while it is locked.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Who waits for an answer. What nobody waits for any more is forgotten, whether it was found or given up.
struct Waiter<K: Eq + Hash, V> {
    gather: Gather<K, V>,
    key: K,
    /// Let go under the lock, so that waiters that end at once do not count each other.
    finding: Option<Finding<V>>,
}

impl<K: Eq + Hash, V> Drop for Waiter<K, V> {
    fn drop(&mut self) {
        let mut all = self.gather.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.finding.take());
        let Some(asked) = all.get_mut(&self.key) else { return };
        // The map holds each.
        let is_waited_for = |finding: &Finding<V>| finding.strong_count().unwrap_or_default() > 1;
        if asked.next.as_ref().is_some_and(|next| !is_waited_for(next)) {
            asked.next = None;
        }
        if asked.next.is_none() && !is_waited_for(&asked.running) {
            all.remove(&self.key);
        }
    }
}

impl<K, V> Clone for Gather<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Gather<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;
    use tokio::sync::Semaphore;
    use tokio::task::yield_now;

    use super::*;

    /// Answers with a counter's state at the question's beginning, when it may.
    #[derive(Clone, Default)]
    struct Oracle {
        gather: Gather<u8, u32>,
        state: Arc<AtomicU32>,
        asked: Arc<AtomicU32>,
        may: Arc<Mutex<Option<Arc<Semaphore>>>>,
    }

    impl Oracle {
        async fn ask(&self) -> u32 {
            let Self { state, asked, may, .. } = self.clone();
            let ask = || async move {
                asked.fetch_add(1, Ordering::Relaxed);
                let found = state.load(Ordering::Relaxed);
                let may = may.lock().unwrap().clone();
                if let Some(may) = may {
                    may.acquire().await.unwrap().forget();
                }
                found
            };
            self.gather.find(1, ask).await
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::Relaxed)
        }

        fn remembers_nothing(&self) -> bool {
            self.gather.with(|all| all.is_empty())
        }
    }

    async fn until(is_so: impl Fn() -> bool) {
        while !is_so() {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn many_who_ask_at_once_share_answers_that_are_none_too_old() {
        let (oracle, may) = (Oracle::default(), Arc::new(Semaphore::new(0)));
        *oracle.may.lock().unwrap() = Some(may.clone());
        let first = oracle.ask();
        let others = async {
            until(|| oracle.asked() == 1).await;
            oracle.state.store(7, Ordering::Relaxed);
            let others = join_all((0..50).map(|_| oracle.ask()));
            let release = async {
                yield_now().await;
                assert_eq!(oracle.asked(), 1, "they wait for the one that is on its way");
                may.add_permits(2);
            };
            tokio::join!(others, release).0
        };
        let (first, others) = tokio::join!(first, others);
        assert_eq!((first, others, oracle.asked()), (0, vec![7; 50], 2));
        assert!(oracle.remembers_nothing());
    }

    #[tokio::test]
    async fn who_gives_up_holds_up_nobody_and_is_forgotten() {
        let (oracle, may) = (Oracle::default(), Arc::new(Semaphore::new(0)));
        *oracle.may.lock().unwrap() = Some(may.clone());
        let give_up = async |asked: u32| {
            tokio::select! {
                _ = oracle.ask() => panic!("it may not"),
                () = async { until(|| oracle.asked() == asked).await; yield_now().await; } => {}
            }
        };
        give_up(1).await;
        assert!(oracle.remembers_nothing());
        oracle.state.store(5, Ordering::Relaxed);
        *oracle.may.lock().unwrap() = None;
        assert_eq!(tokio::time::timeout(std::time::Duration::from_mins(1), async { oracle.ask().await }).await, Ok(5));
        assert!(oracle.remembers_nothing());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn under_any_interleaving_nobody_is_told_what_was_before_he_asked() {
        let oracle = Oracle::default();
        let askers = (0..8).map(|asker| {
            let oracle = oracle.clone();
            tokio::spawn(async move {
                for turn in 0..500 {
                    let before = oracle.state.fetch_add(1, Ordering::Relaxed);
                    if (asker + turn) % 7 == 0 {
                        let gone = oracle.ask();
                        tokio::select! { biased; () = yield_now() => {}, _ = gone => {} }
                    }
                    assert!(oracle.ask().await > before);
                }
            })
        });
        join_all(askers).await.into_iter().for_each(|done| done.unwrap());
        assert!(oracle.remembers_nothing());
    }
}
