//! The rulebook that is compiled into the binary.

use super::book::{Layer, Origin, Power};
use super::schema::Stored;

/// One shipped file.
#[derive(Debug)]
pub struct Shipped {
    /// Its path in the repository: `rules/terraform.yaml`.
    pub name: &'static str,
    /// The tools it speaks of.
    pub tools: &'static [&'static str],
    stored: &'static [u8],
    /// Its text, with the cases that the stored form leaves out.
    pub text: &'static str,
}

/// Every shipped file, by name.
pub static SHIPPED: &[Shipped] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The built-in layer could not be read back: the binary is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the built-in rulebook cannot be read back from {file}")]
pub struct Damaged {
    file: &'static str,
    source: postcard::Error,
}

/// What of the rulebook a call needs: the tools that it names, and of each the
/// command where it is known. Files that speak of no tool are always needed.
/// Empty, it stands for everything.
pub type Scope<'a> = &'a [Wanted<'a>];

/// A tool whose rules are needed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The tool.
    pub tool: &'a str,
    /// Only shipped rules that may speak of this command.
    pub command: Option<&'a str>,
}

/// The built-in layer, as far as `scope` needs it.
///
/// # Errors
/// Where the binary is damaged.
pub fn layer(scope: Scope<'_>) -> Result<Layer, Damaged> {
    let mut files = Vec::new();
    for shipped in SHIPPED {
        let mut wanted = scope.iter().filter(|wanted| shipped.tools.contains(&wanted.tool)).peekable();
        if shipped.tools.is_empty() || scope.is_empty() || wanted.peek().is_some() {
            let damaged = |source| Damaged { file: shipped.name, source };
            let Stored { mut file, rules }: Stored<'_> =
                postcard::from_bytes(shipped.stored).map_err(damaged)?;
            for (commands, rule) in rules {
                let speaks = |one: &Wanted<'_>| {
                    commands.is_empty() || one.command.is_none_or(|command| commands.contains(&command))
                };
                if scope.is_empty() || wanted.clone().any(speaks) {
                    file.rules.push(postcard::from_bytes(rule).map_err(damaged)?);
                }
            }
            files.push((shipped.name.into(), file));
        }
    }
    Ok(Layer { origin: Origin::BuiltIn, files, for_human: Power::Loosens, for_agent: Power::Loosens })
}
