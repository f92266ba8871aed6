//! Guessing passwords is slow, and the rightful user gets in, on each kind of database.

use std::time::Duration;

use tokio::task::JoinSet;

use super::testing::{Bench, PASSWORD};
use super::throttle::place;
use super::{Device, Token, change_own_password, set_password};
use crate::domain::access::{Role, Scope};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::error::{Error, Result};
use crate::storage::testing::{everywhere, noon};

const HERE: Option<&str> = Some("198.51.100.7");
const THERE: Option<&str> = Some("203.0.113.9");
const WRONG: &str = "wrong horse";

fn after(seconds: u64) -> DateTime<Utc> {
    noon() + Duration::from_secs(seconds)
}

/// What became of a sign-in: `ok`, or the error's code.
fn told(outcome: &Result<Token>) -> &'static str {
    outcome.as_ref().map_or_else(Error::code, |_| "ok")
}

impl Bench {
    async fn attempt(&self, name: &str, password: &str, address: Option<&str>, now: DateTime<Utc>) -> &'static str {
        told(&self.login_with(name, password, None, address, now).await)
    }

    async fn fail(&self, times: usize, name: &str, address: Option<&str>, now: DateTime<Utc>) {
        for _ in 0..times {
            assert_eq!(self.attempt(name, WRONG, address, now).await, "UNAUTHENTICATED", "{name} from {address:?}");
        }
    }
}

#[tokio::test]
async fn after_ten_failures_the_wait_doubles_up_to_a_minute_and_is_told() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        bench.fail(10, "rea", HERE, noon()).await;
        let mut now = noon();
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            bench.fail(1, "rea", HERE, now).await;
            let almost = now + Duration::from_millis(wait * 1_000 - 1);
            let refused = bench.login_with("rea", PASSWORD, None, HERE, almost).await;
            assert_eq!(told(&refused), "RATE_LIMITED", "{wait} s");
            let sentence = refused.unwrap_err().to_string();
            assert_eq!(sentence, "too many sign-ins have failed; try again in 1 seconds");
            now += Duration::from_secs(wait);
        }
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, now).await, "ok", "never longer than a minute");
        bench.fail(10, "rea", HERE, now).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_name_that_nobody_has_is_throttled_like_any_other() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        for name in ["rea", "nobody", "\u{0}"] {
            let mut outcomes = Vec::new();
            for _ in 0..12 {
                outcomes.push(bench.attempt(name, WRONG, HERE, noon()).await);
            }
            assert_eq!(outcomes, [["UNAUTHENTICATED"; 11].as_slice(), &["RATE_LIMITED"]].concat(), "{name:?}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_guesses_from_elsewhere_does_not_keep_the_user_out_where_it_is_known() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, noon()).await, "ok");
        // From so many addresses that the user itself is closed too.
        for host in 0..10 {
            bench.fail(10, "rea", Some(&format!("192.0.2.{host}")), after(1)).await;
        }
        bench.fail(1, "rea", THERE, after(1)).await;
        assert_eq!(bench.attempt("rea", PASSWORD, THERE, after(1)).await, "RATE_LIMITED");
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, after(1)).await, "ok");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_neighbour_at_the_same_address_does_not_keep_the_user_out_of_its_device() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        bench.user("eve", Role::Reader, noon()).await?;
        let sign_in = async |kept: &str, name: &str, password: &str| {
            let device = Device::showing(kept);
            let outcome = bench.login_on(&device, name, password, HERE, after(1)).await;
            (told(&outcome), device.keeps().unwrap_or_default())
        };
        let (_, of_rea) = sign_in("", "rea", PASSWORD).await;
        let (_, of_eve) = sign_in("", "eve", PASSWORD).await;
        bench.fail(11, "rea", HERE, after(1)).await;
        for kept in ["", &of_eve, &of_rea.replace('.', "0.")] {
            assert_eq!(sign_in(kept, "rea", PASSWORD).await.0, "RATE_LIMITED", "{kept}");
        }
        assert_eq!(sign_in(&of_rea, "rea", PASSWORD).await, ("ok", of_rea.clone()));
        // Whoever has the device guesses no faster than from an address.
        let mut outcomes = Vec::new();
        for _ in 0..12 {
            outcomes.push(sign_in(&of_rea, "rea", WRONG).await);
        }
        let wrong = ("UNAUTHENTICATED", String::new());
        assert_eq!(outcomes[..11], vec![wrong; 11]);
        assert_eq!(outcomes[11].0, "RATE_LIMITED");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn devices_are_known_by_the_present_password_and_are_throttled_together() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let rea = bench.user("rea", Role::Reader, noon()).await?.id;
        let sign_in = async |kept: &str, password: &str| {
            let device = Device::showing(kept);
            let outcome = bench.login_on(&device, "rea", password, HERE, after(1)).await;
            (told(&outcome), device.keeps().unwrap_or_default())
        };
        let mut marks = Vec::new();
        for _ in 0..6 {
            marks.push(sign_in("", PASSWORD).await.1);
        }
        let mut guesses = 0;
        for mark in &marks {
            while sign_in(mark, WRONG).await.0 == "UNAUTHENTICATED" {
                guesses += 1;
            }
        }
        assert_eq!(guesses, 51, "and not eleven for each");
        bench.fail(11, "rea", HERE, after(1)).await;
        set_password(&database, &bench.passwords, rea, &Secret::new("another horse"), after(2)).await?;
        assert_eq!(sign_in(&marks[5], "another horse").await.0, "RATE_LIMITED", "it is as good as unknown now");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_user_at_a_new_address_waits_for_seconds_whatever_others_do() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let mut now = noon();
        for host in 0..10 {
            bench.fail(10, "rea", Some(&format!("192.0.2.{host}")), now).await;
        }
        for host in 0..10 {
            bench.fail(1, "rea", Some(&format!("203.0.113.{host}")), now).await;
            assert_eq!(bench.attempt("rea", PASSWORD, HERE, now).await, "RATE_LIMITED");
            now += Duration::from_secs(5);
        }
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, now).await, "ok");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_address_that_tries_many_users_is_closed_and_users_known_there_are_not() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, noon()).await, "ok");
        for user in 0..51 {
            bench.fail(1, &format!("user {user}"), HERE, after(1)).await;
        }
        assert_eq!(bench.attempt("another", WRONG, HERE, after(1)).await, "RATE_LIMITED");
        assert_eq!(bench.attempt("another", WRONG, THERE, after(1)).await, "UNAUTHENTICATED");
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, after(1)).await, "ok");
        Ok(())
    })
    .await
}

/// Whoever has accounts could otherwise guess at others' between sign-ins of its own.
#[tokio::test]
async fn signing_in_does_not_open_the_address_for_guessing_at_others() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        let mut now = noon();
        for user in 0..57 {
            let own = format!("eve {user}");
            bench.user(&own, Role::Reader, now).await?;
            if user > 50 {
                assert_eq!(bench.attempt(&format!("user {user}"), WRONG, HERE, now).await, "RATE_LIMITED");
                now += Duration::from_mins(1);
            }
            assert_eq!(bench.attempt(&own, PASSWORD, HERE, now).await, "ok");
            bench.fail(1, &format!("user {user}"), HERE, now).await;
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_that_come_at_once_are_no_more_than_those_one_by_one() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let bench = bench.clone();
            tasks.spawn(async move { bench.attempt("rea", WRONG, HERE, noon()).await });
        }
        let outcomes = tasks.join_all().await;
        let looked_at = outcomes.iter().filter(|outcome| **outcome == "UNAUTHENTICATED").count();
        let refused = outcomes.iter().filter(|outcome| **outcome == "RATE_LIMITED").count();
        assert_eq!((looked_at, refused), (11, 89), "{outcomes:?}");
        Ok(())
    })
    .await
}

/// As two servers on one database: what one has seen, the other knows.
#[tokio::test]
async fn failures_count_in_every_process() -> Result<()> {
    everywhere(async |database| {
        let (one, other) = (Bench::new(database.clone())?, Bench::new(database)?);
        one.user("rea", Role::Reader, noon()).await?;
        one.fail(6, "rea", HERE, noon()).await;
        other.fail(5, "rea", HERE, noon()).await;
        assert_eq!(one.attempt("rea", PASSWORD, HERE, noon()).await, "RATE_LIMITED");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_refused_for_another_reason_than_the_password_is_no_failure() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        for _ in 0..30 {
            let outcome = bench.login_with("rea", PASSWORD, Some(&[Scope::Admin]), HERE, noon()).await;
            assert_eq!(told(&outcome), "FORBIDDEN");
        }
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, noon()).await, "ok");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_stolen_session_does_not_guess_the_password_any_faster() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let user = bench.user("rea", Role::Reader, noon()).await?.id;
        let (wrong, right, new) = (Secret::new(WRONG), Secret::new(PASSWORD), Secret::new("another horse"));
        let change = async |current: &Secret, now| {
            let changed = change_own_password(&database, &bench.passwords, user, current, &new, None, now).await;
            changed.map_err(|error| error.code()).err()
        };
        for _ in 0..11 {
            assert_eq!(change(&wrong, noon()).await, Some("FORBIDDEN"));
        }
        assert_eq!(change(&right, noon()).await, Some("RATE_LIMITED"));
        assert_eq!(change(&right, after(1)).await, None);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn after_an_hour_without_a_failure_all_is_forgotten() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.fail(11, "nobody", HERE, noon()).await;
        bench.fail(1, "nobody", HERE, after(3_599)).await;
        assert_eq!(bench.attempt("nobody", WRONG, HERE, after(3_599)).await, "RATE_LIMITED", "it still counts");
        bench.fail(11, "nobody", HERE, after(2 * 3_600)).await;
        assert_eq!(bench.attempt("nobody", WRONG, HERE, after(2 * 3_600)).await, "RATE_LIMITED");
        Ok(())
    })
    .await
}

/// Whoever held the old password may have signed in with it.
#[tokio::test]
async fn where_the_old_password_was_used_is_known_no_more_after_a_new_one() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let user = bench.user("rea", Role::Reader, noon()).await?;
        assert_eq!(bench.attempt("rea", PASSWORD, HERE, after(1)).await, "ok");
        assert!(database.has_signed_in_from("rea", HERE.unwrap()).await?);
        set_password(&database, &bench.passwords, user.id, &Secret::new("another horse"), after(2)).await?;
        assert!(!database.has_signed_in_from("rea", HERE.unwrap()).await?);
        assert!(!database.has_signed_in_from("nobody", HERE.unwrap()).await?);
        Ok(())
    })
    .await
}

#[test]
fn a_host_of_ipv6_is_its_network_since_it_may_choose_among_its_addresses() {
    for (address, counted) in [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
    ] {
        assert_eq!(place(address.parse().unwrap()), counted);
    }
}
