//! What a line tells of the things that it acts on.

use crate::command::Command;
use crate::command::aws::ADDRESSED;
use crate::rules::schema::previews::{Preview, Rehearsed};

/// What addresses of S3 begin with.
pub(super) const ADDRESS: &str = "s3://";

/// The bucket of the last place on the line, as a source of a look.
pub(super) const TO: &str = "to-bucket";

/// The longest value that is asked about, in bytes.
const LONG: usize = 2048;

/// The things that a line names.
pub(super) enum Given {
    /// Their ids, in the order of the line.
    Ids(Vec<String>),
    /// They are not all told, for this reason.
    Hidden(&'static str),
}

impl Given {
    /// What `command` tells the first look of `preview`.
    pub(super) fn of(command: &Command, preview: &Preview) -> Self {
        if command.doubt.is_some() || command.uncertain || !command.known {
            return Self::Hidden("which words name it is not certain");
        }
        if command.fields.unread || command.fields.flags_unread {
            return Self::Hidden("part of the line could not be read");
        }
        if let Some(verb) = preview.listed.as_ref().and_then(|listed| listed.rehearsed) {
            let place = place(command, verb).map(|place| Self::Ids(vec![place]));
            return place.unwrap_or(Self::Hidden("its name is in something that was not read"));
        }
        let Some(look) = preview.looks.first() else { return Self::Hidden("nothing says how to look") };
        let mut ids = Vec::new();
        if look.is_second() {
            return Self::Hidden("nothing says how to look");
        }
        for source in look.with.values() {
            match values(command, source) {
                Some(values) => ids.extend(values.into_iter().filter(|value| !value.is_empty())),
                None => return Self::Hidden("its name is in something that was not read"),
            }
        }
        if look.with.values().any(|source| source == "bucket") {
            // Bucket and prefix are one place.
            ids = vec![ids.join("/")];
        }
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| !id.is_empty() && seen.insert(id.clone()));
        if ids.is_empty() { Self::Hidden("the line does not name it") } else { Self::Ids(ids) }
    }
}

/// Where a command of `aws s3` deletes, or what it moves: one of the places that it names.
fn place(command: &Command, verb: Rehearsed) -> Option<String> {
    // What is no address of S3 is a path, but for what aws would fetch.
    let is_sound = |operand: &str| is_plain(operand.strip_prefix(ADDRESS).unwrap_or(operand));
    let all: Option<Vec<&str>> = command.operands.iter().map(|operand| operand.to_str()).collect();
    let all = all.filter(|all| all.len() <= 2 && all.iter().all(|operand| is_sound(operand)))?;
    let place = match verb {
        Rehearsed::Delete => all.last(),
        Rehearsed::Move => all.first(),
    }?;
    Some(place.strip_prefix(ADDRESS).unwrap_or(place).to_owned())
}

/// The values of `source`, a flag or a part of an `s3://` address; `None` where
/// they are not all known, or cannot be repeated as they are.
pub(super) fn values(command: &Command, source: &str) -> Option<Vec<String>> {
    if source == TO {
        let last = command.operands.last()?.to_str()?;
        let bucket = last.strip_prefix(ADDRESS).map(|address| address.split('/').next().unwrap_or(address));
        return bucket.is_none_or(is_plain).then(|| bucket.into_iter().map(str::to_owned).collect());
    }
    if !source.starts_with("--") {
        let mut operands = command.operands.iter().filter_map(|operand| operand.to_str());
        let address = operands.find_map(|operand| operand.strip_prefix(ADDRESS))?;
        let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
        let part = if source == "bucket" { bucket } else { prefix };
        return (part.is_empty() || is_plain(part)).then(|| vec![part.to_owned()]);
    }
    let is = |name: &str| name == source || command.may_stand_for(name, source);
    if command.fields.unread_flags.iter().any(|name| is(name)) {
        return None;
    }
    let mut found = Vec::new();
    for flag in command.flags.iter().filter(|flag| is(&flag.name)) {
        let value = flag.value.as_deref()?.to_str()?;
        if value.trim_start().starts_with('[') {
            // Its members stand beside it.
            continue;
        }
        let is_sound = is_plain(value) || (source == ADDRESSED && is_address(value));
        if !is_sound {
            return None;
        }
        found.push(value.to_owned());
    }
    Some(found)
}

/// Whether aws takes a word behind a flag for just that.
pub(super) fn is_plain(value: &str) -> bool {
    let odd = value.starts_with(['-', '[', '{', '@']) || value.contains("://");
    !odd && !value.is_empty() && is_short(value)
}

/// The same of a flag whose addresses are not fetched.
fn is_address(value: &str) -> bool {
    (value.starts_with("https://") || value.starts_with("http://")) && is_short(value)
}

fn is_short(value: &str) -> bool {
    value.len() <= LONG && !value.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::process::Environment;

    fn read(line: &str) -> Command {
        let words: Vec<OsString> =
            shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        crate::command::parse("aws", &words, &Environment::default()).unwrap()
    }

    fn ids(line: &str, source: &str) -> Option<Vec<String>> {
        values(&read(line), source)
    }

    #[test]
    fn ids_are_found_however_they_are_given() {
        for line in [
            "ec2 terminate-instances --instance-ids i-1 i-2",
            "ec2 terminate-instances --instance-i i-1 i-2",
            "ec2 terminate-instances --instance-ids '[\"i-1\", \"i-2\"]'",
            "ec2 terminate-instances --cli-input-json '{\"InstanceIds\": [\"i-1\", \"i-2\"]}'",
        ] {
            let found = ids(line, "--instance-ids");
            assert_eq!(found, Some(vec!["i-1".to_owned(), "i-2".to_owned()]), "{line}");
        }
        let queue = "http://127.0.0.1:5000/123456789012/q";
        let line = format!("sqs delete-queue --queue-url {queue}");
        assert_eq!(ids(&line, "--queue-url"), Some(vec![queue.to_owned()]));
        assert_eq!(ids("s3 rb s3://b", "bucket"), Some(vec!["b".to_owned()]));
        assert_eq!(ids("s3 rm s3://b/a/c --recursive", "prefix"), Some(vec!["a/c".to_owned()]));
    }

    #[test]
    fn what_aws_would_read_otherwise_is_not_asked_about() {
        for line in [
            "ec2 terminate-instances --instance-ids file://ids.json",
            "ec2 terminate-instances --instance-ids https://h/ids",
            "ec2 terminate-instances --instance-ids=-x",
            "ec2 terminate-instances --instance-ids '{a'",
        ] {
            assert_eq!(ids(line, "--instance-ids"), None, "{line}");
        }
        let preview = Preview {
            looks: vec![crate::rules::schema::previews::Look {
                with: [("--instance-ids".to_owned(), "--instance-ids".to_owned())].into(),
                ..Default::default()
            }],
            ..Preview::default()
        };
        for line in [
            "ec2 terminate-instances",
            "ec2 terminate-instances --cli-input-json file://body.json",
            "ec2 terminate-instances --instance-ids",
        ] {
            assert!(matches!(Given::of(&read(line), &preview), Given::Hidden(_)), "{line}");
        }
    }
}
