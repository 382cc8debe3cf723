"""The pure parts of the generator. By hand, and in the scheduled workflow:

    python3 -m unittest discover tools/aws-operations
"""
import contextlib
import io
import os
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import levels
import lints
import sources
from classify import Verbs, by_name, classify


def load_generate():
    """The program as a module: its name has no `.py`."""
    loader = SourceFileLoader('generate', os.path.join(HERE, 'generate'))
    module = module_from_spec(spec_from_loader('generate', loader))
    loader.exec_module(module)
    return module


generate = load_generate()
VERBS = generate.load('aws-verbs.yaml')


class Known:
    """Access levels of a few operations."""

    def __init__(self, **known):
        self.known = known

    def of(self, command):
        return self.known.get(command.get('api'))

    def credentials(self, command):
        return command.get('api') == 'GetLogin'


def command(operation, **more):
    return {'service': 'new', 'operation': operation, **more}


def by_key(*commands):
    return {(one['service'], one['operation']): one for one in commands}


class Rule(unittest.TestCase):
    def test_a_word_that_yaml_reads_otherwise_is_refused(self):
        Verbs(VERBS)
        for part, wrong in (('prepositions', [True]), ('verbs', {'read': ['get', False]}),
                            ('nouns', {'data': [1]}), ('risks', {True: 'low'}), ('starting', [None])):
            with self.assertRaisesRegex(ValueError, 'is no text'):
                Verbs({**VERBS, part: wrong})

    def test_a_word_listed_twice_is_refused(self):
        with self.assertRaisesRegex(ValueError, 'twice'):
            Verbs({**VERBS, 'verbs': {'read': ['get'], 'write': ['get']}})

    def test_names_are_read_as_the_binary_reads_them(self):
        verbs = Verbs(VERBS)
        for service, name, expected in (
                ('new', 'describe-things', ('read', 'low', False, 'verb')),
                ('new', 'delete-db-clusters', ('destroy', 'critical', True, 'verb+noun')),
                ('new', 'batch-delete-messages', ('destroy', 'high', True, 'verb+noun')),
                ('new', 'delete-db-cluster-parameter-group', ('destroy', 'medium', False, 'verb')),
                ('new', 'delete-gadget-on-table', ('destroy', 'medium', False, 'verb')),
                ('new', 'get-on-shelf-session-token', ('disclose', 'medium', False, 'verb+noun')),
                ('new', 'untag-resource', ('write', 'low', False, 'label')),
                ('iam', 'update-thing', ('privilege', 'high', False, 'service')),
                ('new', 'frobnicate', ('unknown', 'medium', False, 'verb'))):
            self.assertEqual(by_name(verbs, service, name), expected, name)

    def test_iam_raises_and_lowers_only_what_it_may(self):
        verbs = Verbs(VERBS)
        known = Known(GetThing='write', StartThing='read', DeleteTable='read', MoveThing='permissions')
        for name, api, expected in (
                ('get-thing', 'GetThing', ('write', 'low', False, 'iam:Write')),
                ('start-thing', 'StartThing', ('read', 'low', False, 'iam:Read')),
                ('delete-table', 'DeleteTable', ('destroy', 'critical', True, 'verb+noun+iam:Read')),
                ('move-thing', 'MoveThing', ('privilege', 'high', False, 'iam:Permissions')),
                ('get-login', 'GetLogin', ('disclose', 'medium', False, 'credentials'))):
            self.assertEqual(classify(verbs, known, command(name, api=api)), expected, name)


class Table(unittest.TestCase):
    def rows(self, commands, overrides, before):
        return generate.rows_of(by_key(*commands), Verbs(VERBS), Known(), overrides, before)

    def test_commands_become_rows_and_those_of_old_are_kept(self):
        old = {'service': 'new', 'operation': 'sell-thing', 'effect': 'spend', 'risk': 'high', 'flags': 'data',
               'provenance': 'verb'}
        general, rows = self.rows(
            [command('get-thing', dry_run=True), command('wait', custom=True, group=True), command('move-thing')],
            {'new get-thing': {'effect': 'disclose', 'risk': 'high', 'parameters': True}},
            {('new', 'sell-thing'): old, ('new', 'get-thing'): dict(old, operation='get-thing')})
        self.assertEqual(general['new', 'get-thing']['provenance'], 'verb')
        self.assertEqual(generate.text_of(rows).splitlines(), [
            'service\toperation\teffect\trisk\tflags\tprovenance',
            'new\tget-thing\tdisclose\thigh\tdry-run,parameters\toverride',
            'new\tmove-thing\twrite\tlow\t\tverb',
            'new\tsell-thing\tspend\thigh\tdata,gone\tkept',
            'new\twait\tread\tlow\tcustom,group\tgroup',
        ])

    def test_a_table_is_read_as_it_was_written(self):
        _, rows = self.rows([command('delete-table', dry_run=True)], {}, {})
        lines = [line.split('\t') for line in generate.text_of(rows).splitlines()]
        read = {tuple(line[:2]): dict(zip(lines[0], line)) for line in lines[1:]}
        self.assertEqual(generate.facts(read), generate.facts(rows))
        self.assertEqual(generate.facts(rows), {('new', 'delete-table'): ('destroy', 'critical', {'data', 'dry-run'})})

    def test_an_override_says_all_that_counts(self):
        verbs = Verbs(VERBS)
        row = {'service': 'a', 'operation': 'b', 'effect': 'destroy', 'risk': 'critical',
               'flags': {'data', 'parameters', 'v2'}, 'provenance': 'verb+noun'}
        for override, expected in (
                ({'effect': 'write'}, ('write', 'low', {'v2'})),
                ({'effect': 'destroy', 'data': True}, ('destroy', 'high', {'v2', 'data'})),
                ({'effect': 'disrupt', 'risk': 'high', 'parameters': True}, ('disrupt', 'high', {'v2', 'parameters'}))):
            new = generate.overridden(verbs, row, override)
            self.assertEqual((new['effect'], new['risk'], new['flags']), expected)
            self.assertEqual(new['provenance'], 'override')
        self.assertEqual(row['flags'], {'data', 'parameters', 'v2'})


class Changes(unittest.TestCase):
    def test_what_falls_is_said_first_and_uncut(self):
        def table(effect, flags):
            names = [f'get-thing-{number:04}' for number in range(1000)]
            return {('new', name): {'effect': effect, 'risk': 'low', 'flags': flags} for name in names}
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            lints.print_changes(table('disclose', 'data'), table('write', {'data'}))
        lines = out.getvalue().splitlines()
        self.assertEqual(lines[0], 'falls to read, local, write: 1000')
        self.assertEqual(lines[1000], '  new get-thing-0999: disclose -> write')

    def test_only_what_is_asked_about_less_is_a_fall(self):
        for old, new, falls in (('destroy', 'write', True), ('write', 'read', True), ('write', 'local', True),
                                ('read', 'write', False), ('destroy', 'disrupt', False), ('read', 'read', False)):
            found = list(lints.falls({('a', 'b'): {'effect': old}}, {('a', 'b'): {'effect': new}}))
            self.assertEqual(bool(found), falls, (old, new))


class Sources(unittest.TestCase):
    def test_a_list_is_found_among_other_assignments(self):
        module = 'a.b = 1\nc[0] = 2\nd, e = 3, 4\nACTIONS_THAT_RETURN_CREDENTIALS = ["sts:assumerole"]\n'
        self.assertEqual(levels.credentials_in(module), {('sts', 'assumerole')})

    def test_a_source_with_little_in_it_is_refused(self):
        with self.assertRaisesRegex(SystemExit, '3 actions, fewer than 4'):
            levels.enough('a', 3, 4, 'actions')
        levels.enough('a', 4, 4, 'actions')

    def test_pins_are_written_as_they_are_read(self):
        text = '# one\nnpm @a/b 1.0 ab\npypi c 2 cd\n'
        pins = sources.sources_of(text)
        self.assertEqual(pins[0], sources.Source('npm', '@a/b', '1.0', 'ab'))
        self.assertEqual(sources.with_pins(text, pins), text)
        self.assertEqual([sources.version_of(pins[0], 'a-b-1.0.tgz'), sources.version_of(pins[1], 'c-2-py3-none-any.whl')],
                         ['1.0', '2'])

    def test_a_file_counts_by_its_hash(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, 'any-name')
            with open(path, 'wb') as file:
                file.write(b'x')
            pin = sources.Source('npm', '@a/b', '1.0', sources.hash_of(path))
            self.assertEqual(sources.find(directory, [pin]), {'@a/b': path})
            with open(path, 'ab') as file:
                file.write(b'y')
            with self.assertRaisesRegex(SystemExit, 'no file is @a/b 1.0'):
                sources.find(directory, [pin])
            with self.assertRaisesRegex(SystemExit, 'not empty'):
                sources.fetch(directory, False)


if __name__ == '__main__':
    unittest.main()
