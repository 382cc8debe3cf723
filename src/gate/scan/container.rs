//! What counts of a command in an image that is being built, or on a machine that is
//! thrown away after a job: what reaches beyond it, and what it tells.
//!
//! Files, accounts and services there are nobody's loss. A tool acts on files where its
//! syntax says that its operands are paths; what else acts on the machine alone is
//! listed.

use super::Part;
use crate::rules::book::Rulebook;
use crate::rules::judge::Contribution;
use crate::shell::inner::Place;
use crate::verdict::Effect;

/// Rules that speak of the machine alone: all that begin so.
const OWN: [&str; 46] = [
    "aa-disable/",
    "apparmor_parser/",
    "apt/",
    "auditctl/",
    "chpasswd/",
    "csrutil/",
    "dd/",
    "docker/compose-down-volumes",
    "docker/delete-home",
    "docker/remove-volumes",
    "docker/reset-engine",
    "docker/run-as-host",
    "dscl/",
    "git/clean",
    "git/delete-shared-branch",
    "git/discard-changes",
    "git/drop-stash",
    "git/expire-reflog",
    "git/move-shared-branch",
    "git/protected",
    "git/remove-worktree",
    "git/reset-hard",
    "git/rewrite-history",
    "git/run-by-config",
    "git/unprotect",
    "gpg/delete-secret",
    "history/",
    "ipset/",
    "iptables",
    "journalctl/",
    "launchctl/",
    "mv/",
    "nft/",
    "pacman/",
    "passwd/",
    "pkill/",
    "security/delete-keychain",
    "setcap/",
    "setenforce/",
    "sqlite3/",
    "sysctl/",
    "systemctl/",
    "ufw/",
    "userdel/",
    "usermod/",
    "visudo/",
];

/// What an id ends with that speaks of files which are written.
const FILES: [&str; 2] = ["/onto-protected", "/writes-protected"];

/// Tools whose paths may be another machine's.
const COPIES: [&str; 3] = ["openrsync", "rsync", "scp"];

/// Clients of databases whose rules look at no statements.
const CLIENTS: [&str; 8] =
    ["dropdb", "dropuser", "mariadb-admin", "mongo", "mongorestore", "mongosh", "mysqladmin", "pg_restore"];

/// Variables that name a database's host.
const HOSTS: [&str; 4] = ["MYSQL_HOST", "PGHOST", "PGSERVICE", "REDIS_HOST"];

/// Whether what a rule says of a command, in a text that runs there, is the machine's
/// own affair. `text` is all that the shell is given.
pub(super) fn is_own(book: &Rulebook, part: &Part, one: &Contribution, text: &str) -> bool {
    if part.place == Place::Remote || one.effects.contains(&Effect::Disclose) {
        return false;
    }
    let tool = part.command.tool.as_str();
    let rule = one.rule.as_str();
    if OWN.iter().any(|begin| rule.starts_with(begin)) || FILES.iter().any(|end| rule.ends_with(end)) {
        return true;
    }
    let syntax = book.syntax(tool);
    if CLIENTS.contains(&tool) || syntax.is_some_and(|syntax| syntax.sql.is_some()) {
        return is_local(&part.words, text);
    }
    let elsewhere = || COPIES.contains(&tool) && part.words.iter().any(|word| word.contains(':'));
    syntax.is_some_and(|syntax| syntax.paths) && !elsewhere()
}

/// Whether a client of a database speaks to one on its own machine.
fn is_local(words: &[String], text: &str) -> bool {
    let mut hosts: Vec<&str> = Vec::new();
    let mut unknown = HOSTS.iter().any(|name| text.contains(name));
    let mut words = words.iter().skip(1).map(String::as_str);
    while let Some(word) = words.next() {
        let value = ["--host=", "--hostname=", "host="].iter().find_map(|flag| word.strip_prefix(flag));
        match word {
            "-h" | "-H" | "--host" | "--hostname" => hosts.extend(words.next()),
            _ if value.is_some() => hosts.extend(value),
            _ if word.starts_with("-h") => hosts.extend(word.get(2..)),
            _ if !word.contains(' ') && word.contains("://") => {
                let authority = word.split("://").nth(1).unwrap_or_default();
                let authority = authority.split(['/', '?']).next().unwrap_or_default();
                let host = authority.rsplit('@').next().unwrap_or_default();
                // What stands in brackets has colons of its own.
                let end =
                    if host.starts_with('[') { host.find("]:").map(|at| at + 1) } else { host.find(':') };
                hosts.extend(host.get(..end.unwrap_or(host.len())));
            }
            _ => unknown |= word.starts_with('$') && !word.contains(' '),
        }
    }
    let local = |host: &&str| {
        let named = matches!(*host, "" | "localhost" | "0.0.0.0" | "::1" | "[::1]");
        named || host.starts_with("127.") || host.starts_with('/')
    };
    if hosts.is_empty() { !unknown } else { hosts.iter().all(local) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_is_named_is_in_the_rulebook() {
        let ids = include_str!(concat!(env!("OUT_DIR"), "/rules-ids.txt"));
        assert_eq!(OWN.iter().find(|begin| !ids.lines().any(|id| id.starts_with(**begin))), None);
        assert_eq!(FILES.iter().find(|end| !ids.lines().any(|id| id.ends_with(**end))), None);
    }

    #[test]
    fn a_database_is_local_by_its_host() {
        let local =
            |line: &str, text: &str| is_local(&line.split(' ').map(str::to_owned).collect::<Vec<_>>(), text);
        for line in [
            "psql -c x",
            "psql -h localhost -U $USER -c x",
            "mysql -h127.0.0.1 -e x",
            "mysql --host=127.0.0.1",
            "psql postgres://u:p@localhost:5432/db",
            "mongosh mongodb://[::1]:27017/x",
            "psql -h /var/run/postgresql",
        ] {
            assert!(local(line, line), "{line}");
        }
        for line in [
            "psql -h db.example.com -c x",
            "psql $DATABASE_URL -c x",
            "mysql -h $DB_HOST",
            "redis-cli --host=cache",
            "psql postgres://u:p@db.example.com/db",
        ] {
            assert!(!local(line, line), "{line}");
        }
        assert!(!local("psql -c x", "PGHOST=db psql -c x"));
    }
}
