//! Names as they are kept and compared (R9).

use unicase::UniCase;
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

/// The name of someone or something that acts, as [`name`]: without characters that show nothing, or that turn others
/// around, so that no two look alike for that reason (Unicode Technical Report 36, section 2).
pub fn visible_name(raw: &str) -> Result<String, String> {
    let name = name(raw)?;
    if name.chars().any(is_invisible) {
        return Err("holds a character that cannot be seen".into());
    }
    Ok(name)
}

/// Marks of direction, joiners, fillers, tags, selectors of variants, separators of lines.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The form in which a search compares: folded by Unicode's full case folding (`ß` is `ss`, `ς` is `σ`), normal form C.
/// It stands in the database: where it changes, a migration folds the names anew.
pub fn fold_case(text: &str) -> String {
    UniCase::unicode(text.nfd().collect::<String>()).to_folded_case().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::{fold_case, visible_name};

    #[test]
    fn names_of_those_who_act_hold_nothing_that_cannot_be_seen() {
        for name in ["ann", "Søren Ångström", "محمد", "김철수", "🌬 nightly", "a b"] {
            assert_eq!(visible_name(name).as_deref(), Ok(name));
        }
        for name in ["ad\u{200b}min", "\u{202e}nimda", "ad\u{ad}min", "a\u{2028}b", "admin\u{fe0f}", "a\u{e0041}"] {
            assert!(visible_name(name).is_err(), "{name:?}");
        }
    }

    /// R9
    #[test]
    fn what_differs_in_case_alone_is_folded_alike() {
        for alike in [
            &["σίσυφος", "ΣΊΣΥΦΟΣ", "Σίσυφοσ"][..],
            &["Straße", "STRASSE", "STRA\u{1e9e}E", "strasse"],
            &["É", "é", "E\u{301}"],
            &["ﬁ", "FI"],
            &["ŉ", "ʼN"],
            &["İ", "i\u{307}"],
            &["ᏸ", "Ᏸ"],
        ] {
            let folded: Vec<_> = alike.iter().map(|text| fold_case(text)).collect();
            assert!(folded.iter().all(|text| *text == folded[0]), "{folded:?}");
            assert_eq!(fold_case(&folded[0]), folded[0]);
        }
        assert_eq!(fold_case("Ä"), "ä");
        assert_ne!(fold_case("ı"), fold_case("I"), "not Turkish");
    }
}
