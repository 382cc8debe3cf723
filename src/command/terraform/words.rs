//! Splits `TF_CLI_ARGS` as terraform does.
//!
//! Terraform uses a shell-words package whose treatment of operators has
//! changed between versions. Text outside quotes that versions disagree about
//! is refused instead of guessed at.

/// Splits `text` into words: white space separates, quotes group, a backslash
/// outside single quotes takes the next character. Nothing is expanded.
///
/// # Errors
/// An unfinished quote or escape, an operator outside quotes, or `\t` and `\n`
/// outside single quotes: newer versions of the package make white space of
/// them, the one in terraform 1.11 letters.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut begun = false;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some('"') | None, '\\') => {
                match characters.next() {
                    Some(c @ ('t' | 'n')) => {
                        return Err(format!("`\\{c}` means different things to different versions"));
                    }
                    Some(c) => word.push(c),
                    None => return Err("it ends in a backslash".to_owned()),
                }
                begun = true;
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                begun = true;
            }
            (None, ' ' | '\t' | '\r' | '\n') => {
                if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
            }
            (None, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '`') => {
                return Err(format!("`{c}` outside quotes means different things to different versions"));
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_as_terraform_does() {
        let cases: [(&str, &[&str]); 6] = [
            (" a\tb\nc ", &["a", "b", "c"]),
            ("'' x", &["", "x"]),
            (r#"a"b c"d e\ f "g\"h" $HOME"#, &["ab cd", "e f", "g\"h", "$HOME"]),
            (r"-var 'a=[1;2]'", &["-var", "a=[1;2]"]),
            (r"'a\b'", &[r"a\b"]),
            ("", &[]),
        ];
        for (text, words) in cases {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
    }

    #[test]
    fn refuses_what_versions_read_differently() {
        for text in ["'x", "\"x", "x\\", "a\\tb", "\"a\\n\"", "a;b", "a > b", "$(x)", "`x`", "a|b"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
