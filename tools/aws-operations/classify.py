"""The general rule: what a command does, told by its name, IAM and its model.

`by_name` does what rules/aws-verbs.yaml says at its top; the same is done in
Rust for operations that the table does not have. `classify` adds what only the
generator knows. Provenance, the last column, is one of:

  verb, verb+noun         the name decided
  label                   puts a tag on, or takes it off
  service                 the service is about permissions and nothing else
  verb+iam:Write, service+iam:Write, …
                          the same, and that level is what IAM says
  iam:Write               the name reads and IAM says it writes, or the verb is unknown
  iam:Read                IAM says it reads; the verb is of those that say little
  iam:Permissions         IAM says it is about permissions
  iam:Tagging             IAM says it is about tags
  credentials             cloudsplaining lists it as returning credentials
  readonly                the model says it reads, IAM says nothing
  waiter                  `SERVICE wait X`
  custom                  no API operation: the CLI's own, judged by its verb
  group                   only holds subcommands: alone it prints how to use it
  override                rules/aws-overrides.yaml
  kept                    no CLI that was read has it; as it was before
"""

# Verbs that say little: where IAM says that the operation reads, it reads.
YIELDING = ('write', 'execute', 'disrupt', 'unknown')
CHANGING = ('write', 'disrupt', 'destroy')


class Verbs:
    """rules/aws-verbs.yaml."""

    def __init__(self, data):
        for text in texts(data):
            # YAML takes a bare `on` or `no` for a truth value, in one of its versions.
            if not isinstance(text, str):
                raise ValueError(f'aws-verbs.yaml: {text!r} is no text; quote it')
        self.prefixes = set(data['prefixes'])
        self.prepositions = set(data['prepositions'])
        self.risks = data['risks']
        self.handing_out = set(data['handing_out'])
        self.labelling = set(data['labelling'])
        self.starting = set(data['starting'])
        self.privilege_services = set(data['privilege_services'])
        self.effects = {verb: effect for effect, verbs in data['verbs'].items() for verb in verbs}
        self.nouns = {tuple(noun.split('-')): kind for kind, nouns in data['nouns'].items() for noun in nouns}
        for name, found in (('verbs', self.effects), ('nouns', self.nouns)):
            if len(found) != sum(map(len, data[name].values())):
                raise ValueError(f'aws-verbs.yaml: one of the {name} is listed twice')
        self.longest = max(map(len, self.nouns))

    def verb_and_rest(self, operation):
        words = operation.split('-')
        if words[0] in self.prefixes and len(words) > 1:
            words = words[1:]
        return words[0], words[1:]

    def noun(self, rest):
        """The kind of the longest listed noun that the words end in, before a preposition."""
        end = next((at for at, word in enumerate(rest) if at > 0 and word in self.prepositions), len(rest))
        words = rest[:end]
        for start in range(max(0, len(words) - self.longest), len(words)):
            for noun, kind in self.nouns.items():
                if len(noun) == len(words) - start and all(map(same, words[start:], noun)):
                    return kind
        return None


def texts(data):
    """All keys and values, but the version of the format."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from texts(value) if key != 'version' else ()
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)
    else:
        yield data


def same(word, listed):
    """The listed word or its plural."""
    return word in (listed, listed + 's', listed + 'es') or listed.endswith('y') and word == listed[:-1] + 'ies'


def by_name(verbs, service, operation):
    """(effect, risk, destroys data, which part of the name decided)."""
    verb, rest = verbs.verb_and_rest(operation)
    effect = verbs.effects.get(verb, 'unknown')
    noun = verbs.noun(rest)
    if (verb in verbs.labelling or noun == 'label') and effect in CHANGING:
        effect, by = 'write', 'label'
    elif service in verbs.privilege_services and effect in CHANGING:
        effect, by = 'privilege', 'service'
    elif noun == 'secret' and verb in verbs.handing_out:
        effect, by = 'disclose', 'verb+noun'
    elif noun == 'privilege' and effect in CHANGING:
        effect, by = 'privilege', 'verb+noun'
    elif noun == 'safeguard' and effect in ('disrupt', 'destroy'):
        effect, by = 'unprotect', 'verb+noun'
    elif noun == 'code' and verb in verbs.starting:
        effect, by = 'execute', 'verb+noun'
    elif effect == 'destroy' and noun == 'container':
        return effect, 'critical', True, 'verb+noun'
    elif effect == 'destroy' and noun == 'data':
        return effect, 'high', True, 'verb+noun'
    else:
        by = 'verb'
    return effect, verbs.risks[effect], False, by


def classify(verbs, levels, command):
    """The row's effect, risk, whether it destroys data, and provenance, before overrides."""
    if command.get('waiter'):
        return 'read', 'low', False, 'waiter'
    if command.get('group'):
        return 'read', 'low', False, 'group'
    operation = command['operation']
    effect, risk, data, by = by_name(verbs, command['service'], operation.split(' ')[-1])
    if command.get('custom'):
        return effect, risk, data, 'custom'
    level = levels.of(command)
    if levels.credentials(command) and effect in ('read', 'write', 'unknown'):
        return 'disclose', verbs.risks['disclose'], False, 'credentials'
    if level == 'permissions':
        return 'privilege', max(risk, 'high', key=RISKS.index), data, 'iam:Permissions'
    if level == 'tagging' and effect in (*CHANGING, 'read', 'unknown'):
        return 'write', 'low', False, 'iam:Tagging'
    if level == 'read' and (effect in YIELDING or by == 'service'):
        return 'read', 'low', False, 'iam:Read'
    if level is None and command.get('readonly') and effect in YIELDING:
        return 'read', 'low', False, 'readonly'
    if level == 'write' and effect in ('read', 'unknown'):
        return 'write', 'low', False, 'iam:Write'
    return effect, risk, data, f'{by}+iam:{level.capitalize()}' if level else by


RISKS = ('low', 'medium', 'high', 'critical')
