//! The passwords that are tried first.

use std::sync::OnceLock;

/// One a line, in lower case, sorted; lines that begin with `#` are about the list.
const LIST: &str = include_str!("common_passwords.txt");

/// Whether a password is one of the most common ones, in whatever case.
pub(super) fn is_common(password: &str) -> bool {
    static SORTED: OnceLock<Vec<&'static str>> = OnceLock::new();
    let sorted = SORTED.get_or_init(|| LIST.lines().filter(|line| !line.starts_with('#')).collect());
    sorted.binary_search(&password.trim().to_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_known_in_any_case_and_others_are_not() {
        for common in ["password", "PassWord1", " 12345678 ", "qwertyuiop", "iloveyou", "administrator"] {
            assert!(is_common(common), "{common}");
        }
        for other in ["correct horse", "password of mine", "", "#"] {
            assert!(!is_common(other), "{other}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_holds_what_could_be_a_password() {
        let lines: Vec<_> = LIST.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() == 3_000 && lines.is_sorted());
        assert!(lines.iter().all(|line| line.chars().count() >= super::super::MIN_PASSWORD));
    }
}
