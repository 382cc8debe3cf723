//! What a job runs on, and what reads the text of its steps.

use std::rc::Rc;

use super::super::yaml::Node;
use super::expression::matrix;
use crate::shell::inner::Place;

/// What reads a step's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Interpreter {
    /// sh or one of its kin.
    Shell,
    /// `PowerShell` or cmd.
    Windows,
    /// The interpreter of another language that is understood, which reads its code
    /// from standard input.
    Code(&'static str),
}

/// Programs whose text is of a language that is not understood.
const OTHERS: [&str; 10] =
    ["bun", "cmake", "deno", "elvish", "fish", "julia", "lua", "nu", "rscript", "xonsh"];

/// Whether a label is one of GitHub's own machines: a system, `latest` or its version,
/// and what kind of machine. Others are given to machines of somebody's own.
fn is_hosted(label: &str) -> bool {
    let mut parts = label.split('-');
    let system = matches!(parts.next(), Some("macos" | "ubuntu" | "windows"));
    let is_number =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let version = parts.next().is_some_and(|part| matches!(part, "latest" | "slim") || is_number(part));
    let kind = |part: &str| {
        let size = part.strip_suffix("cores").or_else(|| part.strip_suffix("core")).unwrap_or(part);
        matches!(part, "arm" | "arm64" | "cores" | "intel" | "large" | "vs2026" | "xlarge") || is_number(size)
    };
    system && version && parts.all(kind)
}

/// What `shell:` names.
pub(super) fn interpreter(shell: &str) -> Option<Interpreter> {
    for word in shell.split_whitespace() {
        let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_lowercase();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "python" => return Some(Interpreter::Code("python3")),
            "perl" => return Some(Interpreter::Code("perl")),
            "ruby" => return Some(Interpreter::Code("ruby")),
            "node" => return Some(Interpreter::Code("node")),
            "cmd" | "powershell" | "pwsh" => return Some(Interpreter::Windows),
            other if OTHERS.contains(&other) => return None,
            "ash" | "bash" | "dash" | "ksh" | "sh" | "zsh" => return Some(Interpreter::Shell),
            _ => {}
        }
    }
    // `alpine.sh {0}`, `msys2 {0}`, `freebsd {0}`: a shell in other surroundings.
    Some(Interpreter::Shell)
}

/// Where a job's steps run. A machine that is thrown away afterwards is a container's
/// equal; one of somebody's own is not.
pub(super) fn place(job: &Node) -> Place {
    if let Some(container) = job.get("container") {
        return if reaches_out(container) { Place::Here } else { Place::Container };
    }
    let labels = labels(job);
    let is_own = labels.iter().any(|label| label.contains("self-hosted"));
    let hosted = labels.iter().all(|label| is_hosted(label));
    if !is_own && !labels.is_empty() && hosted { Place::Container } else { Place::Here }
}

/// Whether what is in a container reaches the machine that it is on.
fn reaches_out(container: &Node) -> bool {
    let mounts = container.get("volumes").is_some_and(|volumes| !volumes.items().is_empty());
    let options = container.get("options").and_then(|options| options.text()).unwrap_or_default();
    let option = |word: &str| {
        let name = word.split('=').next().unwrap_or(word);
        matches!(name, "--privileged" | "--volume" | "--mount" | "--volumes-from" | "--device" | "--pid")
            || name.starts_with("-v")
            || word.contains("${{")
    };
    mounts || options.split_whitespace().any(option)
}

/// Whether a job runs on nothing but Windows, whose shell is another one.
pub(super) fn is_windows(job: &Node) -> bool {
    let labels = labels(job);
    !labels.is_empty() && labels.iter().all(|label| label.starts_with("windows"))
}

/// The labels of the machines that a job may run on; what is not known is one as it is
/// written.
fn labels(job: &Node) -> Vec<String> {
    let Some(runs_on) = job.get("runs-on") else { return Vec::new() };
    let runs_on: &Rc<Node> = runs_on.get("labels").unwrap_or(runs_on);
    let written = runs_on.one_or_many().iter().filter_map(|label| label.text());
    let known = |label: &str| {
        let expression = label.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
        let values = expression.map(|expression| matrix(Some(job), expression.trim()));
        values.filter(|values| !values.is_empty()).unwrap_or_else(|| vec![label.to_owned()])
    };
    written.flat_map(known).map(|label| label.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::yaml::documents;
    use super::*;

    #[test]
    fn shells_are_known_by_their_program() {
        for (shell, expected) in [
            ("bash", Some(Interpreter::Shell)),
            ("/usr/bin/bash -e {0}", Some(Interpreter::Shell)),
            ("nix develop -c bash -e {0}", Some(Interpreter::Shell)),
            ("msys2 {0}", Some(Interpreter::Shell)),
            ("python3.11 {0}", Some(Interpreter::Code("python3"))),
            ("pwsh", Some(Interpreter::Windows)),
            (r"C:\Windows\cmd.exe /c {0}", Some(Interpreter::Windows)),
            ("Rscript {0}", None),
        ] {
            assert_eq!(interpreter(shell), expected, "{shell}");
        }
    }

    #[test]
    fn hosted_machines_are_thrown_away() {
        for (job, expected, windows) in [
            ("runs-on: ubuntu-latest", Place::Container, false),
            ("runs-on: [ubuntu-24.04-arm]", Place::Container, false),
            ("runs-on: [self-hosted, linux]", Place::Here, false),
            ("runs-on: prod-runner", Place::Here, false),
            ("runs-on: {group: big, labels: ubuntu-22.04-64core}", Place::Container, false),
            ("runs-on: {group: big}", Place::Here, false),
            ("{runs-on: mine, container: 'alpine:3'}", Place::Container, false),
            ("runs-on: ubuntu-prod", Place::Here, false),
            ("runs-on: ubuntu-latest-selfhosted", Place::Here, false),
            ("runs-on: ubuntu-latest-16-cores", Place::Container, false),
            ("runs-on: [windows-11-arm]", Place::Container, true),
            ("runs-on: macos-15-xlarge", Place::Container, false),
            ("{runs-on: mine, container: {image: x, volumes: ['/:/host']}}", Place::Here, false),
            ("{runs-on: mine, container: {image: x, options: --cpus 1 -v /:/x}}", Place::Here, false),
            ("{runs-on: mine, container: {image: x, options: --privileged}}", Place::Here, false),
            ("{runs-on: mine, container: {image: x, options: --cpus 1}}", Place::Container, false),
            ("runs-on: ${{ inputs.where }}", Place::Here, false),
            (
                "{runs-on: '${{ matrix.os }}', strategy: {matrix: {os: [macos-14, windows-2022]}}}",
                Place::Container,
                false,
            ),
            (
                "{runs-on: '${{ matrix.os }}', strategy: {matrix: {include: [{os: windows-2022}]}}}",
                Place::Container,
                true,
            ),
            (
                "{runs-on: '${{ matrix.os }}', strategy: {matrix: {os: [mine, ubuntu-22.04]}}}",
                Place::Here,
                false,
            ),
            ("runs-on: windows-latest", Place::Container, true),
            ("uses: ./x.yml", Place::Here, false),
        ] {
            let job = &documents(job).unwrap()[0];
            assert_eq!((place(job), is_windows(job)), (expected, windows), "{job:?}");
        }
    }
}
