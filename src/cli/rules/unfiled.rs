//! `rules show` of an id that is tollgate's own and stands in no file.

use std::io::{self, Write};

use crate::rules::about::About;
use crate::rules::book::Rulebook;
use crate::rules::judge::UNREADABLE;
use crate::verdict::{Effect, PrincipalKind};

/// What is known of it.
pub(super) fn show(id: &str, about: &About, book: &Rulebook, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {id}: {}", about.summary)?;
    writeln!(out, "# It is tollgate's own and stands in no file, so no rule file can change it.")?;
    writeln!(out, "\nrisk: {}", about.risk)?;
    for (key, said) in [("reason", &about.reason), ("safer", &about.safer)] {
        if let Some(said) = said {
            writeln!(out, "{key}: {said}")?;
        }
    }
    if id != UNREADABLE {
        return writeln!(out, "\n# It makes `tollgate scan` fail, and stops no command.");
    }
    writeln!(out, "\n# What it asks for: ordinary, guarded")?;
    for principal in [PrincipalKind::Human, PrincipalKind::Agent] {
        let asked = [false, true].map(|guarded| book.cell(Effect::Unknown, principal, guarded));
        writeln!(out, "#   {:<6} {}, {}", principal.name(), asked[0], asked[1])?;
    }
    Ok(())
}
