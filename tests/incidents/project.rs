//! Projects of terraform's own `terraform_data`, applied by the real terraform.

use std::fs;

use super::desk::Desk;
use crate::support::tools;

/// Where the local backend keeps the state of the workspace `default`.
pub(super) const STATE: &str = "terraform.tfstate";

/// What `terraform_data` stands for here is worth as much as the real thing.
const STANDS_FOR: &str = "
version: 1
tool: plan
rules:
  - id: plan/acme-environment
    summary: Deletes the environment or the database, or makes it anew.
    effect: destroy
    risk: critical
    match:
      command: [delete, replace]
      operands:
        any: { regex: 'terraform_data\\.(environment|database|vpc|node).*' }
    reason: customers are cut off until it is made anew
    safer: change the one setting in its place
    docs: https://wiki.acme.example/environments
    cases:
      match:
        - plan replace terraform_data terraform_data.environment
      no_match:
        - plan update terraform_data terraform_data.environment
        - plan delete terraform_data terraform_data.other
";

/// A project.
#[derive(Clone, Copy)]
pub(super) enum Project {
    /// An environment and its settings.
    Environment,
    /// Nodes made from a list, and their settings.
    Nodes,
    /// A network and a database.
    Platform,
}

impl Project {
    fn text(self) -> &'static str {
        match self {
            Self::Environment => {
                "resource \"terraform_data\" \"environment\" {\n  input            = \"cost-explorer\"\n  \
                 triggers_replace = \"v1\"\n}\n\
                 resource \"terraform_data\" \"settings\" {\n  input = { timeout = \"30s\" }\n}\n"
            }
            Self::Nodes => {
                "locals {\n  nodes = [\"a\", \"b\", \"c\"]\n}\n\
                 resource \"terraform_data\" \"node\" {\n  for_each = toset(local.nodes)\n  input    = each.key\n}\n\
                 resource \"terraform_data\" \"settings\" {\n  input = { timeout = \"30s\" }\n}\n"
            }
            Self::Platform => {
                "resource \"terraform_data\" \"vpc\" {\n  input = \"10.0.0.0/16\"\n}\n\
                 resource \"terraform_data\" \"database\" {\n  input = terraform_data.vpc.id\n}\n"
            }
        }
    }

    /// A desk with the project, applied; `None`, said aloud, where it cannot be had.
    pub(super) fn desk(self) -> Option<Desk> {
        let desk = self.bare()?;
        desk.real("terraform init");
        desk.real("terraform apply -auto-approve");
        Some(desk)
    }

    /// The same before anything was done with it.
    pub(super) fn bare(self) -> Option<Desk> {
        let terraform = tools::terraform()?;
        let mut desk = Desk::new()?;
        desk.install("terraform", terraform);
        desk.set("CHECKPOINT_DISABLE", "1");
        desk.set("NO_COLOR", "1");
        desk.write("main.tf", self.text());
        desk.rules("plan", STANDS_FOR);
        Some(desk)
    }
}

impl Desk {
    /// Puts one text in the place of another.
    #[track_caller]
    pub(super) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.bytes(file)).unwrap();
        assert!(text.contains(from), "{from} is not in: {text}");
        self.write(file, &text.replace(from, to));
    }

    /// Asserts that no lock was left on the state.
    #[track_caller]
    pub(super) fn assert_unlocked(&self) {
        let left: Vec<_> = fs::read_dir(self.world().project())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .filter(|name| name.to_string_lossy().ends_with(".lock.info"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
