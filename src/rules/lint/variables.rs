//! Names of variables that no variable can have.

use super::Place;
use crate::rules::load::Diagnostic;
use crate::rules::schema::RuleFile;

/// Checks the list of variables of a file.
pub(super) fn check(place: &Place<'_>, file: &RuleFile, findings: &mut Vec<Diagnostic>) {
    for name in file.variables.iter().filter(|name| !is_name(name.strip_suffix('*').unwrap_or(name))) {
        let message = format!("`{name}` is no name of a variable, and not how many begin");
        let help = "`NAME`, or `PREFIX_*` for all that begin so".to_owned();
        let found = Diagnostic::at(place.path, place.text, &["variables:", name], message);
        findings.push(found.with_help(Some(help)));
    }
}

fn is_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain && !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit())
}
