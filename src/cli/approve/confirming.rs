//! A human's confirmation of what an agent asked for: typed at a terminal that
//! no agent holds. It is never a second person's approval.

use std::io::Write;

use super::source::{Setting, ledger};
use super::{AGAIN, again, refuse, refused, unusual};
use crate::audit::{Actor, Event, Log};
use crate::authorization::approval::PATIENCE;
use crate::authorization::ledger::{Pending, Stage};
use crate::authorization::terminal::Answer;
use crate::authorization::{prompt, verify};
use crate::cli::request::view;
use crate::rules::layers::Directories;
use crate::ui::sanitize;

/// What to type where nothing has a name.
const YES: &str = "yes, run it";

/// How to get there, where it waits no longer.
const ANEW: &str = "run the command again to ask anew";

/// The name of an environment that no rule gave.
pub(super) const UNCLASSIFIED: &str = "unclassified";

pub(super) fn run(
    pending: &Pending,
    setting: &Setting<'_>,
    places: &Directories,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let request = &pending.request;
    let facts = &request.facts;
    if let Err(why) = verify::in_time(request, PATIENCE, setting.now, verify::boot().as_ref()) {
        return Ok(refuse(&request.id, &why.to_string(), ANEW));
    }
    if ledger(places)?.is_confirmed(pending)? {
        writeln!(
            out,
            "Request {} is confirmed already, for one run before {}:\n  {}",
            request.id,
            view::shown_time(request.execute_before),
            again(request)
        )?;
        return Ok(0);
    }
    if let Err(why) = verify::approvable(request, setting.now) {
        return Ok(refuse(&request.id, &why.to_string(), ANEW));
    }
    let mut terminal = match prompt::human_terminal() {
        Ok(terminal) => terminal,
        Err(why) => return Ok(refused(request, &why)),
    };
    let mut turn = match prompt::turn_at(&mut terminal) {
        Ok(turn) => turn,
        Err(why) => return Ok(refused(request, &why)),
    };
    turn.show(&view::text(request, setting.now, &unusual::of(request, setting)))?;
    let environment = Some(&facts.environment.name).filter(|name| *name != UNCLASSIFIED);
    let name = facts.challenge.as_ref().or(environment).map_or(YES, String::as_str);
    let question = format!("Type `{}` to let it run once", sanitize::text(name));
    match turn.type_name(&question, name, prompt::PATIENCE)? {
        Answer::Yes => {}
        Answer::No(refusal) => {
            return Ok(refuse(
                &request.id,
                &format!("at the prompt: {refusal}; nothing was approved"),
                AGAIN,
            ));
        }
    }
    drop(turn);
    // Its time may have ended, or somebody used or cancelled it, while somebody read.
    if let Err(why) = verify::approvable(request, setting.process.now()) {
        return Ok(refuse(&request.id, &format!("{why}, and the answer came later"), ANEW));
    }
    let ledger = ledger(places)?;
    if !matches!(ledger.find(&request.id)?, Some((found, Stage::Waiting)) if found == *pending) {
        return Ok(refuse(&request.id, "it does not wait any more", ANEW));
    }
    if let Some(state) = places.state.as_deref() {
        let user = setting.process.user();
        let event = Event::Approved {
            request: request.id.clone(),
            actor: Actor { uid: user.uid, user: user.name.clone(), agent: None },
            how: "confirmed".to_owned(),
            approvers: Vec::new(),
        };
        let _receipt = Log::at(state).append(&event, setting.process.now())?;
    }
    ledger.confirm(pending)?;
    writeln!(
        out,
        "Confirmed, for one run before {}. Now run it again, or let the agent do so:",
        view::shown_time(request.execute_before)
    )?;
    writeln!(out, "  {}", again(request))?;
    Ok(0)
}
