//! The names of users and API keys: the log and the ledger tell by them who did what.

use crate::domain::audit::{COMMAND_LINE, SERVER};
use crate::domain::text;

/// A name that nobody else has or could be taken for, or what is wrong with it.
pub(super) fn acting_name(raw: &str) -> Result<String, String> {
    let name = text::visible_name(raw)?;
    let folded = text::fold_case(&name);
    let words: Vec<_> = folded.split_whitespace().collect();
    if [COMMAND_LINE, SERVER].contains(&words.join(" ").as_str()) {
        return Err("is what the log calls the program itself".into());
    }
    // `subject at issuer`: so those are shown whom another issuer vouches for.
    let is_foreign = words.windows(2).skip(1).any(|pair| pair[0] == "at" && pair[1].contains(['.', ':', '/']));
    if is_foreign {
        return Err("looks like that of a user of another issuer: `… at` and an address".into());
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::acting_name;

    #[test]
    fn nobody_takes_the_name_of_the_program_or_of_another_issuer_s_user() {
        for name in ["ann", "ann at Acme", "at example.org", "command", "server 2", "commandline"] {
            assert_eq!(acting_name(name).as_deref(), Ok(name));
        }
        let refused =
            ["Command  Line", "SERVER", "admin at id.example.org", "ann (7 at localhost:9000/realm)", "ser\u{200b}ver"];
        for name in refused {
            assert!(acting_name(name).is_err(), "{name}");
        }
    }
}
