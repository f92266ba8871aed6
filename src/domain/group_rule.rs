//! What the groups of another issuer's users are here.

use std::str::FromStr;

use super::access::Role;
use super::text;

/// Stands for everyone whose groups have no rule of their own.
const ANYONE: &str = "*";

/// One rule: `GROUP=ROLE`, or `GROUP=ROLE@CUSTOMER` for those who see the customer's parks alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRule {
    group: String,
    role: Role,
    customer: Option<String>,
}

/// What someone is by its groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// What it may do.
    pub role: Role,
    /// The name of the customer whose parks it sees; `None` is staff.
    pub customer: Option<&'a str>,
}

impl GroupRule {
    /// Groups that are called like the roles.
    pub const DEFAULT: &str = "admin=admin,operator=operator,reader=reader";
}

impl FromStr for GroupRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (group, rest) = text.split_once('=').ok_or("is no GROUP=ROLE or GROUP=ROLE@CUSTOMER")?;
        let group = group.trim();
        if group.is_empty() {
            return Err("names no group".into());
        }
        let (role, customer) = rest.split_once('@').map_or((rest, None), |(role, name)| (role, Some(name)));
        let role = role.trim().parse().map_err(|why| format!("names a role that {why}"))?;
        let customer = customer.map(text::name).transpose().map_err(|why| format!("names a customer that {why}"))?;
        if role == Role::Admin && customer.is_some() {
            return Err("gives a customer an admin; admins are staff".into());
        }
        Ok(Self { group: group.to_owned(), role, customer })
    }
}

/// What someone with these groups is; half a sentence that says why it is nothing.
///
/// Of several rules the narrower wins: who is in the group of a customer sees that customer's parks alone, whatever else
/// it is in. Who is in the groups of two customers is refused, since it cannot be both. Among the rules that are left the
/// role that may do most counts.
pub fn place<'a>(rules: &'a [GroupRule], groups: &[String]) -> Result<Place<'a>, &'static str> {
    let mut of_groups: Vec<_> =
        rules.iter().filter(|rule| rule.group != ANYONE && groups.contains(&rule.group)).collect();
    if of_groups.is_empty() {
        of_groups = rules.iter().filter(|rule| rule.group == ANYONE).collect();
    }
    let customer = of_groups.iter().find_map(|rule| rule.customer.as_deref());
    let of_other = |rule: &&GroupRule| rule.customer.as_deref().is_some_and(|other| Some(other) != customer);
    if of_groups.iter().any(of_other) {
        return Err("are those of two customers");
    }
    let narrow = of_groups.iter().filter(|rule| rule.customer.as_deref() == customer);
    let role = narrow.map(|rule| rule.role).max_by_key(|role| role.scopes().len());
    role.map(|role| Place { role, customer }).ok_or("have no role here")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(rules: &str, groups: &[&str]) -> Result<(Role, Option<String>), &'static str> {
        let rules: Vec<GroupRule> = rules.split(',').map(|rule| rule.parse().unwrap()).collect();
        let groups: Vec<_> = groups.iter().map(ToString::to_string).collect();
        place(&rules, &groups).map(|place| (place.role, place.customer.map(str::to_owned)))
    }

    #[test]
    fn a_group_gives_a_role_and_of_several_the_one_that_may_do_most() {
        let rules = "ops=operator,all=reader, /root = Admin ";
        assert_eq!(placed(rules, &["all"]), Ok((Role::Reader, None)));
        assert_eq!(placed(rules, &["all", "other", "ops"]), Ok((Role::Operator, None)));
        assert_eq!(placed(rules, &["/root", "all"]), Ok((Role::Admin, None)));
    }

    #[test]
    fn groups_without_a_rule_give_nothing() {
        for groups in [&[][..], &["other"], &["OPS"], &["op"], &["*"], &[""]] {
            assert_eq!(placed("ops=operator", groups), Err("have no role here"), "{groups:?}");
        }
    }

    #[test]
    fn who_is_in_a_customer_s_group_sees_that_customer_s_parks_alone() {
        let rules = "staff=admin,acme=reader@Acme,acme-load=operator@Acme,zeta=reader@Zeta & Co";
        assert_eq!(placed(rules, &["acme"]), Ok((Role::Reader, Some("Acme".into()))));
        assert_eq!(placed(rules, &["staff", "acme"]), Ok((Role::Reader, Some("Acme".into()))), "the narrower wins");
        assert_eq!(placed(rules, &["acme-load", "acme"]), Ok((Role::Operator, Some("Acme".into()))));
        assert_eq!(placed(rules, &["acme", "zeta"]), Err("are those of two customers"));
        assert_eq!(placed(rules, &["zeta", "staff", "acme"]), Err("are those of two customers"));
    }

    #[test]
    fn a_star_is_for_those_without_a_rule_of_their_own() {
        let rules = "*=reader@Acme,staff=operator";
        assert_eq!(placed(rules, &[]), Ok((Role::Reader, Some("Acme".into()))));
        assert_eq!(placed(rules, &["other", "*"]), Ok((Role::Reader, Some("Acme".into()))));
        assert_eq!(placed(rules, &["staff"]), Ok((Role::Operator, None)));
    }

    #[test]
    fn the_rules_of_the_default_are_the_roles() {
        for role in [Role::Admin, Role::Operator, Role::Reader] {
            let group = role.as_str().to_lowercase();
            assert_eq!(placed(GroupRule::DEFAULT, &[&group]), Ok((role, None)));
        }
        assert_eq!(placed(GroupRule::DEFAULT, &[]), Err("have no role here"));
    }

    #[test]
    fn a_rule_that_is_none_says_what_is_wrong() {
        for (rule, why) in [
            ("ops", "is no GROUP=ROLE or GROUP=ROLE@CUSTOMER"),
            ("=reader", "names no group"),
            ("ops=owner", "names a role that is none of admin, operator, reader"),
            ("ops=", "names a role that is none of admin, operator, reader"),
            ("acme=reader@", "names a customer that is empty"),
            ("acme=admin@Acme", "gives a customer an admin; admins are staff"),
        ] {
            assert_eq!(rule.parse::<GroupRule>().unwrap_err(), why, "{rule}");
        }
    }
}
