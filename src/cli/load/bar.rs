//! A progress bar, where somebody looks.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::ingest::Progress;

/// Runs a load and shows on a terminal how far it is.
pub(super) async fn shown<T>(name: &str, progress: &Progress, load: impl Future<Output = T>) -> T {
    if !std::io::stderr().is_terminal() {
        return load.await;
    }
    let bar = ProgressBar::new_spinner();
    bar.set_prefix(name.to_owned());
    let watch = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        loop {
            ticks.tick().await;
            show(&bar, progress);
        }
    };
    tokio::select! {
        done = load => {
            bar.finish_and_clear();
            done
        }
        () = watch => unreachable!("the watch has no end"),
    }
}

fn show(bar: &ProgressBar, progress: &Progress) {
    if bar.length().is_none()
        && let Some(bytes) = progress.bytes_expected()
    {
        bar.set_length(bytes);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {bytes}/{total_bytes} {msg}") {
            bar.set_style(style);
        }
    }
    bar.set_position(progress.bytes());
    bar.set_message(match progress.rows_written() {
        0 => format!("{} rows read", progress.rows_read()),
        written => format!("{written} of {} rows written", progress.rows_read()),
    });
}
