//! The scripts of a package.json. Each is read by itself: what `npm run` names is
//! another of them.

use std::path::Path;

use jsonc_parser::ast::Value;

use super::{Comments, Format, Piece, Unread, json, windows};
use crate::shell::MAX_LENGTH;
use crate::shell::parse::{Dialect, parse_script};

/// A package.json.
pub(super) struct Package;

impl Format for Package {
    fn name(&self) -> &'static str {
        "package.json"
    }

    fn comments(&self) -> Comments {
        Comments::None
    }

    fn is(&self, path: &Path, _: &str) -> bool {
        path.file_name().is_some_and(|name| name == "package.json")
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let value = json::parse(text)?;
        let Value::Object(package) = value else { return Ok(Vec::new()) };
        let scripts = package.properties.iter().filter(|property| property.name.as_str() == "scripts");
        let each = scripts.filter_map(|scripts| scripts.value.as_object()).flat_map(|one| &one.properties);
        let texts = each.filter_map(|script| script.value.as_string_lit());
        let read = texts.map(|script| {
            let script = json::decoded(text, script);
            // What no other shell reads is for Windows.
            let bytes = script.text.as_bytes();
            let foreign = bytes.len() <= MAX_LENGTH && parse_script(bytes, Dialect::Sh).is_err();
            if foreign { windows::lines(&script) } else { script }
        });
        Ok(read.map(Piece::Passage).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let pieces = Package.read(text).unwrap();
        let passages = pieces.into_iter().map(|piece| match piece {
            Piece::Passage(passage) => passage.text,
            other => panic!("{other:?}"),
        });
        passages.collect()
    }

    #[test]
    fn every_script_is_read() {
        for (text, expected) in [
            (
                r#"{"scripts": {"a": "tsc && rm -rf \"dist\"", "prea": "npm run a"}}"#,
                &["tsc && rm -rf \"dist\"", "npm run a"][..],
            ),
            (r#"{"name": "x", "config": {"scripts": {"a": "ls"}}}"#, &[]),
            (r#"{"scripts": ["ls"], "scripts": {"a": 1, "b": null, "c": "ls"}}"#, &["ls"]),
            (r#"{"scripts": {"a": "if exist dist rmdir /s /q dist"}}"#, &["rmdir /s /q dist\n"]),
            ("[]", &[]),
            (r#""scripts""#, &[]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
        assert!(Package.read("{").is_err() && Package.read("").is_err());
    }

    #[test]
    fn a_package_is_known_by_its_name() {
        assert!(Package.is(Path::new("node_modules/x/package.json"), ""));
        assert!(
            !Package.is(Path::new("package-lock.json"), "") && !Package.is(Path::new("package.json5"), "")
        );
    }
}
