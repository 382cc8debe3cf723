//! Programs that run when resources are deleted of which the configuration has nothing but
//! a `removed` block.

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::Body;
use serde_json::Value;

use super::configured::bare;
use super::source::Source;

/// The name of the blocks, and of what runs in them.
const REMOVED: &str = "removed";
const PROVISIONER: &str = "provisioner";

/// A `removed` block that runs something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Removed {
    /// What it is about, without indexes; nothing where that cannot be told.
    from: Option<String>,
    /// The kinds of its provisioners.
    pub(super) kinds: Vec<String>,
}

impl Removed {
    /// Those in the files of a configuration.
    ///
    /// # Errors
    /// Where a file cannot be read, with its name.
    pub(super) fn all(sources: &[Source]) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for source in sources.iter().filter(|source| source.counts()) {
            let failed = || format!("{}{} cannot be read", source.module, source.name);
            if source.is_json() {
                let value = crate::json::value(source.text.as_bytes()).map_err(|_| failed())?;
                all.extend(in_json(&value, &source.module));
            } else {
                all.extend(in_body(&source.body().map_err(|_| failed())?, &source.module));
            }
        }
        all.retain(|one| !one.kinds.is_empty());
        Ok(all)
    }

    /// Whether it is about the resource at `address`.
    pub(super) fn is_about(&self, address: &str) -> bool {
        let address = bare(address);
        self.from.as_ref().is_none_or(|from| {
            address.strip_prefix(from.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

fn in_body(body: &Body, module: &str) -> Vec<Removed> {
    let one = |block: &hcl_edit::structure::Block| {
        let from = block.body.get_attribute("from").and_then(|from| path(&from.value));
        let provisioners = block.body.get_blocks(PROVISIONER);
        let kind = |provisioner: &hcl_edit::structure::Block| {
            provisioner.labels.first().map_or_else(String::new, |label| label.as_str().to_owned())
        };
        Removed { from: from.map(|from| format!("{module}{from}")), kinds: provisioners.map(kind).collect() }
    };
    body.get_blocks(REMOVED).map(one).collect()
}

/// What an expression names, without indexes.
fn path(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Parenthesis(inner) => path(inner.inner()),
        Expression::Variable(name) => Some(name.as_str().to_owned()),
        Expression::Traversal(traversal) => {
            let mut named = path(&traversal.expr)?;
            for operator in &traversal.operators {
                match operator.value() {
                    TraversalOperator::GetAttr(name) => {
                        named.push('.');
                        named.push_str(name.as_str());
                    }
                    TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_) => {}
                    TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => return None,
                }
            }
            Some(named)
        }
        _ => None,
    }
}

/// The same in JSON, where one block may stand without a list around it.
fn in_json(value: &Value, module: &str) -> Vec<Removed> {
    let one = |block: &Value| {
        let from = block.get("from").and_then(Value::as_str);
        let provisioners = objects(block.get(PROVISIONER));
        let kinds = provisioners.iter().filter_map(|one| one.as_object());
        Removed {
            from: from.map(|from| format!("{module}{}", bare(from.trim()))),
            kinds: kinds.flat_map(|one| one.keys().cloned()).collect(),
        }
    };
    let blocks = objects(Some(value)).into_iter().flat_map(|root| objects(root.get(REMOVED)));
    blocks.map(one).collect()
}

/// The objects of a list, of lists in it too, or the one object.
fn objects(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(list)) => list.iter().flat_map(|one| objects(Some(one))).collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(module: &str, name: &str, text: &str) -> Source {
        Source { module: module.to_owned(), name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_block_is_about_what_it_names_and_what_is_in_that() {
        let run = "provisioner \"local-exec\" {\n when = destroy\n command = \"x\"\n }";
        for (module, from, address, expected) in [
            ("", "a_b.c", "a_b.c", true),
            ("", "a_b.c", "a_b.c[0]", true),
            ("", "a_b.c", "a_b.c[\"x.y\"]", true),
            ("", "a_b.c", "a_b.cd", false),
            ("", "a_b.c", "module.m.a_b.c", false),
            ("", "module.m.a_b.c", "module.m[\"k\"].a_b.c[1]", true),
            ("", "module.m", "module.m[0].module.n.a_b.c", true),
            ("", "module.m", "module.mn.a_b.c", false),
            ("module.m.", "a_b.c", "module.m[3].a_b.c", true),
            ("module.m.", "a_b.c", "a_b.c", false),
            ("", "a_b . c", "a_b.c", true),
            ("", "(a_b.c)", "a_b.c", true),
            // What cannot be read is about everything.
            ("", "a_b.c[*].d", "x.y", true),
            ("", "\"a_b.c\"", "x.y", true),
        ] {
            let text = format!("removed {{\n from = {from}\n {run}\n}}");
            let found = Removed::all(&[source(module, "main.tf", &text)]).unwrap();
            let [removed] = found.as_slice() else { panic!("{text}") };
            assert_eq!(removed.kinds, ["local-exec"]);
            assert_eq!(removed.is_about(address), expected, "{from} in {module:?}: {address}");
        }
    }

    #[test]
    fn every_file_that_counts_is_read() {
        let quiet = "removed {\n from = a.b\n lifecycle {\n destroy = false\n }\n}\nresource \"a\" \"b\" {\n provisioner \"x\" {}\n}";
        let json = r#"{"removed": [{"from": "a.b", "provisioner": [{"local-exec": {"command": "x"}}, {"remote-exec": {}}]}, {"from": "c.d"}]}"#;
        let single = r#"[{"\u0072emoved": {"from": "a.b[0]", "provisioner": {"local-exec": [{}, {}]}}}]"#;
        let loud = "\u{feff}removed {\n from = a.b\n provisioner \"p\" {}\n provisioner q {}\n}";
        for (name, text, kinds) in [
            ("main.tf", quiet, Some(vec![])),
            ("main.tf", "", Some(vec![])),
            ("main.tf.json", json, Some(vec!["local-exec", "remote-exec"])),
            ("main.tf.json", single, Some(vec!["local-exec"])),
            ("main.tofu", loud, Some(vec!["p", "q"])),
            ("notes.txt", "removed {", Some(vec![])),
            ("main.tf", "removed {", None),
            ("main.tf.json", "{", None),
            ("main.tf.json", r#"{"removed": {}, "removed": {}}"#, None),
        ] {
            let found = Removed::all(&[source("", name, text)]);
            let found = found.map(|all| all.into_iter().flat_map(|one| one.kinds).collect::<Vec<_>>());
            assert_eq!(
                found.ok(),
                kinds.map(|all| all.into_iter().map(str::to_owned).collect()),
                "{name} {text}"
            );
        }
    }
}
