//! Goes through the tokens twice: to learn what names stand for, and to find what runs.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::Finding;
use super::bind::{Bound, Function};
use super::known::Known;
use super::token::{Quote, Token};
use crate::shell::inner::Language;

/// What any code may take, and what each of its bytes adds: as steps, so that
/// text that doubles itself ends.
const STEPS: usize = 20_000;
const STEPS_PER_BYTE: usize = 32;

/// How many bytes may be copied in a step.
const COPIED: usize = 16;

/// What a value takes to copy besides its text, as bytes.
const NODE: usize = 64;

/// How many findings one code may have.
const MAX_FINDINGS: usize = 4096;

/// What a turn through the tokens is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// To learn what names stand for.
    Bind,
    /// To find what runs.
    Find,
    /// To know a value.
    Value,
}

/// Where the arguments of a call begin, with their names.
pub(super) type Starts = Vec<(Option<String>, usize)>;

/// Reads tokens.
pub(super) struct Reader<'a> {
    pub(super) code: &'a [u8],
    pub(super) tokens: &'a [Token],
    pub(super) language: Language,
    /// How many codes stand around this one.
    pub(super) depth: usize,
    pub(super) mode: Mode,
    pub(super) names: HashMap<String, Vec<Bound>>,
    pub(super) functions: HashMap<String, Function>,
    pub(super) calls: Vec<(String, Starts)>,
    pub(super) values: HashMap<String, Known>,
    pub(super) nesting: usize,
    /// The class whose definition began last.
    pub(super) class: &'a str,
    /// Set within the arguments of a call without brackets, which `or` ends.
    pub(super) bare: bool,
    /// Where an expression stands that is run once for each of several things.
    pub(super) loops: Vec<bool>,
    /// Where a function stands that nothing calls.
    pub(super) idle: Vec<bool>,
    /// Steps that may still be taken.
    pub(super) steps: usize,
    /// What lists are that several names take their values from, by where they stand.
    pub(super) shared: HashMap<usize, Known>,
    /// Code that was evaluated already.
    pub(super) evaluated: HashSet<Vec<u8>>,
    mentioned: RefCell<HashMap<&'static str, bool>>,
    findings: Vec<Finding>,
    seen: HashSet<Finding>,
}

/// The steps that reading code of a length may take.
pub(super) fn steps(length: usize) -> usize {
    STEPS + STEPS_PER_BYTE * length
}

impl<'a> Reader<'a> {
    pub(super) fn new(code: &'a [u8], tokens: &'a [Token], language: Language) -> Self {
        Self {
            code,
            tokens,
            language,
            depth: 0,
            mode: Mode::Bind,
            names: HashMap::new(),
            functions: HashMap::new(),
            calls: Vec::new(),
            values: HashMap::new(),
            nesting: 0,
            class: "",
            bare: false,
            loops: super::loops::loops(tokens, language),
            idle: vec![false; tokens.len()],
            steps: steps(code.len()),
            shared: HashMap::new(),
            evaluated: HashSet::new(),
            mentioned: RefCell::default(),
            findings: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// The same, within `depth` other codes and with so many steps.
    pub(super) fn within(self, depth: usize, steps: usize) -> Self {
        Self { depth, steps, ..self }
    }

    /// What the code may run, and the steps that are left.
    pub(super) fn read(mut self) -> (Vec<Finding>, usize) {
        self.statements();
        self.bind_parameters();
        self.mark_idle();
        self.values.clear();
        self.shared.clear();
        self.mode = Mode::Find;
        self.statements();
        if self.steps == 0 {
            self.opaque("the code is too involved to follow");
        }
        (self.findings, self.steps)
    }

    /// Takes `amount` of the steps; false where none is left.
    pub(super) fn spend(&mut self, amount: usize) -> bool {
        self.steps = self.steps.saturating_sub(amount);
        self.steps > 0
    }

    fn statements(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let before = at;
            if !self.import(&mut at) {
                self.targets(&mut at);
                self.expression(&mut at);
            }
            if at == before {
                at += 1;
            }
        }
    }

    pub(super) fn is(&self, languages: &[Language]) -> bool {
        languages.contains(&self.language)
    }

    pub(super) fn sign(&self, at: usize) -> Option<&'static str> {
        match self.tokens.get(at) {
            Some(Token::Sign(sign)) => Some(sign),
            _ => None,
        }
    }

    pub(super) fn name(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at) {
            Some(Token::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether the code holds `text` anywhere.
    pub(super) fn mentions(&self, text: &'static str) -> bool {
        let found = || self.code.windows(text.len()).any(|window| window == text.as_bytes());
        *self.mentioned.borrow_mut().entry(text).or_insert_with(found)
    }

    pub(super) fn add(&mut self, finding: Finding) {
        if self.mode != Mode::Find {
            return;
        }
        if self.findings.len() < MAX_FINDINGS {
            if self.seen.insert(finding.clone()) {
                self.findings.push(finding);
            }
        } else if self.findings.len() == MAX_FINDINGS {
            self.findings.push(Finding::Opaque("the code runs too much".to_owned()));
        }
    }

    pub(super) fn add_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.add(finding);
        }
    }

    pub(super) fn opaque(&mut self, why: &str) {
        self.add(Finding::Opaque(why.to_owned()));
    }

    /// Takes what a copy of `value` costs; false where nothing is left.
    pub(super) fn pay(&mut self, value: &Known) -> bool {
        let most = self.steps.saturating_mul(COPIED);
        self.spend(size(value, most) / COPIED)
    }

    /// The one behind the other.
    pub(super) fn concat(&mut self, left: Known, right: &Known) -> Known {
        match (left, right) {
            // The everyday case is done in place, so that a long chain is not copied for each link.
            (Known::Text(mut left), Known::Text(right)) => {
                left.extend_from_slice(right);
                Known::short(left)
            }
            (Known::List(mut left), Known::List(right)) => {
                left.extend_from_slice(right);
                Known::List(left)
            }
            (left, right) => {
                let factor = left.alternatives().len().max(right.alternatives().len());
                for _ in 0..factor {
                    if !self.pay(&left) || !self.pay(right) {
                        return Known::Unknown;
                    }
                }
                left.concat(right)
            }
        }
    }

    /// The quoted text that begins at `at`.
    pub(super) fn quoted(&mut self, at: &mut usize) -> (Quote, Known) {
        let Some(Token::Open(quote)) = self.tokens.get(*at) else { return (Quote::Text, Known::Unknown) };
        *at += 1;
        let mut value = Known::text("");
        while let Some(token) = self.tokens.get(*at) {
            *at += 1;
            match token {
                Token::Close => break,
                Token::Text(text) => value = self.concat(value, &Known::text(text.as_slice())),
                Token::Inside => {
                    let inner = self.inside(at);
                    let inner = if let Known::List(items) = &inner {
                        super::text::join(items, b" ")
                    } else {
                        Known::one_of(inner.texts().into_iter().map(Known::Text))
                    };
                    value = self.concat(value, &inner);
                }
                _ => {}
            }
        }
        (*quote, value)
    }

    /// The code in a text, to behind its end; the value of its last expression.
    fn inside(&mut self, at: &mut usize) -> Known {
        let mut value = Known::Unknown;
        let mut first = true;
        while let Some(token) = self.tokens.get(*at) {
            if *token == Token::Outside {
                *at += 1;
                break;
            }
            let before = *at;
            let next = self.expression(at);
            if *at == before {
                *at += 1;
            } else {
                value = if first { next } else { Known::Unknown };
                first = false;
            }
        }
        value
    }
}

/// What a copy of a value costs, up to `most`.
fn size(value: &Known, most: usize) -> usize {
    let of = |values: &[Known]| {
        let mut sum = NODE;
        for value in values {
            sum += size(value, most);
            if sum >= most {
                break;
            }
        }
        sum
    };
    match value {
        Known::Unknown => NODE,
        Known::Text(text) => NODE + text.len(),
        Known::Path(path) => NODE + path.len(),
        Known::Spread(inner) => NODE + size(inner, most),
        Known::List(values) | Known::Choice(values) => of(values),
        Known::Map(pairs) => pairs.iter().map(|(key, value)| NODE + key.len() + size(value, most)).sum(),
    }
}
