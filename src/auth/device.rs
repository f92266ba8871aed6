//! The devices that someone has signed in from: each keeps a mark, so that who guesses beside it does not keep it out
//! (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
//!
//! A mark is a random name of the device and an HMAC-SHA-256 of it, of the user and of when its password was set, under a
//! secret of the database: another password ends it. It opens nothing: whoever has one is throttled by itself, and by no address.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::OnceCell;

use super::random;
use crate::domain::access::UserId;
use crate::domain::chrono::{DateTime, Utc};
use crate::error::Result;
use crate::storage::Database;

/// Between the marks of several users of one device.
const BETWEEN: char = '~';
/// So many users of one device are known.
const MOST: usize = 5;
/// Of a mark's name, in hexadecimal.
const NAME_CHARS: usize = 24;
/// Of its MAC, in Base64.
const MAC_CHARS: usize = 43;

/// Makes marks and knows them again.
#[derive(Clone, Debug, Default)]
pub struct Devices(Arc<OnceCell<hmac::Key>>);

/// The device that a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// The marks that it shows; not checked yet.
    shown: Arc<[String]>,
    /// The one that it is given.
    given: Arc<OnceLock<Given>>,
}

#[derive(Debug)]
struct Given {
    mark: String,
    instead_of: Option<String>,
}

/// A mark that was found right.
#[derive(Debug)]
pub(super) struct Known {
    mark: String,
}

impl Known {
    /// What it is counted as: no address looks like it.
    pub fn place(&self) -> String {
        format!("device {}", &self.mark[..NAME_CHARS])
    }
}

impl Device {
    /// One that shows what it was told to keep, or something like it.
    pub fn showing(kept: &str) -> Self {
        let marks = kept.split(BETWEEN).filter(|mark| is_mark(mark)).take(MOST);
        Self { shown: marks.map(str::to_owned).collect(), given: Arc::default() }
    }

    /// What it is to keep from now on, if someone has signed in.
    pub fn keeps(&self) -> Option<String> {
        let Given { mark, instead_of } = self.given.get()?;
        let others = self.shown.iter().filter(|shown| Some(*shown) != instead_of.as_ref());
        let marks: Vec<_> = std::iter::once(mark).chain(others).take(MOST).map(String::as_str).collect();
        Some(marks.join(&BETWEEN.to_string()))
    }
}

impl Devices {
    /// The mark of a user of that name that the device shows, if it shows one.
    pub(super) async fn know(&self, database: &Database, device: &Device, user: &str) -> Result<Option<Known>> {
        if device.shown.is_empty() {
            return Ok(None);
        }
        let key = self.key(database).await?;
        // Of nobody a mark is checked all the same.
        let epoch = database.password_epoch(user).await?;
        let is_right = |mark: &&String| {
            let (name, mac) = mark.split_at(NAME_CHARS);
            let mac = URL_SAFE_NO_PAD.decode(&mac[1..]).unwrap_or_default();
            hmac::verify(key, &marked(name, epoch), &mac).is_ok() && epoch.is_some()
        };
        Ok(device.shown.iter().find(is_right).map(|mark| Known { mark: mark.clone() }))
    }

    /// Gives the device a mark of the user that has signed in: the one it has, or a new one.
    pub(super) async fn give(
        &self,
        database: &Database,
        device: &Device,
        known: Option<Known>,
        user: &str,
    ) -> Result<()> {
        let given = if let Some(Known { mark }) = known {
            Given { instead_of: Some(mark.clone()), mark }
        } else {
            let name = random::hexadecimal::<{ NAME_CHARS / 2 }>()?;
            let epoch = database.password_epoch(user).await?;
            let mac = hmac::sign(self.key(database).await?, &marked(&name, epoch));
            Given { mark: format!("{name}.{}", URL_SAFE_NO_PAD.encode(mac)), instead_of: None }
        };
        // One signs in once a request.
        let _ = device.given.set(given);
        Ok(())
    }

    async fn key(&self, database: &Database) -> Result<&hmac::Key> {
        let load = async || {
            let write = database.write().await?;
            let secret = write.device_secret(&random::bytes::<32>()?).await?;
            write.commit().await?;
            Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret))
        };
        self.0.get_or_try_init(load).await
    }
}

/// What a mark vouches for: a device, a user and the user's present password. All are of one length.
fn marked(name: &str, epoch: Option<(UserId, DateTime<Utc>)>) -> Vec<u8> {
    let (user, set_at) = epoch.map_or((0, 0), |(user, set_at)| (user.0, set_at.timestamp_micros()));
    [name.as_bytes(), &user.to_be_bytes(), &set_at.to_be_bytes()].concat()
}

fn is_mark(text: &str) -> bool {
    let parts = text.split_once('.');
    parts.is_some_and(|(name, mac)| {
        name.len() == NAME_CHARS
            && name.bytes().all(|byte| byte.is_ascii_hexdigit())
            && mac.len() == MAC_CHARS
            && mac.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;
    use crate::domain::access::Role;
    use crate::storage::testing::{everywhere, noon};

    #[tokio::test]
    async fn a_mark_is_one_user_s_and_known_in_every_process() -> Result<()> {
        everywhere(async |database| {
            let (one, other) = (Devices::default(), Devices::default());
            let bench = Bench::new(database.clone())?;
            for user in ["ann", "bob"] {
                bench.user(user, Role::Reader, noon()).await?;
            }
            let device = Device::default();
            assert_eq!(device.keeps(), None);
            one.give(&database, &device, None, "ann").await?;
            let kept = device.keeps().unwrap();
            let shown = Device::showing(&kept);
            let known = other.know(&database, &shown, "ann").await?.unwrap();
            for user in ["bob", "nobody"] {
                assert!(other.know(&database, &shown, user).await?.is_none());
            }
            let forged = Device::showing(&kept.replacen(&kept[..1], if kept.starts_with('0') { "1" } else { "0" }, 1));
            assert!(other.know(&database, &forged, "ann").await?.is_none());
            other.give(&database, &shown, Some(known), "ann").await?;
            assert_eq!(shown.keeps(), Some(kept), "the same device stays it");
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_device_keeps_the_marks_of_its_latest_users() -> Result<()> {
        everywhere(async |database| {
            let devices = Devices::default();
            let bench = Bench::new(database.clone())?;
            for user in ["a", "b", "c", "d", "e", "f"] {
                bench.user(user, Role::Reader, noon()).await?;
            }
            let mut kept = "rubbish~; Path=/".to_owned();
            for user in ["a", "b", "c", "d", "e", "f", "b"] {
                let device = Device::showing(&kept);
                let known = devices.know(&database, &device, user).await?;
                devices.give(&database, &device, known, user).await?;
                kept = device.keeps().unwrap();
            }
            let device = Device::showing(&kept);
            let mut known = Vec::new();
            for user in ["a", "b", "c", "d", "e", "f"] {
                known.push(devices.know(&database, &device, user).await?.is_some());
            }
            assert_eq!(known, [false, true, true, true, true, true]);
            assert!(!kept.contains("rubbish") && !kept.contains(';'), "{kept}");
            Ok(())
        })
        .await
    }
}
