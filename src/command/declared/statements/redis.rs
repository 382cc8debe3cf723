//! Commands of Redis.

/// The commands of `text`, one a line, in small letters.
pub(super) fn statements(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in text.lines() {
        let mut words = words(line);
        // A number in front repeats the command.
        if words.len() > 1 && words.first().is_some_and(|first| first.parse::<u64>().is_ok()) {
            words.remove(0);
        }
        let line = words.join(" ").to_lowercase();
        if line.is_empty() {
            continue;
        }
        all.extend(called(&line));
        all.push(line);
    }
    all
}

/// The words of a line, quotes taken away.
fn words(line: &str) -> Vec<String> {
    let unquoted = |word: &str| word.trim_matches(['"', '\'']).to_owned();
    line.split_whitespace().map(unquoted).filter(|word| !word.is_empty()).collect()
}

/// The commands that a script calls.
fn called(line: &str) -> Vec<String> {
    let calls = line.match_indices("call(").filter_map(|(at, call)| line.get(at + call.len()..));
    let arguments = calls.map(|rest| rest.split(')').next().unwrap_or_default());
    let words = arguments.map(|arguments| {
        let words = arguments.split(',').map(|word| word.trim().trim_matches(['"', '\'', '\\']));
        words.collect::<Vec<_>>().join(" ")
    });
    words.filter(|words| !words.is_empty()).collect()
}
