//! INI files as Python's `configparser` reads them for aws: its configuration,
//! its credentials and its aliases.

/// A section's name and its settings in order. Names of settings are in lower
/// case.
pub(crate) type Section = (String, Vec<(String, String)>);

/// The sections of a file.
///
/// # Errors
/// What aws would refuse to go on with: a setting outside a section, a line that
/// is none, or a name that stands twice.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Section>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut sections: Vec<Section> = Vec::new();
    // The column at which a setting stands: what is further in continues it.
    let mut indent = 0;
    let mut in_setting = false;
    for (at, line) in text.lines().enumerate() {
        let wrong = |what: &str| Err(format!("line {}: {what}", at + 1));
        let value = line.trim();
        let comment = value.starts_with(['#', ';']);
        let setting = sections.last_mut().and_then(|(_, settings)| settings.last_mut());
        if value.is_empty() || comment {
            match setting.filter(|_| in_setting && !comment) {
                Some((_, text)) => text.push('\n'),
                None if !comment => {}
                None => {}
            }
            continue;
        }
        let column = line.chars().take_while(|c| c.is_whitespace()).count();
        if let Some((_, text)) = setting.filter(|_| in_setting && column > indent) {
            text.push('\n');
            text.push_str(value);
            continue;
        }
        indent = column;
        in_setting = false;
        if let Some(name) = value.strip_prefix('[').and_then(|rest| Some(rest.rsplit_once(']')?.0))
            && !name.is_empty()
        {
            if sections.iter().any(|(known, _)| known == name) {
                return wrong("a section that is there already");
            }
            sections.push((name.to_owned(), Vec::new()));
            continue;
        }
        let Some((name, text)) = value.split_once(['=', ':']) else { return wrong("no setting") };
        let Some((_, settings)) = sections.last_mut() else { return wrong("a setting outside a section") };
        let name = name.trim_end().to_lowercase();
        if name.is_empty() || settings.iter().any(|(known, _)| *known == name) {
            return wrong("a setting without a name, or one that is there already");
        }
        settings.push((name, text.trim().to_owned()));
        in_setting = true;
    }
    for (_, text) in sections.iter_mut().flat_map(|(_, settings)| settings) {
        text.truncate(text.trim_end().len());
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let section = |(name, settings): &Section| {
            let settings: Vec<String> =
                settings.iter().map(|(name, text)| format!("{name}={text:?}")).collect();
            format!("[{name}] {}", settings.join(" "))
        };
        parse(text.as_bytes()).unwrap().iter().map(section).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn settings_are_read_as_python_does() {
        for (text, expected) in [
            ("", ""),
            ("[a]\nB = c d ; e\n", r#"[a] b="c d ; e""#),
            ("# x\n[a] tail\n; y\nb: c=d\n", r#"[a] b="c=d""#),
            ("[a]\nb =\n  c = d\n  e = f\n\n[g]\n", r#"[a] b="\nc = d\ne = f"; [g] "#),
            ("[a]\n  b = c\n  d = e\n", r#"[a] b="c" d="e""#),
            ("[a]\nb = c\n# no end\n  more\n", r#"[a] b="c\nmore""#),
            ("[profile a]\r\nb = c\r\n", r#"[profile a] b="c""#),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_python_refuses_is_an_error() {
        for text in ["b = c", "[a]\nb", "[a]\n[a]", "[a]\nb = 1\nB = 2", "[a]\n= c"] {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(parse(b"[\xff]").is_err());
    }
}
