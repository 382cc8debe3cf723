"""What is looked at in every run: the lints, and what changed."""
import re
from collections import Counter

# The effects that nobody is asked about, the weakest first.
UNASKED = ('read', 'local', 'write')
KEYS = {'effect', 'risk', 'data', 'parameters', 'reason', 'explains'}
EFFECTS = {'read', 'local', 'write', 'disrupt', 'destroy', 'privilege', 'unprotect', 'disclose', 'execute', 'spend'}
LOSING = {'delete', 'terminate', 'purge', 'remove', 'revoke', 'deregister', 'disable', 'stop'}
SHOWING = {'describe', 'list', 'head'}
# A text that says so of something, and does not only tell the reader to.
LOSS = re.compile(
    r"\b(?:deletes|permanent\w*|irreversib\w+|data loss|terminates|purges|destroys)\b|(?:cannot|can't) be undone"
    r'|(?:^|[.:!] )(?:delete|terminate|purge|destroy)\b'
    r'|\b(?:is|are|be|gets?) (?:\w+ly |then |also )?(?:deleted|terminated|destroyed|purged|lost)\b', re.IGNORECASE)
# Names of operations and of states say nothing.
NAMES = re.compile(r'\b(?:[A-Z][a-z0-9]+){2,}\b|\b[A-Z][A-Z_]{3,}\b')
# How many operations may read or write although their documentation speaks of loss.
MOST = 150


def key_of(name):
    """An override's key: the service, and the operation's words."""
    service, _, operation = name.partition(' ')
    return service, operation


def of_overrides(overrides, general, rows):
    """Complaints about the overrides themselves."""
    if list(overrides) != sorted(overrides):
        yield 'aws-overrides.yaml is not sorted'
    for name, override in overrides.items():
        key = key_of(name)
        reason = override.get('reason', '')
        if key not in rows:
            yield f'{name}: overridden, and no command'
            continue
        if not reason or len(reason) > 120 or reason[0].isupper() and reason[1:2].islower() or reason.endswith('.'):
            yield f'{name}: the reason is missing, too long, or not in form'
        if not set(override) <= KEYS or override.get('effect', 'read') not in EFFECTS:
            yield f'{name}: a key or an effect that does not exist'
        if general[key]['provenance'] == 'kept':
            continue
        same = all(general[key][part] == rows[key][part] for part in ('effect', 'risk', 'flags'))
        if same and not override.get('explains'):
            yield f'{name}: overrides nothing'
        if not same and override.get('explains'):
            yield f'{name}: `explains`, and changes something'


def complaints(commands, verbs, levels, overrides, general, rows):
    """All complaints but those about documentation."""
    found = list(of_overrides(overrides, general, rows))
    named = {key_of(name) for name in overrides}
    for key, row in sorted(rows.items()):
        if key in named or row['provenance'] == 'kept':
            continue
        command = commands[key]
        name = ' '.join(filter(None, key))
        verb, _ = verbs.verb_and_rest(key[1].split(' ')[-1])
        effect = row['effect']
        level = levels.of(command) if 'api' in command else None
        if effect == 'unknown':
            found.append(f'{name}: no list has the verb {verb!r}')
        if verb in LOSING and effect == 'read' and not command.get('waiter'):
            found.append(f'{name}: {verb} that reads')
        if verb in SHOWING and effect not in ('read', 'disclose'):
            found.append(f'{name}: {verb} that does not read ({effect})')
        if level == 'read' and effect not in ('read', 'disclose'):
            found.append(f'{name}: reads, says IAM; {effect}')
        if level == 'permissions' and effect != 'privilege':
            found.append(f'{name}: is about permissions, says IAM; {effect}')
    return found


def losses(commands, overrides, rows):
    """Operations that read or write, and whose documentation speaks of loss: how many there are, and those that
    no override explains.

    That of tagging speaks of what becomes of the tags.
    """
    named = {key_of(name) for name in overrides}
    count, found = 0, []
    for key, row in sorted(rows.items()):
        text = NAMES.sub('', commands.get(key, {}).get('text', ''))
        match = LOSS.search(text)
        tags = row['provenance'] in ('label', 'iam:Tagging')
        if match and row['effect'] in ('read', 'write') and not tags:
            count += 1
            if key not in named:
                around = text[max(0, match.start() - 100):match.end() + 60]
                found.append('\t'.join([*key, row['effect'], row['provenance'], around]))
    return count, found


def shown(value):
    """A column as the table has it; of the flags, as a set too."""
    return value if isinstance(value, str) else ','.join(sorted(value))


def falls(before, after):
    """What is judged more weakly than it was, so that nobody is asked any more, or never will be."""
    for key, old in sorted(before.items()):
        old, new = old['effect'], after[key]['effect']
        if new in UNASKED and (old not in UNASKED or UNASKED.index(new) < UNASKED.index(old)):
            yield f'{" ".join(filter(None, key))}: {old} -> {new}'


def print_changes(before, after):
    """Against the table as it was, by service; first, and all of them, those that let more through."""
    fallen = list(falls(before, after))
    print(f'falls to {", ".join(UNASKED)}: {len(fallen)}')
    for line in fallen:
        print(f'  {line}')
    kinds = {}
    for key in sorted(set(before) | set(after)):
        old, new = before.get(key), after[key]
        name = ' '.join(filter(None, key))
        if old is None:
            kinds.setdefault('added', []).append((key[0], f'{name} ({new["effect"]}, {new["risk"]})'))
            continue
        if 'gone' in new['flags'] and 'gone' not in old['flags'].split(','):
            kinds.setdefault('gone', []).append((key[0], name))
        for part in ('effect', 'risk', 'flags'):
            was, now = shown(old[part]), shown(new[part])
            if was != now:
                kinds.setdefault(part, []).append((key[0], f'{name}: {was} -> {now}'))
    for kind, entries in kinds.items():
        by_service = Counter(service for service, _ in entries)
        print(f'{kind}: {len(entries)} ({", ".join(f"{name} {count}" for name, count in by_service.most_common(12))})')
        for _, line in entries[:400] if len(entries) < len(after) / 2 else []:
            print(f'  {line}')
    print(f'{len(after)} commands: {dict(Counter(row["effect"] for row in after.values()).most_common())}')
