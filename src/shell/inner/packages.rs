//! Package managers that run the command of a package.

use super::options::{Parsed, leading};
use super::{Changes, Inner, Language, joined};
use crate::shell::value::Value;

const NPX: &str = "* p,package= c,call= y,yes no no-install q,quiet w,workspace= prefix= shell= n,node-arg= node-options= cache= \
    registry= userconfig= loglevel= workspaces,ws include-workspace-root ignore-existing always-spawn s,silent \
    script-shell= offline prefer-offline";
const PNPM: &str = "* C,dir= F,filter= filter-prod= r,recursive w,workspace-root c,shell-mode package= allow-build= parallel \
    reporter= resume-from= no-bail report-summary workspace-concurrency= loglevel= s,silent";
const YARN: &str = "* p,package= q,quiet cwd= c=";
const BUNX: &str = "* p,package= bun silent verbose no-install";
const UV: &str = "* from= with= w= with-editable= with-requirements= p,python= package= project= directory= env-file= extra= no-extra= \
    group= no-group= only-group= index= default-index= i,index-url= extra-index-url= f,find-links= refresh-package= \
    upgrade-package= P= reinstall-package= no-build-package= no-binary-package= cache-dir= config-file= color= python-platform= \
    link-mode= resolution= prerelease= fork-strategy= exclude-newer= config-setting= C= c,constraints= b,build-constraints= \
    overrides= index-strategy= keyring-provider= allow-insecure-host= no-build-isolation-package= config-settings-package= \
    torch-backend= max-recursion-depth= m,module s,script gui-script n,no-cache q v U isolated active no-project no-sync \
    frozen locked offline all-extras exact no-dev only-dev";
const PIPX: &str = "* spec= python= pip-args= i,index-url= with= system-site-packages no-cache path pypackages verbose backend= \
    fetch-python= fetch-missing-python";

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "npx" => npx(&leading(words, NPX)),
        "bunx" => runs(&leading(words, BUNX)),
        "uvx" => uv_tool(words),
        "npm" | "pnpm" | "yarn" | "yarnpkg" => node(name, words),
        "pnpx" => runs(&leading(words, PNPM)),
        "uv" => uv(words),
        "pipx" => {
            let (subcommand, rest) = leading(words, PIPX).tails().next()?.split_first()?;
            if subcommand.bytes == b"run" { runs(&leading(rest, PIPX)) } else { None }
        }
        _ => None,
    }
}

/// The program that a package's name stands for: without scope, version and
/// extras; where the program is named otherwise, by its own name.
pub(super) fn program(package: &Value) -> Value {
    let name = package.bytes.as_slice();
    let name = match (name.first(), name.iter().position(|byte| *byte == b'/')) {
        (Some(b'@'), Some(at)) => name.get(at + 1..).unwrap_or_default(),
        _ => name,
    };
    let end = name.iter().position(|byte| b"@[=<>~!".contains(byte)).unwrap_or(name.len());
    let name = name.get(..end).unwrap_or_default();
    match name {
        b"aws-cli" | b"awscli" | b"awscli2" | b"awscliv2" | b"aws-cli-v2" => "aws".into(),
        b"opentofu" => "tofu".into(),
        b"kubernetes-helm" => "helm".into(),
        b"terraform-npm" | b"terraform-bin" => "terraform".into(),
        _ => Value::known(name),
    }
}

/// The package's program with its arguments, in each reading.
fn runs(parsed: &Parsed<'_>) -> Option<Vec<Inner>> {
    let commands = parsed.tails().filter_map(<[Value]>::split_first);
    let inners = commands.map(|(package, rest)| {
        let rest = rest.strip_prefix(&["--".into()]).unwrap_or(rest);
        Inner::words(&[&[program(package)], rest].concat(), &Changes::default())
    });
    Some(inners.collect())
}

fn npx(parsed: &Parsed<'_>) -> Option<Vec<Inner>> {
    match parsed.value("c") {
        Some(text) => Some(vec![Inner::text(text.clone(), &[], &Changes::default())]),
        None => runs(parsed),
    }
}

fn node(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = match name {
        "npm" => NPX,
        "pnpm" => PNPM,
        _ => YARN,
    };
    let globals = leading(words, grammar);
    let (subcommand, rest) = globals.tails().next()?.split_first()?;
    let parsed = leading(rest, grammar);
    match (name, subcommand.bytes.as_slice()) {
        ("npm", b"exec" | b"x") => npx(&parsed),
        ("pnpm", b"exec" | b"dlx") if globals.has("c") || parsed.has("c") => {
            Some(parsed.tails().map(|tail| Inner::text(joined(tail), &[], &Changes::default())).collect())
        }
        ("pnpm" | "yarn" | "yarnpkg", b"exec" | b"dlx") => runs(&parsed),
        _ => None,
    }
}

fn uv_tool(words: &[Value]) -> Option<Vec<Inner>> {
    runs(&leading(words, UV))
}

fn uv(words: &[Value]) -> Option<Vec<Inner>> {
    let (subcommand, rest) = leading(words, UV).tails().next()?.split_first()?;
    match subcommand.bytes.as_slice() {
        b"tool" => {
            let (run, rest) = leading(rest, UV).tails().next()?.split_first()?;
            if run.bytes == b"run" { uv_tool(rest) } else { None }
        }
        b"run" => {
            let parsed = leading(rest, UV);
            let inners = parsed
                .tails()
                .filter_map(<[Value]>::split_first)
                .map(|(first, arguments)| uv_run(&parsed, first, arguments));
            Some(inners.collect())
        }
        _ => None,
    }
}

fn uv_run(parsed: &Parsed<'_>, first: &Value, arguments: &[Value]) -> Inner {
    let changes = Changes { directory: parsed.value("directory").cloned(), ..Changes::default() };
    let command = [std::slice::from_ref(first), arguments].concat();
    if parsed.has("m") {
        return Inner::words(&[&["python".into(), "-m".into()], command.as_slice()].concat(), &changes);
    }
    if first.bytes == b"-" {
        return Inner::input(Language::Python, arguments, &changes);
    }
    if parsed.has("s gui-script") || first.bytes.ends_with(b".py") {
        return Inner::words(&[&["python".into()], command.as_slice()].concat(), &changes);
    }
    Inner::words(&command, &changes)
}
