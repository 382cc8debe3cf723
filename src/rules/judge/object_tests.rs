//! Objects are judged alike, whether a line names their kind or the server tells it.

use std::ffi::OsString;

use super::tests::{book, judged};
use super::*;
use crate::command::declared::{OBJECT, change};
use crate::command::kubectl::plurals;
use crate::context::target::Target;
use crate::verdict::Effect;

/// What of a judgement has to be the same: whether it is critical, and the effects that
/// only some kinds have.
fn gravity(judgement: &Judgement) -> (bool, Vec<Effect>) {
    let effects = judgement.effects().into_iter();
    let special = effects.filter(|effect| [Effect::Privilege, Effect::Unprotect].contains(effect));
    (judgement.risk == Risk::Critical, special.collect())
}

#[test]
fn what_is_found_is_as_grave_as_what_is_typed() {
    let book = book(&[]);
    let judged = |command: &Command| judged(&book, command, &Target::default(), PrincipalKind::Agent);
    for kind in plurals() {
        let words: Vec<OsString> = ["delete", kind, "x"].map(OsString::from).into();
        let typed = crate::command::parse("kubectl", &words, &Environment::default()).unwrap();
        let typed = gravity(&judged(&typed));
        for action in ["delete", "dependent", "prune", "replace"] {
            let found = gravity(&judged(&change(OBJECT, [action, kind, "n/x"])));
            assert_eq!(found, typed, "{action} {kind}");
        }
    }
}
