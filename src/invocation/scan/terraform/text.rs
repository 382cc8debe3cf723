//! Expressions of terraform as the text that they become, as far as that is known.

use std::cell::Cell;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall};
use hcl_edit::template::{Directive, Element, Strip, Template};

use super::placed::Text;
use super::values::{Value, Values, name_of};

/// How deep values may stand in others.
const DEPTH: usize = 120;

/// How much may be read for one command: bytes, and some for each expression. Names
/// that stand for each other many times over would make of a few lines any length.
pub(super) const EFFORT: usize = 1 << 20;

/// What an expression costs by itself.
const EXPRESSION: usize = 16;

/// Reads the expressions of one text.
pub(super) struct Reader<'a> {
    /// The text that the expressions' spans count in.
    pub(super) text: &'a str,
    /// The place in the file of a byte of the text.
    pub(super) place: &'a dyn Fn(usize) -> usize,
    /// What names stand for.
    pub(super) values: Values<'a>,
    /// Which branch of conditions is taken.
    pub(super) branch: bool,
    /// How much more may be read, of [`EFFORT`].
    pub(super) left: Cell<usize>,
    /// Whether something was left out, as too deep or too much.
    pub(super) cut: Cell<bool>,
}

/// How literal text is written.
#[derive(Clone, Copy)]
enum Written {
    /// In quotes, with escapes.
    Quoted,
    /// In a heredoc, with so much white space in front of each line that does not count.
    Plain(usize),
}

impl Reader<'_> {
    /// What `expression` becomes.
    pub(super) fn text(&self, expression: &Expression) -> Text {
        self.at_depth(expression, 0)
    }

    /// What a template without quotes around it becomes.
    pub(super) fn whole(&self, template: &Template) -> Text {
        self.template(template, Written::Plain(0), 0)
    }

    /// What the members of `expression` become, where it is a list.
    pub(super) fn list(&self, expression: &Expression) -> Vec<Text> {
        let mut all = Vec::new();
        self.members(expression, 0, &mut all);
        all
    }

    fn members(&self, expression: &Expression, depth: usize, all: &mut Vec<Text>) {
        if self.is_too_deep(depth) || !self.spend(EXPRESSION) {
            return;
        }
        let deeper = depth + 1;
        match expression {
            Expression::Array(array) => array.iter().for_each(|one| all.push(self.at_depth(one, deeper))),
            Expression::Parenthesis(inner) => self.members(inner.inner(), deeper, all),
            Expression::Conditional(either) => {
                let taken = if self.branch { &either.true_expr } else { &either.false_expr };
                self.members(taken, deeper, all);
            }
            // Once for all of what it is repeated for.
            Expression::ForExpr(each) => all.push(self.at_depth(&each.value_expr, deeper)),
            Expression::FuncCall(call) if is_of_lists(call.name.name.as_str()) => {
                call.args.iter().for_each(|one| self.members(one, deeper, all));
            }
            _ => match self.values.find(expression) {
                Some(Value::Expression(found)) => self.members(found, deeper, all),
                _ => all.push(self.unknown(expression)),
            },
        }
    }

    fn at_depth(&self, expression: &Expression, depth: usize) -> Text {
        if self.is_too_deep(depth) || !self.spend(EXPRESSION) {
            return self.unknown(expression);
        }
        let deeper = depth + 1;
        match expression {
            Expression::String(value) => {
                let mut text = Text::default();
                match value.span() {
                    Some(span) => {
                        self.literal(span.start + 1..span.end.saturating_sub(1), Written::Quoted, &mut text);
                    }
                    None => text.push(value.value(), 0, false),
                }
                text
            }
            Expression::StringTemplate(template) => self.template(template, Written::Quoted, deeper),
            Expression::HeredocTemplate(heredoc) => {
                self.template(&heredoc.template, Written::Plain(heredoc.indent().unwrap_or_default()), deeper)
            }
            Expression::Parenthesis(inner) => self.at_depth(inner.inner(), deeper),
            Expression::Conditional(either) => {
                self.at_depth(if self.branch { &either.true_expr } else { &either.false_expr }, deeper)
            }
            Expression::Number(number) => Text::made(&number.value().to_string(), self.start(expression)),
            Expression::Bool(value) => Text::made(&value.value().to_string(), self.start(expression)),
            Expression::FuncCall(call) => self.call(call, expression, deeper),
            _ => match self.values.find(expression) {
                Some(Value::Here) => Text::made(".", self.start(expression)),
                Some(Value::Expression(found)) => {
                    let text = self.at_depth(found, deeper);
                    // An empty default is one that has to be set.
                    if text.is_empty() { self.unknown(expression) } else { text }
                }
                None => self.unknown(expression),
            },
        }
    }

    /// Whether values stand too deep in each other there.
    fn is_too_deep(&self, depth: usize) -> bool {
        self.cut.set(self.cut.get() || depth > DEPTH);
        depth > DEPTH
    }

    /// Whether so much may be read yet.
    fn spend(&self, effort: usize) -> bool {
        let left = self.left.get().checked_sub(effort);
        self.cut.set(self.cut.get() || left.is_none());
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// What stands for something that is not known.
    fn unknown(&self, expression: &Expression) -> Text {
        let span = expression.span().unwrap_or_default();
        Text::unknown(name_of(self.text.get(span.clone()).unwrap_or_default()), (self.place)(span.start))
    }

    fn start(&self, expression: &Expression) -> usize {
        (self.place)(expression.span().unwrap_or_default().start)
    }

    fn call(&self, call: &FuncCall, expression: &Expression, depth: usize) -> Text {
        let mut arguments = call.args.iter();
        match (call.name.name.as_str(), arguments.next(), arguments.next()) {
            ("join", Some(between), Some(list)) => {
                let between = self.at_depth(between, depth);
                let mut members = Vec::new();
                self.members(list, depth, &mut members);
                let mut text = Text::default();
                for (number, member) in members.into_iter().enumerate() {
                    if number > 0 {
                        text.append(between.clone());
                    }
                    text.append(member);
                }
                text
            }
            ("format", Some(format), _) => {
                let values: Vec<Text> =
                    call.args.iter().skip(1).map(|value| self.at_depth(value, depth)).collect();
                self.at_depth(format, depth).formatted(&values).unwrap_or_else(|| self.unknown(expression))
            }
            // The text as it is, or so that nobody minds the difference.
            (
                "abspath" | "chomp" | "dirname" | "lower" | "nonsensitive" | "pathexpand" | "sensitive"
                | "tostring" | "trim" | "trimspace" | "try",
                Some(argument),
                _,
            ) => self.at_depth(argument, depth),
            ("replace", Some(text), Some(old)) => {
                let known = |one: &Expression| self.at_depth(one, depth).known();
                let new = call.args.iter().nth(2).and_then(known);
                match (known(text), known(old), new) {
                    (Some(text), Some(old), Some(new))
                        if !old.is_empty() && text.len() + new.len() < 4096 =>
                    {
                        Text::made(&text.replace(&old, &new), self.start(expression))
                    }
                    _ => self.unknown(expression),
                }
            }
            ("coalesce", Some(first), Some(second)) => {
                self.at_depth(if self.branch { first } else { second }, depth)
            }
            _ => self.unknown(expression),
        }
    }

    fn template(&self, template: &Template, written: Written, depth: usize) -> Text {
        let mut text = Text::default();
        self.elements(template, written, depth, &mut text);
        text
    }

    fn elements(&self, template: &Template, written: Written, depth: usize, text: &mut Text) {
        for element in template {
            if self.is_too_deep(depth) {
                return;
            }
            match element {
                Element::Literal(literal) => self.literal(literal.span().unwrap_or_default(), written, text),
                Element::Interpolation(one) => {
                    let at = (self.place)(one.span().unwrap_or_default().start);
                    let mut value = self.at_depth(&one.expr, depth + 1);
                    // What stands elsewhere runs where it is put in.
                    if template.len() > 1 && self.values.find(&one.expr).is_some() {
                        value.move_to(at);
                    }
                    text.before(one.strip);
                    text.append(value);
                    text.behind(one.strip);
                }
                Element::Directive(directive) => self.directive(directive, written, depth + 1, text),
            }
        }
    }

    fn directive(&self, directive: &Directive, written: Written, depth: usize, text: &mut Text) {
        let mut part = |strip: Strip, template: Option<&Template>| {
            text.before(strip);
            text.behind(strip);
            if let Some(template) = template {
                self.elements(template, written, depth, text);
            }
        };
        match directive {
            Directive::If(one) => {
                part(one.if_expr.strip, Some(&one.if_expr.template).filter(|_| self.branch));
                if let Some(other) = &one.else_expr {
                    part(other.strip, Some(&other.template).filter(|_| !self.branch));
                }
                part(one.endif_expr.strip, None);
            }
            Directive::For(one) => {
                part(one.for_expr.strip, Some(&one.for_expr.template));
                part(one.endfor_expr.strip, None);
            }
        }
    }

    /// Adds what stands literally in a range of the text.
    fn literal(&self, range: Range<usize>, written: Written, text: &mut Text) {
        let raw = self.text.get(range.clone()).unwrap_or_default();
        if !self.spend(raw.len()) {
            return;
        }
        let mut left = 0;
        let mut at = 0;
        while let Some(character) = raw.get(at..).and_then(|rest| rest.chars().next()) {
            let place = (self.place)(range.start + at);
            let rest = raw.get(at..).unwrap_or_default();
            if let Written::Plain(indent) = written {
                if text.is_at_line_start() && left == 0 {
                    left = indent;
                }
                if left > 0 && matches!(character, ' ' | '\t') {
                    left -= 1;
                    // Only the last of them tells whether the line has begun.
                    at += 1;
                    text.set_line_begun(left == 0);
                    continue;
                }
                left = 0;
            }
            if let Some((meant, length)) = escape(rest, written) {
                text.push(&meant, place, false);
                at += length;
                continue;
            }
            // The shells of the machines that run this know no carriage return.
            if !rest.starts_with("\r\n") {
                text.push(character.encode_utf8(&mut [0; 4]), place, true);
            }
            at += character.len_utf8();
        }
    }
}

/// Functions whose members are those of their arguments.
fn is_of_lists(name: &str) -> bool {
    ["compact", "concat", "distinct", "flatten", "reverse", "sort", "tolist", "toset"].contains(&name)
}

/// What is meant by an escape that `rest` begins with, and how long that is.
fn escape(rest: &str, written: Written) -> Option<(String, usize)> {
    if rest.starts_with("$${") || rest.starts_with("%%{") {
        return rest.get(1..3).map(|meant| (meant.to_owned(), 3));
    }
    let Written::Quoted = written else { return None };
    let kind = rest.strip_prefix('\\')?.chars().next()?;
    let length = match kind {
        'u' => 6,
        'U' => 10,
        _ => {
            let meant = match kind {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            };
            return Some((meant.to_string(), 1 + kind.len_utf8()));
        }
    };
    let code = u32::from_str_radix(rest.get(2..length)?, 16).ok()?;
    Some((char::from_u32(code)?.to_string(), length))
}
