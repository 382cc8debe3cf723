//! The grammar of `aws`.
//!
//! Python's `argparse` reads the line in passes (`argparse`): the global
//! options and the command, the operation below it, its options. Between the
//! passes the user's aliases are replaced (`alias`), and a model or a plugin
//! of the user's makes a command doubtful (`own`). What the parameters hold is
//! laid flat (`body`), so that rules can ask for it wherever it stands.
//!
//! v1 and v2 of the CLI differ in little; which one is installed is not known.
//! Where they do, both readings count. Verified against v1 by the differential
//! tests; what is v2's own is from its source.

mod alias;
mod argparse;
mod body;
mod here;
mod names;
pub mod operations;
mod options;
mod own;
mod parameters;
mod shorthand;

use std::borrow::Cow;
use std::ffi::OsString;

use super::declared::Surroundings;
use super::here::Touched;
use super::{Command, CommandError, Flag, Grammar, Inert, Outside, Wanted};
use argparse::{Given, pass};
use options::GLOBALS;
use own::Own;
pub use parameters::ADDRESSED;

use crate::ui::sanitize;

/// A parameter by which an operation only checks what it would do.
const REHEARSALS: [(&str, &str, &str); 1] = [("lambda invoke", "--invocation-type", "DryRun")];

/// Lets v2 ask for the command, or not.
const PROMPT: (&str, &str) = ("AWS_CLI_AUTO_PROMPT", "off");

/// The grammar of `aws`.
#[derive(Debug)]
pub struct Aws;

impl Grammar for Aws {
    fn commands(&self) -> Vec<Cow<'static, str>> {
        operations::all(None).into_iter().map(|(path, _)| Cow::Owned(path)).collect()
    }

    fn has_command(&self, path: &str) -> bool {
        operations::find(path).is_some()
    }

    fn commands_like(&self, name: &str) -> Vec<Cow<'static, str>> {
        let service = name.split(' ').next().filter(|service| operations::has_below(service));
        operations::all(service).into_iter().map(|(path, _)| Cow::Owned(path)).collect()
    }

    /// Those of API operations are not listed.
    fn flag_names(&self, _command: &str) -> Vec<String> {
        Vec::new()
    }

    fn reads(&self, arguments: &[OsString], outside: &Outside<'_>) -> Vec<Wanted> {
        let own = Own::read(outside);
        let mut wanted = own.reads(outside);
        // An alias may name files too.
        let aliases = own.aliases("toplevel").unwrap_or_default();
        let words: Vec<OsString> =
            aliases.iter().filter_map(|(_, text)| alias::words(text)).flatten().collect();
        let files =
            parameters::files(arguments, outside).into_iter().chain(parameters::files(&words, outside));
        wanted.extend(files.map(Wanted::File));
        wanted
    }

    fn touches(&self, command: &Command, surroundings: &Surroundings<'_>) -> Vec<Touched> {
        here::touched(command, surroundings)
    }

    /// # Errors
    /// None: what cannot be read makes the command doubtful, or unread.
    fn parse(
        &self,
        tool: &str,
        arguments: &[OsString],
        outside: &Outside<'_>,
    ) -> Result<Command, CommandError> {
        Ok(parse(tool, arguments, outside))
    }
}

/// Parses what aws would run for `arguments`.
fn parse(tool: &str, arguments: &[OsString], outside: &Outside<'_>) -> Command {
    let unread = || Command::unread(tool, arguments.to_vec());
    let own = Own::read(outside);
    let only = |inert| {
        let mut command = Command { inert: Some(inert), ..unread() };
        pin(&mut command, &own, outside);
        command
    };
    let Ok(main) = pass(arguments, GLOBALS, 1) else {
        // A plugin may have options of its own, and a number may be one elsewhere.
        let odd = arguments.iter().find(|word| !argparse::is_plain(word));
        let odd = odd.map(|word| format!("versions of aws may read {} differently", sanitize::word(word)));
        let doubt = own.doubt("", outside).or(odd);
        let inert = doubt.is_none().then_some(Inert::Usage);
        return Command { known: false, doubt, inert, ..unread() };
    };
    if main.given.iter().any(|one| one.name == "--version") {
        return only(Inert::Version);
    }
    let Some(name) = main.positionals.into_iter().next() else { return only(Inert::Usage) };
    let expanded = alias::expand(name, main.rest, &own);
    if expanded.doubt.is_none() && expanded.command == "help" {
        return only(Inert::Help);
    }
    let mut command = unread();
    command.notes.extend(expanded.note);
    set_globals(&mut command, &main.given);
    set_globals(&mut command, &expanded.globals);
    let service = expanded.command.to_string_lossy().into_owned();
    command.doubt = expanded.doubt.or_else(|| own.doubt(&service, outside));
    // To v1, which lacks the option, that word is the command.
    let of_v2 =
        |one: &&Given| options::is_of_v2(&one.name) && one.values.iter().any(|word| own.is_alias(word));
    if let Some(one) = main.given.iter().find(of_v2) {
        command.doubt.get_or_insert_with(|| format!("what follows {} is an alias to aws v1", one.name));
    }
    let prompts = command.flag("--cli-auto-prompt").is_some();
    if prompts {
        command.doubt.get_or_insert_with(|| "aws v2 asks for another command at a prompt".to_owned());
    }
    command.path.push(service);
    below(&mut command, expanded.rest, &own, outside);
    command.fields.unread |= own.lax && !command.fields.set.is_empty();
    if command.doubt.is_some() {
        command.known = false;
        // What it does instead may do more than print.
        command.inert = None;
        command.rehearsed = false;
    }
    pin(&mut command, &own, outside);
    command
}

/// Keeps v2 from asking for another command than the one that was judged.
fn pin(command: &mut Command, own: &Own, outside: &Outside<'_>) {
    let variable = outside.environment.get(PROMPT.0).is_some_and(|value| value != PROMPT.1);
    if variable || own.prompts {
        command.pinned = Some(PROMPT);
        command
            .notes
            .push("aws v2 does not ask for the command here: what is judged is what runs".to_owned());
    }
}

/// Whether `name` is one of the options that stand anywhere, in full: never the
/// beginning of another.
pub fn is_global(name: &str) -> bool {
    GLOBALS.iter().any(|option| option.name == name)
}

fn set_globals(command: &mut Command, given: &[Given]) {
    for one in given {
        command.flags.push(Flag { name: one.name.clone(), value: one.values.first().cloned() });
    }
}

/// Follows the words down to the command that runs, and reads its own.
fn below(command: &mut Command, mut rest: Vec<OsString>, own: &Own, outside: &Outside<'_>) {
    loop {
        let path = command.name();
        let found = operations::find(&path);
        let is_top = command.path.len() == 1;
        let is_service = is_top && found.is_none();
        let own_options = options::of_own_command(&path);
        let has_below = operations::has_below(&path);
        if let (Some(options), true) = (own_options, has_below) {
            // The word of a command below it must not be an option's value.
            let words = argparse::pass_loosely(&rest, options);
            let next = words.positionals.first().map(|word| word.to_string_lossy().into_owned());
            match next.filter(|next| operations::find(&format!("{path} {next}")).is_some()) {
                Some(next) => {
                    let at = words.first.unwrap_or_default();
                    rest.remove(at);
                    command.path.push(next);
                    continue;
                }
                None => break,
            }
        }
        if !is_service && !has_below {
            break;
        }
        // Nothing but unknown options: none of them takes a word.
        let Ok(next) = pass(&rest, &[], 1) else { break };
        let Some(word) = next.positionals.into_iter().next() else {
            // `configure` asks questions; what a newer aws has may need no more words.
            let runs = found.is_some_and(|found| found.is_custom() && command.path != ["s3"]);
            if runs || (is_service && !has_below) {
                break;
            }
            command.inert = Some(usage(&next.rest));
            return;
        };
        rest = next.rest;
        if word == "help" {
            command.inert = Some(Inert::Help);
            return;
        }
        let word = word.to_string_lossy().into_owned();
        if let Some(below) = alias::below(&command.path, &word, own) {
            command.doubt = Some(below.doubt);
            rest.splice(0..0, below.words);
        }
        command.path.push(word);
    }
    if let Some(below) = rest.iter().find_map(|word| alias::below(&command.path, word.to_str()?, own)) {
        command.doubt = Some(below.doubt);
    }
    own_words(command, &rest, outside);
}

/// Why a line without an operation only prints.
fn usage(words: &[OsString]) -> Inert {
    if words.iter().any(|word| word == "--help") { Inert::Help } else { Inert::Usage }
}

/// Reads the words of the command that was found.
fn own_words(command: &mut Command, words: &[OsString], outside: &Outside<'_>) {
    let path = command.name();
    let found = operations::find(&path);
    command.known = found.is_some();
    match options::of_own_command(&path) {
        Some(options) => parameters::of_own_command(command, words, options, outside),
        None => parameters::of_operation(command, words, outside),
    }
    let checks = |(name, flag, value): &(&str, &str, &str)| *name == path && is_only(command, flag, value);
    let has_rehearsal = found.is_some_and(|found| found.has_dry_run());
    command.rehearsed = REHEARSALS.iter().any(checks)
        || (has_rehearsal && parameters::is_on(command, "--dry-run"))
        || (has_rehearsal && path.starts_with("s3 ") && command.flag("--dryrun") == Some(None));
}

/// Whether `flag` is given as `value`, and as nothing else in any reading.
fn is_only(command: &Command, flag: &str, value: &str) -> bool {
    let mut values = command.values(flag).map(|given| given.is_some_and(|given| given == value)).peekable();
    let others = command.flags.iter().any(|given| command.may_stand_for(&given.name, flag));
    !others && values.peek().is_some() && values.all(|is| is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Environment;

    fn read(line: &str, variables: &[(&str, &str)]) -> Command {
        let environment: Environment = variables.iter().copied().collect();
        let words: Vec<OsString> =
            shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        parse("aws", &words, &Outside::from(&environment))
    }

    #[test]
    fn the_command_is_found_where_argparse_finds_it() {
        for (line, name) in [
            ("ec2 terminate-instances", "ec2 terminate-instances"),
            ("--reg r ec2 --ids=i terminate-instances --debug", "ec2 terminate-instances"),
            ("-- ec2 -- terminate-instances", "ec2 terminate-instances"),
            ("s3 --delete sync a s3://b", "s3 sync"),
            ("ec2 wait --x instance-running", "ec2 wait instance-running"),
            ("codecommit credential-helper get", "codecommit credential-helper get"),
            ("configure set region x", "configure set"),
            ("configure", "configure"),
            ("cloudformation deploy --stack-name push", "cloudformation deploy"),
            ("cloudformation deploy --force-upload push", "cloudformation deploy push"),
            ("cloudformation deploy --stack-name push push", "cloudformation deploy push"),
            ("login", "login"),
            ("brandnew", "brandnew"),
            ("brandnew delete-things", "brandnew delete-things"),
        ] {
            let command = read(line, &[]);
            assert_eq!((command.name().as_str(), command.inert), (name, None), "{line}");
        }
    }

    #[test]
    fn a_line_that_only_prints_is_inert() {
        for (line, inert) in [
            ("", Inert::Usage),
            ("ec2", Inert::Usage),
            ("--no ec2 terminate-instances", Inert::Usage),
            ("help", Inert::Help),
            ("ec2 help", Inert::Help),
            ("ec2 terminate-instances help", Inert::Help),
            ("s3 rm help", Inert::Help),
            ("s3 rm --help", Inert::Help),
            ("--vers ec2 terminate-instances", Inert::Version),
        ] {
            assert_eq!(read(line, &[]).inert, Some(inert), "{line}");
        }
        for line in [
            "s3 rm s3://b --recursive --exclude '--help=a b'",
            "cloudwatch delete-alarms --alarm-names prod '-h=a b'",
            "ecs stop-task --task x --reason '--generate-cli-skeleton=no longer needed'",
            "ec2 terminate-instances --ids i --cli-read-timeout -\u{660}",
            "ec2 terminate-instances --ids i --profile '--x=a b'",
            "ec2 terminate-instances --ids i --cli-read-timeout -0_0",
        ] {
            assert_eq!(read(line, &[]).inert, None, "{line}");
        }
        for line in ["lambda invoke help --function-name f", "ec2 terminate-instances --ids i help", "nuke"] {
            assert_eq!(read(line, &[]).inert, None, "{line}");
        }
    }

    #[test]
    fn an_invocation_is_rehearsed_only_where_nothing_says_otherwise() {
        let input = r#"--cli-input-json '{"InvocationType":"DryRun"}'"#;
        for (line, rehearsed) in [
            ("--invocation-type DryRun out".to_owned(), true),
            ("out --invocation-type DryRun".to_owned(), true),
            (format!("out {input}"), true),
            ("out --invocation-type Event".to_owned(), false),
            ("out --invocation-type DryRun --invocation-type Event".to_owned(), false),
            ("--invocation-type DryRun --invocation-type Event out".to_owned(), false),
            ("--invocation-type DryRun --invocation-t Event out".to_owned(), false),
            (format!("{input} --invocation-t Event out"), false),
        ] {
            let command = read(&format!("lambda invoke --function-name f {line}"), &[]);
            assert_eq!(command.rehearsed, rehearsed, "{line}");
        }
    }

    #[test]
    fn only_the_switch_itself_makes_a_rehearsal() {
        for (line, rehearsed) in [
            ("s3 rm s3://b --recursive --dryr", true),
            ("s3 rb s3://b --force --dryrun", false),
            ("s3 rm s3://b --recursive --exclude '--dryrun=a b'", false),
            ("cloudformation deploy --stack-name s --parameter-overrides '--dryrun=a b'", false),
            ("ec2 terminate-instances --ids i --dry-run", true),
            ("ec2 terminate-instances --ids i '--dry-run=a b'", false),
            ("iam delete-user --user-name x --dry-run", false),
        ] {
            assert_eq!(read(line, &[]).rehearsed, rehearsed, "{line}");
        }
    }

    #[test]
    fn the_prompt_of_v2_does_not_ask_for_another_command() {
        assert!(read("--cli-auto-p ec2 describe-instances", &[]).doubt.is_some());
        for line in ["ec2 describe-instances", "", "ec2 help"] {
            assert_eq!(read(line, &[]).pinned, None, "{line}");
            assert_eq!(read(line, &[("AWS_CLI_AUTO_PROMPT", "on-partial")]).pinned, Some(PROMPT), "{line}");
        }
        assert_eq!(read("ec2", &[("AWS_CLI_AUTO_PROMPT", "off")]).pinned, None);
    }
}
