//! Which commands terraform has, and which of their flags take a value.
//!
//! Read off terraform 1.11 by giving each command each flag: "flag needs an
//! argument" tells a flag with a value, "flag provided but not defined" one
//! that the command lacks. A differential test repeats it against the
//! installed binary. `OpenTofu`'s own flags are added from its documentation.

/// Whether a flag takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// `-f`, `-f=true`, `-f=false`.
    Boolean,
    /// `-f value` or `-f=value`.
    Value,
}

/// A command with its flags, written without dashes and separated by spaces.
struct Row {
    command: &'static str,
    booleans: &'static str,
    values: &'static str,
}

const fn row(command: &'static str, booleans: &'static str, values: &'static str) -> Row {
    Row { command, booleans, values }
}

#[rustfmt::skip]
const TERRAFORM: &[Row] = &[
    row("apply", "auto-approve compact-warnings destroy input json lock no-color refresh refresh-only", "backup lock-timeout parallelism replace state state-out target var var-file"),
    row("console", "compact-warnings input no-color plan", "state target var var-file"),
    row("destroy", "auto-approve compact-warnings destroy input json lock no-color refresh refresh-only", "backup lock-timeout parallelism replace state state-out target var var-file"),
    row("fmt", "check diff list no-color recursive write", ""),
    row("force-unlock", "force no-color", ""),
    row("get", "no-color update", "test-directory"),
    row("graph", "draw-cycles no-color verbose", "module-depth plan type"),
    row("import", "compact-warnings ignore-remote-version input lock no-color", "backup config lock-timeout parallelism state state-out target var var-file"),
    row("init", "backend cloud compact-warnings force-copy get ignore-remote-version input json lock migrate-state no-color reconfigure upgrade", "backend-config from-module lock-timeout lockfile plugin-dir target test-directory var var-file"),
    row("login", "compact-warnings input no-color", "target var var-file"),
    row("logout", "no-color", ""),
    row("metadata", "", ""),
    row("metadata functions", "json no-color", ""),
    row("modules", "compact-warnings json no-color", ""),
    row("output", "compact-warnings json no-color raw", "state"),
    row("plan", "compact-warnings destroy detailed-exitcode input json lock no-color refresh refresh-only", "backup generate-config-out lock-timeout out parallelism replace state state-out target var var-file"),
    row("providers", "no-color", "test-directory"),
    row("providers lock", "enable-plugin-cache no-color", "fs-mirror net-mirror platform"),
    row("providers mirror", "lock-file no-color", "platform"),
    row("providers schema", "json no-color", ""),
    row("push", "", ""),
    row("refresh", "compact-warnings destroy input json lock no-color refresh refresh-only", "backup lock-timeout parallelism replace state state-out target var var-file"),
    row("show", "compact-warnings json no-color", ""),
    row("state", "", ""),
    row("state list", "no-color", "id state"),
    row("state mv", "dry-run ignore-remote-version lock no-color", "backup backup-out lock-timeout state state-out"),
    row("state pull", "no-color", ""),
    row("state push", "force ignore-remote-version lock no-color", "lock-timeout"),
    row("state replace-provider", "auto-approve ignore-remote-version lock no-color", "backup lock-timeout state"),
    row("state rm", "dry-run ignore-remote-version lock no-color", "backup lock-timeout state"),
    row("state show", "no-color", "state"),
    row("taint", "allow-missing ignore-remote-version lock no-color", "backup lock-timeout state state-out"),
    row("test", "compact-warnings json no-color verbose", "cloud-run filter junit-xml test-directory var var-file"),
    row("untaint", "allow-missing ignore-remote-version lock no-color", "backup lock-timeout state state-out"),
    row("validate", "compact-warnings json no-color no-tests", "test-directory"),
    row("version", "json no-color", ""),
    row("workspace", "", ""),
    row("workspace delete", "force lock no-color", "lock-timeout"),
    row("workspace list", "no-color", ""),
    row("workspace new", "lock no-color", "lock-timeout state"),
    row("workspace select", "no-color or-create", ""),
    row("workspace show", "compact-warnings input no-color", "target var var-file"),
];

/// What `tofu` has beyond terraform; it has no terraform flag with another arity.
const TOFU: &[Row] = &[
    row("apply", "concise show-sensitive", "deprecation exclude exclude-file json-into target-file"),
    row("destroy", "concise show-sensitive", "deprecation exclude exclude-file json-into target-file"),
    row("plan", "concise show-sensitive", "deprecation exclude exclude-file json-into target-file"),
    row("refresh", "concise show-sensitive", "deprecation exclude exclude-file json-into target-file"),
    row("output", "show-sensitive", "json-into var var-file"),
    row("show", "show-sensitive", "json-into module plan state var var-file"),
    row("state show", "show-sensitive", "var var-file"),
    row("test", "", "json-into"),
    row("validate", "", "json-into var var-file"),
];

/// Commands that lead to others.
const GROUPS: &[(&str, &[&str])] = &[
    ("env", &["delete", "list", "new", "select"]),
    ("metadata", &["functions"]),
    ("providers", &["lock", "mirror", "schema"]),
    ("state", &["list", "mv", "pull", "push", "replace-provider", "rm", "show"]),
    ("workspace", &["delete", "list", "new", "select", "show"]),
];

fn rows(command: &str) -> impl Iterator<Item = &'static Row> {
    TERRAFORM.iter().chain(TOFU).filter(move |row| row.command == command)
}

/// Whether terraform has this top-level command or group.
pub(super) fn is_command(name: &str) -> bool {
    name == "env" || (!name.contains(' ') && rows(name).next().is_some())
}

/// The longest command that `key`, words joined by spaces, begins with. It may
/// end within a word: whether it is meant is for the caller to find out.
pub(super) fn longest_prefix(key: &str) -> Option<String> {
    let nested = GROUPS
        .iter()
        .flat_map(|(group, commands)| commands.iter().map(move |command| format!("{group} {command}")));
    let single = TERRAFORM.iter().map(|row| row.command).chain(std::iter::once("env")).map(str::to_owned);
    nested.chain(single).filter(|command| key.starts_with(command.as_str())).max_by_key(String::len)
}

/// The subcommands of a group; empty where `name` is none.
pub(super) fn subcommands(name: &str) -> &'static [&'static str] {
    GROUPS.iter().find(|(group, _)| *group == name).map_or(&[], |(_, commands)| commands)
}

/// Whether the command takes `-compact-warnings` out of its arguments before it
/// reads flags. Those that have it as a flag like any other may take it for the
/// value of the flag before it: `init -lockfile -compact-warnings -force-copy`.
pub(super) fn strips_compact_warnings(command: &str) -> bool {
    const AS_A_FLAG: [&str; 5] = ["console", "init", "login", "logout", "workspace show"];
    arity(command, "-compact-warnings").is_some() && !AS_A_FLAG.contains(&command)
}

/// Every command path that the grammar knows, `state rm` among them.
pub fn commands() -> impl Iterator<Item = &'static str> {
    TERRAFORM.iter().map(|row| row.command).chain(std::iter::once("install-autocomplete"))
}

/// The arity of `flag` (with its dash) for `command`; `None` where the command
/// has no such flag.
pub fn arity(command: &str, flag: &str) -> Option<Arity> {
    let name = flag.strip_prefix('-')?;
    let has = |list: &str| list.split(' ').any(|candidate| candidate == name);
    rows(command).find_map(|row| {
        if has(row.booleans) {
            Some(Arity::Boolean)
        } else if has(row.values) {
            Some(Arity::Value)
        } else {
            None
        }
    })
}

/// Every flag of `command`, with its dash.
pub fn flag_names(command: &str) -> Vec<String> {
    let mut names: Vec<String> = rows(command)
        .flat_map(|row| row.booleans.split(' ').chain(row.values.split(' ')))
        .filter(|name| !name.is_empty())
        .map(|name| format!("-{name}"))
        .collect();
    names.sort_unstable();
    names
}
