//! The signals that come while a program is supervised, where they come from,
//! and which are meant for it too.

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::Pid;

/// Every signal but those that report a fault of this process itself.
pub(super) fn watched_signals() -> SigSet {
    let mut signals = SigSet::all();
    for fault in [
        Signal::SIGSEGV,
        Signal::SIGBUS,
        Signal::SIGFPE,
        Signal::SIGILL,
        Signal::SIGTRAP,
        Signal::SIGABRT,
        Signal::SIGSYS,
    ] {
        signals.remove(fault);
    }
    signals
}

/// Who a signal came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(test), expect(dead_code, reason = "which of them there are depends on the system"))]
pub(super) enum Sender {
    /// The kernel, on behalf of a terminal or a timer.
    Kernel,
    /// A process, by its id; 0 where it is outside our view (the host of our
    /// container).
    Process(Pid),
    /// The system does not say.
    Unknown,
}

/// One signal taken from the queue.
pub(super) struct Letter {
    /// `None` for those without a name, the real-time signals.
    pub(super) signal: Option<Signal>,
    pub(super) sender: Sender,
    /// Of SIGCHLD: which signal ended which child.
    pub(super) killed: Option<(Pid, i32)>,
}

/// The blocked signals, one at a time.
#[cfg(target_os = "linux")]
pub(super) struct Inbox(nix::sys::signalfd::SignalFd);

#[cfg(target_os = "linux")]
impl Inbox {
    pub(super) fn open(signals: SigSet) -> nix::Result<Self> {
        use nix::sys::signalfd::{SfdFlags, SignalFd};
        SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC).map(Self)
    }

    /// Waits for the next one.
    pub(super) fn next(&self) -> nix::Result<Letter> {
        use nix::errno::Errno;
        use nix::libc::{CLD_DUMPED, CLD_KILLED};
        let info = loop {
            match self.0.read_signal() {
                Ok(Some(info)) => break info,
                Ok(None) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno),
            }
        };
        let signal = i32::try_from(info.ssi_signo).ok().and_then(|number| Signal::try_from(number).ok());
        let pid = Pid::from_raw(info.ssi_pid.try_into().unwrap_or(0));
        // By the code and not by a process id of 0, which a sender outside
        // our container has too.
        let sender = if info.ssi_code > 0 { Sender::Kernel } else { Sender::Process(pid) };
        let killed = signal == Some(Signal::SIGCHLD) && matches!(info.ssi_code, CLD_KILLED | CLD_DUMPED);
        Ok(Letter { signal, sender, killed: killed.then_some((pid, info.ssi_status)) })
    }
}

/// The blocked signals, one at a time.
#[cfg(not(target_os = "linux"))]
pub(super) struct Inbox(SigSet);

#[cfg(not(target_os = "linux"))]
impl Inbox {
    #[expect(clippy::unnecessary_wraps, reason = "the Linux one can fail")]
    pub(super) fn open(signals: SigSet) -> nix::Result<Self> {
        Ok(Self(signals))
    }

    /// Waits for the next one.
    pub(super) fn next(&self) -> nix::Result<Letter> {
        self.0.wait().map(|signal| Letter { signal: Some(signal), sender: Sender::Unknown, killed: None })
    }
}

/// Whether a terminal makes `signal` of a key, or of a process that may not use
/// the terminal now; it then goes to that whole group.
pub(super) fn is_typed(signal: Signal) -> bool {
    matches!(signal, Signal::SIGINT | Signal::SIGQUIT | Signal::SIGTSTP | Signal::SIGTTIN | Signal::SIGTTOU)
}

/// Whether `signal` has not reached `child` by itself, as far as its sender
/// tells; see the module's rule for where there is no evidence.
pub(super) fn is_for_child(
    signal: Signal,
    sender: Sender,
    child: Pid,
    group: Pid,
    group_of: impl Fn(Pid) -> Option<Pid>,
) -> bool {
    let by_terminal =
        is_typed(signal) || matches!(signal, Signal::SIGWINCH | Signal::SIGHUP | Signal::SIGCONT);
    match sender {
        Sender::Kernel => !by_terminal,
        Sender::Unknown => !by_terminal || matches!(signal, Signal::SIGHUP | Signal::SIGCONT),
        Sender::Process(pid) if pid == child => false,
        Sender::Process(_) if signal == Signal::SIGCONT => true,
        // getpgid(0) would be our own group.
        Sender::Process(pid) if pid.as_raw() == 0 => true,
        Sender::Process(pid) => group_of(pid).is_none_or(|theirs| theirs != group && theirs != child),
    }
}
