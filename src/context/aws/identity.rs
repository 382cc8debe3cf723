//! Which account a command acts in, as far as it can be told offline.
//!
//! The order in which credentials are looked for is botocore's. Only an access
//! key proves an account, since AWS itself finds the account by it: whoever
//! calls can put other credentials into the cache of a role or of SSO, or name
//! an STS of their own, and `aws_account_id` is what anybody wrote there.

use super::config::{Config, Profile};
use crate::process::Environment;

/// What is known of the credentials that one reading of the line leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// The account of the access key that is used.
    pub(super) key_account: Option<String>,
    /// What files and variables say of the account.
    pub(super) accounts: Vec<String>,
    /// Roles that are assumed: an ARN, or the name that SSO has for it.
    pub(super) roles: Vec<String>,
    /// Where the credentials come from, in a word or two.
    pub(super) source: Option<&'static str>,
    /// The profile whose credentials assume the role.
    pub(super) source_profile: Option<String>,
}

/// What the command line and the files say of credentials.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// The profile's name.
    pub(super) profile: &'a str,
    /// Whether a flag names it, which switches variables off.
    pub(super) by_flag: bool,
}

impl Identity {
    /// Follows botocore's order: variables, then what the profile has.
    pub(super) fn of(asked: Asked<'_>, config: &Config, environment: &Environment) -> Self {
        let mut this = Self::default();
        let profile = config.profile(asked.profile);
        if !asked.by_flag && this.environment(environment) {
            return this;
        }
        if !asked.by_flag {
            this.web_identity_in_variables(environment);
        }
        if let Some(profile) = profile {
            this.profile(config, &profile, environment);
        }
        this
    }

    /// Keys in variables.
    fn environment(&mut self, environment: &Environment) -> bool {
        let text = |name: &str| environment.non_empty(name).map(|value| value.to_string_lossy().into_owned());
        let Some(key) = text("AWS_ACCESS_KEY_ID") else { return false };
        self.source = Some("environment");
        self.key_account = account_of_key(&key);
        self.accounts.extend(text("AWS_ACCOUNT_ID"));
        true
    }

    /// A role for a token whose file a variable names. Where the profile has a
    /// role of its own, that one counts, so this one may do.
    fn web_identity_in_variables(&mut self, environment: &Environment) {
        let role = environment.non_empty("AWS_ROLE_ARN").map(|role| role.to_string_lossy().into_owned());
        if let Some(role) = role {
            self.source = environment.non_empty("AWS_WEB_IDENTITY_TOKEN_FILE").map(|_| "web identity");
            self.role(&role);
        }
        let account = environment.non_empty("AWS_ACCOUNT_ID");
        self.accounts.extend(account.map(|account| account.to_string_lossy().into_owned()));
    }

    fn role(&mut self, arn: &str) {
        self.roles.push(arn.to_owned());
        self.accounts.extend(account_of_arn(arn).map(str::to_owned));
    }

    fn profile(&mut self, config: &Config, profile: &Profile<'_>, environment: &Environment) {
        if let Some(role) = profile.get("role_arn") {
            let by_token = profile.has("web_identity_token_file");
            self.source = Some(if by_token { "web identity" } else { "role" });
            self.source_profile = profile.get("source_profile").map(str::to_owned);
            // Who assumes it may be in another account, where nothing is done.
            return self.role(role);
        }
        let before = self.source;
        // A token's file in the profile is used with the variable's role.
        if profile.has("web_identity_token_file") && environment.non_empty("AWS_ROLE_ARN").is_some() {
            self.source = Some("web identity");
        }
        self.sso(config, profile);
        let credentials = self.key(profile, "credentials file", Profile::in_credentials);
        if let Some(session) = profile.get("login_session") {
            self.source.get_or_insert("login");
            self.accounts.extend(account_of_arn(session).map(str::to_owned));
        }
        if profile.has("credential_process") {
            self.source.get_or_insert("credential_process");
        }
        let file = self.key(profile, "config file", Profile::in_config);
        if before.is_none() {
            self.key_account = match self.source {
                Some("credentials file") => credentials,
                Some("config file") => file,
                _ => None,
            };
        }
    }

    /// SSO, whose account the profile or its session names.
    fn sso(&mut self, config: &Config, profile: &Profile<'_>) {
        if !profile.has("sso_account_id") && !profile.has("sso_role_name") {
            return;
        }
        self.source.get_or_insert("sso");
        let session = profile.get("sso_session");
        let both = |option: &str| {
            let shared = session.and_then(|session| config.sso_session(session, option));
            [profile.get(option), shared].into_iter().flatten().map(str::to_owned).collect::<Vec<_>>()
        };
        self.accounts.extend(both("sso_account_id"));
        self.roles.extend(both("sso_role_name"));
    }

    /// The keys of one file, with the account that they are of.
    fn key<'a>(
        &mut self,
        profile: &Profile<'a>,
        source: &'static str,
        get: impl Fn(&Profile<'a>, &str) -> Option<&'a str>,
    ) -> Option<String> {
        let key = get(profile, "aws_access_key_id")?;
        self.source.get_or_insert(source);
        let account = account_of_key(key);
        self.accounts.extend(account.clone());
        self.accounts.extend(get(profile, "aws_account_id").map(str::to_owned));
        account
    }
}

/// The account in an ARN.
pub(super) fn account_of_arn(arn: &str) -> Option<&str> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let account = parts.nth(3)?;
    parts.next()?;
    is_account(account).then_some(account)
}

/// Whether `text` is an account's number: twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account that is written in an access key: the bits behind the first of
/// the 48 that follow the prefix, in base 32. That first bit tells keys since
/// 2019 from older ones, which hold no account.
pub(super) fn account_of_key(key: &str) -> Option<String> {
    let (prefix, rest) = key.split_at_checked(4)?;
    if rest.len() != 16 || !prefix.starts_with('A') {
        return None;
    }
    let digits: Option<Vec<u64>> = rest
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' => Some(u64::from(byte - b'A')),
            b'2'..=b'7' => Some(u64::from(byte - b'2') + 26),
            _ => None,
        })
        .collect();
    let bits = digits?.into_iter().take(10).fold(0, |bits, digit| bits << 5 | digit) >> 2;
    let account = (bits & 0x7fff_ffff_ff80) >> 7;
    (bits >> 47 == 1 && account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_tells_its_account() {
        for (key, account) in [
            ("ASIAY34FZKBOKMUTVV7A", Some("609629065308")),
            ("ASIAQNZGKIQY56JQ7WML", Some("029608264753")),
            ("AKIAIOSFODNN7EXAMPLE", None),
            ("AKIAI44QH8DHBEXAMPLE", None),
            ("asiaqnzgkiqy56jq7wml", None),
            ("ASIAQNZGKIQY56JQ7WM", None),
            ("ASIAQNZGKIQY56JQ7WMLA", None),
            ("ASIA7777777777777777", None),
            ("ASIÄQNZGKIQY56JQ7WM", None),
            ("test", None),
            ("", None),
        ] {
            assert_eq!(account_of_key(key).as_deref(), account, "{key}");
        }
    }

    #[test]
    fn an_arn_tells_its_account() {
        for (arn, account) in [
            ("arn:aws:iam::123456789012:role/x:y", Some("123456789012")),
            ("arn:aws-cn:sts::123456789012:assumed-role/x/y", Some("123456789012")),
            ("arn:aws:s3:::bucket", None),
            ("arn:aws:iam::aws:policy/x", None),
            ("arn:aws:iam::123456789012", None),
            ("123456789012", None),
        ] {
            assert_eq!(account_of_arn(arn), account, "{arn}");
        }
    }
}
