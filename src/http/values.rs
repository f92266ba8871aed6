//! How many values a text of JSON holds, counted before any of them is built: in memory each takes many times its text.

/// The most that reading the text could build, or a little more: each comma and each bracket begins one, outside strings.
/// Of a text that is no JSON it says nothing.
pub fn most_values(text: &[u8]) -> usize {
    let (mut count, mut in_string, mut is_escaped) = (1, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_what_stands_in_strings_is_not() {
        for (text, count) in [
            ("3", 1),
            ("[]", 2),
            ("[1, 2, 3]", 4),
            ("[[0],[0],[0]]", 7),
            (r#"{"a": {"b": [true, null]}, "c": 1}"#, 6),
            (r#""{a(x: [1, 2]) {b, c}}""#, 1),
            (r#"["a\"[,[,", "\\", [1]]"#, 5),
        ] {
            assert_eq!(most_values(text.as_bytes()), count, "{text}");
        }
    }
}
