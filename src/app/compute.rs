//! Computing that may take long: on threads of its own, and no longer than somebody waits for it.

use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};

/// So few items take less than some milliseconds: handing them to another thread would cost more than it helps.
const FEW: usize = 10_000;
/// After so many items it is looked whether the work is recalled.
const STRIDE: usize = 64;

/// Comes when nobody waits for the result any more, as when the query took too long.
pub struct Recall(CancellationToken);

impl Recall {
    /// The items until it comes; what is made of them then is looked at by nobody.
    pub fn until<I: IntoIterator>(&self, items: I) -> impl Iterator<Item = I::Item> + use<'_, I> {
        let goes_on = |(place, _): &(usize, I::Item)| place % STRIDE != 0 || !self.0.is_cancelled();
        items.into_iter().enumerate().take_while(goes_on).map(|(_, item)| item)
    }
}

/// Computes something of so many items, or `usize::MAX` where it is not known how many. Dropping the future recalls the
/// work.
pub async fn compute<T: Send + 'static>(items: usize, work: impl FnOnce(&Recall) -> T + Send + 'static) -> Result<T> {
    let recall = Recall(CancellationToken::new());
    if items <= FEW {
        return Ok(work(&recall));
    }
    let _guard = recall.0.clone().drop_guard();
    tokio::task::spawn_blocking(move || work(&recall)).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::compute;

    #[tokio::test]
    async fn work_ends_soon_after_nobody_waits_for_it() {
        let (ended, end) = tokio::sync::oneshot::channel();
        let work = compute(usize::MAX, move |recall| {
            recall.until(std::iter::repeat(())).for_each(drop);
            ended.send(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(1), work).await.is_err(), "it has no end of its own");
        end.await.unwrap();
    }

    #[tokio::test]
    async fn few_items_and_many_are_computed_alike() {
        for items in [0, 10_000, 10_001, 300_000] {
            let sum = compute(items, move |recall| recall.until(0..items).map(|item| item + 1).sum::<usize>()).await;
            assert_eq!(sum.unwrap(), items * (items + 1) / 2);
        }
    }
}
