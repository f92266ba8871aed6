//! Names as they are kept and compared (R9).

use unicode_normalization::UnicodeNormalization;

/// The longest name kept, in characters.
pub const MAX_NAME: usize = 200;

/// A name in Unicode normal form C without white space around it, or what is wrong with it.
pub fn name(raw: &str) -> Result<String, String> {
    let name: String = raw.trim().nfc().collect();
    if name.is_empty() {
        return Err("is empty".into());
    }
    if name.chars().count() > MAX_NAME {
        return Err(format!("is longer than {MAX_NAME} characters"));
    }
    if name.chars().any(char::is_control) {
        return Err("holds a control character".into());
    }
    Ok(name)
}

/// The form in which a search compares: normal form C, lower case.
pub fn fold_case(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}
