//! The rulebook that is compiled into the binary.

use super::book::{Layer, Origin, Power};
use super::schema::RuleFile;

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

/// The built-in layer; with a tool, only the files that speak of it and those
/// that speak of none (the policy), so that a shim reads no more than it needs.
///
/// # Errors
/// Where the binary is damaged.
pub fn layer(tool: Option<&str>) -> Result<Layer, Damaged> {
    let mut files = Vec::new();
    for shipped in SHIPPED {
        let wanted = shipped.tools.is_empty() || tool.is_none_or(|tool| shipped.tools.contains(&tool));
        if wanted {
            let file: RuleFile = postcard::from_bytes(shipped.stored)
                .map_err(|source| Damaged { file: shipped.name, source })?;
            files.push((shipped.name.into(), file));
        }
    }
    Ok(Layer { origin: Origin::BuiltIn, files, for_human: Power::Loosens, for_agent: Power::Loosens })
}

/// Whether a shipped file speaks of `tool`.
pub fn names(tool: &str) -> bool {
    SHIPPED.iter().any(|shipped| shipped.tools.contains(&tool))
}
