//! Statements of a database in the form that rules compare.

use super::syntax::Dialect;

/// The statements of `text`.
pub(super) fn of(text: &str, _dialect: Dialect) -> Vec<String> {
    vec![text.to_owned()]
}
