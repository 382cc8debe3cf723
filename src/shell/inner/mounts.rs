//! What a container sees of this machine.

use super::options::{Parsed, starts_unknown};
use crate::shell::value::Value;

/// How many volumes are looked at for where a path is mounted.
const VOLUMES: usize = 16;

/// The command with paths of this machine in place of where they are mounted.
pub(super) fn mounted(parsed: &Parsed<'_>, command: &[Value]) -> Vec<Value> {
    let volumes: Vec<(&[u8], &[u8])> = parsed
        .values("v")
        .take(VOLUMES)
        .filter_map(|volume| {
            let mut parts = volume.bytes.split(|byte| *byte == b':');
            let (source, inside) = (parts.next()?, parts.next()?);
            Some((source, inside.strip_suffix(b"/").unwrap_or(inside)))
                .filter(|(_, inside)| !inside.is_empty())
        })
        .collect();
    let outside = |word: &Value| {
        volumes.iter().find_map(|(source, inside)| {
            let rest = word.bytes.strip_prefix(*inside)?;
            let whole = rest.is_empty() || rest.starts_with(b"/");
            let source = source.strip_suffix(b"/").filter(|_| !rest.is_empty()).unwrap_or(source);
            whole.then(|| Value::known([source, rest].concat()))
        })
    };
    command.iter().map(|word| outside(word).unwrap_or_else(|| word.clone())).collect()
}

/// Whether a container reaches what is this machine's, or acts in its name: the
/// root, a home, the engine's socket, credentials, a path that is not known.
pub(super) fn shows_host(parsed: &Parsed<'_>) -> bool {
    let volumes = parsed
        .values("v")
        .map(|volume| Value::known(volume.bytes.split(|byte| *byte == b':').next().unwrap_or_default()));
    let mounts = parsed.values("mount").flat_map(|mount| {
        let parts = mount.bytes.split(|byte| *byte == b',').map(Value::known);
        // Its fields may be quoted, as in a table.
        let parts = parts.map(|part| super::files::replaced(&part, b"\"", b""));
        parts.filter_map(|part| super::after(&part, "source=").or_else(|| super::after(&part, "src=")))
    });
    let sources: Vec<Value> = volumes.chain(mounts).collect();
    sources.iter().any(shows_world)
        || parsed.value("pid").is_some_and(|pid| pid.bytes == b"host")
        || parsed.has("use-api-socket env-host")
        || parsed.values("e").any(|set| {
            [&b"AWS_"[..], b"KUBE", b"TF_", b"GOOGLE_", b"ARM_", b"VAULT_"]
                .iter()
                .any(|name| set.bytes.starts_with(name))
        })
}

fn shows_world(path: &Value) -> bool {
    if starts_unknown(path) || path.bytes.starts_with(b"~") {
        return true;
    }
    let parts: Vec<&[u8]> =
        path.bytes.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    let absolute = path.bytes.starts_with(b"/");
    let secrets: [&[u8]; 7] = [b".kube", b".aws", b".ssh", b".config", b"gcloud", b".azure", b"docker.sock"];
    parts.last().is_some_and(|last| secrets.contains(last) || last.ends_with(b".sock"))
        || parts.contains(&b"..".as_slice())
        || absolute
            && matches!(
                parts.as_slice(),
                [] | [b"root"
                    | b"home"
                    | b"Users"
                    | b"etc"
                    | b"var"
                    | b"run"
                    | b"mnt"
                    | b"usr"
                    | b"proc"
                    | b"sys"
                    | b"dev",]
                    | [b"home" | b"Users", _]
                    | [b"var", b"run" | b"lib"]
            )
}
