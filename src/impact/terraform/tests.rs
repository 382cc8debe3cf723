use std::ffi::OsString;

use super::*;
use crate::process::Environment;

fn parsed(tool: &str, line: &str) -> Command {
    let words: Vec<OsString> = shell_words::split(line).unwrap().iter().map(OsString::from).collect();
    crate::command::parse(tool, &words, &Environment::default()).unwrap()
}

#[test]
fn what_applies_a_plan_is_planned() {
    for (line, expected) in [
        ("apply", true),
        ("destroy", true),
        ("-chdir=x destroy -auto-approve", true),
        ("apply -destroy", true),
        ("apply plan.bin", true),
        ("apply -refresh-only plan.bin", true),
        ("applyx apply", true),
        ("apply -refresh-only=false", true),
        ("apply -refresh-only", true),
        ("refresh -target=a.b", true),
        ("refresh a", false),
        ("apply -auto-approve=perhaps", false),
        ("apply a b", false),
        ("destroy plan.bin", false),
        ("apply -help", false),
        ("apply -novel", false),
        ("apply -v", false),
        ("plan", false),
        ("refresh", true),
        ("import a.b c", false),
    ] {
        for tool in ["terraform", "tofu"] {
            assert_eq!(plans(&parsed(tool, line)), expected, "{tool} {line}");
        }
    }
    assert!(!plans(&parsed("kubectl", "apply")));
}
