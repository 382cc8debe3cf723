//! Where an aws command would act: profile, region, account, role, endpoint.
//!
//! Read offline from what aws itself reads: its global flags, variables and two
//! files. aws 1 and 2 differ in which of two variables counts, and which one is
//! installed is not known: where they would lead to different places, both are
//! claimed. What is used whatever the version is added as it is, but only an
//! access key, and an endpoint that a flag names, are proof enough for a
//! sandbox (`identity` and `endpoint` say why).

mod config;
mod endpoint;
mod entries;
mod identity;
mod line;

use std::path::Path;

use config::Config;
pub(super) use entries::{entries, entries_of, profiles};
use identity::{Asked, Identity};

use super::address::Address;
use super::target::Target;
use crate::command::Command;
use crate::process::Environment;
use crate::verdict::Fact;

/// The variables that name a profile and a region, in the order of aws 2, and
/// in that of aws 1.
const ORDERS: [Order; 2] = [
    Order { profile: &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], region: &["AWS_REGION", "AWS_DEFAULT_REGION"] },
    Order { profile: &["AWS_DEFAULT_PROFILE", "AWS_PROFILE"], region: &["AWS_DEFAULT_REGION"] },
];

/// Variables of programs that put credentials into the environment, with what
/// they tell of these.
const LAUNCHERS: &[(&str, Fact)] = &[
    ("AWS_VAULT", Fact::Profile),
    ("AWSUME_PROFILE", Fact::Profile),
    ("AWS_OKTA_PROFILE", Fact::Profile),
    ("AWS_SSO_PROFILE", Fact::Profile),
    ("ASSUMED_ROLE", Fact::Role),
    ("AWS_OKTA_ASSUMED_ROLE_ARN", Fact::Role),
    ("AWS_SSO_ROLE_ARN", Fact::Role),
    ("AWS_SSO_ROLE_NAME", Fact::Role),
    ("GRANTED_SSO_ROLE_NAME", Fact::Role),
    ("AWS_SSO_ACCOUNT_ID", Fact::Account),
    ("GRANTED_SSO_ACCOUNT_ID", Fact::Account),
];

/// Other variables that decide where a command acts. Keys are not among them:
/// nobody should repeat those.
const OTHERS: &[&str] = &[
    "HOME",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    endpoint::VARIABLE,
    endpoint::IGNORE,
];

/// The variables that name the files, and what is shown of them.
const FILES: &[(&str, &str)] =
    &[("AWS_CONFIG_FILE", "config_file"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials_file")];

/// Which variables one version of aws heeds, the first of them most.
struct Order {
    profile: &'static [&'static str],
    region: &'static [&'static str],
}

/// The variables that decide where aws acts, by name.
pub fn variables() -> Vec<&'static str> {
    let [Order { profile, region }, _] = ORDERS;
    OTHERS.iter().chain(profile).chain(region).copied().collect()
}

/// The target of `command`, started in `directory` with `environment`.
/// `None` as directory means that the working directory is gone.
pub fn target(command: &Command, environment: &Environment, directory: Option<&Path>) -> Target {
    let config = Config::read(environment, directory);
    let place = Place { command, environment, config: &config };
    let sure = !command.conventional && !command.uncertain && config.unread.is_empty();
    let mut readings: Vec<Reading> = ORDERS.iter().map(|order| place.reading(order, true)).collect();
    if !sure {
        // A flag may be another one's value.
        readings.extend(ORDERS.iter().map(|order| place.reading(order, false)));
    }
    readings.dedup();
    let mut target = Target::default();
    let proves = sure && !config.plugins;
    place.put(&readings, proves, &mut target);
    place.endpoints(&readings, proves, &mut target);
    place.doubtful(&readings, sure, &mut target);
    line::claim_accounts(command, &mut target);
    line::claim_role(command, &mut target);
    for cause in &config.unread {
        target.cannot_read(cause.clone());
    }
    target
}

/// The certificates that a profile has aws trust in the place of the usual ones, where one
/// that may be used names some.
pub fn certificates(
    command: &Command,
    environment: &Environment,
    directory: Option<&Path>,
) -> Option<String> {
    let config = Config::read(environment, directory);
    let place = Place { command, environment, config: &config };
    let names =
        ORDERS.iter().flat_map(|order| [true, false].map(|flags| place.reading(order, flags).profile));
    let mut trusted = names.filter_map(|name| {
        let profile = config.profile(name.as_deref().unwrap_or("default"))?;
        profile.get("ca_bundle").filter(|path| !path.is_empty()).map(str::to_owned)
    });
    trusted.next()
}

/// The name to type before a destructive command runs: what it acts on, else
/// where. `None` where nothing has a name that can be typed.
pub fn challenge(command: &Command, target: &Target) -> Option<String> {
    line::challenge(command, target)
}

/// One way to read the line, the variables and the files.
#[derive(Debug, PartialEq, Eq)]
struct Reading {
    /// The profile's name; none where nothing names one.
    profile: Option<String>,
    profile_by_flag: bool,
    /// Whether a file has the profile.
    exists: bool,
    region: Option<String>,
    identity: Identity,
    /// The endpoint that variables and files configure.
    configured: Option<String>,
}

/// All that a target is found in.
#[derive(Clone, Copy)]
struct Place<'a> {
    command: &'a Command,
    environment: &'a Environment,
    config: &'a Config,
}

impl Place<'_> {
    fn flag(&self, name: &str) -> Option<String> {
        let value = self.command.flag(name).flatten().filter(|value| !value.is_empty())?;
        Some(value.to_string_lossy().into_owned())
    }

    /// The first of these variables that is set, also where it is empty.
    fn variable(&self, names: &[&str]) -> Option<String> {
        let value = names.iter().find_map(|name| self.environment.get(name))?;
        Some(value.to_string_lossy().into_owned())
    }

    /// What one version of aws makes of it all; without the flags, where what
    /// looks like one may be none.
    fn reading(&self, order: &Order, flags: bool) -> Reading {
        let flag = |name: &str| self.flag(name).filter(|_| flags);
        let by_flag = flag("--profile");
        let profile_by_flag = by_flag.is_some();
        let profile = by_flag.or_else(|| self.variable(order.profile)).filter(|name| !name.is_empty());
        let name = profile.as_deref().unwrap_or("default");
        let options = self.config.profile(name);
        let region = flag("--region").or_else(|| self.variable(order.region));
        let service = endpoint::service(self.command);
        Reading {
            exists: options.is_some(),
            region: region.or_else(|| options?.get("region").map(str::to_owned)),
            identity: Identity::of(
                Asked { profile: name, by_flag: profile_by_flag },
                self.config,
                self.environment,
            ),
            configured: endpoint::configured(&service, self.config, options.as_ref(), self.environment),
            profile,
            profile_by_flag,
        }
    }

    /// Adds what the readings say; what they do not agree on is a claim.
    fn put(&self, readings: &[Reading], sure: bool, target: &mut Target) {
        let mut put = |fact: Fact, of: &dyn Fn(&Reading) -> Vec<String>, sure: bool| {
            let all: Vec<Vec<String>> = readings.iter().map(of).collect();
            let sure = sure && all.iter().all(|values| Some(values) == all.first());
            for value in all.into_iter().flatten() {
                if sure { target.add(fact, value) } else { target.claim(fact, value) }
            }
        };
        put(Fact::Profile, &|reading| reading.profile_shown().into_iter().collect(), sure);
        put(Fact::Region, &|reading| reading.region.iter().cloned().collect(), sure);
        put(Fact::Role, &|reading| reading.identity.roles.clone(), sure);
        // A request without a signature is nobody's.
        let signed = self.command.flag("--no-sign-request").is_none();
        put(Fact::Account, &|reading| reading.identity.key_account.iter().cloned().collect(), sure && signed);
        put(Fact::Account, &|reading| reading.identity.accounts.clone(), false);
        for Reading { profile, exists, identity, .. } in readings.iter().rev() {
            if let Some(source) = identity.source {
                target.detail("credentials", source);
            }
            if let Some(source) = &identity.source_profile {
                target.detail("source_profile", source);
            }
            if profile.is_some() && !exists && self.config.unread.is_empty() {
                target.detail("profile_exists", "no");
            }
        }
    }

    /// Adds where requests are sent, if not to the cloud itself.
    fn endpoints(&self, readings: &[Reading], sure: bool, target: &mut Target) {
        let given = self.flag("--endpoint-url");
        if let Some(given) = &given {
            let sure = sure && endpoint::flag_holds(self.command);
            endpoint::put(target, given, sure, self.environment);
        }
        for configured in readings.iter().filter_map(|reading| reading.configured.as_ref()) {
            match &given {
                None => endpoint::put(target, configured, false, self.environment),
                Some(given) if given != configured => {
                    target.detail("configured_endpoint", Address::of(configured).shown);
                }
                Some(_) => {}
            }
        }
    }

    /// Claims what may count too: what the program says that gave this shell its
    /// credentials, unless a flag's profile switches those off; and every value
    /// of a flag, where no grammar is sure of the line.
    fn doubtful(&self, readings: &[Reading], sure: bool, target: &mut Target) {
        if readings.iter().any(|reading| !reading.profile_by_flag) {
            for (name, fact) in LAUNCHERS {
                if let Some(value) = self.environment.non_empty(name) {
                    target.claim(*fact, value.to_string_lossy());
                }
            }
        }
        for (name, fact) in [("--profile", Fact::Profile), ("--region", Fact::Region)] {
            for value in self.command.values(name).flatten().filter(|_| !sure) {
                target.claim(fact, value.to_string_lossy());
            }
        }
        for (name, shown) in FILES {
            if let Some(value) = self.environment.non_empty(name) {
                target.detail(shown, value.to_string_lossy());
            }
        }
    }
}

impl Reading {
    /// The profile to show. Without a name, it says nothing of keys that are
    /// not its own.
    fn profile_shown(&self) -> Option<String> {
        let used = self.exists && self.identity.source != Some("environment");
        self.profile.clone().or_else(|| used.then(|| "default".to_owned()))
    }
}

#[cfg(test)]
mod tests;
