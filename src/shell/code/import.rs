//! Imports: which names stand for modules, and what is in them.

use super::bind::Bound;
use super::reader::Reader;
use super::token::Token;
use crate::shell::inner::Language;

impl Reader<'_> {
    /// Reads an import, where one begins.
    pub(super) fn import(&mut self, at: &mut usize) -> bool {
        match (self.language, self.name(*at)) {
            (Language::Python, Some("import")) => self.python_import(at),
            (Language::Python, Some("from")) => self.python_from(at),
            (Language::JavaScript, Some("import")) if self.sign(*at + 1) != Some("(") => {
                self.script_import(at);
            }
            _ => return false,
        }
        true
    }

    /// `a.b.c`
    fn dotted(&self, at: &mut usize) -> String {
        let mut path = String::new();
        while let Some(name) = self.name(*at) {
            path.push_str(name);
            *at += 1;
            if self.sign(*at) != Some("->") || path.len() > 200 {
                break;
            }
            path.push('.');
            *at += 1;
        }
        path
    }

    fn python_import(&mut self, at: &mut usize) {
        *at += 1;
        loop {
            let path = self.dotted(at);
            if self.name(*at) == Some("as") {
                let name = self.name(*at + 1).unwrap_or_default();
                self.bind(name, Bound::Import(path));
                *at += 2;
            }
            if self.sign(*at) != Some(",") {
                return;
            }
            *at += 1;
        }
    }

    fn python_from(&mut self, at: &mut usize) {
        let start = *at;
        *at += 1;
        while matches!(self.sign(*at), Some("->" | "...")) {
            *at += 1;
        }
        let path = self.dotted(at);
        if self.name(*at) != Some("import") {
            // `yield from x`, or the end of an expression.
            *at = start + 1;
            return;
        }
        *at += 1;
        if self.sign(*at) == Some("(") {
            *at += 1;
        }
        if self.sign(*at) == Some("*") {
            for name in super::python::EXPORTS.iter().filter_map(|export| export.strip_prefix(path.as_str()))
            {
                let name = name.trim_start_matches('.');
                self.bind(name, Bound::Import(format!("{path}.{name}")));
            }
            *at += 1;
        }
        while let Some(name) = self.name(*at) {
            *at += 1;
            let local = if self.name(*at) == Some("as") {
                *at += 2;
                self.name(*at - 1).unwrap_or_default()
            } else {
                name
            };
            self.bind(local, Bound::Import(format!("{path}.{name}")));
            if self.sign(*at) == Some(",") {
                *at += 1;
            }
        }
    }

    /// `import a, {b as c} from "m"`, `import * as a from "m"`.
    fn script_import(&mut self, at: &mut usize) {
        *at += 1;
        let mut whole: Vec<&str> = Vec::new();
        let mut parts: Vec<(&str, &str)> = Vec::new();
        let mut braced = false;
        while let Some(token) = self.tokens.get(*at) {
            match token {
                Token::Sign("{") => braced = true,
                Token::Sign("}") => braced = false,
                Token::Sign("," | "*") => {}
                Token::Name(name) if name == "from" => {}
                Token::Name(name) if name == "as" => {
                    let local = self.name(*at + 1).unwrap_or_default();
                    match parts.last_mut() {
                        Some((_, last)) if braced => *last = local,
                        _ => whole.push(local),
                    }
                    *at += 1;
                }
                Token::Name(name) if braced => parts.push((name, name)),
                Token::Name(name) => whole.push(name),
                _ => break,
            }
            *at += 1;
        }
        if !matches!(self.tokens.get(*at), Some(Token::Open(_))) {
            return;
        }
        let (_, module) = self.quoted(at);
        let Some(module) = module.literal().map(super::javascript::module) else { return };
        for name in whole {
            self.bind(name, Bound::Import(module.clone()));
        }
        for (name, local) in parts {
            let path = if name == "default" { module.clone() } else { format!("{module}.{name}") };
            self.bind(local, Bound::Import(path));
        }
    }
}
