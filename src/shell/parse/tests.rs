//! What the parser makes of text.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::shell::syntax::*;

/// A script on one line: commands as `[word word]`, substitutions within words
/// as `$[…]`, quoted text as `'…'`, patterns as `/…/`.
fn shown(script: &Script) -> String {
    let mut text = String::new();
    for (index, item) in script.items.iter().enumerate() {
        let join = match item.join {
            Join::Then if index == 0 => "",
            Join::Then => "; ",
            Join::And => " && ",
            Join::Or => " || ",
        };
        let stages: Vec<String> = item.pipeline.stages.iter().map(stage).collect();
        let background = if item.background { " &" } else { "" };
        write!(text, "{join}{}{background}", stages.join(" | ")).unwrap();
    }
    text
}

fn words(words: &[Word]) -> String {
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn assignment(assignment: &Assignment) -> String {
    let index = assignment.index.as_ref().map(|index| format!("[{}]", word(index))).unwrap_or_default();
    let operator = if assignment.append { "+=" } else { "=" };
    let value = match &assignment.value {
        Assigned::Word(value) => word(value),
        Assigned::Array(values) => format!("({})", words(values)),
    };
    format!("{}{index}{operator}{value}", assignment.name)
}

fn stage(stage: &Stage) -> String {
    let mut text = match &stage.kind {
        Kind::Simple { assignments, words: all } => {
            let mut parts: Vec<String> = assignments.iter().map(assignment).collect();
            parts.extend(all.iter().map(word));
            format!("[{}]", parts.join(" "))
        }
        Kind::Group(script) => format!("group({})", shown(script)),
        Kind::Subshell(script) => format!("subshell({})", shown(script)),
        Kind::If(branches) => {
            let shown = |(condition, body): &(Option<Script>, Script)| {
                format!("{} ? {}", condition.as_ref().map(shown).unwrap_or_default(), shown(body))
            };
            format!("if({})", branches.iter().map(shown).collect::<Vec<_>>().join(" : "))
        }
        Kind::While { condition, body } => format!("while({} ? {})", shown(condition), shown(body)),
        Kind::For { names, words: None, body } => format!("for({} : {})", names.join(" "), shown(body)),
        Kind::For { names, words: Some(all), body } => {
            format!("for({} in {} : {})", names.join(" "), words(all), shown(body))
        }
        Kind::ForArithmetic { header, body } => format!("for(({}) : {})", word(header), shown(body)),
        Kind::Case { subject, arms } => {
            let arms: Vec<String> = arms
                .iter()
                .map(|(patterns, body)| format!("{} ? {}", words(patterns), shown(body)))
                .collect();
            format!("case({} in {})", word(subject), arms.join(" : "))
        }
        Kind::Function { name, body } => format!("function({} {})", word(name), self::stage(body)),
        Kind::Test(all) => format!("test({})", words(all)),
        Kind::Arithmetic(expression) => format!("arithmetic({})", word(expression)),
        Kind::Coprocess(body) => format!("coproc({})", self::stage(body)),
    };
    for redirection in &stage.redirections {
        let descriptor = redirection.descriptor.as_deref().unwrap_or_default();
        write!(text, " {descriptor}{:?}({})", redirection.kind, word(&redirection.target)).unwrap();
    }
    text
}

fn word(word: &Word) -> String {
    word.parts.iter().map(part).collect()
}

fn part(part: &Part) -> String {
    match part {
        Part::Literal { text, quoted: false } => String::from_utf8_lossy(text).into_owned(),
        Part::Literal { text, quoted: true } => format!("'{}'", String::from_utf8_lossy(text)),
        Part::Glob(text) => format!("/{}/", String::from_utf8_lossy(text)),
        Part::Tilde(text) => format!("~<{}>", String::from_utf8_lossy(text)),
        Part::Brace(all) => format!("{{{}}}", all.iter().map(word).collect::<Vec<_>>().join(",")),
        Part::Parameter(parameter) => {
            let index =
                parameter.index.as_ref().map(|index| format!("[{}]", word(index))).unwrap_or_default();
            let operation = parameter.operation.as_ref();
            let operation =
                operation.map(|operation| format!("{}{}", operation.operator, word(&operation.word)));
            let sign = match (parameter.indirect, parameter.length) {
                (true, _) => "!",
                (_, true) => "#",
                _ => "",
            };
            format!("${{{sign}{}{index}{}}}", parameter.name, operation.unwrap_or_default())
        }
        Part::Command { script, .. } => format!("$[{}]", shown(script)),
        Part::Process { script, reads } => format!("{}[{}]", if *reads { '>' } else { '<' }, shown(script)),
        Part::Arithmetic { word: expression, .. } => format!("$(({}))", word(expression)),
    }
}

#[test]
fn commands_and_operators() {
    for (text, tree) in [
        ("", ""),
        ("a b", "[a b]"),
        ("a; b & c && d || e\nf", "[a]; [b] &; [c] && [d] || [e]; [f]"),
        ("a | b |& c", "[a] | [b] 2Duplicate(1) | [c]"),
        ("! a | b", "[a] | [b]"),
        ("time -p a; time -f x a", "[a]; [time -f x a]"),
        ("x=1 y+=2 a b=3", "[x=1 y+=2 a b=3]"),
        ("a[i]=x b=(c [d]=e [$(f)]=g)", "[a['i']=x b=(c e $[[f]] g)]"),
        ("declare x=(a $(b))", "[declare x=(a $[[b]] )]"),
        ("a # b; c\nd#e", "[a]; [d#e]"),
        ("ku\\\nbectl a \\\n b", "[kubectl a b]"),
        ("a &\\\n& b", "[a] && [b]"),
        ("i\\\nf a; then b; fi", "if([a] ? [b])"),
        ("a b\r", "[a b\r]"),
        ("echo if then fi { }", "[echo if then fi {}]".replace("{}", "{ }").as_str()),
    ] {
        assert_eq!(shown(&parse(text.as_bytes()).unwrap()), tree, "{text}");
    }
}

#[test]
fn compound_commands() {
    for (text, tree) in [
        ("(a; b) >c", "subshell([a]; [b]) Write(c)"),
        ("{ a; } | b", "group([a]) | [b]"),
        ("if a; then b; elif c; then d; else e; fi", "if([a] ? [b] : [c] ? [d] :  ? [e])"),
        ("until a; do b; done <c", "while([a] ? [b]) Read(c)"),
        ("for x in a *; do b; done", "for(x in a /*/ : [b])"),
        ("for x do b; done; for y (a b) c $y", "for(x : [b]); for(y in a b : [c ${y}])"),
        ("for x y in a b; { c; }", "for(x y in a b : [c])"),
        ("for ((i=0;i<$(a);i++)) do b; done", "for(('i=0;i<'$[[a]]';i++') : [b])"),
        ("case $x in (a|b) c;; *) d;& e) esac", "case(${x} in a b ? [c] : /*/ ? [d] : e ? )"),
        ("f() { a; }; function g { b; } >c", "function(f group([a])); function(g group([b]) Write(c))"),
        ("f g() a", "function(f g [a])"),
        ("coproc X { a; }; coproc a b", "coproc(group([a])); coproc([a b])"),
        ("[[ -f $(a) && ! ( b == c* ) ]]", "test(-f $[[a]] && ! ( b == c/*/ ))"),
        ("[[ a && b ]]", "test(a && b $[[b ]]]])"),
        ("[[\na\n]]", "test(a $[[a ]]]])"),
        ("[[ a =~ ^(b|c d)$ ]]", "test(a =~ ^/(b|c d)/$)"),
        ("(( x++ ))", "arithmetic(' x++ '$[[x++]])"),
        ("((kubectl delete ns a; b))", "arithmetic('kubectl delete ns a; b'$[[kubectl delete ns a]; [b]])"),
        ("((a); b)", "subshell(subshell([a]); [b])"),
        ("1=x 2+=y a b", "group([1=x 2+=y a b]; [a b])"),
        ("repeat 2 repeat 3 a b", "group([repeat 2 repeat 3 a b]; [a b])"),
        (
            "kubectl delete &>a b --dry-run",
            "group([kubectl delete b --dry-run]; [kubectl delete]; [b --dry-run]) Write(a)",
        ),
    ] {
        assert_eq!(shown(&parse(text.as_bytes()).unwrap()), tree, "{text}");
    }
}

#[test]
fn words_and_their_parts() {
    for (text, tree) in [
        (r#"a 'b'"c"\d$'\x65\n'"#, "[a 'bcde\n']"),
        ("'' \"\"", "['' '']"),
        ("~ ~/a ~b/c a~ x=~/y:~", "[~<> ~<>/a ~<b>/c a~ x=~<>/y:~]"),
        ("x=~/y:~", "[x=~<>/y:~<>]"),
        ("a* [b-c] [ d ] e? [", "[a/*/ /[b-c]/ [ d ] e/?/ []"),
        ("{a,b}c {a} {} {a,{b,c}} {1..3} {a,b", "[{a,b}c {a} {} {a,{b,c}} {1,2,3} {a,b]"),
        ("{01..3} {c..a} {1..1000} a,b}", "[{01,02,03} {c,b,a} /{/1..1000/}/ a,b}]"),
        ("$a ${b} $1 $@ ${10} $?x $", "[${a} ${b} ${1} ${@} ${10} ${?}x $]"),
        ("${a:-$(b)} ${a[$(c)]} ${#a} ${!a}", "[${a:-$[[b]]} ${a[$[[c]]]} ${#a} ${!a}]"),
        ("\"${a:-\"$(b)\"}\" ${a%%*} ${a/b/$(c)}", "[${a:-$[[b]]} ${a%%/*/} ${a/b/$[[c]]}]"),
        ("${a; }", "[${!a; }]"),
        ("${$(a)} ${(f)$(b)} \"${${c}#d}\" ${$}", "[${!$[[a]]} ${!$[[b]]} ${!${c}'#d'} ${$}]"),
        ("${ a; }b \"${| c; }\"", "[$[[a]]b $[[c]]]"),
        ("$(a $(b)) `c \\`d\\``", "[$[[a $[[b]]]] $[[c $[[d]]]]]"),
        ("\"`a \\\"b  c\\\"`\"", "[$[[a 'b  c']]]"),
        ("$((1 + $(a))) $[b] $((c); d)", "[$(('1 + '$[[a]])) $(('b')) $[subshell([c]); [d]]]"),
        ("<(a) >(b) =(c) a<(b)", "[<[[a]] >[[b]] <[[c]] a<[[b]]]"),
        ("=kubectl $=x $'\\q'", "[/=/kubectl ${!x} /\\q/]"),
        ("x=$(case a in a) b;; esac)", "[x=$[case(a in a ? [b])]]"),
        ("@(a|b)c +(d) *.tf(.)", "[/@(a|b)/c /+(d)/ /*/.tf/(.)/]"),
    ] {
        assert_eq!(shown(&parse(text.as_bytes()).unwrap()), tree, "{text}");
    }
}

#[test]
fn redirections_and_here_documents() {
    for (text, tree) in [
        ("kubectl 2>/dev/null delete ns a", "[kubectl delete ns a] 2Write(/dev/null)"),
        (">a b 2>&1 -c", "[b -c] Write(a) 2Duplicate(1)"),
        ("a {fd}>b 3<>c &>d", "[a] {fd}Write(b) 3ReadWrite(c) Write(d)"),
        ("a >&b 2>&- <<<\"$c\"", "[a] Write(b) 2Duplicate(-) HereString(${c})"),
        ("a <<E; b\n$(c) \\$d\nE\ne", "[a] HereDocument($[[c]]' $d\n'); [b]; [e]"),
        ("a <<'E'\n$(c)\nE\n", "[a] HereDocument('$(c)\n')"),
        ("a <<-E <<F\n\tb\n\tE\nc\nF\nd", "[a] HereDocument('b\n') HereDocument('c\n'); [d]"),
        ("$(a <<E\n`b`\nE\n) c", "[$[[a] HereDocument($[[b]]'\n')] c]"),
        ("if a <<E; then\nb\nE\nc; fi", "if([a] HereDocument('b\n') ? [c])"),
        ("a <<E\nb", "[a] HereDocument('b')"),
        ("a <<E\n$(b <<F\n$(c)\nF\n)\nE", "[a] HereDocument($[[b] HereDocument($[[c]]'\n')]'\n')"),
    ] {
        assert_eq!(shown(&parse(text.as_bytes()).unwrap()), tree, "{text}");
    }
}

#[test]
fn readings_of_several_shells() {
    for (text, tree) in [
        ("a $'x\\'; kubectl delete; \\'' b", "[a 'x'; kubectl delete; '' b]; [a $'x\\']; [kubectl delete]"),
        ("c; a $'don\\'t'", "[c]; [a 'don't']"),
    ] {
        assert_eq!(shown(&parse(text.as_bytes()).unwrap()), tree, "{text}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    for (text, reason) in [
        ("a\nb 'c", "line 2: a single quote is not closed"),
        ("a \"b", "line 1: a double quote is not closed"),
        ("a $(b", "line 1: `$(` is not closed"),
        ("a\n\nif b; then c", "line 3: `fi` is missing"),
        ("a; }", "line 1: unexpected `}`"),
        ("a ;; b", "line 1: unexpected `;;`"),
        ("a &&", "line 1: nothing stands behind `&&` or `||`"),
        ("a >", "line 1: the text ends too early"),
        ("a\0b", "line 1: a NUL byte, which shells drop or stop at"),
        ("a &>b $(c)", "line 1: substitutions in a command that shells read differently"),
        ("[[ a || kubectl delete ns b ]]", "line 1: unexpected `]]`"),
        (">x { a }", "line 1: a reserved word behind a redirection or an assignment, which zsh heeds"),
        ("a >! b", "line 1: a redirection to `!`, which zsh takes for a part of the operator"),
        ("ls *(e:'a':)", "line 1: zsh may run what stands in the parentheses behind a pattern"),
        ("((a <<E))\nE\nb", "line 1: `<<` in `((…))`, which sh takes for a here-document"),
        ("$[;a;]", "line 1: an operator between brackets, which sh takes for the command's end"),
        ("\"${x:-'}'}\"", "line 1: quotes that not all shells take for quotes"),
        ("cat <<E\n\\\nE\nE", "line 3: a here-document's delimiter next to a continued line"),
        ("y=(a)$'b' c", "line 1: text right behind an array, which shells read differently"),
        ("a\n`(`", "line 2: `(` is not closed"),
    ] {
        let Opaque(found) = parse(text.as_bytes()).unwrap_err();
        assert_eq!(found, reason, "{text:?}");
    }
    assert!(parse(&vec![b' '; MAX_LENGTH]).is_ok());
    assert!(parse(&vec![b' '; MAX_LENGTH + 1]).is_err());
}

#[test]
fn depth_ends() {
    for (open, inside, close) in [
        ("( ", "a", ")"),
        ("{ ", "a", "; }"),
        ("$(", "a", ")"),
        ("\"$(", "a", ")\""),
        ("${x:-", "a", "}"),
        ("\"${x:-", "a", "}\""),
        ("$((", "1", "))"),
        ("((", "1", "))"),
        ("<(", "a", ")"),
        ("a[$(", "b", ")]=c"),
        ("a=($(", "b", "))"),
        ("{a,", "b", "}"),
        ("a@(", "b", ")"),
        ("if ", "a", "; then b; fi"),
        ("while a; do ", "b", "; done"),
        ("for x in a; do ", "b", "; done"),
        ("case a in b) ", "c", ";; esac"),
        ("f() { ", "a", "; }"),
        ("f() ", "(a)", ""),
        ("coproc ", "a", ""),
        ("[[ ( ", "a", " ) ]]"),
    ] {
        let nest = |count: usize| format!("{}{inside}{}", open.repeat(count), close.repeat(count));
        assert!(parse(nest(1).as_bytes()).is_ok(), "{}", nest(1));
        assert!(parse(nest(MAX_DEPTH + 1).as_bytes()).is_err(), "{open}");
        assert!(parse(nest(100_000).as_bytes()).is_err(), "{open}");
    }
    let deep = "a | (".repeat(MAX_DEPTH) + "b" + &")".repeat(MAX_DEPTH);
    assert!(parse(deep.as_bytes()).is_ok());
}

#[test]
fn readings_do_not_multiply() {
    let nested = "((a[$( ".repeat(20) + "1" + &")]))".repeat(20);
    assert!(parse(nested.as_bytes()).is_err());
    let side_by_side = "((i++)); $((j)); $((k); l); ".repeat(2000);
    assert!(parse(side_by_side.as_bytes()).is_ok());
    let words = parse("{1..64} ".repeat(1000).as_bytes()).unwrap();
    assert!(shown(&words).contains("/{/1..64/}/"));
}

/// The one literal of a text of one word.
fn literal(text: &[u8]) -> Vec<u8> {
    let script = parse(text).unwrap();
    let [item] = script.items.as_slice() else { panic!("{script:?}") };
    let [Stage { kind: Kind::Simple { words, .. }, .. }] = item.pipeline.stages.as_slice() else {
        panic!("{item:?}")
    };
    let [word] = words.as_slice() else { panic!("{words:?}") };
    word.parts
        .iter()
        .flat_map(|part| match part {
            Part::Literal { text, .. } => text.clone(),
            part => panic!("{part:?}"),
        })
        .collect()
}

proptest! {
    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_text_of_shell_pieces_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "a", " ", "\n", "$(", ")", "`", "\"", "'", "((", "))", "$((", "${x:-", "}", "<<E\n", "\nE\n", "\\", "{", ",",
        "[[ ", " ]]", "if ", "; then ", "; fi", "case a in ", ";;", " esac", "$'", "$[", "[", "]", "#", "&", "|", ";",
        "<(", ">", "=(", "x=", "~", "..", "*", "@(", "\u{e9}", "\\\n", "f() ",
    ]), 0..40)) {
        let _ = parse(pieces.concat().as_bytes());
    }

    #[test]
    fn quoting_changes_no_literal(text in "[^\0']{1,20}") {
        let quoted = format!("'{text}'");
        prop_assert_eq!(literal(quoted.as_bytes()), text.as_bytes());
        let ansi = format!("$'{}'", text.replace('\\', "\\\\"));
        prop_assert_eq!(literal(ansi.as_bytes()), text.as_bytes());
        let mut double = String::from("\"");
        for letter in text.chars() {
            if matches!(letter, '$' | '`' | '"' | '\\') {
                double.push('\\');
            }
            double.push(letter);
        }
        double.push('"');
        prop_assert_eq!(literal(double.as_bytes()), text.as_bytes());
        let mut escaped = String::new();
        for letter in text.chars().filter(|letter| letter.is_ascii() && *letter != '\n') {
            escaped.extend(['\\', letter]);
        }
        if !escaped.is_empty() {
            let plain: String = text.chars().filter(|letter| letter.is_ascii() && *letter != '\n').collect();
            prop_assert_eq!(literal(escaped.as_bytes()), plain.as_bytes());
        }
    }
}
