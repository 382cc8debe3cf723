//! find and fd: a command for each file that is found.
//!
//! What stands for the files is where the search starts, as long as nothing
//! narrows it, and something below it otherwise.

use super::files::replaced;
use super::options::{anywhere, leading};
use super::{Changes, Inner};
use crate::shell::value::{HOLE, HOLES, Value};

/// How many places a search may start at, for each of which a command stands.
const STARTS: usize = 8;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    match name {
        "find" | "gfind" => find(words),
        "fd" | "fdfind" => fd(words),
        _ => None,
    }
}

/// What is found.
struct Matches<'a> {
    starts: Vec<&'a [u8]>,
    /// Whether only some of what is there is found.
    narrowed: bool,
    /// The one name that all of them have, where it is known.
    name: Option<&'a [u8]>,
    /// Whether one command gets all of them.
    many: bool,
}

impl Matches<'_> {
    /// What may stand for the files.
    fn stand_ins(&self) -> Vec<Vec<u8>> {
        let hole = if self.many { HOLES } else { HOLE };
        if self.starts.len() > STARTS {
            return vec![vec![hole]];
        }
        let below = |start: &[u8], name: &[u8]| {
            let slash = if start.is_empty() || start.ends_with(b"/") { &b""[..] } else { b"/" };
            [start, slash, name].concat()
        };
        let mut all = Vec::new();
        for start in &self.starts {
            if !self.narrowed && !start.is_empty() {
                all.push(start.to_vec());
                continue;
            }
            match self.name {
                Some(name) => {
                    all.push(below(start, name));
                    all.push(below(start, &[&[HOLE, b'/'], name].concat()));
                }
                None => all.push(below(start, &[hole])),
            }
        }
        all
    }

    /// The command for each of them.
    fn commands(&self, command: &[Value], marks: &[&[u8]], appends: bool) -> Vec<Vec<Value>> {
        let with = |stand_in: &[u8]| {
            let filled =
                |word: &Value| marks.iter().fold(word.clone(), |word, mark| replaced(&word, mark, stand_in));
            let mut words: Vec<Value> = command.iter().map(filled).collect();
            if appends && words == command {
                words.push(Value::known(stand_in));
            }
            words
        };
        let mut commands = Vec::new();
        for stand_in in self.stand_ins() {
            let words = with(&stand_in);
            let all = if self.narrowed { None } else { removal(&words, &stand_in) };
            commands.extend(all.filter(|all| *all != words));
            commands.push(words);
        }
        commands.dedup();
        commands
    }
}

/// To remove or empty each file below a place is to remove the place.
fn removal(command: &[Value], place: &[u8]) -> Option<Vec<Value>> {
    let (program, rest) = command.split_first()?;
    let whole = || vec!["rm".into(), "-r".into(), Value::known(place)];
    match program.bytes.rsplit(|byte| *byte == b'/').next()? {
        b"rm" | b"grm" => Some([&["rm".into(), "-r".into()], rest].concat()),
        b"unlink" | b"shred" | b"truncate" => Some(whole()),
        b"cp" if rest.iter().any(|word| word.bytes == b"/dev/null") => Some(whole()),
        _ => None,
    }
}

fn find(words: &[Value]) -> Option<Vec<Inner>> {
    let operators = |word: &Value| matches!(word.bytes.first(), Some(b'-' | b'(' | b'!' | b','));
    let globals = leading(words, "H L P D= O== E X d s x f=");
    let tail = globals.tails().next().unwrap_or(words);
    let mut starts: Vec<&[u8]> =
        tail.iter().take_while(|word| !operators(word)).map(|word| word.bytes.as_slice()).collect();
    starts.extend(globals.values("f").map(|word| word.bytes.as_slice()));
    if starts.is_empty() {
        starts.push(b".");
    }
    let name = only_name(tail);
    let mut tests = Tests::default();
    let mut inners = Vec::new();
    let mut at = 0;
    while let Some(word) = tail.get(at) {
        at += 1;
        let action = word.bytes.as_slice();
        let rest = tail.get(at..).unwrap_or_default();
        if !matches!(action, b"-exec" | b"-execdir" | b"-ok" | b"-okdir") {
            at += tests.take(action, rest.first());
            continue;
        }
        let (command, many) = until_end(rest);
        at += command.len();
        let inside = action.ends_with(b"dir");
        let changes = Changes {
            directory: inside.then(Value::unknown),
            other_input: action.starts_with(b"-ok"),
            ..Changes::default()
        };
        let narrowed = inside || tests.narrow();
        let starts = if inside { vec![b".".as_slice()] } else { starts.clone() };
        let matches = Matches { starts, narrowed, name: name.filter(|_| narrowed), many };
        if !command.is_empty() {
            let commands = matches.commands(command, &[b"{}"], false);
            inners.extend(commands.iter().map(|command| Inner::words(command, &changes)));
        }
    }
    Some(inners)
}

/// The command up to `;`, or to `+` behind `{}`; whether it gets many files.
fn until_end(rest: &[Value]) -> (&[Value], bool) {
    let mut marked = false;
    for (index, word) in rest.iter().enumerate() {
        match word.bytes.as_slice() {
            b";" | b"\\;" => return (rest.get(..index).unwrap_or_default(), false),
            b"+" if marked => return (rest.get(..index).unwrap_or_default(), true),
            bytes => marked = bytes == b"{}",
        }
    }
    (rest, false)
}

/// The name that is asked for, where it is one, and the only condition on names.
fn only_name(words: &[Value]) -> Option<&[u8]> {
    let mut name = None;
    for (at, word) in words.iter().enumerate() {
        match word.bytes.as_slice() {
            b"-name" if name.is_none() => {
                let value = words.get(at + 1).filter(|value| value.is_known())?.bytes.as_slice();
                let plain = !value.iter().any(|byte| b"*?[\\/".contains(byte));
                name = Some(value).filter(|_| plain);
                name?;
            }
            b"-name" | b"-o" | b"-or" | b"," | b"!" | b"-not" => return None,
            _ => {}
        }
    }
    name
}

/// A list of alternatives, each of conditions that all hold.
#[derive(Default)]
struct Group {
    /// Whether an alternative that is over leaves nothing out.
    open: bool,
    /// Whether the conditions of this alternative leave something out.
    narrows: bool,
    negated: bool,
}

/// The conditions in front of an action, with the brackets that stand open.
struct Tests {
    groups: Vec<Group>,
    negates: bool,
}

impl Default for Tests {
    fn default() -> Self {
        Self { groups: vec![Group::default()], negates: false }
    }
}

impl Tests {
    /// Whether most of what is there is left out.
    fn narrow(&self) -> bool {
        self.groups.iter().any(|group| group.narrows)
    }

    /// Takes a word; how many words behind it belong to it.
    fn take(&mut self, word: &[u8], value: Option<&Value>) -> usize {
        match word {
            b"!" | b"-not" => {
                self.negates = !self.negates;
                return 0;
            }
            b"(" | b"\\(" => {
                self.groups.push(Group { negated: self.negates, ..Group::default() });
            }
            b")" | b"\\)" if self.groups.len() > 1 => {
                if let Some(group) = self.groups.pop() {
                    // All but what a group leaves is no less than most.
                    self.narrows(group.narrows && !group.open && !group.negated);
                }
            }
            b"-o" | b"-or" | b"," => {
                if let Some(group) = self.groups.last_mut() {
                    group.open |= !group.narrows;
                    group.narrows = false;
                }
            }
            b"-empty" | b"-nouser" | b"-nogroup" => self.narrows(!self.negates),
            _ => {
                let Some(filters) = filters(word, value) else { return 0 };
                self.narrows(filters && !self.negates);
                self.negates = false;
                return 1;
            }
        }
        self.negates = false;
        0
    }

    fn narrows(&mut self, narrows: bool) {
        if let Some(group) = self.groups.last_mut() {
            group.narrows |= narrows;
        }
    }
}

/// Whether a test leaves out most of what is there; `None` where the word is no
/// test with a value.
fn filters(test: &[u8], value: Option<&Value>) -> Option<bool> {
    let value = value.map(|value| value.bytes.as_slice()).unwrap_or_default();
    let only = |bytes: &[u8]| value.iter().all(|byte| bytes.contains(byte));
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    Some(match test {
        b"-name" | b"-iname" | b"-lname" | b"-ilname" => !only(b"*?"),
        b"-path" | b"-ipath" | b"-wholename" | b"-iwholename" => !only(b"*?./~"),
        b"-regex" | b"-iregex" => !only(b"*?./+^$()|\\"),
        b"-mtime" | b"-ctime" | b"-atime" => !(value.starts_with(b"-") && digits > 3 || value == b"+0"),
        b"-mmin" | b"-cmin" | b"-amin" => !(value.starts_with(b"-") && digits > 5 || value == b"+0"),
        b"-size" => !(value.starts_with(b"+0") || value.starts_with(b"-") && digits > 5),
        b"-perm" => !only(b"-/0"),
        b"-type" | b"-xtype" => !value.iter().any(|letter| matches!(letter, b'f' | b'd')),
        b"-inum" | b"-samefile" => true,
        b"-maxdepth" | b"-mindepth" | b"-user" | b"-group" | b"-uid" | b"-gid" | b"-links" | b"-fstype"
        | b"-used" | b"-regextype" | b"-printf" | b"-fprint" | b"-fprint0" | b"-fls" => false,
        _ if test.starts_with(b"-newer") => !(value.starts_with(b"19") || value == b"/dev/null"),
        _ => return None,
    })
}

fn fd(words: &[Value]) -> Option<Vec<Inner>> {
    // `-x` takes all words up to `;`.
    let grammar = "H,hidden I,no-ignore u,unrestricted s,case-sensitive i,ignore-case g,glob regex F,fixed-strings and= \
        a,absolute-path l,list-details L,follow p,full-path 0,print0 d,max-depth= min-depth= exact-depth= E,exclude= prune \
        t,type= e,extension= S,size= changed-within= changed-before= o,owner= format= x,exec! X,exec-batch! batch-size= \
        ignore-file= c,color= hyperlink== j,threads= max-buffer-time= max-results= 1 q,quiet show-errors \
        base-directory= C= path-separator= search-path= strip-cwd-prefix== one-file-system gen-completions== h,help V,version";
    let mut words = words;
    let mut operands = Vec::new();
    let mut searched = Vec::new();
    let mut narrowed = false;
    let mut inners = Vec::new();
    while !words.is_empty() {
        let parsed = anywhere(words, grammar);
        operands.extend(parsed.operands.iter().cloned());
        searched.extend(parsed.values("search-path").chain(parsed.values("base-directory")).cloned());
        narrowed |= parsed.has("e S changed-within changed-before and")
            || parsed.values("t").any(|kind| !matches!(kind.bytes.first(), Some(b'f' | b'd')));
        let Some(action) = parsed.found.iter().find(|found| matches!(found.name, "x" | "X")) else { break };
        let rest = words.get(words.len() - parsed.behind_rest()..).unwrap_or_default();
        let end = rest.iter().position(|word| word.bytes == b";").unwrap_or(rest.len());
        let mut command: Vec<Value> = action.value.iter().cloned().collect();
        command.extend(rest.iter().take(end).cloned());
        if !command.is_empty() {
            let filters = |pattern: &Value| !pattern.bytes.iter().all(|byte| b".*?+^$".contains(byte));
            let narrowed = narrowed || operands.first().is_some_and(filters);
            let mut starts: Vec<&[u8]> =
                operands.iter().skip(1).chain(&searched).map(|word| word.bytes.as_slice()).collect();
            if starts.is_empty() {
                starts.push(if narrowed { b"" } else { b"." });
            }
            let matches = Matches { starts, narrowed, name: None, many: action.name == "X" };
            let commands = matches.commands(&command, &[b"{}", b"{/}", b"{//}", b"{.}", b"{/.}"], true);
            inners.extend(commands.iter().map(|command| Inner::words(command, &Changes::default())));
        }
        words = rest.get(end + 1..).unwrap_or_default();
    }
    Some(inners)
}
