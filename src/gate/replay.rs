//! What would have been stopped of what was run before.
//!
//! It is judged apart from the machine that this is: today's kubeconfig, workspace and
//! variables say nothing of then, only the lines' own words count, and the rulebook
//! of today. Nothing runs and nothing is recorded.
//!
//! People and agents repeat themselves, so each distinct thing is judged once; by
//! several threads, for there may be a million.

mod judge;
mod tally;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;

use super::GateError;
use crate::context::principal::Principal;
use crate::invocation::replay::{Deed, Event};
use crate::process::Process;
use crate::shell::walk::Typing;
use judge::Apart;
pub use judge::{Judge, Stopped};
pub use tally::{Count, Rule, Tally, Worst};

/// How many distinct things are known at once; then what came of them is added up, and
/// they are forgotten.
const KNOWN: usize = 1 << 20;

/// How many of them, and how many bytes, go to a thread at once.
const BATCH: (usize, usize) = (256, 1 << 20);

/// The walk over nested text is recursive.
const STACK: usize = 16 << 20;

/// Where something was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When, where that is known.
    pub time: Option<Timestamp>,
    /// Which of the files.
    pub file: usize,
    /// The line of the file.
    pub line: u64,
}

/// Something to be judged.
struct Job {
    slot: usize,
    who: usize,
    event: Event,
}

/// What is known of one distinct thing while it is counted.
#[derive(Clone, Copy, Default)]
struct Slot {
    who: usize,
    times: u64,
    withheld: u64,
    newest: Occurrence,
}

/// What came of a batch: what would have been stopped, and how many could not be judged.
type Answer = Result<(Vec<(usize, Stopped)>, u64), GateError>;

/// Counts what was done, and has it judged.
pub struct Replay<'a> {
    people: &'a [Principal],
    /// Judges where no thread could be started.
    own: Option<Judge>,
    hasher: RandomState,
    known: HashMap<u64, usize>,
    slots: Vec<Slot>,
    batch: Vec<Job>,
    bytes: usize,
    jobs: SyncSender<Vec<Job>>,
    answers: Receiver<Answer>,
    awaited: usize,
    found: Vec<(usize, Stopped)>,
    failed: Option<GateError>,
    tally: Tally,
}

/// Has `work` tell what was done by which of `people`, and judges it on the way.
///
/// # Errors
/// Where a layer of the rulebook is wrong.
pub fn replay<T>(
    process: &dyn Process,
    people: &[Principal],
    work: impl FnOnce(&mut Replay<'_>) -> T,
) -> Result<(T, Tally), GateError> {
    let apart = Apart::of(process);
    // A rulebook that is wrong is so in every thread: said once, before anything else.
    let own = Judge::apart(apart.clone())?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (jobs, waiting) = sync_channel::<Vec<Job>>(2 * threads);
    let (told, answers) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    thread::scope(|scope| {
        let mut started = 0;
        for _ in 0..threads {
            let (apart, waiting, told) = (apart.clone(), Arc::clone(&waiting), told.clone());
            let work = move || serve(apart, people, &waiting, &told);
            started += u8::from(thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).is_ok());
        }
        drop((told, waiting));
        let own = (started == 0).then_some(own);
        let mut replay = Replay::new(own, jobs, answers, people);
        let result = work(&mut replay);
        replay.settle();
        match replay.failed {
            Some(error) => Err(error),
            None => Ok((result, replay.tally)),
        }
    })
}

/// Judges batches until there are no more.
fn serve(apart: Apart, people: &[Principal], jobs: &Mutex<Receiver<Vec<Job>>>, told: &Sender<Answer>) {
    let mut judge = Judge::apart(apart);
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return };
        let answer = match &mut judge {
            Ok(judge) => judged_batch(judge, people, &batch),
            Err(_) => Ok((Vec::new(), batch.len() as u64)),
        };
        if told.send(answer).is_err() {
            return;
        }
    }
}

fn judged_batch(judge: &mut Judge, people: &[Principal], batch: &[Job]) -> Answer {
    let (mut found, mut unjudged) = (Vec::new(), 0);
    for Job { slot, who, event } in batch {
        let Some(who) = people.get(*who) else { continue };
        let stopped =
            AssertUnwindSafe(|| judge.stopped(&event.deeds, event.directory.as_ref(), event.typing, who));
        // An error in tollgate itself costs one line, not the report.
        match catch_unwind(stopped) {
            Ok(stopped) => found.extend(stopped?.map(|stopped| (*slot, stopped))),
            Err(_) => unjudged += 1,
        }
    }
    Ok((found, unjudged))
}

impl<'a> Replay<'a> {
    fn new(
        own: Option<Judge>,
        jobs: SyncSender<Vec<Job>>,
        answers: Receiver<Answer>,
        people: &'a [Principal],
    ) -> Self {
        Self {
            people,
            own,
            hasher: RandomState::new(),
            known: HashMap::new(),
            slots: Vec::new(),
            batch: Vec::new(),
            bytes: 0,
            jobs,
            answers,
            awaited: 0,
            found: Vec::new(),
            failed: None,
            tally: Tally::of(people.len()),
        }
    }

    /// One more thing, done by one of the people, in one of the files.
    pub fn add(&mut self, event: Event, who: usize, file: usize) {
        if self.known.len() >= KNOWN {
            self.settle();
        }
        let occurrence = Occurrence { time: event.time, file, line: event.line };
        let withheld = u64::from(event.withheld);
        let unseen = event.typing == Typing::Unseen;
        let key = self.hasher.hash_one((who, unseen, &event.deeds, &event.directory));
        let next = self.slots.len();
        let slot = *self.known.entry(key).or_insert(next);
        if slot == next {
            self.slots.push(Slot { who, ..Slot::default() });
            self.judge(Job { slot, who, event });
        }
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.times += 1;
            slot.withheld += withheld;
            slot.newest = slot.newest.max(occurrence);
        }
    }

    fn judge(&mut self, job: Job) {
        let length = |deed: &Deed| if let Deed::Line(text) = deed { text.len() } else { 0 };
        self.bytes += job.event.deeds.iter().map(length).sum::<usize>();
        self.batch.push(job);
        if self.batch.len() >= BATCH.0 || self.bytes >= BATCH.1 {
            self.send();
        }
    }

    fn send(&mut self) {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if let Some(judge) = &mut self.own {
            self.awaited += 1;
            let answer = judged_batch(judge, self.people, &batch);
            return self.take(answer);
        }
        if self.jobs.send(batch).is_ok() {
            self.awaited += 1;
        }
        while let Ok(answer) = self.answers.try_recv() {
            self.take(answer);
        }
    }

    fn take(&mut self, answer: Answer) {
        self.awaited -= 1;
        match answer {
            Ok((found, unjudged)) => {
                self.found.extend(found);
                self.tally.unjudged += unjudged;
            }
            Err(error) => self.failed = Some(error),
        }
    }

    /// Waits for what is not yet judged, and adds up what came of it.
    fn settle(&mut self) {
        self.send();
        while self.awaited > 0 {
            let Ok(answer) = self.answers.recv() else { break };
            self.take(answer);
        }
        for slot in &self.slots {
            self.tally.count(slot.who, slot.times);
        }
        for (slot, stopped) in self.found.drain(..) {
            if let Some(slot) = self.slots.get(slot) {
                self.tally.stop(slot.who, stopped, slot.times, slot.withheld, slot.newest);
            }
        }
        self.known.clear();
        self.slots.clear();
    }
}

#[cfg(test)]
mod tests;
