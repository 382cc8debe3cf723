//! Consoles of web frameworks, and runners of code within them.

use super::options::{anywhere, leading};
use super::{Changes, Inner, Language};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let one = match name {
        "rails" => rails(words),
        "manage.py" | "django-admin" | "django-admin.py" => django(words),
        "artisan" | "sail" => artisan(words),
        "zx" => zx(words),
        _ => None,
    };
    one.map(|one| vec![one])
}

/// A script that an interpreter runs, where it is one of these.
pub(super) fn started(words: &[Value]) -> Option<Inner> {
    let (script, rest) = words.split_first()?;
    match script.bytes.rsplit(|byte| *byte == b'/').next()? {
        b"manage.py" => django(rest),
        b"artisan" => artisan(rest),
        _ => None,
    }
}

fn rails(words: &[Value]) -> Option<Inner> {
    let (subcommand, rest) = words.split_first()?;
    match subcommand.bytes.as_slice() {
        b"runner" | b"r" => {
            let (code, arguments) =
                leading(rest, "* e,environment= w,skip-executor").tails().next()?.split_first()?;
            let is_file = code.bytes.ends_with(b".rb") && !code.bytes.contains(&b' ');
            Some(if code.bytes == b"-" {
                Inner::input(Language::Ruby, arguments, &Changes::default())
            } else if is_file {
                Inner::file(code.clone(), Some(Language::Ruby), arguments)
            } else {
                Inner::code(code.clone(), Language::Ruby)
            })
        }
        b"console" | b"c" => Some(Inner::input(Language::Ruby, &[], &Changes::default())),
        _ => None,
    }
}

fn django(words: &[Value]) -> Option<Inner> {
    let grammar = "* c,command= i,interface= settings= pythonpath= v,verbosity= database= traceback no-color";
    let parsed = anywhere(words, grammar);
    let subcommand = parsed.operands.first()?;
    if !matches!(subcommand.bytes.as_slice(), b"shell" | b"shell_plus") {
        return None;
    }
    Some(match parsed.value("c") {
        Some(code) => Inner::code(code.clone(), Language::Python),
        None => Inner::input(Language::Python, &[], &Changes::default()),
    })
}

fn artisan(words: &[Value]) -> Option<Inner> {
    let parsed = anywhere(words, "* execute= env=");
    let tinker = parsed.operands.iter().take(2).any(|word| word.bytes == b"tinker");
    tinker.then(|| match parsed.value("execute") {
        Some(code) => Inner::code(code.clone(), Language::Php),
        None => Inner::input(Language::Php, &[], &Changes::default()),
    })
}

/// Scripts in JavaScript that run commands.
fn zx(words: &[Value]) -> Option<Inner> {
    let parsed = leading(
        words,
        "* e,eval= shell= prefix= postfix= cwd= ext= env= registry= install i repl v,version h,help",
    );
    if parsed.has("v h") {
        return None;
    }
    if let Some(code) = parsed.value("e") {
        return Some(Inner::code(code.clone(), Language::JavaScript));
    }
    Some(match parsed.tails().next().and_then(<[Value]>::split_first) {
        Some((path, arguments)) => super::shells::file_or_input(path, Language::JavaScript, arguments),
        None => Inner::input(Language::JavaScript, &[], &Changes::default()),
    })
}
