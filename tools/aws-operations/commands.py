"""The commands of one awscli, from its own command table.

Run as a program by `generate`, in the interpreter whose awscli is read:
prints one JSON object, {"version": …, "commands": [{…}]}. Names are taken from
the table, never guessed from the API's names: argparse sees what is there, and
that holds aliases, hidden commands, and subcommands that a hook put in the
wrong place (`ecs deploy push` runs).

Each command: service, operation (words parted by spaces, '' where the service
is the command), and what of this is true: custom (no API operation), group
(only holds subcommands), dry_run; of an API operation also api (its name in
IAM's spelling), prefixes (names that its service may have in IAM), http,
readonly, text (how the documentation begins).
"""
import html
import json
import re
import sys

TEXT = 1500


def text_of(documentation):
    """The documentation without markup, cut where the lint stops reading."""
    plain = html.unescape(re.sub(r'<[^>]*>', ' ', documentation or ''))
    return ' '.join(plain.split())[:TEXT]


def prefixes_of(service, model):
    """What IAM may call the service, the likeliest first."""
    names = [model.signing_name, model.metadata.get('endpointPrefix'), model.service_name, service]
    return list(dict.fromkeys(name.lower() for name in names if name))


def has_dry_run(command):
    table = getattr(command, 'arg_table', {})
    argument = table.get('dry-run') or table.get('dryrun')
    return bool(argument) and argument.cli_type_name == 'boolean'


def of_operation(service, path, command):
    """A command that makes one call of the service."""
    model = command._operation_model
    return {
        'service': service,
        'operation': path,
        'api': model.name,
        'prefixes': prefixes_of(service, model.service_model),
        'http': model.http.get('method', ''),
        'readonly': bool(model._operation_model.get('readonly')),
        'dry_run': has_dry_run(command),
        'text': text_of(model.documentation),
    }


def of_custom(service, path, command, children):
    """A command that the CLI implements itself."""
    description = getattr(command, 'DESCRIPTION', '') or ''
    return {
        'service': service,
        'operation': path,
        'custom': True,
        'group': bool(children),
        'dry_run': has_dry_run(command),
        'text': text_of(description if isinstance(description, str) else ''),
    }


def subcommands(command):
    table = getattr(command, 'subcommand_table', None)
    return dict(table) if table else {}


def walk(service, words, command):
    """The command and all below it."""
    path = ' '.join(words)
    if hasattr(command, '_operation_model'):
        yield of_operation(service, path, command)
        return
    children = subcommands(command)
    yield of_custom(service, path, command, children)
    for name, child in children.items():
        if words[0] == 'wait':
            yield {'service': service, 'operation': f'{path} {name}', 'waiter': True}
        else:
            yield from walk(service, [*words, name], child)


def service_commands(service, command):
    """A service's operations; a custom command is its own service."""
    if hasattr(command, '_get_command_table'):
        for name, child in command._get_command_table().items():
            yield from walk(service, [name], child)
        return
    yield of_custom(service, '', command, subcommands(command))
    for name, child in subcommands(command).items():
        yield from walk(service, [name], child)


def main():
    import awscli
    from awscli.clidriver import create_clidriver
    commands = []
    for service, command in create_clidriver()._get_command_table().items():
        commands.extend(service_commands(service, command))
    json.dump({'version': awscli.__version__, 'commands': commands}, sys.stdout)


if __name__ == '__main__':
    main()
