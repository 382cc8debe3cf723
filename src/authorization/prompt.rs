//! Asks a human, at a terminal that no agent holds.

use std::time::Duration;

use super::signature::{BEGIN, END};
use super::terminal::{Answer, Terminal, Turn};
use super::{Authorized, How, Refused};
use crate::authorization::notice::Notice;
use crate::context::lineage;
use crate::verdict::{Decision, Risk};

/// How long a human has to answer.
pub const PATIENCE: Duration = Duration::from_secs(5 * 60);

const AGAIN: &str = "run it again at a terminal, and answer there";

/// What to ask.
#[derive(Debug)]
pub struct Question<'a> {
    /// The command and what is known about it.
    pub notice: &'a Notice<'a>,
    /// The name to type where the risk is high; `None` where nothing has one.
    pub name: Option<String>,
    /// Whether a second person would have been asked.
    pub alone: bool,
    /// The request that the answer is for.
    pub request: &'a str,
}

/// The terminal of this process, where a human can be asked at it.
///
/// # Errors
/// The refusal: there is none, or an agent holds it.
pub fn human_terminal() -> Result<Terminal, Refused> {
    let terminal = Terminal::open().map_err(|error| Refused {
        because: format!("nobody can be asked: {error}"),
        approve: "a person runs it at a terminal".to_owned(),
        asked: false,
    })?;
    let leader = terminal.session_leader().and_then(|pid| u32::try_from(pid.as_raw()).ok());
    let index = terminal.device().and_then(|device| u32::try_from(device.pts()?).ok());
    match lineage::terminal_agent(leader, index) {
        None => Ok(terminal),
        Some(evidence) => Err(Refused {
            because: format!("an agent holds this terminal ({evidence}), so it could answer itself"),
            approve: "a person runs it in a terminal of their own".to_owned(),
            asked: false,
        }),
    }
}

/// Waits until no other run asks at `terminal`.
///
/// # Errors
/// The refusal: others asked all the time, or that cannot be told.
pub fn turn_at(terminal: &mut Terminal) -> Result<Turn<'_>, Refused> {
    match terminal.take_turn(PATIENCE) {
        Ok(Ok(turn)) => Ok(turn),
        Ok(Err(_late)) => Err(Refused {
            because: "nobody could be asked: other questions were open at this terminal all the time"
                .to_owned(),
            approve: "answer those, and run it again".to_owned(),
            asked: false,
        }),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &std::io::Error) -> Refused {
    Refused { because: format!("the terminal failed: {error}"), approve: AGAIN.to_owned(), asked: false }
}

/// Shows `text` and takes the token that somebody has in hand already; `None`
/// where they have none.
///
/// # Errors
/// The refusal: a terminal that failed.
pub fn paste(terminal: &mut Terminal, text: &str) -> Result<Option<String>, Refused> {
    let mut turn = turn_at(terminal)?;
    turn.show(text).map_err(|error| failed(&error))?;
    let question = "Paste the token, or the path of the signature; Enter to leave";
    // A signature has several lines; an empty one ends it as well.
    let is_whole = |text: &str| !text.contains(BEGIN) || text.contains(END) || text.ends_with("\n\n");
    let line = turn.lines(question, PATIENCE, &is_whole).map_err(|error| failed(&error))?;
    Ok(line.ok().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()))
}

/// Shows the command and asks at `terminal`.
///
/// # Errors
/// The refusal: a terminal that failed, or a human who did not say yes.
pub fn ask(question: &Question<'_>, mut terminal: Terminal) -> Result<Authorized, Refused> {
    let typed = question.notice.judgement.risk >= Risk::High || question.alone;
    let mut turn = turn_at(&mut terminal)?;
    turn.show(&question.notice.asked(question.alone)).map_err(|error| failed(&error))?;
    let answer = match (typed, &question.name) {
        (true, Some(name)) => turn.type_name(&format!("Type `{name}` to run it"), name, PATIENCE),
        (true, None) => turn.type_name("Type `yes, run it` to run it", "yes, run it", PATIENCE),
        (false, _) => turn.confirm("Run it?", PATIENCE),
    };
    match answer.map_err(|error| failed(&error))? {
        Answer::Yes => Ok(Authorized {
            request: question.request.to_owned(),
            how: if question.alone { How::ConfirmedAlone } else { How::Confirmed },
            level: if question.alone { Decision::Peer } else { Decision::Confirm },
        }),
        Answer::No(refusal) => Err(Refused {
            because: format!("at the prompt: {refusal}"),
            approve: AGAIN.to_owned(),
            asked: true,
        }),
    }
}
