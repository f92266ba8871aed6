//! Settings of a foreign issuer of tokens.

use std::path::PathBuf;

use clap::Args;

use crate::domain::group_rule::GroupRule;

/// An issuer whose tokens are accepted beside our own, such as Amazon Cognito or Keycloak.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Foreign tokens")]
pub struct OidcConfig {
    /// The name of an issuer whose tokens are accepted too, as its tokens have it. Its keys are fetched straight from it:
    /// `HTTPS_PROXY` is not read.
    #[arg(id = "oidc_issuer", long = "oidc-issuer", env = "OIDC_ISSUER", value_name = "URL", global = true)]
    pub issuer: Option<String>,

    /// For whom its tokens must be (`aud`; of Cognito's access tokens the `client_id`): one of these, between commas.
    #[arg(id = "oidc_audience", long = "oidc-audience", env = "OIDC_AUDIENCE", value_name = "NAMES", global = true)]
    #[arg(value_delimiter = ',')]
    pub audience: Vec<String>,

    /// Where its keys are [default: as `OIDC_ISSUER` + `/.well-known/openid-configuration` says].
    #[arg(id = "oidc_jwks_url", long = "oidc-jwks-url", env = "OIDC_JWKS_URL", value_name = "URL", global = true)]
    pub jwks_url: Option<String>,

    /// A file with the certificates, in PEM, of authorities that vouch for it beside those that everyone trusts.
    #[arg(id = "oidc_ca_file", long = "oidc-ca-file", env = "OIDC_CA_FILE", value_name = "FILE", global = true)]
    pub ca_file: Option<PathBuf>,

    /// What its groups are here, between commas: `GROUP=ROLE`, or `GROUP=ROLE@CUSTOMER` for those who see one customer's
    /// parks. The group `*` is everyone whose groups have no rule; without it they are refused.
    #[arg(id = "oidc_groups", long = "oidc-groups", env = "OIDC_GROUPS", value_name = "RULES", global = true)]
    #[arg(value_delimiter = ',', default_value = GroupRule::DEFAULT)]
    pub groups: Vec<GroupRule>,
}

impl OidcConfig {
    /// What no single value tells: a sentence that names the setting that is wrong.
    pub(super) fn check(&self) -> Result<(), String> {
        let of_issuer = [
            ("OIDC_AUDIENCE (--oidc-audience)", !self.audience.is_empty()),
            ("OIDC_JWKS_URL (--oidc-jwks-url)", self.jwks_url.is_some()),
            ("OIDC_CA_FILE (--oidc-ca-file)", self.ca_file.is_some()),
        ];
        match of_issuer.into_iter().find(|(_, is_set)| *is_set) {
            Some((set, _)) if self.issuer.is_none() => {
                Err(format!("{set} is set without OIDC_ISSUER (--oidc-issuer), whose tokens it is about"))
            }
            _ => Ok(()),
        }
    }
}
