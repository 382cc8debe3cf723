//! What aws does to files of this machine: what `s3 cp` and its kin write, what `s3 mv`
//! takes away, and the files that other commands put an answer or their settings in.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::options;
use crate::command::Command;
use crate::command::declared::Surroundings;
use crate::command::here::{self, Act, Touched};
use crate::python;

/// Options that name a file which is written, with their commands.
const OPTIONS: [(&str, &str); 9] = [
    ("cloudformation package", "--output-template-file"),
    ("eks update-kubeconfig", "--kubeconfig"),
    ("emr get", "--dest"),
    ("gamelift get-game-session-log", "--save-as"),
    ("iam create-virtual-mfa-device", "--outfile"),
    ("iot create-certificate-from-csr", "--certificate-pem-outfile"),
    ("iot create-keys-and-certificate", "--certificate-pem-outfile"),
    ("iot create-keys-and-certificate", "--private-key-outfile"),
    ("iot create-keys-and-certificate", "--public-key-outfile"),
];

/// Commands that write their settings where variables say.
const SETTINGS: [&str; 6] =
    ["configure", "configure import", "configure set", "configure sso", "configure sso-session", "login"];
const OF_SETTINGS: [&str; 2] = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];

/// Operations that write what they get to the one word that stands alone, as
/// botocore's models have them (`has_streaming_output`).
const TO_A_FILE: [&str; 63] = [
    "apigateway get-export",
    "apigateway get-sdk",
    "apigatewayv2 export-api",
    "appconfig create-hosted-configuration-version",
    "appconfig get-configuration",
    "appconfig get-hosted-configuration-version",
    "appconfigdata get-latest-configuration",
    "appsync get-introspection-schema",
    "bedrock-agentcore invoke-agent-runtime",
    "bedrock-runtime invoke-model",
    "cloudfront get-connection-function",
    "cloudfront get-function",
    "codeartifact get-package-version-asset",
    "codeguruprofiler get-profile",
    "datazone get-lineage-event",
    "ebs get-snapshot-block",
    "geo-maps get-glyphs",
    "geo-maps get-sprites",
    "geo-maps get-static-map",
    "geo-maps get-style-descriptor",
    "geo-maps get-tile",
    "glacier get-job-output",
    "iot-data delete-thing-shadow",
    "iot-data get-thing-shadow",
    "iot-data update-thing-shadow",
    "iotwireless get-position-estimate",
    "iotwireless get-resource-position",
    "kinesis-video-archived-media get-clip",
    "kinesis-video-archived-media get-media-for-fragment-list",
    "kinesis-video-media get-media",
    "lakeformation get-work-unit-results",
    "lambda invoke",
    "lex-runtime post-content",
    "lex-runtime put-session",
    "lexv2-runtime put-session",
    "lexv2-runtime recognize-utterance",
    "location get-map-glyphs",
    "location get-map-sprites",
    "location get-map-style-descriptor",
    "location get-map-tile",
    "medialive describe-input-device-thumbnail",
    "mediastore-data get-object",
    "medical-imaging get-image-frame",
    "medical-imaging get-image-set-metadata",
    "neptune-graph execute-query",
    "neptunedata execute-gremlin-explain-query",
    "neptunedata execute-gremlin-profile-query",
    "neptunedata execute-open-cypher-explain-query",
    "omics get-read-set",
    "omics get-reference",
    "polly synthesize-speech",
    "runtime.sagemaker invoke-endpoint",
    "s3api get-object",
    "s3api get-object-torrent",
    "s3api select-object-content",
    "sagemaker-geospatial get-tile",
    "sagemaker-runtime invoke-endpoint",
    "schemas get-code-binding-source",
    "tnb get-sol-function-package-content",
    "tnb get-sol-function-package-descriptor",
    "tnb get-sol-network-package-content",
    "tnb get-sol-network-package-descriptor",
    "workmailmessageflow get-raw-message-content",
];

/// The files that `command` touches.
pub(super) fn touched(command: &Command, surroundings: &Surroundings<'_>) -> Vec<Touched> {
    let name = command.name();
    match name.as_str() {
        "s3 cp" | "s3 mv" | "s3 sync" if command.rehearsed => Vec::new(),
        "s3 cp" | "s3 mv" | "s3 sync" => transferred(command, name == "s3 mv"),
        _ => written(command, &name, surroundings),
    }
}

/// What is moved from here, and what to here.
fn transferred(command: &Command, moves: bool) -> Vec<Touched> {
    let is_here = |word: &&OsString| !word.as_bytes().starts_with(b"s3://");
    let Some((last, sources)) = command.operands.split_last() else { return Vec::new() };
    // Where an option is not known, the last word may be its value.
    let (from, to) = if command.uncertain {
        (command.operands.as_slice(), command.operands.as_slice())
    } else {
        (sources, std::slice::from_ref(last))
    };
    let mut touched = Vec::new();
    if moves {
        let taken = from.iter().filter(is_here);
        touched.extend(taken.map(|file| Touched { act: Act::Takes, file: file.clone() }));
    }
    for file in to.iter().filter(is_here) {
        touched.extend(here::copied(from, file));
    }
    touched
}

/// What any other command writes.
fn written(command: &Command, name: &str, surroundings: &Surroundings<'_>) -> Vec<Touched> {
    let environment = surroundings.environment;
    let own = |user: &str| surroundings.home.filter(|_| user.is_empty()).map(OsString::from);
    let expanded =
        |file: &OsStr| python::with_home(python::with_variables(file, environment), environment, own);
    let mut files: Vec<OsString> = Vec::new();
    if options::of_own_command(name).is_none() {
        // None but the operations below takes a word, in whichever version of aws.
        files.extend(command.operands.iter().cloned());
    }
    if command.operands.is_empty() && TO_A_FILE.contains(&name) {
        files.extend(behind_options(command));
    }
    for (_, option) in OPTIONS.iter().filter(|(command, _)| *command == name) {
        let given = command
            .flags
            .iter()
            .filter(|flag| flag.name == *option || command.may_stand_for(&flag.name, option));
        files.extend(given.filter_map(|flag| flag.value.as_deref()).map(expanded));
    }
    if SETTINGS.contains(&name) {
        files.extend(OF_SETTINGS.iter().filter_map(|variable| environment.non_empty(variable)).map(expanded));
    }
    if name == "eks update-kubeconfig" {
        let listed = environment.non_empty("KUBECONFIG").map(OsStr::as_bytes).unwrap_or_default();
        files.extend(listed.split(|byte| *byte == b':').map(|file| expanded(OsStr::from_bytes(file))));
    }
    let named = files.into_iter().filter(|file| !file.is_empty());
    named.map(|file| Touched { act: Act::Writes, file }).collect()
}

/// The words that may stand alone behind an option's value: the last of those that stand
/// behind one option, where one has several.
fn behind_options(command: &Command) -> Vec<OsString> {
    let last = |name: &str| command.values(name).last().flatten().map(OsStr::to_owned);
    let mut names: Vec<&str> = command.flags.iter().map(|flag| flag.name.as_str()).collect();
    names.dedup();
    let several = names.iter().filter(|name| command.values(name).count() > 1);
    let found: Vec<OsString> = several.filter_map(|name| last(name)).collect();
    if found.is_empty() { names.iter().filter_map(|name| last(name)).collect() } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Environment;

    fn read(line: &str, variables: &[(&str, &str)]) -> Vec<(Act, String)> {
        let environment: Environment = [&[("HOME", "/h")], variables].concat().into_iter().collect();
        let words: Vec<OsString> =
            shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
        let command = crate::command::parse("aws", &words, &environment).unwrap();
        let text = |one: Touched| (one.act, one.file.into_string().unwrap());
        let (directory, base, home) = (None, None, None);
        let around = Surroundings { directory, base, home, environment: &environment, input: None };
        touched(&command, &around).into_iter().map(text).collect()
    }

    #[test]
    fn what_is_transferred_is_written_or_taken_here() {
        use Act::{Enters, Takes, Writes};
        for (line, expected) in [
            ("s3 cp s3://b/k f", &[(Writes, "f"), (Enters, "f/k")][..]),
            ("s3 cp s3://b/k d/", &[(Writes, "d/"), (Writes, "d//k")]),
            ("s3 cp s3://b/k .", &[(Writes, "."), (Writes, "./k")]),
            ("s3 sync --quiet s3://b d", &[(Writes, "d"), (Enters, "d/b")]),
            ("s3 mv s3://b/k f", &[(Writes, "f"), (Enters, "f/k")]),
            ("s3 mv f --recursive s3://b", &[(Takes, "f")]),
            ("s3 mv f s3://b --dryrun", &[]),
            ("s3 cp s3://b/k f --dryr", &[]),
            ("s3 cp f s3://b", &[]),
            ("s3 sync s3://a s3://b", &[]),
            ("s3 rm s3://a", &[]),
            (
                "s3 cp s3://b/ f --brand-new x",
                &[
                    (Writes, "f"),
                    (Enters, "f/f"),
                    (Enters, "f/x"),
                    (Writes, "x"),
                    (Enters, "x/f"),
                    (Enters, "x/x"),
                ],
            ),
        ] {
            let expected: Vec<(Act, String)> =
                expected.iter().map(|(act, file)| (*act, (*file).to_owned())).collect();
            assert_eq!(read(line, &[]), expected, "{line}");
        }
    }

    #[test]
    fn an_answer_is_written_where_the_line_says() {
        for (line, files) in [
            ("s3api get-object --bucket b --key k f", &["f"][..]),
            ("s3api get-object f --bucket b --key k", &["f"]),
            ("s3api get-object --bucket b f --key k", &["f"]),
            ("s3api select-object-content --bucket b -- f", &["f"]),
            ("lambda invoke --function-name n --invocation-type DryRun f", &["f"]),
            ("brandnew get-thing f", &["f"]),
            ("eks update-kubeconfig --name c --kubeconfig f", &["f"]),
            ("eks update-kubeconfig --name c --kubec=~/f", &["/h/f"]),
            ("iam create-virtual-mfa-device --outfile $HOME/f --bootstrap-method QRCodePNG", &["/h/f"]),
            ("cloudformation package --template-file t --output-template-file f", &["f"]),
            ("configure set region eu-west-1", &[]),
            ("eks update-kubeconfig --name c", &[]),
            ("ec2 describe-instances --filters a b", &[]),
        ] {
            let read = read(line, &[]);
            assert!(read.iter().all(|(act, _)| *act == Act::Writes), "{line}");
            assert_eq!(read.iter().map(|(_, file)| file.as_str()).collect::<Vec<_>>(), files, "{line}");
        }
        for (line, variable) in [
            ("configure set region eu-west-1", "AWS_CONFIG_FILE"),
            ("configure set aws_access_key_id x", "AWS_SHARED_CREDENTIALS_FILE"),
            ("eks update-kubeconfig --name c", "KUBECONFIG"),
        ] {
            assert_eq!(read(line, &[(variable, "~/f")]), [(Act::Writes, "/h/f".to_owned())], "{line}");
        }
    }
}
