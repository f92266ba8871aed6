//! Signing in, on each kind of database.

use tokio::task::JoinSet;

use super::super::testing::{Bench, PASSWORD, WRONG, refused};
use super::super::{Cost, delete_user, disable_user, set_password};
use super::*;
use crate::domain::access::{Role, Visibility};
use crate::storage::testing::{everywhere, noon};

#[tokio::test]
async fn a_sign_in_brings_tokens_for_all_that_the_role_allows() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        for (name, role) in [("ann", Role::Admin), ("oli", Role::Operator), ("rea", Role::Reader)] {
            let user = bench.user(name, role, noon()).await?;
            let token = bench.login(name, PASSWORD, noon()).await?;
            assert_eq!((token.scope.as_slice(), token.expires_in), (role.scopes(), 900));
            let who = bench.who(&token, noon()).await?;
            assert_eq!((who.user_id, who.name.as_str(), who.role), (Some(user.id), name, Some(role)));
            assert_eq!((who.scopes.as_slice(), who.visibility()), (role.scopes(), Visibility::Everything));
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_scope_that_the_role_lacks_is_refused_in_a_sentence() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let ask =
            async |password: &str, asked: &[Scope]| bench.login_with("rea", password, Some(asked), None, noon()).await;
        let error = ask(PASSWORD, &[Scope::ParksRead, Scope::Admin]).await.unwrap_err();
        let sentence = "the role reader does not have the scope admin";
        assert_eq!((error.code(), error.to_string().as_str()), ("FORBIDDEN", sentence));
        assert_eq!(ask(PASSWORD, &[]).await.unwrap_err().code(), "BAD_USER_INPUT");
        assert_eq!(refused(ask("wrong horse", &[Scope::Admin]).await), WRONG, "a stranger learns no role");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_wrong_sign_in_does_not_tell_whether_the_user_exists() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("rea", Role::Reader, noon()).await?;
        let gone = bench.user("gone", Role::Reader, noon()).await?;
        disable_user(&bench.database, gone.id, noon()).await?;
        for (name, password) in [("rea", "wrong horse"), ("nobody", PASSWORD), ("", ""), ("gone", PASSWORD)] {
            assert_eq!(refused(bench.login(name, password, noon()).await), WRONG, "{name}");
        }
        let asked = bench.login_with("gone", PASSWORD, Some(&[Scope::Admin]), None, noon()).await;
        assert_eq!(refused(asked), WRONG, "nor its role");
        // With the hasher shut every sign-in must fail on it: none goes around the work.
        bench.passwords.shut();
        for name in ["rea", "nobody", "", "gone"] {
            assert_eq!(bench.login(name, PASSWORD, noon()).await.unwrap_err().code(), "INTERNAL", "{name}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_username_is_the_same_in_either_normal_form() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database)?;
        bench.user("Jos\u{e9}", Role::Reader, noon()).await?;
        assert!(bench.login(" Jose\u{301}", PASSWORD, noon()).await.is_ok());
        assert_eq!(refused(bench.login("jos\u{e9}", PASSWORD, noon()).await), WRONG, "case counts");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_sign_in_that_a_change_of_the_user_overtook_opens_nothing() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        for change in ["password", "disabled", "deleted"] {
            let user = bench.user(change, Role::Reader, noon()).await?;
            let seen = database.find_credentials(change).await?.unwrap();
            match change {
                "password" => {
                    set_password(&database, &bench.passwords, user.id, &Secret::new("another one"), noon()).await?;
                }
                "disabled" => disable_user(&database, user.id, noon()).await?,
                _ => delete_user(&database, user.id).await?,
            }
            let session = Session { id: session_id(noon()), scopes: vec![Scope::ParksRead], user };
            let opened = open(&database, &bench.keys, (&seen, None), (&session, None), noon()).await?;
            assert!(opened.is_none(), "{change}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_renews_a_hash_of_another_cost_and_all_that_come_at_once_get_in() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.user("rea", Role::Reader, noon()).await?;
        let before = bench.login("rea", PASSWORD, noon()).await?;
        let dearer = Passwords::new(Cost { passes: 2, ..Cost::LEAST })?;
        let dearer = Bench { passwords: dearer, ..bench.clone() };
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let dearer = dearer.clone();
            tasks.spawn(async move { dearer.login("rea", PASSWORD, noon()).await });
        }
        for outcome in tasks.join_all().await {
            outcome?;
        }
        let hash = database.find_credentials("rea").await?.unwrap().password_hash;
        assert!(hash.reveal().contains("t=2"), "{}", hash.reveal());
        assert!(bench.who(&before, noon()).await.is_ok(), "the password is the same: sessions go on");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn tokens_and_passwords_do_not_show_in_debug_output() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.user("rea", Role::Reader, noon()).await?;
        let token = bench.login("rea", PASSWORD, noon()).await?;
        let known = database.find_credentials("rea").await?.unwrap();
        let shown = format!("{token:?} {known:?}");
        for secret in [&token.access_token, &token.refresh_token, &known.password_hash] {
            assert!(!shown.contains(secret.reveal()), "{shown}");
        }
        Ok(())
    })
    .await
}
