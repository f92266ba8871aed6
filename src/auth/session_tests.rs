//! Staying in and signing out, on each kind of database.

use tokio::task::JoinSet;

use super::super::testing::{Bench, PASSWORD, WRONG, refused};
use super::super::{delete_user, disable_user, set_password};
use super::*;
use crate::domain::access::{Role, UserId};
use crate::domain::chrono::Days;
use crate::storage::testing::{everywhere, noon};

#[tokio::test]
async fn a_sign_in_may_ask_for_fewer_scopes_and_keeps_to_them() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("oli", Role::Operator, noon()).await?;
        let asked = [Scope::StatsRead, Scope::ParksRead, Scope::StatsRead];
        let token = bench.login_with("oli", PASSWORD, Some(&asked), None, noon()).await?;
        for token in [token.clone(), bench.refresh(&token, noon()).await?] {
            assert_eq!(token.scope, [Scope::ParksRead, Scope::StatsRead]);
            let who = bench.who(&token, noon()).await?;
            assert!(who.may(Scope::StatsRead).is_ok());
            let error = who.may(Scope::ReadingsWrite).unwrap_err();
            assert_eq!(error.code(), "FORBIDDEN");
            assert!(error.to_string().contains("readings:write"), "{error}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_access_token_expires_and_a_refresh_brings_the_next() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let later = noon() + ACCESS_LIFETIME;
        assert_eq!(refused(bench.who(&token, later).await), "the access token has expired");
        let next = bench.refresh(&token, later).await?;
        assert_eq!(bench.who(&next, later).await?.name, "rea");
        assert_ne!(next.refresh_token, token.refresh_token);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_session_lives_for_thirty_days_after_its_last_refresh() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let last_moment = noon() + REFRESH_LIFETIME - Duration::from_micros(1);
        let next = bench.refresh(&token, last_moment).await?;
        let next = bench.refresh(&next, noon() + Days::new(59)).await?;
        refused(bench.refresh(&next, noon() + Days::new(89)).await);
        assert!(bench.login("rea", PASSWORD, noon() + Days::new(90)).await.is_ok(), "what has expired is forgotten");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_whole_session() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let elsewhere = bench.login("rea", PASSWORD, noon()).await?;
        let first = bench.login("rea", PASSWORD, noon()).await?;
        let second = bench.refresh(&first, noon()).await?;
        let third = bench.refresh(&second, noon()).await?;
        assert!(bench.who(&third, noon()).await.is_ok());
        refused(bench.refresh(&first, noon()).await);
        for token in [&first, &second, &third] {
            refused(bench.who(token, noon()).await);
            refused(bench.refresh(token, noon()).await);
        }
        assert!(bench.who(&elsewhere, noon()).await.is_ok(), "other sessions of the user go on");
        assert!(bench.refresh(&elsewhere, noon()).await.is_ok());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_simultaneous_refreshes_at_most_one_wins() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let mut tasks = JoinSet::new();
        for _ in 0..50 {
            let (bench, token) = (bench.clone(), token.clone());
            tasks.spawn(async move { bench.refresh(&token, noon()).await });
        }
        let (won, lost): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(Result::is_ok);
        assert!(won.len() <= 1, "{} won", won.len());
        for outcome in lost {
            refused(outcome);
        }
        for winner in won {
            let winner = winner?;
            refused(bench.who(&winner, noon()).await);
            refused(bench.refresh(&winner, noon()).await);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn signing_out_ends_the_access_token_with_the_next_request() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        assert!(bench.logout(&token, noon()).await?);
        assert_eq!(refused(bench.who(&token, noon()).await), "the session has ended; sign in again");
        refused(bench.refresh(&token, noon()).await);
        assert!(!bench.logout(&token, noon()).await?, "there is nothing left to end");

        let first = bench.login("rea", PASSWORD, noon()).await?;
        let second = bench.refresh(&first, noon()).await?;
        assert!(bench.logout(&first, noon()).await?, "a used token ends its session too");
        refused(bench.who(&second, noon()).await);
        assert!(!logout(&bench.database, &Secret::new("no token"), noon()).await.ended?);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_but_not_for_more_and_asking_for_more_uses_nothing_up() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let ask = async |token: &Token, asked: &[Scope]| {
            refresh(&bench.database, &bench.keys, &token.refresh_token, Some(asked), noon()).await.ended
        };
        for (asked, code) in [(&[Scope::StatsRead, Scope::Admin][..], "FORBIDDEN"), (&[], "BAD_USER_INPUT")] {
            assert_eq!(ask(&token, asked).await.unwrap_err().code(), code);
        }
        let less = ask(&token, &[Scope::StatsRead]).await?;
        assert_eq!(less.scope, [Scope::StatsRead]);
        assert_eq!(bench.who(&less, noon()).await?.scopes, [Scope::StatsRead]);
        let all = bench.refresh(&less, noon()).await?;
        assert_eq!(all.scope, Role::Reader.scopes(), "the session keeps what it was opened for");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn revoking_either_token_ends_its_session_and_no_other() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.user("rea", Role::Reader, noon()).await?;
        let other = bench.login("rea", PASSWORD, noon()).await?;
        for which in [|token: &Token| token.access_token.clone(), |token: &Token| token.refresh_token.clone()] {
            let token = bench.login("rea", PASSWORD, noon()).await?;
            assert!(revoke(&database, &bench.keys, &which(&token), noon()).await.ended?);
            refused(bench.who(&token, noon()).await);
            refused(bench.refresh(&token, noon()).await);
            assert!(
                !revoke(&database, &bench.keys, &which(&token), noon()).await.ended?,
                "there is nothing left to end"
            );
        }
        assert!(!revoke(&database, &bench.keys, &Secret::new("rubbish"), noon()).await.ended?);
        assert!(bench.who(&other, noon()).await.is_ok());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn disabling_and_deleting_a_user_end_its_tokens_with_the_next_request() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        for name in ["disabled", "deleted"] {
            let user = bench.user(name, Role::Reader, noon()).await?;
            let token = bench.login(name, PASSWORD, noon()).await?;
            match name {
                "disabled" => disable_user(&bench.database, user.id, noon()).await?,
                _ => delete_user(&bench.database, user.id).await?,
            }
            refused(bench.who(&token, noon()).await);
            refused(bench.refresh(&token, noon()).await);
            assert_eq!(refused(bench.login(name, PASSWORD, noon()).await), WRONG);
        }
        Ok(())
    })
    .await
}

/// The clock stands still: what counts is the order, not the second.
#[tokio::test]
async fn a_new_password_ends_the_tokens_of_the_old_one_and_no_later_ones() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        let user = bench.user("rea", Role::Reader, noon()).await?;
        let old = bench.login("rea", PASSWORD, noon()).await?;
        set_password(&bench.database, &bench.passwords, user.id, &Secret::new("new password"), noon()).await?;
        refused(bench.who(&old, noon()).await);
        refused(bench.refresh(&old, noon()).await);
        assert_eq!(refused(bench.login("rea", PASSWORD, noon()).await), WRONG);
        let new = bench.login("rea", "new password", noon()).await?;
        assert!(bench.who(&new, noon()).await.is_ok());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_request_costs_one_statement_to_authenticate() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let before = database.statements();
        bench.who(&token, noon()).await?;
        assert_eq!(database.statements() - before, 1);
        Ok(())
    })
    .await
}

/// Anyone can send rubbish: it must not queue for SQLite's one writer.
#[tokio::test]
async fn a_token_that_opens_nothing_is_refused_without_waiting_for_a_writer() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.user("rea", Role::Reader, noon()).await?;
        let ended = bench.login("rea", PASSWORD, noon()).await?;
        bench.logout(&ended, noon()).await?;
        let writer = database.write().await?;
        refused(bench.refresh(&ended, noon()).await);
        assert!(!bench.logout(&ended, noon()).await?);
        refused(refresh(&database, &bench.keys, &Secret::new("rubbish"), None, noon()).await.ended);
        writer.rollback().await
    })
    .await
}

#[tokio::test]
async fn a_token_must_be_of_its_session_s_user() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let session = bench.who(&token, noon()).await?.session.unwrap();
        let access =
            Access { holder: Holder::Session { user: UserId(9_999), session }, scopes: vec![Scope::ParksRead] };
        let forged = bench.keys.issue(&access, noon())?;
        refused(authenticate(&bench.database, &bench.keys, &bench.meter, forged.reveal(), noon()).await);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_token_allows_no_more_than_the_role_does_now() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        let user = bench.user("rea", Role::Reader, noon()).await?.id;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let session = bench.who(&token, noon()).await?.session.unwrap();
        // As if the role had been admin when the token was made.
        let scopes = vec![Scope::StatsRead, Scope::Admin];
        let older = bench.keys.issue(&Access { holder: Holder::Session { user, session }, scopes }, noon())?;
        let who = authenticate(&bench.database, &bench.keys, &bench.meter, older.reveal(), noon()).await?;
        assert_eq!(who.scopes, [Scope::StatsRead]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn whose_session_a_token_is_of_is_told_whatever_becomes_of_it() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let tried = async || refresh(&database, &bench.keys, &token.refresh_token, None, noon()).await;
        for good in [true, false] {
            let tried = tried().await;
            assert_eq!((tried.ended.is_ok(), tried.by.as_deref()), (good, Some("rea")), "who it was stolen from");
        }
        assert_eq!(tried().await.by, None, "the session is no more");
        for which in [|token: &Token| token.access_token.clone(), |token: &Token| token.refresh_token.clone()] {
            let token = bench.login("rea", PASSWORD, noon()).await?;
            let tried = revoke(&database, &bench.keys, &which(&token), noon()).await;
            assert_eq!((tried.ended?, tried.by.as_deref()), (true, Some("rea")));
        }
        Ok(())
    })
    .await
}
