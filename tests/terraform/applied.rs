//! What `apply` and `destroy` do through the shim, with the real terraform: the plan decides,
//! and what was agreed to is what is applied.

mod agreed;
mod asked;
mod judged;
mod told;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::support::tools;
use crate::support::world::{World, assert_code, text};

/// What a plan takes away counts here whatever the type: `terraform_data` keeps nothing.
const RULES: &str = "\
version: 1
tool: plan
rules:
  - id: plan/own-loss
    summary: Takes something away.
    effect: destroy
    risk: high
    match:
      command: [delete, replace, forget]
    reason: it is gone
    cases:
      match: [plan delete terraform_data terraform_data.x]
";

/// One resource that a variable replaces, and one that it changes.
const CONFIGURATION: &str = r#"
variable "v" {
  default = "1"
}
variable "input" {
  default = "x"
}
variable "password" {
  default   = "none"
  sensitive = true
}
resource "terraform_data" "secret" {
  input      = var.password
  depends_on = [terraform_data.env]
}
resource "terraform_data" "env" {
  input            = var.input
  triggers_replace = var.v
}
output "env" {
  value = terraform_data.env.output
}
"#;

/// A world with the real terraform and an initialised project.
struct Ground {
    world: World,
    terraform: PathBuf,
}

impl Ground {
    fn new() -> Option<Self> {
        let terraform = tools::terraform()?.to_path_buf();
        let world = World::new();
        fs::remove_file(world.path("bin/terraform")).unwrap();
        symlink(&terraform, world.path("bin/terraform")).unwrap();
        world.write("home/.config/tollgate/rules/own.yaml", RULES);
        let ground = Self { world, terraform };
        ground.configure(CONFIGURATION);
        ground.real(["init", "-input=false"]);
        Some(ground)
    }

    /// The same with the resource made.
    fn applied() -> Option<Self> {
        let ground = Self::new()?;
        ground.real(["apply", "-auto-approve"]);
        Some(ground)
    }

    fn configure(&self, text: &str) {
        fs::write(self.world.project().join("main.tf"), text).unwrap();
    }

    /// Terraform itself, which has to succeed.
    #[track_caller]
    fn real<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> String {
        let output = self.quiet(self.world.command(&self.terraform)).args(words).output().unwrap();
        assert_code(&output, 0);
        text(&output.stdout)
    }

    /// The shim, called by an agent.
    fn agent<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        self.quiet(self.world.agent(words))
    }

    /// The shim, called by a human without a terminal.
    fn human<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        self.quiet(self.world.terraform(words))
    }

    fn quiet(&self, mut command: Command) -> Command {
        command.env("CHECKPOINT_DISABLE", "1").env("TMPDIR", self.world.path("home"));
        command
    }

    fn state(&self) -> String {
        fs::read_to_string(self.world.project().join("terraform.tfstate")).unwrap_or_default()
    }

    /// The files of plans that are kept.
    fn kept(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.world.state().join("pending")).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "plan"));
        paths
    }

    /// Every file of this world that holds `text`, in clear or in a zip archive.
    fn files_with(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut directories = vec![self.world.path("")];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    directories.push(entry.path());
                } else if kind.is_file() {
                    let bytes = fs::read(entry.path()).unwrap();
                    let is_plan = bytes.starts_with(b"PK");
                    if is_plan || bytes.windows(text.len()).any(|part| part == text.as_bytes()) {
                        found.push(entry.path());
                    }
                }
            }
        }
        found
    }
}

/// Runs `command` with `input`.
fn fed(mut command: Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end without having read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// What was printed, without what is another one each time.
fn steady(printed: &[u8]) -> String {
    let ids = regex::Regex::new("[0-9a-f]{8}-[0-9a-f-]{27}|after [0-9]+s").unwrap();
    ids.replace_all(&text(printed), "ID").into_owned()
}
