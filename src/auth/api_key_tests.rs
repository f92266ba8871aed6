//! API keys on each kind of database.

use super::super::customer::{create_customer, delete_customer};
use super::super::testing::Bench;
use super::super::user::{UserChanges, enable_user, update_user};
use super::super::{delete_user, disable_user, set_password};
use super::*;
use crate::domain::access::{Role, Visibility};
use crate::domain::chrono::TimeDelta;
use crate::domain::range::Page;
use crate::domain::user::User;
use crate::storage::testing::{databases, everywhere, noon};

fn new(owner: Owner) -> NewApiKey {
    NewApiKey { name: "nightly".into(), owner, scopes: None, expires_at: None, allowance: Allowance::default() }
}

async fn who(database: &Database, shown: &Secret) -> Result<Principal> {
    authenticate_api_key(database, &Meter::default(), shown, noon()).await
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T>) {
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), "UNAUTHENTICATED");
    assert_eq!(error.to_string(), "the API key is not valid, or no longer", "nothing is told apart");
}

async fn of_user(bench: &Bench, name: &str, role: Role) -> Result<(User, ApiKey, Secret)> {
    let user = bench.user(name, role, noon()).await?;
    let (key, shown) = create_api_key(&bench.database, new(Owner::User(user.clone())), noon()).await?;
    Ok((user, key, shown))
}

/// The part of a key's text that nothing shows. It may hold underscores.
fn random(shown: &Secret) -> &str {
    shown.reveal().splitn(3, '_').nth(2).unwrap()
}

#[tokio::test]
async fn a_key_opens_what_its_owner_may_and_its_text_is_kept_nowhere() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let (user, key, shown) = of_user(&bench, "oli", Role::Operator).await?;
        assert!(shown.reveal().starts_with(&format!("{}_", key.shown_prefix())), "the prefix is the text's start");
        let (kept, hash) = database.find_api_key(&key.prefix).await?.unwrap();
        assert_eq!((&kept, hash.hash.len(), hash.secret.len()), (&key, 32, 32));
        let principal = who(&database, &shown).await?;
        assert_eq!((principal.user_id, principal.role), (Some(user.id), Some(Role::Operator)));
        assert_eq!(
            (principal.scopes.as_slice(), principal.visibility()),
            (Role::Operator.scopes(), Visibility::Everything)
        );
        let text = format!("{kept:?} {hash:?} {principal:?}");
        assert!(!text.contains(random(&shown)), "{text}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_customer_s_key_sees_the_customer_s_parks_and_reads_unless_told_otherwise() -> Result<()> {
    everywhere(async |database| {
        let customer = create_customer(&database, "me", noon()).await?;
        let owner = Owner::Customer(customer.clone());
        let (_, shown) = create_api_key(&database, new(owner.clone()), noon()).await?;
        let principal = who(&database, &shown).await?;
        assert_eq!((principal.name.as_str(), principal.role, principal.user_id), ("nightly", None, None));
        assert_eq!(principal.scopes, [Scope::ParksRead, Scope::ReadingsRead, Scope::StatsRead]);
        assert_eq!(principal.visibility(), Visibility::Customer(customer.id));
        let asked = vec![Scope::ReadingsWrite, Scope::StatsRead, Scope::StatsRead];
        let (key, _) =
            create_api_key(&database, NewApiKey { scopes: Some(asked), ..new(owner.clone()) }, noon()).await?;
        assert_eq!(key.scopes, [Scope::StatsRead, Scope::ReadingsWrite]);
        let admin = NewApiKey { scopes: Some(vec![Scope::Admin]), ..new(owner) };
        assert_eq!(create_api_key(&database, admin, noon()).await.unwrap_err().code(), "FORBIDDEN");
        delete_customer(&database, customer.id).await?;
        refused(who(&database, &shown).await);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_not_acceptable_makes_no_key() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let user = bench.user("rea", Role::Reader, noon()).await?;
        let good = || new(Owner::User(user.clone()));
        let limits = |per_minute, per_day| NewApiKey { allowance: Allowance { per_minute, per_day }, ..good() };
        for (wrong, code) in [
            (NewApiKey { name: " ".into(), ..good() }, "BAD_USER_INPUT"),
            (NewApiKey { scopes: Some(vec![]), ..good() }, "BAD_USER_INPUT"),
            (NewApiKey { scopes: Some(vec![Scope::ReadingsWrite]), ..good() }, "FORBIDDEN"),
            (NewApiKey { expires_at: Some(noon()), ..good() }, "BAD_USER_INPUT"),
            (limits(Some(0), None), "BAD_USER_INPUT"),
            (limits(None, Some(0)), "BAD_USER_INPUT"),
        ] {
            assert_eq!(create_api_key(&database, wrong, noon()).await.unwrap_err().code(), code);
        }
        assert_eq!(database.api_key_count().await?, 0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_no_key_that_stands_is_refused_in_the_same_words() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let (_, key, shown) = of_user(&bench, "rea", Role::Reader).await?;
        let (_, _, other) = of_user(&bench, "oli", Role::Operator).await?;
        let secret = random(&other);
        let mut texts: Vec<String> =
            ["", "ep", "ep_", "ep__", "ep_x_y", "ep_000000000000_", "ep_000000000000_x"].map(str::to_owned).into();
        texts.push(format!("ep_{}_{secret}", key.prefix));
        texts.push(format!("{} ", shown.reveal()));
        texts.push(shown.reveal().to_uppercase());
        texts.push(format!("{}{}", shown.reveal(), "x".repeat(1_000_000)));
        texts.push(format!("ep_{}\0_{secret}", key.prefix));
        for text in texts {
            refused(who(&database, &Secret::new(text)).await);
        }
        let ends = NewApiKey { expires_at: Some(noon() + TimeDelta::hours(1)), ..new(key.owner.clone()) };
        let (_, shown) = create_api_key(&database, ends, noon()).await?;
        let at = async |time| authenticate_api_key(&database, &Meter::default(), &shown, time).await;
        assert!(at(noon() + TimeDelta::minutes(59)).await.is_ok());
        refused(at(noon() + TimeDelta::hours(1)).await);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_key_that_is_revoked_opens_nothing_from_the_next_request_on_in_any_process() -> Result<()> {
    for each in databases().await? {
        each.database.migrate_up(None).await?;
        let elsewhere = Database::connect(&each.settings).await?;
        let bench = Bench::new(each.database.clone())?;
        let (_, key, shown) = of_user(&bench, "rea", Role::Reader).await?;
        let meter = Meter::default();
        for _ in 0..3 {
            authenticate_api_key(&elsewhere, &meter, &shown, noon()).await?;
        }
        assert!(revoke_api_key(&each.database, key.id, noon()).await?);
        refused(authenticate_api_key(&elsewhere, &meter, &shown, noon()).await);
        assert!(!revoke_api_key(&each.database, key.id, noon()).await?, "once");
        let unknown = ApiKeyId(uuid::Uuid::from_u128(1));
        assert_eq!(revoke_api_key(&each.database, unknown, noon()).await.unwrap_err().code(), "NOT_FOUND");
        elsewhere.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_ends_a_user_s_sessions_ends_its_keys_for_good() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        for change in ["disabled", "deleted", "password"] {
            let (user, _, shown) = of_user(&bench, change, Role::Reader).await?;
            assert!(who(&database, &shown).await.is_ok());
            match change {
                "disabled" => {
                    disable_user(&database, user.id, noon()).await?;
                    refused(who(&database, &shown).await);
                    enable_user(&database, user.id, noon()).await?;
                }
                "deleted" => delete_user(&database, user.id).await?,
                _ => set_password(&database, &bench.passwords, user.id, &Secret::new("battery staple"), noon()).await?,
            }
            refused(who(&database, &shown).await);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_user_s_key_does_no_more_than_the_user_may_now() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        bench.user("root", Role::Admin, noon()).await?;
        let (user, _, shown) = of_user(&bench, "ann", Role::Admin).await?;
        assert!(who(&database, &shown).await?.may(Scope::Admin).is_ok());
        let customer = create_customer(&database, "me", noon()).await?;
        let changes =
            UserChanges { role: Some(Role::Operator), customer: Some(Some(customer.id)), ..UserChanges::default() };
        update_user(&database, user.id, changes, noon()).await?;
        let principal = who(&database, &shown).await?;
        assert_eq!((principal.scopes.as_slice(), principal.customer), (Role::Operator.scopes(), Some(customer)));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn keys_are_listed_newest_first_also_those_that_ended() -> Result<()> {
    everywhere(async |database| {
        let customer = Owner::Customer(create_customer(&database, "me", noon()).await?);
        let mut ids = Vec::new();
        for at in 0..3 {
            ids.push(create_api_key(&database, new(customer.clone()), noon() + TimeDelta::seconds(at)).await?.0.id);
        }
        revoke_api_key(&database, ids[1], noon()).await?;
        let page = Page { after: None, before: None, limit: 2, from_end: false };
        let found = database.api_keys(&page).await?;
        assert_eq!(
            found.iter().map(|key| (key.id, key.revoked_at)).collect::<Vec<_>>(),
            [(ids[2], None), (ids[1], Some(noon()))]
        );
        let rest = Page { after: Some(ids[1].0), ..page };
        assert_eq!(database.api_keys(&rest).await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_request_costs_one_statement_to_authenticate_and_its_use_is_noted_beside_it() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let (_, key, shown) = of_user(&bench, "rea", Role::Reader).await?;
        let meter = Meter::default();
        let writer = database.write().await?;
        // The first use is due to be written, which has to wait for the writer; the request has not.
        authenticate_api_key(&database, &meter, &shown, noon()).await?;
        writer.rollback().await?;
        let used = async || Ok::<_, Error>(database.find_api_key_by_id(key.id).await?.unwrap());
        while used().await?.last_used_at.is_none() {
            tokio::task::yield_now().await;
        }
        let before = database.statements();
        for second in 1..60 {
            authenticate_api_key(&database, &meter, &shown, noon() + TimeDelta::seconds(second)).await?;
        }
        assert_eq!(database.statements() - before, 59, "one each, and no use is written within the minute");
        meter.settle(&database).await;
        let used = used().await?;
        assert_eq!((used.used.count, used.last_used_at), (60, Some(noon() + TimeDelta::seconds(59))));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_day_s_allowance_is_of_all_processes_and_renewed_at_midnight() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let user = Owner::User(bench.user("rea", Role::Reader, noon()).await?);
        let allowance = Allowance { per_minute: None, per_day: Some(5) };
        let (_, shown) = create_api_key(&database, NewApiKey { allowance, ..new(user) }, noon()).await?;
        let (one, other) = (Meter::default(), Meter::default());
        let ask = async |meter: &Meter, time| {
            let principal = authenticate_api_key(&database, meter, &shown, time).await?;
            Ok::<_, Error>(principal.left.and_then(|left| left.today))
        };
        assert_eq!(ask(&one, noon()).await?, Some(4));
        assert_eq!(ask(&one, noon()).await?, Some(3), "what is being written is counted once");
        assert_eq!(ask(&one, noon()).await?, Some(2));
        one.settle(&database).await;
        while database.api_keys(&Page { after: None, before: None, limit: 1, from_end: false }).await?[0].used.count < 3
        {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(&other, noon()).await?, Some(1), "another process knows of them");
        assert_eq!(ask(&other, noon()).await?, Some(0));
        let error = ask(&other, noon()).await.unwrap_err();
        assert_eq!(error.code(), "RATE_LIMITED");
        assert!(error.to_string().contains("midnight UTC"), "{error}");
        assert_eq!(ask(&other, noon() + TimeDelta::hours(12)).await?, Some(4));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_minute_s_allowance_comes_at_once_and_fills_evenly() -> Result<()> {
    everywhere(async |database| {
        let bench = Bench::new(database.clone())?;
        let user = Owner::User(bench.user("rea", Role::Reader, noon()).await?);
        let allowance = Allowance { per_minute: Some(3), per_day: None };
        let (_, shown) = create_api_key(&database, NewApiKey { allowance, ..new(user) }, noon()).await?;
        let meter = Meter::default();
        let ask = async |second| {
            let time = noon() + TimeDelta::seconds(second);
            let principal = authenticate_api_key(&database, &meter, &shown, time).await?;
            Ok::<_, Error>(principal.left.and_then(|left| left.this_minute))
        };
        for left in [2, 1, 0] {
            assert_eq!(ask(0).await?, Some(left));
        }
        assert_eq!(ask(19).await.unwrap_err().code(), "RATE_LIMITED");
        assert_eq!(ask(20).await?, Some(0));
        assert_eq!(ask(39).await.unwrap_err().code(), "RATE_LIMITED");
        assert_eq!(ask(400).await?, Some(2), "no more than a minute's are saved");
        Ok(())
    })
    .await
}
