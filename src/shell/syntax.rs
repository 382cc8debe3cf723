//! What shell text is made of, before anything is expanded.

/// Commands, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The pipelines with what joins each to the one before.
    pub items: Vec<Item>,
}

/// One pipeline of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// How it is joined to the item before.
    pub join: Join,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Set where it runs in the background, in a shell of its own.
    pub background: bool,
}

/// How a pipeline is joined to the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// By `;`, `&` or a line's end: it runs in any case.
    #[default]
    Then,
    /// By `&&`.
    And,
    /// By `||`.
    Or,
}

/// Commands of which each reads what the one before writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// The commands. `!`, `time` and `time -p` in front are left out.
    pub stages: Vec<Stage>,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Where it begins, in bytes from the beginning of the text; `None` where nobody
    /// asked, and in a text within the text that had to be copied (backticks, the
    /// bodies of here-documents).
    pub at: Option<usize>,
    /// The command.
    pub kind: Kind,
    /// Its redirections, in order. `|&` is one more: `2>&1`.
    pub redirections: Vec<Redirection>,
}

/// What a command is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program, builtin or function with its arguments; or assignments alone.
    Simple {
        /// The assignments in front. Of `export A=b`, `declare`, `local`,
        /// `readonly` and `typeset` the words hold them.
        assignments: Vec<Assignment>,
        /// The words, the command first.
        words: Vec<Word>,
    },
    /// `{ …; }`.
    Group(Script),
    /// `( … )`.
    Subshell(Script),
    /// `if`, with each condition and each body in order; the last has no
    /// condition where there is an `else`.
    If(Vec<(Option<Script>, Script)>),
    /// `while` and `until`.
    While {
        /// What is asked before each turn.
        condition: Script,
        /// What is done then.
        body: Script,
    },
    /// `for NAME in …` and `select NAME in …`, in zsh also `for A B in …` and `for NAME (…)`.
    For {
        /// The variables.
        names: Vec<String>,
        /// The words after `in`; `None` without one, where it is `"$@"`.
        words: Option<Vec<Word>>,
        /// What is done for each.
        body: Script,
    },
    /// `for (( …; …; … ))`.
    ForArithmetic {
        /// What stands in the parentheses.
        header: Word,
        /// What is done in each turn.
        body: Script,
    },
    /// `case WORD in … esac`.
    Case {
        /// What is compared.
        subject: Word,
        /// The patterns of each arm, and its body.
        arms: Vec<(Vec<Word>, Script)>,
    },
    /// `NAME() …` and `function NAME …`.
    Function {
        /// The names; zsh allows several.
        name: Word,
        /// What is done when it is called.
        body: Box<Stage>,
    },
    /// `[[ … ]]`: the words in it, operators among them.
    Test(Vec<Word>),
    /// `(( … ))`.
    Arithmetic(Word),
    /// `coproc …`.
    Coprocess(Box<Stage>),
}

/// `NAME=value`, `NAME+=value`, `NAME[i]=value`, `NAME=( … )`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// The index, where one is given; it may hold substitutions.
    pub index: Option<Word>,
    /// Whether it adds (`+=`).
    pub append: bool,
    /// What is assigned.
    pub value: Assigned,
}

/// What is assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// One value.
    Word(Word),
    /// An array: the words between the parentheses, `[key]=` in front of one left out.
    Array(Vec<Word>),
}

/// A word, in parts that stand next to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The parts. A word of nothing but `""` has one empty quoted literal.
    pub parts: Vec<Part>,
    /// The word as it stands in the text.
    pub source: Vec<u8>,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself. `\x`, `'…'`, `"…"` and `$'…'` are undone.
    Literal {
        /// The text.
        text: Vec<u8>,
        /// Whether quotes or a backslash keep it from being a pattern, a
        /// reserved word, an alias, a tilde or a brace.
        quoted: bool,
    },
    /// Unquoted `*`, `?`, `[` … `]` or an extended pattern, as it is written.
    Glob(Vec<u8>),
    /// `~` or `~user` at the beginning of a word, of an assigned value, or after
    /// `:` in one: what stands between the tilde and the next slash.
    Tilde(Vec<u8>),
    /// `{a,b}`: each alternative. `{1..5}` is the word that bash would make of it,
    /// up to 64 of them, else a glob.
    Brace(Vec<Word>),
    /// `$NAME`, `${NAME}`, `${NAME:-word}` and the like.
    Parameter(Parameter),
    /// `$( … )` and backticks.
    Command {
        /// What runs.
        script: Script,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
    /// `<( … )`, `>( … )`, and zsh's `=( … )`.
    Process {
        /// What runs.
        script: Script,
        /// Set for `>( … )`, which reads what is written into it.
        reads: bool,
    },
    /// `$(( … ))` and `$[ … ]`: what stands in it, with its substitutions.
    Arithmetic {
        /// The expression.
        word: Word,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
}

/// `${…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The variable's name, a digit, or one of `@ * # ? - $ ! 0`.
    pub name: String,
    /// The index between brackets, as it is written: `@`, `0`, `$i`.
    pub index: Option<Word>,
    /// Whether it stands in double quotes.
    pub quoted: bool,
    /// Set where the variable's value is the name of another (`${!x}`), or zsh's
    /// flags (`${(e)x}`) may do anything with it.
    pub indirect: bool,
    /// `#` in front: its length.
    pub length: bool,
    /// What is done with the value.
    pub operation: Option<Operation>,
}

/// What `${…}` does with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operator as it is written: `:-`, `-`, `:=`, `=`, `:+`, `+`, `:?`, `?`, `#`,
    /// `##`, `%`, `%%`, `/`, `//`, `/#`, `/%`, `^`, `^^`, `,`, `,,`, `:` (a substring), `@`.
    pub operator: String,
    /// What stands behind it, as one word (of a replacement `pattern/text`, of a
    /// substring `offset:length`).
    pub word: Word,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// What it does.
    pub kind: RedirectionKind,
    /// The number or `{name}` in front, as it is written.
    pub descriptor: Option<String>,
    /// The file, or the text of a here-document or here-string. A here-document
    /// whose delimiter is quoted is one quoted literal.
    pub target: Word,
}

/// What a redirection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectionKind {
    /// `<`.
    Read,
    /// `>`, `>|`, `&>`, `>&FILE`.
    Write,
    /// `>>`, `&>>`.
    Append,
    /// `<>`.
    ReadWrite,
    /// `>&` with a number or `-`.
    Duplicate,
    /// `<&` with a number or `-`.
    DuplicateInput,
    /// `<<` and `<<-`, its tabs taken away.
    HereDocument,
    /// `<<<`.
    HereString,
}

impl RedirectionKind {
    /// What it does to a file, in the word that rules use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Write | Self::ReadWrite => "write",
            _ => "read",
        }
    }
}
