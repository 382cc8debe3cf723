//! A match in words: what each condition wants, and what was found instead.
//!
//! Decides nothing: which condition fails is what the matcher says, this only
//! tells it. Nothing here runs unless somebody asks for an explanation.

use std::ffi::OsString;

use regex::RegexBuilder;

use super::{Facts, Failure, Sense, Silence, Situation, WHOLE, behind, operands};
use crate::command::declared::Behind;
use crate::command::{Flag, grammar};
use crate::rules::load::nearest;
use crate::rules::schema::{
    EnvironmentMatch, FlagMatch, Match, NumberMatch, OperandMatch, Strings, ValueMatch,
};
use crate::ui::sanitize;

/// How many of several values are shown.
const SHOWN: usize = 4;

/// How much of one value is shown, in characters.
const LONGEST: usize = 72;

impl Silence<'_> {
    /// Whether it is a condition on the command that fails: the alternative is
    /// about something else.
    pub fn is_another_command(&self) -> bool {
        matches!(self, Self::Fails { failure, .. } if failure.condition == "command")
    }

    /// The reason in one line, safe to show: the condition, what it wants, and
    /// what was found. `sense` is how the rule was asked.
    pub fn told(&self, facts: &Facts<'_>, sense: Sense) -> String {
        let told = match self {
            Self::Unless(one) => format!("unless: {} holds", conditions(one)),
            Self::Fails { one, failure, of } => {
                let sense = if of.is_some() { sense.flipped() } else { sense };
                let outer = of.map(|of| behind(of, facts.command, &WHOLE, sense.flipped()));
                failed(one, *failure, facts, outer.as_deref().unwrap_or(&WHOLE), sense)
            }
        };
        sanitize::text(&told).into_owned()
    }
}

fn failed(one: &Match, failure: Failure<'_>, facts: &Facts<'_>, outer: &[Behind], sense: Sense) -> String {
    let Failure { condition, detail } = failure;
    let key = match (condition, detail) {
        ("operands", _) => return operands_failed(one, facts, outer, sense),
        ("not", _) => {
            let inner = one.not.as_deref().map(conditions).unwrap_or_default();
            return format!("not: {inner} holds");
        }
        (condition, Some(detail)) => format!("{condition}: {detail}"),
        (condition, None) => format!("{condition}:"),
    };
    let doubt = match condition {
        "flags" | "only_flags" if facts.command.uncertain && sense == Sense::Certainly => {
            ", and a flag is not known"
        }
        _ => "",
    };
    let found = found(one, failure, facts);
    let hint = hint(one, failure, facts, &found);
    format!("{key} wanted {}, found {found}{doubt}{hint}", wanted(one, failure))
}

/// What an author may have meant by a condition that fails.
fn hint(one: &Match, failure: Failure<'_>, facts: &Facts<'_>, found: &str) -> String {
    let detail = failure.detail.unwrap_or_default();
    let of_value =
        |condition: Option<&ValueMatch>| of_pattern(condition.and_then(|one| one.regex.as_deref()), found);
    match failure.condition {
        "command" => {
            let Some(tool) = grammar(&facts.command.tool) else { return String::new() };
            let commands = tool.commands();
            let unknown = one.command.iter().filter(|name| !tool.has_command(name));
            let mut near = unknown.filter_map(|name| nearest(name, commands.iter().map(AsRef::as_ref)));
            near.next().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
        }
        "flags" => {
            let Some(condition) = one.flags.get(detail) else { return String::new() };
            let meant = |text: &str| match text.to_ascii_lowercase().as_str() {
                "yes" | "on" => Some("true"),
                "no" | "off" => Some("false"),
                _ => None,
            };
            match condition.equals.iter().find_map(|text| Some((text, meant(text)?))) {
                Some((text, meant)) => format!("; `{text}` is a text here: write `{meant}` if that is meant"),
                None => of_pattern(condition.regex.as_deref(), found),
            }
        }
        "fields" => of_value(one.fields.get(detail)),
        "env" => of_value(one.env.get(detail)),
        "target" => of_value(one.target.iter().find(|(fact, _)| fact.name() == detail).map(|(_, one)| one)),
        _ => String::new(),
    }
}

/// Says that a pattern has to match the whole, where it would match a part.
fn of_pattern(pattern: Option<&str>, found: &str) -> String {
    let limited = |pattern: &str| RegexBuilder::new(pattern).size_limit(512 << 10).build().ok();
    let matches = pattern
        .and_then(limited)
        .is_some_and(|regex| found.split('`').skip(1).step_by(2).any(|value| regex.is_match(value)));
    if matches { "; a pattern has to match the whole value" } else { "" }.to_owned()
}

/// What the condition that fails wants.
fn wanted(one: &Match, failure: Failure<'_>) -> String {
    let detail = failure.detail.unwrap_or_default();
    let fact =
        || one.target.iter().find(|(fact, _)| fact.name() == detail).map(|(_, condition)| value(condition));
    let wanted = match failure.condition {
        "command" => Some(any_of(&one.command)),
        "flags" => one.flags.get(detail).map(flag),
        "planned" => one.planned.map(|planned| planned.to_string()),
        "only_flags" => Some(format!("no flag but {}", one_of(&one.only_flags, "and"))),
        "fields" => one.fields.get(detail).map(value),
        "env" => one.env.get(detail).map(value),
        "target" => fact(),
        "principal" => one.principal.map(|kind| kind.name().to_owned()),
        "environment" => one.environment.as_ref().map(environment),
        _ => None,
    };
    wanted.unwrap_or_else(|| "something else".to_owned())
}

/// What there is in its place.
fn found(one: &Match, failure: Failure<'_>, facts: &Facts<'_>) -> String {
    let Facts { command, environment, situation } = facts;
    let detail = failure.detail.unwrap_or_default();
    match failure.condition {
        "command" => quoted([command.name()].into_iter().filter(|name| !name.is_empty())),
        "flags" => {
            let given = command.flags.iter();
            let given = given.filter(|flag| flag.name == detail || command.may_stand_for(&flag.name, detail));
            listed(given.map(given_value))
        }
        "planned" => command.planned.to_string(),
        "only_flags" => quoted(command.flags.iter().map(|flag| flag.name.clone())),
        "fields" => {
            let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
            let set = command.fields.set.iter().filter(|field| last(&field.path) == last(detail));
            quoted(set.map(|field| field.value.clone()))
        }
        "env" => {
            let value = environment.get(detail).map(|value| value.to_string_lossy().into_owned());
            quoted(value.into_iter())
        }
        condition => match situation {
            None => "nothing, since nobody looked".to_owned(),
            Some(situation) => found_there(one, condition, detail, *situation),
        },
    }
}

/// What is known of who asks, and of where the command would act.
fn found_there(one: &Match, condition: &str, detail: &str, situation: Situation<'_>) -> String {
    let Situation { principal, target, place } = situation;
    match condition {
        "target" => {
            let fact = one.target.keys().find(|fact| fact.name() == detail);
            quoted(fact.into_iter().flat_map(|fact| target.values(*fact)).map(str::to_owned))
        }
        "principal" => principal.name().to_owned(),
        _ => {
            let column = place.column(principal).name();
            let mut names = place.names().map(code).peekable();
            if names.peek().is_none() { column.to_owned() } else { format!("{} ({column})", listed(names)) }
        }
    }
}

fn operands_failed(one: &Match, facts: &Facts<'_>, outer: &[Behind], sense: Sense) -> String {
    let Some(condition) = &one.operands else { return "operands".to_owned() };
    let command = facts.command;
    let behind = behind(one, command, outer, sense);
    let failing =
        behind.iter().find_map(|at| Some((*at, operands::operands_failing(condition, command, *at, sense)?)));
    let Some((at, key)) = failing else { return "operands".to_owned() };
    let words = operands::words(command, at);
    let wanted = of_operands(condition).find(|(name, _)| *name == key).map(|(_, told)| told);
    let shown = |words: &[OsString]| quoted(words.iter().map(|word| word.to_string_lossy().into_owned()));
    let found = match key {
        "kind" => quoted(command.objects.iter().map(|object| object.kind.clone())),
        "count" if words.is_empty() => "none".to_owned(),
        "count" => format!("{}: {}", words.len(), shown(words)),
        "last" => shown(words.last().map(std::slice::from_ref).unwrap_or_default()),
        _ => shown(words),
    };
    let of_key = match key {
        "any" => &condition.any,
        "all" => &condition.all,
        "last" => &condition.last,
        _ => &None,
    };
    let hint = of_pattern(of_key.as_ref().and_then(|one| one.regex.as_deref()), &found);
    format!("operands: {key} wanted {}, found {found}{hint}", wanted.unwrap_or_default())
}

/// Every condition of a match, in words.
pub fn conditions(one: &Match) -> String {
    let mut all = Vec::new();
    if !one.command.is_empty() {
        all.push(format!("command: {}", any_of(&one.command)));
    }
    all.extend(one.flags.iter().map(|(name, condition)| format!("flags: {name} {}", flag(condition))));
    if let Some(planned) = one.planned {
        all.push(format!("planned: {planned}"));
    }
    if !one.only_flags.is_empty() {
        all.push(format!("only_flags: {}", one_of(&one.only_flags, "and")));
    }
    all.extend(
        one.operands.iter().flat_map(of_operands).map(|(key, told)| format!("operands: {key} {told}")),
    );
    all.extend(one.fields.iter().map(|(name, condition)| format!("fields: {name} {}", value(condition))));
    all.extend(one.env.iter().map(|(name, condition)| format!("env: {name} {}", value(condition))));
    all.extend(
        one.target.iter().map(|(fact, condition)| format!("target: {} {}", fact.name(), value(condition))),
    );
    all.extend(one.principal.map(|kind| format!("principal: {}", kind.name())));
    all.extend(one.environment.as_ref().map(|condition| format!("environment: {}", environment(condition))));
    all.extend(one.not.as_deref().map(|not| format!("not: ({})", conditions(not))));
    if all.is_empty() { "every command".to_owned() } else { all.join(", ") }
}

fn flag(condition: &FlagMatch) -> String {
    let FlagMatch { is, present, equals, regex, at_least, at_most } = condition;
    let presence = |present: bool| if present { "given" } else { "absent" }.to_owned();
    let all = is.map(|is| is.to_string()).into_iter().chain(present.map(presence));
    let all = all.chain(texts(equals, regex.as_deref())).chain(numbers(*at_least, *at_most));
    all.collect::<Vec<_>>().join(" and ")
}

fn value(condition: &ValueMatch) -> String {
    let ValueMatch { equals, regex, tokens, unless_after, at_least, at_most } = condition;
    let behind = |tokens: String| {
        if unless_after.is_empty() { tokens } else { format!("{tokens} not behind {}", any_of(unless_after)) }
    };
    let tokens = (!tokens.is_empty()).then(|| behind(format!("the word {}", any_of(tokens))));
    let all = texts(equals, regex.as_deref()).chain(tokens).chain(numbers(*at_least, *at_most));
    all.collect::<Vec<_>>().join(" and ")
}

fn texts(equals: &Strings, regex: Option<&str>) -> impl Iterator<Item = String> {
    let equals = (!equals.is_empty()).then(|| any_of(equals));
    equals.into_iter().chain(regex.map(|pattern| format!("/{}/", shortened(pattern))))
}

fn numbers<N: ToString>(least: Option<N>, most: Option<N>) -> impl Iterator<Item = String> {
    let least = least.map(|least| format!("at least {}", least.to_string()));
    least.into_iter().chain(most.map(|most| format!("at most {}", most.to_string())))
}

fn of_operands(condition: &OperandMatch) -> impl Iterator<Item = (&'static str, String)> {
    let OperandMatch { count, any, all, last, kind } = condition;
    let number = |NumberMatch { equals, at_least, at_most }: &NumberMatch| {
        let exactly = equals.map(|number| number.to_string());
        exactly.into_iter().chain(numbers(*at_least, *at_most)).collect::<Vec<_>>().join(" and ")
    };
    let kinds = (!kind.is_empty()).then(|| any_of(kind));
    let told = [
        ("count", count.as_ref().map(number)),
        ("any", any.as_ref().map(value)),
        ("all", all.as_ref().map(value)),
        ("last", last.as_ref().map(value)),
        ("kind", kinds),
    ];
    told.into_iter().filter_map(|(key, told)| Some((key, told?)))
}

fn environment(condition: &EnvironmentMatch) -> String {
    let name = (!condition.name.is_empty()).then(|| any_of(&condition.name));
    let column = condition.guarded.map(|guarded| if guarded { "guarded" } else { "ordinary" }.to_owned());
    name.into_iter().chain(column).collect::<Vec<_>>().join(" and ")
}

/// The value of a flag that is given.
fn given_value(flag: &Flag) -> String {
    flag.value.as_ref().map_or_else(|| "given".to_owned(), |value| code(&value.to_string_lossy()))
}

fn code(text: &str) -> String {
    format!("`{}`", shortened(text))
}

fn any_of(list: &Strings) -> String {
    one_of(list, "or")
}

fn one_of(list: &Strings, word: &str) -> String {
    joined(list.iter().map(code).collect(), word)
}

/// What was found, in quotes.
fn quoted(values: impl Iterator<Item = String>) -> String {
    listed(values.map(|value| code(&value)))
}

fn listed(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    if values.is_empty() { "nothing".to_owned() } else { joined(values, "and") }
}

/// `a`, `a or b`, `a, b or c`; of many the first, and how many there are.
fn joined(mut values: Vec<String>, word: &str) -> String {
    let number = values.len();
    if number > SHOWN {
        values.truncate(SHOWN - 1);
        return format!("{}, … ({number} in all)", values.join(", "));
    }
    let last = values.pop().unwrap_or_default();
    if values.is_empty() { last } else { format!("{} {word} {last}", values.join(", ")) }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::silences;
    use super::*;
    use crate::process::Environment;
    use crate::rules::load::parse;

    /// What is told of `line`, a command of `acme`, by a rule with this match.
    fn told(matches: &str, line: &str, sense: Sense) -> Vec<String> {
        let rule = "rules: [{ id: terraform/x, summary: X., effect: read, match: ";
        let text = format!("version: 1\ntool: terraform\n{rule}{matches} }}]\n");
        let file = parse(std::path::Path::new("x"), &text).unwrap();
        let rule = &file.rules[0];
        let words: Vec<_> = line.split_whitespace().map(Into::into).collect();
        let mut environment = Environment::default();
        environment.set("CI", "yes");
        let command = crate::command::parse("terraform", &words, &environment).unwrap();
        let facts = Facts { command: &command, environment: &environment, situation: None };
        let reasons = silences(&rule.matches, rule.unless.as_ref(), &facts, sense);
        reasons.iter().map(|reason| reason.told(&facts, sense)).collect()
    }

    #[test]
    fn each_condition_that_fails_is_told_with_what_was_found() {
        for (matches, line, expected) in [
            ("{ command: apply }", "plan", "command: wanted `apply`, found `plan`"),
            (
                "{ command: [a, b, c, d, e] }",
                "plan",
                "command: wanted `a`, `b`, `c`, … (5 in all), found `plan`",
            ),
            (
                "{ command: apply, flags: { -auto-approve: true } }",
                "apply",
                "flags: -auto-approve wanted true, found nothing",
            ),
            (
                "{ flags: { -auto-approve: true } }",
                "apply -auto-approve=false",
                "flags: -auto-approve wanted true, found `false`",
            ),
            (
                "{ flags: { -lock: { present: false } } }",
                "apply -lock",
                "flags: -lock wanted absent, found given",
            ),
            (
                "{ flags: { -parallelism: { at_least: 2, at_most: 5 } } }",
                "apply -parallelism=9",
                "flags: -parallelism wanted at least 2 and at most 5, found `9`",
            ),
            (
                "{ flags: { -target: { regex: 'a|b' } } }",
                "apply -target=x -target=y",
                "flags: -target wanted /a|b/, found `x` and `y`",
            ),
            ("{ command: aply }", "apply", "command: wanted `aply`, found `apply`; did you mean `apply`?"),
            (
                "{ flags: { -lock: yes } }",
                "apply -lock",
                "flags: -lock wanted `yes`, found given; `yes` is a text here: write `true` if that is meant",
            ),
            (
                "{ operands: { any: { regex: prod } } }",
                "apply prod-eu",
                "operands: any wanted /prod/, found `prod-eu`; a pattern has to match the whole value",
            ),
            ("{ operands: { count: 0 } }", "apply a b", "operands: count wanted 0, found 2: `a` and `b`"),
            ("{ operands: { count: 1 } }", "apply", "operands: count wanted 1, found none"),
            ("{ operands: { any: a, last: x } }", "apply a b", "operands: last wanted `x`, found `b`"),
            ("{ operands: { all: a } }", "apply a b", "operands: all wanted `a`, found `a` and `b`"),
            (
                "{ only_flags: [-lock] }",
                "apply -json",
                "only_flags: wanted no flag but `-lock`, found `-json`",
            ),
            ("{ env: { CI: no-ci } }", "apply", "env: CI wanted `no-ci`, found `yes`"),
            (
                "{ env: { TF: { tokens: x, unless_after: y } } }",
                "apply",
                "env: TF wanted the word `x` not behind `y`, found nothing",
            ),
            ("{ fields: { a.b: x } }", "apply", "fields: a.b wanted `x`, found nothing"),
            (
                "{ not: { command: apply, operands: { count: 0 } } }",
                "apply",
                "not: command: `apply`, operands: count 0 holds",
            ),
            ("{ command: \"a\\e[2Jb\" }", "plan", "command: wanted `a\\u{1b}[2Jb`, found `plan`"),
        ] {
            assert_eq!(told(matches, line, Sense::Possibly), [expected], "{matches} {line}");
        }
    }

    #[test]
    fn every_alternative_has_a_reason_and_unless_is_one() {
        let matches = "[{ command: plan }, { flags: { -lock: true } }]";
        assert_eq!(told(matches, "apply", Sense::Possibly).len(), 2);
        assert!(told(matches, "apply -lock", Sense::Possibly).is_empty(), "one of them speaks");
        let unless = "{ command: apply }, unless: { flags: { -lock: true } }";
        assert_eq!(told(unless, "apply -lock", Sense::Possibly), ["unless: flags: -lock true holds"]);
        assert!(told(unless, "apply", Sense::Possibly).is_empty());
    }

    #[test]
    fn what_is_not_certain_is_said_to_be_so() {
        let flags = "{ flags: { -lock: true } }";
        assert_eq!(
            told(flags, "apply -novel -lock", Sense::Certainly),
            ["flags: -lock wanted true, found given, and a flag is not known"]
        );
        assert_eq!(
            told("{ target: { workspace: x } }", "apply", Sense::Certainly),
            ["environment: wanted something else, found nothing, since nobody looked"]
        );
    }
}
