//! What happens to a command that is not simply allowed.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use super::approval::{At, Given};
use super::weigh::{Outcome, Weighing};
use super::{GateError, REFUSED, chain, executable, found, run_allowed};
use crate::audit::{self, AuditError, Event, Log, redact};
use crate::authorization::notice::Notice;
use crate::authorization::request::Needs;
use crate::authorization::{self, Authorized, How, Refused, covered, prompt};
use crate::context::principal::Principal;
use crate::context::{self, challenge, lineage};
use crate::impact;
use crate::process::{Executable, settle};
use crate::rules::judge::Allowed;
use crate::shim::exec;
use crate::shim::supervise::{self, Ended, SuperviseError};
use crate::ui::{self, sanitize};
use crate::verdict::PrincipalKind;

/// A command that somebody has to agree to, or whose permission is out of the
/// ordinary and therefore recorded.
pub(super) struct Gated<'a> {
    pub(super) weighing: Weighing<'a>,
    pub(super) outcome: &'a Outcome,
}

impl Gated<'_> {
    /// Records the decision, asks whoever may agree, and runs it if they do.
    pub(super) fn pass(&self, allowed: Option<Allowed>) -> Result<u8, GateError> {
        settle();
        ui::colour::choose(self.weighing.process.environment());
        if covered::forged() {
            return Err(GateError::Forged);
        }
        let state = self.weighing.inquiry.places.state.as_deref();
        let recorded = state.ok_or(Unrecorded::NoHome).and_then(|state| {
            let request = audit::new_request_id()?;
            let log = Log::at(state);
            let receipt = log.append(&Event::Decision(self.record(&request)), self.weighing.process.now())?;
            Ok((request, log, receipt.head()))
        });
        if let Some(allowed) = allowed {
            if let Err(error) = recorded {
                warn(&format!("this exempt command could not be recorded: {}", chain(&error)));
            }
            if self.outcome.impact.run.is_some() {
                let (process, invocation) = (self.weighing.process, self.weighing.invocation);
                return found::run(
                    process,
                    invocation,
                    &self.weighing.inquiry.command,
                    &self.outcome.impact,
                    allowed,
                );
            }
            return run_allowed(
                self.weighing.process,
                self.weighing.invocation,
                &self.weighing.inquiry.command,
                self.outcome.judged.principal.kind,
                allowed,
            );
        }
        let (request, log, head) = match recorded {
            Ok(recorded) => recorded,
            Err(error) => return Ok(self.unrecorded(&error)),
        };
        match self.authorize(&log, &head, &request) {
            Ok((authorized, program)) => match self.prepare(&authorized, &program, &request) {
                Ok((program, kept)) => self.run(&authorized, &program, (&log, kept.as_deref())),
                Err(refused) => Ok(self.refuse(Some((&log, &request)), &refused)),
            },
            Err(Stopped::Again(given)) => {
                let came = || "an answer came, so it is judged anew".to_owned();
                let reason = given.anew.clone().unwrap_or_else(came);
                self.note_end(&log, &Event::Refused { request, reason });
                super::pass(self.weighing.process, self.weighing.invocation, &given)
            }
            Err(Stopped::Refused(refused)) => Ok(self.refuse(Some((&log, &request)), &refused)),
            Err(Stopped::Fault(error)) => {
                self.note_end(&log, &Event::Refused { request, reason: error.to_string() });
                Err(error)
            }
        }
    }

    /// Finds whoever may agree, and asks.
    fn authorize(&self, log: &Log, head: &str, request: &str) -> Result<(Authorized, Executable), Stopped> {
        let program = || {
            executable(self.weighing.process, self.weighing.invocation, &self.weighing.inquiry.command)
                .map_err(Stopped::Fault)
        };
        let decision = self.outcome.judged.judgement.decision;
        let lineage = lineage::lineage();
        let call = covered::Call { request, decision, principal: self.outcome.judged.principal.kind };
        let cover = self.outcome.cover.as_ref();
        if let Some(authorized) = cover.and_then(|cover| cover.authorization(&lineage, &call)) {
            return Ok((authorized, program()?));
        }
        let principal = &self.outcome.judged.principal;
        let standing = authorization::standing(decision, principal.kind, &self.weighing.inquiry.places)
            .map_err(Stopped::Refused)?;
        // Nobody is asked about a program that is not there.
        let program = match program() {
            Err(Stopped::Fault(error)) if principal.kind == PrincipalKind::Agent => {
                let asks = authorization::asks_for(standing.approvers.is_some(), principal);
                return Err(Stopped::Refused(Refused {
                    because: format!("{asks}; and nothing can be asked for: {}", chain(&error)),
                    approve: format!(
                        "a person runs it in a terminal of their own: {}",
                        self.line_elsewhere()
                    ),
                    asked: false,
                }));
            }
            program => program?,
        };
        let nobody = match (&standing.approvers, principal.kind) {
            (None, PrincipalKind::Human) => match prompt::human_terminal() {
                // What waits for an approval was found out then; a human is asked about now.
                Ok(_) if self.outcome.impact.earlier.is_some() => {
                    let anew = Some("a person is here to be asked about what stands there now".to_owned());
                    return Err(Stopped::Again(Given { anew, ..self.weighing.given.clone() }));
                }
                Ok(terminal) => {
                    let question = prompt::Question {
                        notice: &self.notice(),
                        name: challenge(&self.weighing.inquiry.command, &self.outcome.judged.target),
                        alone: standing.needs == Needs::Alone,
                        request,
                    };
                    let authorized = prompt::ask(&question, terminal).map_err(Stopped::Refused)?;
                    return Ok((authorized, program));
                }
                Err(refused) => refused.because,
            },
            (approvers, _) => authorization::asks_for(approvers.is_some(), principal),
        };
        let at = At { log, head, invocation: request, nobody: &nobody, explanation: None };
        let authorized = self.by_approval(standing, at, &program)?;
        Ok((authorized, program))
    }

    /// Whether its arguments still name what was looked at, where somebody thought about it since.
    fn unchanged(&self, program: &Executable) -> Result<(), Refused> {
        let (before, now) = (&self.outcome.named, self.weighing.named(&self.outcome.judged, program));
        let mut names = before.keys().chain(now.keys());
        match names.find(|name| before.get(*name) != now.get(*name)) {
            Some(name) => Err(found_anew(format!("{name} changed while this waited"))),
            None => Ok(()),
        }
    }

    /// Looks once more before it runs, keeps what it would lose, and makes the program the
    /// one that was agreed to. What started it in turn was looked at already.
    /// With it, how that is brought back.
    fn prepare(
        &self,
        authorized: &Authorized,
        program: &Executable,
        request: &str,
    ) -> Result<(Executable, Option<String>), Refused> {
        let mut program = program.clone();
        let Some(directory) = &self.weighing.inquiry.directory else { return Ok((program, None)) };
        let Outcome { judged, impact, book, .. } = self.outcome;
        let subject = self.weighing.subject(judged, &program, directory, book);
        impact::recheck(&subject, impact).map_err(found_anew)?;
        // An approval was compared with what is there, and what an authorized run starts has none.
        if matches!(authorized.how(), How::Confirmed | How::ConfirmedAlone) {
            self.unchanged(&program)?;
            impact::aws::recheck(&subject, impact).map_err(found_anew)?;
        }
        if self.weighing.given.keeps_secrets && !subject.keeps_secrets {
            warn("--keep-secrets is a person's to ask for: what secrets hold is not kept");
        }
        let kept = impact::keep(&subject, impact, request).unwrap_or_else(|why| {
            warn(&why);
            None
        });
        if let Some(run) = &self.outcome.impact.run {
            run.hand_over().map_err(|error| found_anew(chain(&error)))?;
            program.arguments.clone_from(&run.arguments);
        }
        Ok((program, kept))
    }

    /// Records that it starts, runs it, records how it ended, and says how what it took is
    /// brought back.
    fn run(
        &self,
        authorized: &Authorized,
        program: &Executable,
        (log, kept): (&Log, Option<&str>),
    ) -> Result<u8, GateError> {
        let request = authorized.request().to_owned();
        let pid = std::process::id();
        let started = lineage::lineage_of(pid).first().map_or(0, |own| own.started);
        let note = match authorized.how() {
            How::Covered { by } => Some(format!("started by the authorized run {by}")),
            How::ConfirmedAlone | How::ConfirmedApart { alone: true, .. } => {
                Some("nobody else was asked: no approvers are configured".to_owned())
            }
            How::Approved { advisory: true, .. } => {
                Some("the list of approvers is advisory: whoever asked could have written it".to_owned())
            }
            How::Confirmed | How::ConfirmedApart { .. } | How::Approved { .. } => None,
        };
        let (approval, nonce, approvers) = match authorized.how() {
            How::Approved { approval, nonce, approvers, .. } => {
                (Some(approval.clone()), Some(nonce.clone()), approvers.clone())
            }
            How::ConfirmedApart { approval, nonce, .. } => {
                (Some(approval.clone()), Some(nonce.clone()), Vec::new())
            }
            _ => (None, None, Vec::new()),
        };
        let event = Event::Exec {
            request: request.clone(),
            authorization: authorized.how().name().to_owned(),
            note,
            binary: program.path.clone(),
            pid,
            started,
            approval,
            nonce,
            approvers,
        };
        let receipt = match log.append(&event, self.weighing.process.now()) {
            Ok(receipt) => receipt,
            Err(error) => return Ok(self.unrecorded(&error.into())),
        };
        let running = covered::announce(authorized, self.outcome.judged.principal.kind, pid, started);
        if let Err(error) = &running {
            warn(&format!("what this run starts in turn will be asked about: {error}"));
        }
        let through = found::retelling(&self.outcome.impact);
        let ended = exec::run(authorized, &receipt, program);
        if let Some(through) = through {
            found::show_rest(through);
        }
        drop(running);
        let (record, result) = match ended {
            Ok(Ended::Code(code)) => (audit::Ended::Code(code), Ok(Ended::Code(code))),
            Ok(Ended::Signal(signal)) => (audit::Ended::Signal(signal), Ok(Ended::Signal(signal))),
            // It ran, so the record stays open: nobody knows how it ended.
            Err(exec::RunError::Supervise(error @ SuperviseError::Lost { .. })) => {
                return Err(GateError::Exec {
                    program: sanitize::os(program.path.as_os_str()),
                    source: std::io::Error::other(error),
                });
            }
            Err(error) => {
                let program = sanitize::os(program.path.as_os_str());
                let why = chain(&error);
                let source = std::io::Error::other(error);
                (audit::Ended::NotStarted(why), Err(GateError::Exec { program, source }))
            }
        };
        self.note_end(log, &Event::Exit { request, ended: record });
        if matches!(result, Ok(ended) if ended != Ended::Code(0)) {
            self.say_how_to_go_on();
        }
        if let Some(kept) = kept {
            let _ = writeln!(std::io::stderr(), "tollgate: {}", sanitize::text(kept));
        }
        result.map(supervise::end_like)
    }

    /// Says what comes after a plan that failed: it is stale, or good for no second run.
    fn say_how_to_go_on(&self) {
        let run = self.outcome.impact.run.as_ref();
        if !matches!(run.and_then(|run| run.given.as_ref()), Some(impact::Given::Plan(_))) {
            return;
        }
        let how = if self.weighing.inquiry.command.operands.is_empty() {
            "run it again for a new plan, which has to be approved anew"
        } else {
            "save a new plan, which has to be approved anew"
        };
        let _ = writeln!(std::io::stderr(), "tollgate: this plan was not applied to its end: {how}");
    }

    /// Refuses what cannot be recorded.
    fn unrecorded(&self, error: &Unrecorded) -> u8 {
        let approve = match error {
            Unrecorded::NoHome => "set HOME or XDG_STATE_HOME, and run it again",
            Unrecorded::Audit(_) => "make the state directory writable, with space left, and run it again",
        };
        let because = format!("it cannot be recorded: {}", chain(error));
        self.refuse(None, &Refused { because, approve: approve.to_owned(), asked: false })
    }

    /// Says why nothing ran, and records it.
    fn refuse(&self, recorded: Option<(&Log, &str)>, refused: &Refused) -> u8 {
        if let Some((log, request)) = recorded {
            self.note_end(
                log,
                &Event::Refused { request: request.to_owned(), reason: refused.because.clone() },
            );
        }
        let mut text = self.notice().refused(&refused.because, &refused.approve);
        if refused.asked {
            // The question said the rest, just above.
            text.truncate(text.find('\n').unwrap_or(text.len()));
            text = format!("{text}\n  because:  {}; nothing ran\n", sanitize::text(&refused.because));
        }
        let _ = std::io::stderr().write_all(text.as_bytes());
        REFUSED
    }

    fn note_end(&self, log: &Log, event: &Event) {
        if let Err(error) = log.append(event, self.weighing.process.now()) {
            warn(&format!("how it ended could not be recorded: {}", chain(&error)));
        }
    }

    pub(super) fn agent(&self) -> Option<String> {
        let Principal { kind, name, .. } = &self.outcome.judged.principal;
        (*kind == PrincipalKind::Agent).then(|| name.clone().unwrap_or_else(|| "unnamed".to_owned()))
    }

    pub(super) fn line(&self) -> String {
        self.weighing.invocation.line(&self.weighing.inquiry.command.arguments)
    }

    /// The line that does the same in another shell: in this directory, on
    /// this target.
    pub(super) fn line_elsewhere(&self) -> String {
        let environment = self.weighing.process.environment();
        let mut line = String::new();
        if let Some(directory) = &self.weighing.inquiry.directory {
            line = format!("cd {} && ", sanitize::word(directory.as_os_str()));
        }
        // Whoever runs it elsewhere has the home of the password database.
        let own_home = self.weighing.process.user().home.as_deref().map(Path::as_os_str);
        for name in context::variables(self.weighing.invocation.tool_name()) {
            let given =
                environment.non_empty(name).filter(|value| name != "HOME" || Some(*value) != own_home);
            if let Some(value) = given {
                line = format!("{line}{} ", redact::shown_variable(name, value));
            }
        }
        let line = redact::cut(&(line + &self.line()));
        if line.contains(redact::REDACTED) {
            return format!("{line} ({} stands for a value of yours)", redact::REDACTED);
        }
        line
    }

    pub(super) fn notice(&self) -> Notice<'_> {
        Notice {
            line: self.line(),
            judgement: &self.outcome.judged.judgement,
            environment: self.outcome.judged.place.name(),
            target: self.outcome.judged.target.shown(),
            notes: &self.outcome.judged.notes,
            lines: &self.outcome.impact.lines,
        }
    }

    fn record(&self, request: &str) -> audit::Subject {
        let mut argv: Vec<OsString> = vec![self.weighing.invocation.tool.clone()];
        argv.extend(self.weighing.inquiry.command.arguments.iter().cloned());
        let tool = sanitize::os(&self.weighing.invocation.tool);
        self.outcome.judged.subject(
            self.weighing.process,
            request,
            (tool, argv, self.weighing.inquiry.directory.clone()),
        )
    }
}

/// Why a decision could not be recorded.
#[derive(Debug, thiserror::Error)]
enum Unrecorded {
    #[error("there is no home directory to keep a record in")]
    NoHome,
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// Why a gated command goes no further.
pub(super) enum Stopped {
    Refused(Refused),
    /// Somebody answered: with this in hand it is judged anew.
    Again(Given),
    Fault(GateError),
}

/// The refusal of what is not any more as it was looked at.
pub(super) fn found_anew(because: String) -> Refused {
    let approve = "run it again: what it would do is then found out anew".to_owned();
    Refused { because, approve, asked: false }
}

/// Tells people something that stops nothing.
pub(super) fn warn(message: &str) {
    let _ = writeln!(std::io::stderr(), "tollgate: warning: {}", sanitize::text(message));
}
