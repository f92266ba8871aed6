//! Who is asking, with the questions one may ask of them.

use uuid::Uuid;

use super::meter::Left;
use crate::domain::access::{Role, Scope, UserId, Visibility};
use crate::domain::api_key::{ApiKey, Owner};
use crate::domain::bearer::Bearer;
use crate::domain::customer::Customer;
use crate::domain::data_version::DataVersion;
use crate::domain::user::{User, allowed};
use crate::error::{Error, Result};

/// A caller whose credential was found good for this request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user's name; of a customer's API key the key's.
    pub name: String,
    /// The user's key; none with a customer's API key or a foreign token.
    pub user_id: Option<UserId>,
    /// The user's role now, or that of its groups; none with a customer's API key.
    pub role: Option<Role>,
    /// What this credential allows: its scopes, as far as the user's role still has them.
    pub scopes: Vec<Scope>,
    /// The customer whose parks it sees; `None` is staff, who see all.
    pub customer: Option<Customer>,
    /// The session that the access token belongs to; none with an API key or a foreign token.
    pub session: Option<Uuid>,
    /// Who it is at a foreign issuer: the same for all tokens of one user of its.
    pub foreign: Option<Uuid>,
    /// The API key that was shown, if it was one.
    pub api_key: Option<ApiKey>,
    /// What is left of the API key's allowance.
    pub left: Option<Left>,
    /// The version of the data when the credential was looked up, if it was.
    pub data_version: Option<DataVersion>,
}

impl Principal {
    /// A user, by a credential that carries these scopes.
    pub fn of_user(user: User, scopes: &[Scope], session: Option<Uuid>, api_key: Option<ApiKey>) -> Self {
        Self {
            scopes: allowed(scopes, &user),
            name: user.name,
            user_id: Some(user.id),
            role: Some(user.role),
            customer: user.customer,
            session,
            foreign: None,
            api_key,
            left: None,
            data_version: None,
        }
    }

    /// The same, found when the data was of that version.
    #[must_use]
    pub fn seeing(self, version: DataVersion) -> Self {
        Self { data_version: Some(version), ..self }
    }

    /// The bearer of an API key that stands.
    pub fn of_api_key(key: ApiKey) -> Self {
        match key.owner.clone() {
            Owner::User(user) => Self::of_user(user, &key.scopes.clone(), None, Some(key)),
            Owner::Customer(customer) => Self {
                name: key.name.clone(),
                user_id: None,
                role: None,
                scopes: key.allowed(),
                customer: Some(customer),
                session: None,
                foreign: None,
                api_key: Some(key),
                left: None,
                data_version: None,
            },
        }
    }

    /// `Forbidden` without the scope.
    pub fn may(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Error::Forbidden(format!("this needs the scope {scope}, which the credential does not carry")))
    }

    /// `Forbidden` to the callers of customers, whatever their scopes: names of parks are unique across customers, so
    /// who makes and renames them learns of others'.
    pub fn may_keep_parks(&self) -> Result<()> {
        self.may(Scope::ReadingsWrite)?;
        if self.customer.is_some() {
            return Err(Error::Forbidden("parks are made, changed and deleted by the staff, not by customers".into()));
        }
        Ok(())
    }

    /// What the credential is, for what outlives the request.
    pub fn bearer(&self) -> Bearer {
        let key = self.api_key.as_ref().map(|key| Bearer::ApiKey(key.id));
        key.or(self.session.map(Bearer::Session)).unwrap_or(Bearer::Unending)
    }

    /// Which parks exist for the caller.
    pub fn visibility(&self) -> Visibility {
        Visibility::of(self.customer.as_ref())
    }
}
