//! The user's aliases: a name in front of any command, or one below a service
//! (v2), that stands for other words or for a line of the shell.

use std::ffi::OsString;

use super::argparse::{Given, pass};
use super::options::GLOBALS;
use super::own::Own;

/// How often an alias may name another.
const LIMIT: usize = 16;

/// What the words say once every alias is replaced.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    /// The command, which no alias stands for any more.
    pub(super) command: OsString,
    /// Everything behind it.
    pub(super) rest: Vec<OsString>,
    /// Global options that an alias sets.
    pub(super) globals: Vec<Given>,
    /// Why it cannot be told what runs.
    pub(super) doubt: Option<String>,
    /// What became of the alias, for people.
    pub(super) note: Option<String>,
}

/// Replaces what stands for other words in front of `rest`.
pub(super) fn expand(command: OsString, rest: Vec<OsString>, own: &Own) -> Expanded {
    let mut now = Expanded { command, rest, ..Expanded::default() };
    let aliases = match own.aliases("toplevel") {
        Ok(aliases) => aliases,
        Err(reason) => return Expanded { doubt: Some(reason.to_owned()), ..now },
    };
    let mut seen: Vec<OsString> = Vec::new();
    while let Some((name, text)) = aliases.iter().find(|(name, _)| now.command == name.as_str()) {
        // What it shadows is what it names itself.
        if seen.last().is_some_and(|last| *last == now.command) {
            break;
        }
        let stands_for = |what: &str| Some(format!("the alias `{name}` in ~/.aws/cli/alias {what}"));
        let text = text.trim();
        if let Some(line) = text.strip_prefix('!') {
            now.doubt = stands_for(&format!("runs a line of the shell: {line}"));
            break;
        }
        let read = words(text).and_then(|words| pass(&words, GLOBALS, 1).ok());
        let Some((mut read, command)) = read.and_then(|mut read| {
            let command = read.positionals.pop()?;
            Some((read, command))
        }) else {
            now.doubt = stands_for("cannot be read");
            break;
        };
        now.note = stands_for(&format!("stands for `{text}`"));
        seen.push(std::mem::replace(&mut now.command, command));
        read.rest.append(&mut now.rest);
        now.rest = read.rest;
        now.globals.append(&mut read.given);
        if seen.len() > LIMIT {
            now.doubt = stands_for("leads back to itself");
            break;
        }
    }
    now
}

/// What v2 would run for the operation `name` of a service, or of a group of
/// commands: the words of its alias.
pub(super) fn below(path: &[String], name: &str, own: &Own) -> Option<Below> {
    // A file that cannot be read is noted with the command.
    let aliases = own.aliases(&format!("command {}", path.join(" "))).ok()?;
    let (_, text) = aliases.iter().find(|(alias, _)| alias == name)?;
    let text = text.trim();
    Some(Below {
        words: words(text).filter(|_| !text.starts_with('!')).unwrap_or_default(),
        doubt: format!("the alias `{name}` in ~/.aws/cli/alias stands for `{text}` in aws v2"),
    })
}

/// The words of an alias, as Python's `shlex.split` has them; `None` where that
/// cannot be told. It knows no comments, and a backslash may mean anything.
pub(super) fn words(text: &str) -> Option<Vec<OsString>> {
    let words = shell_words::split(text).ok().filter(|_| !text.contains(['\\', '#']))?;
    // aws takes line breaks off the ends of each.
    Some(words.into_iter().map(|word| OsString::from(word.trim_matches('\n'))).collect())
}

/// An alias below a command.
pub(super) struct Below {
    /// What it stands for; nothing where it is a line of the shell.
    pub(super) words: Vec<OsString>,
    /// What it is, in words.
    pub(super) doubt: String,
}

#[cfg(test)]
mod tests {
    use crate::command::aws::Aws;
    use crate::command::{Command, Files, Found, Grammar as _, Inert, Outside, Wanted};
    use crate::process::Environment;

    const ALIASES: &str = r#"
[toplevel]
sts = ec2 terminate-instances --instance-ids i-9
nuke = sts
east = --region us-east-1 ec2
s3 = s3 --no-verify-ssl
sh = !aws ec2 terminate-instances
Upper = ec2 describe-instances
help = ec2 terminate-instances
loop = pool
pool = loop
empty =
odd = ec2 'unclosed
note = ec2 terminate-instances --dry-run --instance-ids i-1 # --no-dry-run
live = ec2 terminate-instances --dry-run --instance-ids i-1 "
  --no-dry-run"
[command  ec2]
describe-instances = terminate-instances --instance-ids i-1
gone = terminate-instances --instance-ids i-1
line = !rm -rf /
[command ec2 describe-vpcs]
deep = !rm -rf /
"#;

    fn read(text: &str, line: &str) -> Command {
        let environment: Environment = [("HOME", "/home/x")].into_iter().collect();
        let mut files = Files::default();
        files.insert(Wanted::File("/home/x/.aws/cli/alias".into()), Found::Text(text.into()));
        let words: Vec<_> = shell_words::split(line).unwrap().into_iter().map(Into::into).collect();
        Aws.parse("aws", &words, &Outside { environment: &environment, files: &files }).unwrap()
    }

    #[test]
    fn what_an_alias_stands_for_is_what_is_read() {
        for (line, name) in [
            ("sts get-caller-identity", "ec2 terminate-instances"),
            ("nuke x", "ec2 terminate-instances"),
            ("--debug east --region r stop-instances", "ec2 stop-instances"),
            ("s3 rm s3://b --recursive", "s3 rm"),
            ("upper", "ec2 describe-instances"),
            ("help", "ec2 terminate-instances"),
            ("iam list-users", "iam list-users"),
            ("ec2 gone", "ec2 gone"),
            ("live", "ec2 terminate-instances"),
        ] {
            assert_eq!(read(ALIASES, line).name(), name, "{line}");
        }
        assert!(!read(ALIASES, "live").rehearsed);
        let east = read(ALIASES, "--region eu-west-1 east stop-instances");
        let regions: Vec<_> = east.values("--region").flatten().collect();
        assert_eq!(regions, ["eu-west-1", "us-east-1"], "the alias's counts");
    }

    #[test]
    fn what_cannot_be_told_is_doubtful() {
        for (line, reason) in [
            ("sh", "runs a line of the shell: aws ec2"),
            ("loop", "leads back to itself"),
            ("empty", "cannot be read"),
            ("odd", "cannot be read"),
            ("note", "cannot be read"),
            ("ec2 describe-instances", "stands for `terminate-instances"),
            ("ec2 line", "stands for `!rm -rf /`"),
            ("ec2 describe-vpcs deep", "stands for `!rm -rf /`"),
            ("--cli-binary-format sh sts get-caller-identity", "is an alias to aws v1"),
        ] {
            let command = read(ALIASES, line);
            let doubt = command.doubt.clone().unwrap_or_default();
            assert!(doubt.contains(reason), "{line}: {doubt}");
            assert!(!command.known && command.inert.is_none(), "{line}");
        }
        let broken = read("sts = ec2", "sts get-caller-identity");
        assert!(broken.doubt.unwrap().contains("cannot be read: line 1 belongs to no section"));
        assert_eq!(read("", "help").inert, Some(Inert::Help));
    }
}
