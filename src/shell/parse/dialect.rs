//! Which shell reads a text, as far as shells read it differently.

/// The shell that reads a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// It may be any of them.
    #[default]
    Any,
    /// What goes by the name of sh: bash, dash, ksh or busybox, but not zsh.
    Sh,
    /// bash.
    Bash,
    /// zsh.
    Zsh,
}

impl Dialect {
    /// The dialect of the shell of this name.
    pub fn of(shell: &str) -> Self {
        match shell {
            "bash" => Self::Bash,
            "zsh" => Self::Zsh,
            "sh" | "dash" | "ash" | "ksh" | "mksh" => Self::Sh,
            _ => Self::Any,
        }
    }

    /// Whether it may be zsh.
    pub(super) const fn may_be_zsh(self) -> bool {
        matches!(self, Self::Any | Self::Zsh)
    }

    /// Whether it may be a shell without bash's additions.
    pub(super) const fn may_be_plain(self) -> bool {
        matches!(self, Self::Any | Self::Sh)
    }
}
