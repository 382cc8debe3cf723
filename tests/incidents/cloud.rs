//! A desk before a double of AWS.

use super::desk::Desk;
use crate::support::moto::Moto;
use crate::support::tools;

/// One for which aws 1 has no older address of a service, which it would use
/// whatever `AWS_ENDPOINT_URL` says.
pub(super) const REGION: &str = "eu-central-2";

/// Shims before the real aws, which speaks to moto.
pub(super) struct Cloud {
    pub(super) desk: Desk,
    /// It ends with this.
    _moto: Moto,
}

impl Cloud {
    /// `None`, said aloud, where something is missing.
    pub(super) fn new() -> Option<Self> {
        let aws = tools::aws_in_python()?;
        let moto = Moto::start()?;
        let mut desk = Desk::new()?;
        desk.install("aws", &aws.script);
        // Where everything else is tested beside it, aws takes its time to start.
        desk.rules("patience", "version: 1\npatience: 60\n");
        for (name, value) in [
            ("AWS_ENDPOINT_URL", moto.url()),
            ("AWS_ACCESS_KEY_ID", "none"),
            ("AWS_SECRET_ACCESS_KEY", "none"),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_PAGER", ""),
            ("PAGER", "cat"),
            ("HTTPS_PROXY", "http://127.0.0.1:1"),
            ("NO_PROXY", "127.0.0.1"),
        ] {
            desk.set(name, value);
        }
        Some(Self { desk, _moto: moto })
    }

    /// What a query of the real aws answers, without line ends.
    #[track_caller]
    pub(super) fn is(&self, line: &str) -> String {
        let said = self.desk.real(&format!("{line} --output text"));
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Makes the credentials of everything that follows those of a role.
    #[track_caller]
    pub(super) fn assume(&mut self, role: &str) {
        let line = format!(
            "aws sts assume-role --role-arn arn:aws:iam::123456789012:role/{role} --role-session-name agent \
             --query Credentials.[AccessKeyId,SecretAccessKey,SessionToken]"
        );
        let given = self.is(&line);
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
        for (name, value) in names.iter().zip(given.split(' ')) {
            self.desk.set(name, value);
        }
    }
}
