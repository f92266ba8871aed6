//! A wrong setting told in one sentence that names it, as variable and flag.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// The sentence, where the error is about the value of a setting; clap's own words do for the rest.
pub fn setting(definition: &Command, error: &Error) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return None;
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let shown = text(ContextKind::InvalidArg)?;
    let arg = definition.get_arguments().find(|arg| arg.to_string() == shown)?;
    let (variable, flag) = (arg.get_env()?.to_string_lossy(), arg.get_long()?);
    let value = text(ContextKind::InvalidValue).filter(|_| !arg.is_hide_env_values_set()).unwrap_or_default();
    let why = match (text(ContextKind::ValidValue), std::error::Error::source(error)) {
        (Some(values), _) => format!("is none of {values}"),
        (None, Some(cause)) if cause.to_string().starts_with("is ") => cause.to_string(),
        (None, Some(cause)) => format!("is wrong: {cause}"),
        (None, None) => "is wrong".into(),
    };
    Some(format!("{variable} (--{flag}): `{value}` {why}"))
}

#[cfg(test)]
mod tests {
    use super::super::CommandLine;
    use super::setting;
    use clap::CommandFactory;

    fn sentence(arguments: &[&str]) -> String {
        let mut definition = CommandLine::command();
        definition.build();
        let line = ["energy-parks"].iter().chain(arguments).chain(&["health"]);
        let error = definition.clone().try_get_matches_from(line).unwrap_err();
        setting(&definition, &error).unwrap()
    }

    #[test]
    fn a_wrong_setting_is_named_in_one_sentence() {
        assert_eq!(
            sentence(&["--listen", "here"]),
            "LISTEN (--listen): `here` is wrong: invalid socket address syntax"
        );
        assert_eq!(sentence(&["--introspection=no"]), "INTROSPECTION (--introspection): `no` is none of open, closed");
        assert_eq!(sentence(&["--max-depth=0"]), "MAX_DEPTH (--max-depth): `0` is wrong: 0 is not in 1..=200");
        assert_eq!(
            sentence(&["--query-timeout=soon"]),
            "QUERY_TIMEOUT (--query-timeout): `soon` is no whole number of seconds above 0"
        );
        assert_eq!(
            sentence(&["--public-url=parks"]),
            "PUBLIC_URL (--public-url): `parks` is no address like https://parks.example.org"
        );
    }
}
