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

/// What of the rulebook a call needs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// Only files that speak of this tool, and those that speak of none.
    pub tool: Option<&'a str>,
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
        let wanted = shipped.tools.is_empty() || scope.tool.is_none_or(|tool| shipped.tools.contains(&tool));
        if wanted {
            let damaged = |source| Damaged { file: shipped.name, source };
            let Stored { mut file, rules }: Stored<'_> =
                postcard::from_bytes(shipped.stored).map_err(damaged)?;
            for (commands, rule) in rules {
                let speaks = |command: &str| commands.is_empty() || commands.contains(&command);
                if scope.command.is_none_or(speaks) {
                    file.rules.push(postcard::from_bytes(rule).map_err(damaged)?);
                }
            }
            files.push((shipped.name.into(), file));
        }
    }
    Ok(Layer { origin: Origin::BuiltIn, files, for_human: Power::Loosens, for_agent: Power::Loosens })
}
