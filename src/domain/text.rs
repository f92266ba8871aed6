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

/// The form in which a search compares: folded by Unicode's full case folding (`ß` is `ss`, `ς` is `σ`), normal form C.
/// It stands in the database: where it changes, a migration folds the names anew.
pub fn fold_case(text: &str) -> String {
    UniCase::unicode(text.nfd().collect::<String>()).to_folded_case().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::fold_case;

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
