//! Users: who may sign in. For admins, but for one's own password.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::admin_total::AdminTotal;
use super::caller::{Caller, app, database};
use super::changes::not_null;
use super::connection::Connection;
use super::customers::{self, Customer};
use super::ids::NodeId;
use super::paging::{MAX_PAGE, Paging};
use super::rows::Row;
use super::scalars::DateTime;
use super::session::Role;
use super::trail::Notes;
use crate::auth::{self, UserChanges};
use crate::domain::access::{Scope, UserId};
use crate::domain::secret::Secret;
use crate::domain::user;
use crate::error::{Error, Result};
use crate::storage::NewUser;

/// A person or program that signs in with a name and a password.
pub struct User(pub user::User);

/// A person or program that signs in with a name and a password.
#[Object]
impl User {
    /// Its global id.
    pub async fn id(&self) -> ID {
        NodeId::User(self.0.id).id()
    }

    /// The name to sign in with; unique.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it may do.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The customer whose parks it sees; null with staff, who see all.
    async fn customer(&self) -> Option<Customer> {
        self.0.customer.clone().map(Customer)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was barred from signing in; null where it is not.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.0.disabled_at.map(DateTime::from)
    }
}

/// A page of users.
pub type UserConnection = Connection<User, AdminTotal>;

impl Row for User {}

/// A new user.
#[derive(InputObject)]
pub struct UserInput {
    /// The name to sign in with; unique.
    name: String,
    /// Its password: 8 characters and more.
    password: String,
    /// What it may do.
    role: Role,
    /// The customer whose parks it sees; one without a customer is staff and sees all. A customer's user is no admin.
    customer: Option<ID>,
}

/// What changes of a user: what is left out stays.
#[derive(InputObject)]
#[graphql(name = "UserChanges")]
pub struct UserChangesInput {
    /// Another name.
    name: MaybeUndefined<String>,
    /// Another role.
    role: MaybeUndefined<Role>,
    /// Another customer; null makes it staff, who see every park.
    customer: MaybeUndefined<ID>,
    /// Bars it from signing in and ends its sessions and API keys; or lets it in again.
    disabled: MaybeUndefined<bool>,
}

/// The queries for users.
#[derive(Default)]
pub struct UserQueries;

/// The queries for users.
#[Object]
impl UserQueries {
    /// Users, by name; for admins. `first` defaults to 100, at most 1,000.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Result<UserConnection> {
        Caller::of(ctx).may(Scope::Admin)?;
        let asked = Paging { first, after, last, before }.check::<String>(MAX_PAGE)?;
        let users = database(ctx).users_page(&asked.page).await?;
        Ok(asked.connection(users.into_iter().map(User).collect(), AdminTotal::Users, |user| user.0.name.clone()))
    }
}

/// Making, changing and deleting users.
#[derive(Default)]
pub struct UserMutations;

/// Making, changing and deleting users.
#[Object]
impl UserMutations {
    /// Makes a user; for admins. `CONFLICT` if the name is taken.
    async fn create_user(&self, ctx: &Context<'_>, #[graphql(desc = "The user.")] input: UserInput) -> Result<User> {
        Caller::of(ctx).may(Scope::Admin)?;
        let customer = input.customer.as_ref().map(customers::key).transpose()?;
        let new = NewUser { name: &input.name, role: input.role.into(), customer };
        let (app, password) = (app(ctx), Secret::new(input.password));
        auth::add_user(&app.database, &app.passwords, new, &password, Caller::of(ctx).clock.now).await.map(User)
    }

    /// Changes a user; for admins. It counts from the user's next request on. `CONFLICT` if the name is taken, or if no
    /// admin would be left.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "What changes.")] input: UserChangesInput,
    ) -> Result<User> {
        Caller::of(ctx).may(Scope::Admin)?;
        let customer = match &input.customer {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(customer) => Some(Some(customers::key(customer)?)),
        };
        let (name, role) = (not_null("name", input.name)?, not_null("role", input.role)?.map(Into::into));
        let changes = UserChanges { name, role, customer, disabled: not_null("disabled", input.disabled)? };
        let user = auth::update_user(&app(ctx).database, key(&id)?, changes, Caller::of(ctx).clock.now).await?;
        Notes::name(ctx, &user.name);
        Ok(User(user))
    }

    /// Deletes a user; its sessions and API keys end. For admins. Answers with the user as it was. `CONFLICT` with the last
    /// admin.
    async fn delete_user(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ID) -> Result<User> {
        Caller::of(ctx).may(Scope::Admin)?;
        let id = key(&id)?;
        let user = app(ctx).database.find_user_by_id(id).await?.ok_or_else(gone)?;
        Notes::name(ctx, &user.name);
        auth::delete_user(&app(ctx).database, id).await?;
        Ok(User(user))
    }

    /// Sets another password. One's own needs the current one; another user's needs an admin. Every session and API key of
    /// the user ends, also the one at hand.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose; one's own where it is left out.")] user: Option<ID>,
        #[graphql(desc = "The password until now; needed for one's own.")] current_password: Option<String>,
        #[graphql(desc = "The password from now on: 8 characters and more.")] new_password: String,
    ) -> Result<User> {
        let (app, caller) = (app(ctx), Caller::of(ctx));
        let own = caller.principal()?.user_id;
        let user = match &user {
            Some(user) => key(user)?,
            None => own.ok_or_else(|| Error::Forbidden("an API key of a customer has no password".into()))?,
        };
        let (database, passwords, new) = (&app.database, &app.passwords, Secret::new(new_password));
        if own == Some(user) {
            let current = current_password.ok_or_else(|| Error::invalid("currentPassword is needed for one's own"))?;
            let (current, address) = (Secret::new(current), caller.address);
            auth::change_own_password(database, passwords, user, &current, &new, address, caller.clock.now).await?;
        } else {
            caller.may(Scope::Admin)?;
            auth::set_password(database, passwords, user, &new, caller.clock.now).await?;
        }
        let user = database.find_user_by_id(user).await?.ok_or_else(gone)?;
        Notes::name(ctx, &user.name);
        Ok(User(user))
    }
}

/// The user that an id stands for.
pub fn key(id: &ID) -> Result<UserId> {
    match NodeId::read(id) {
        Some(NodeId::User(user)) => Ok(user),
        _ => Err(gone()),
    }
}

/// The error where a user is meant that is not there.
pub fn gone() -> Error {
    Error::not_found("there is no such user")
}
