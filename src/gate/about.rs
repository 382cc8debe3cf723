//! Which resources the rules speak of that stop a plan. A reason says what is wrong, and what a
//! plan does is told in numbers where it takes nothing away: neither says where to look.

use crate::authorization::notice::LINES;
use crate::invocation::plan::verb;
use crate::rules::judge::{Contribution, Judgement};
use crate::verdict::Decision;

/// How many resources are named for one rule.
const MOST: usize = 4;

/// Names them behind the first of `lines`, which says how much there is, where no line that is
/// seen at once names them. The strictest rule is first.
pub(super) fn tell(judgement: &Judgement, lines: &mut Vec<String>) {
    let stops = |one: &&Contribution| one.decision > Decision::Allow;
    let mut told = Vec::new();
    for one in judgement.contributions.iter().filter(stops) {
        let seen: Vec<&String> = lines.iter().take(LINES).chain(&told).collect();
        let resources = one.about.iter().filter_map(|words| match words.as_slice() {
            [action, _, address] => Some((verb(action)?, address)),
            _ => None,
        });
        let new: Vec<_> =
            resources.filter(|(_, address)| !seen.iter().any(|line| names(line, address))).collect();
        let shown = new.iter().take(MOST);
        let mut more: Vec<String> =
            shown.map(|(verb, address)| format!("{verb} {address} ({})", one.rule)).collect();
        if new.len() > MOST {
            more.push(format!("and {} more ({})", new.len() - MOST, one.rule));
        }
        told.append(&mut more);
    }
    let place = lines.len().min(1);
    lines.splice(place..place, told);
}

/// Whether `line` names `address`, and not only one that begins with it.
fn names(line: &str, address: &str) -> bool {
    line.match_indices(address).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + address.len()..).and_then(|after| after.chars().next());
        before.is_none_or(|before| before == ' ')
            && after.is_none_or(|after| matches!(after, ' ' | ':' | ','))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gate::plan_tests::judged_by;
    use crate::invocation::plan::Plan;
    use crate::rules::book::Rulebook;
    use crate::rules::builtin;

    /// A plan that makes `kinds`, each with what it sets, as `web[0]`, `web[1]`, ….
    fn plan(kinds: &[(&str, serde_json::Value)]) -> Plan {
        let change = |(at, (kind, after)): (usize, &(&str, serde_json::Value))| {
            json!({"address": format!("{kind}.web[{at}]"), "mode": "managed", "type": kind, "name": "web",
                "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": {},
                    "before_sensitive": false, "after_sensitive": {}}})
        };
        let changes: Vec<_> = kinds.iter().enumerate().map(change).collect();
        let plan = json!({"format_version": "1.2", "resource_changes": changes});
        Plan::read(plan.to_string().as_bytes()).unwrap()
    }

    fn told(plan: &Plan) -> Vec<String> {
        let mut lines = plan.lines();
        tell(&judged_by(&Rulebook { layers: vec![builtin::layer(&[]).unwrap()] }, plan), &mut lines);
        lines
    }

    #[test]
    fn what_is_made_is_named_where_a_rule_stops_it() {
        let (plain, public) = (json!({"bucket": "b"}), json!({"bucket": "b", "acl": "public-read"}));
        assert_eq!(told(&plan(&[("aws_s3_bucket", plain.clone())])), ["1 to add"]);
        let lines = told(&plan(&[("aws_s3_bucket", plain), ("aws_s3_bucket_acl", public.clone())]));
        let (line, rest) = lines.split_at(1);
        assert_eq!(line, ["2 to add"]);
        assert_eq!(rest.len(), 1, "{rest:?}");
        assert!(rest[0].starts_with("add aws_s3_bucket_acl.web[1] (plan/"), "{rest:?}");
        let many: Vec<_> = (0..9).map(|_| ("aws_s3_bucket_acl", public.clone())).collect();
        let lines = told(&plan(&many));
        assert_eq!(lines.len(), 1 + MOST + 1, "{lines:?}");
        assert!(lines[1 + MOST].starts_with("and 5 more (plan/"), "{lines:?}");
    }

    #[test]
    fn a_name_is_found_as_a_whole() {
        for (line, expected) in [
            ("destroy a.b", true),
            ("change a.b: turns x on", true),
            ("run local-exec with a.b", true),
            ("destroy a.bc", false),
            ("destroy a.b[0]", false),
            ("destroy module.a.b", false),
            ("destroy a.bc, a.b", true),
        ] {
            assert_eq!(names(line, "a.b"), expected, "{line}");
        }
    }
}
