//! The table and the general rule as they are stored in the binary. build.rs
//! compiles this module too, to write what is read here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::verdict::{Effect, Risk};

/// What is known of one command of the CLI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and any may hold with any")]
pub struct Bits {
    /// What an ordinary call does.
    pub effect: Effect,
    /// How much is at stake.
    pub risk: Risk,
    /// It destroys what holds data.
    pub data: bool,
    /// It has `--dry-run`.
    pub dry_run: bool,
    /// Its parameters decide what it does.
    pub parameters: bool,
    /// The CLI implements it; it is no operation of the API.
    pub custom: bool,
    /// It stands for the commands below it.
    pub group: bool,
    /// Only v2 of the CLI has it.
    pub v2: bool,
    /// The newest CLI does not have it any more.
    pub gone: bool,
    /// Where its reason begins in the texts; 0 is none.
    pub reason: u32,
    /// Where its provenance begins in the texts.
    pub provenance: u32,
}

const RISKS: [Risk; 4] = [Risk::Low, Risk::Medium, Risk::High, Risk::Critical];
const TEXT: u64 = 0xff_ffff;

impl Bits {
    /// All of it in one number, as the automaton keeps it.
    pub fn pack(&self) -> u64 {
        let place = |found: Option<usize>| found.unwrap_or_default() as u64;
        let switches =
            [self.data, self.dry_run, self.parameters, self.custom, self.group, self.v2, self.gone];
        let switches = switches.iter().enumerate().map(|(at, set)| u64::from(*set) << (6 + at)).sum::<u64>();
        place(Effect::ALL.iter().position(|effect| *effect == self.effect))
            | place(RISKS.iter().position(|risk| *risk == self.risk)) << 4
            | switches
            | (u64::from(self.reason) & TEXT) << 16
            | (u64::from(self.provenance) & TEXT) << 40
    }

    /// What [`Bits::pack`] made; `None` where it is not its work.
    pub fn unpack(packed: u64) -> Option<Self> {
        let set = |at: u64| packed >> (6 + at) & 1 == 1;
        let text = |shift: u64| u32::try_from(packed >> shift & TEXT).unwrap_or_default();
        let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Some(Self {
            effect: *Effect::ALL.get(place(packed & 0xf))?,
            risk: *RISKS.get(place(packed >> 4 & 3))?,
            data: set(0),
            dry_run: set(1),
            parameters: set(2),
            custom: set(3),
            group: set(4),
            v2: set(5),
            gone: set(6),
            reason: text(16),
            provenance: text(40),
        })
    }
}

/// The general rule, as `rules/aws-verbs.yaml` has it; what each list is for
/// stands there.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_field_names,
    reason = "the key in the file; the lint differs where build.rs compiles this"
)]
pub struct Verbs {
    /// The version of the format.
    pub version: u32,
    /// Words that stand in front of a verb.
    pub prefixes: Vec<String>,
    /// Words that end the noun.
    pub prepositions: Vec<String>,
    /// The risk of each effect.
    pub risks: BTreeMap<Effect, Risk>,
    /// The verbs of each effect.
    pub verbs: BTreeMap<Effect, Vec<String>>,
    /// Verbs that give the thing itself.
    pub handing_out: Vec<String>,
    /// Verbs that put a label on something, or take it off.
    pub labelling: Vec<String>,
    /// Verbs that set something going.
    pub starting: Vec<String>,
    /// Services that are about privileges and nothing else.
    pub privilege_services: Vec<String>,
    /// The nouns of each kind.
    pub nouns: BTreeMap<String, Vec<String>>,
}
