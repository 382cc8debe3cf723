//! Whether a rulebook is sound: every fault a reader could make, with its line.

mod conditions;
mod environments;
mod grammar;
mod previews;
mod rules;
mod syntax;
mod variables;

use std::path::Path;

use super::book::{Origin, Rulebook};
use super::builtin::Scope;
use super::load::Diagnostic;
use super::schema::{Rule, RuleFile};
use conditions::patterns;
use rules::Earlier;

/// How many regular expressions a project file may have. Each may take
/// milliseconds to compile, on every call.
const PROJECT_PATTERNS: usize = 64;

/// Checks the layer that was added last against itself and those before it;
/// `texts` are its files' texts, in order. With a scope, rules of other tools
/// are checked for their form only, not judged.
pub fn newest_layer(book: &Rulebook, texts: &[String], scope: Scope<'_>) -> Vec<Diagnostic> {
    let wanted = |file: &RuleFile| scope.is_empty() || scope.iter().any(|wanted| file.tools.has(wanted.tool));
    check(book, texts, &wanted)
}

/// The same without the cases, for whoever judges them apart.
pub fn but_for_cases(book: &Rulebook, texts: &[String]) -> Vec<Diagnostic> {
    check(book, texts, &|_| false)
}

fn check(book: &Rulebook, texts: &[String], judges: &dyn Fn(&RuleFile) -> bool) -> Vec<Diagnostic> {
    let Some((layer, before)) = book.layers.split_last() else { return Vec::new() };
    let mut findings = Vec::new();
    let mut earlier = Earlier::default();
    for layer in before {
        for (path, file) in layer.files() {
            let path = Some(path.as_path()).filter(|_| layer.origin != Origin::BuiltIn);
            for rule in &file.rules {
                earlier.add(path, file, rule);
            }
        }
    }
    for (at, (path, file)) in layer.files().iter().enumerate() {
        let text = texts.get(at).map_or("", String::as_str);
        let place = Place { path, text };
        if layer.origin == Origin::Project && patterns(file).count() > PROJECT_PATTERNS {
            let message = format!("a project file may have {PROJECT_PATTERNS} regular expressions, not more");
            findings.push(Diagnostic::at(path, text, &["regex:"], message));
            continue;
        }
        syntax::check(&place, file, &mut findings);
        variables::check(&place, file, &mut findings);
        previews::check(&place, layer.origin, file, &mut findings);
        environments::environments(&place, layer.origin, file, &mut findings);
        environments::exemptions(&place, layer, book, file, &mut findings);
        for rule in &file.rules {
            rules::one(&place, book, file, rule, &earlier, &mut findings);
            earlier.add(Some(path.as_path()), file, rule);
            if judges(file) && findings.is_empty() {
                rules::cases(&place, book, file, rule, &mut findings);
            }
        }
        let says_nothing = file.rules.is_empty() && file.previews.is_empty();
        if says_nothing != file.tools.is_empty() {
            let message =
                if says_nothing { "a tool is named, but no rule" } else { "the file names no tool" };
            let help = "rules need `tool:` or `tools:`, a file of policy and environments has neither";
            findings.push(Diagnostic::whole_file(path, message).with_help(Some(help.to_owned())));
        }
    }
    findings
}

/// A file that findings point into.
struct Place<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Place<'_> {
    fn rule(&self, rule: &Rule, then: &[&str], message: impl Into<String>) -> Diagnostic {
        let id = format!("id: {}", rule.id);
        let mut needles = vec![id.as_str()];
        needles.extend(then);
        Diagnostic::at(self.path, self.text, &needles, message)
    }
}

#[cfg(test)]
mod tests;
