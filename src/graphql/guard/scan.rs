//! A look at a document's bytes: tokens and nesting, in one pass, with no stack.
//!
//! It must never believe in a string or comment where the parser sees brackets. So it takes them exactly as the
//! grammar does: a string ends with its line, and three quotes that are never closed are an empty string and the start
//! of the next.

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// Brackets within each other.
    Nesting,
    /// Tokens.
    Tokens,
}

/// Counts the tokens of a document; ends early at what exceeds either limit.
pub(super) fn tokens(document: &str, max_nesting: usize, max_tokens: usize) -> Result<usize, Excess> {
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut nesting) = (0, 0, 0_usize);
    // No block string is closed any more: looked for once, not again at each quote.
    let mut unclosed = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = comment_end(bytes, at);
                continue;
            }
            b'"' => match (!unclosed && bytes[at..].starts_with(b"\"\"\"")).then(|| block_end(bytes, at + 3)) {
                Some(Some(end)) => at = end,
                Some(None) => {
                    unclosed = true;
                    at += 2;
                }
                None => at = string_end(bytes, at + 1),
            },
            b'{' | b'[' | b'(' => {
                nesting += 1;
                at += 1;
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                at += 1;
            }
            _ if is_word(byte) => at += bytes[at..].iter().take_while(|&&byte| is_word(byte)).count(),
            _ => at += 1,
        }
        tokens += 1;
        if nesting > max_nesting {
            return Err(Excess::Nesting);
        }
        if tokens > max_tokens {
            return Err(Excess::Tokens);
        }
    }
    Ok(tokens)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || !byte.is_ascii()
}

/// The end of the comment that starts at `at`: that of its line.
pub(super) fn comment_end(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|&&byte| byte != b'\n' && byte != b'\r').count()
}

/// The end of the block string whose content starts at `at`.
pub(super) fn block_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes[at..].iter().position(|&byte| byte == b'"' || byte == b'\\')?;
        if bytes[at..].starts_with(b"\"\"\"") {
            return Some(at + 3);
        }
        at += if bytes[at..].starts_with(b"\\\"\"\"") { 4 } else { 1 };
    }
}

/// The end of the string whose content starts at `at`: its quote, or where its line ends without one.
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}
