"""What the installed aws makes of a command line, without sending anything.

Started with that aws's own interpreter. Reads one question a line from standard
input, as JSON, and answers each with one line:

  {"argv": [...]}       what would run: {"rc": 0, "ran": [{"path", "wire", "values"}]}
  {"send": [...]}       the same, but really done: {"rc": 0, "out": "..."}
  {"sample": "ec2 run-instances", "seed": 7}
                        options with values that the CLI takes: [[option, word...]...]
  {"shorthand": "a=b"}  {"value": ...} or {"refused": true}
  {"input": "route53 change-resource-record-sets", "path": "change-batch.Changes.Action"}
                        {"there": true} where an input has that, by the option's name
  {"xform": "DBName"}   the name as an option
  {"commands": true}    every command, with its options: see `commands`

The real driver parses; only the last step, which sends a request or runs a
command of the CLI's own, is replaced by one that notes what it was asked for.
"""

import contextlib
import io
import json
import logging
import os
import random
import sys

import awscli.argparser as argparser
import awscli.clidriver as clidriver
import botocore.hooks as hooks
from awscli.customizations.commands import BasicCommand, BasicHelp
from awscli.customizations.streamingoutputarg import StreamingOutputArgument
from awscli.help import HelpCommand
from awscli.shorthand import ShorthandParser
from botocore import xform_name
from botocore.loaders import Loader

ran = []
sending = False


def text(word):
    """A word of the command line, as JSON can carry it."""
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def plain(value):
    """A parameter, as JSON can carry it."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return {"bytes": value.decode("utf-8", "replace")}
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


class Noted:
    """In the place of what sends the request of an operation."""

    def __init__(self, operation):
        self._operation = operation

    def invoke(self, service_name, operation_name, parameters, parsed_globals):
        of_wire = {}
        for name, argument in self._operation.arg_table.items():
            wire = getattr(argument, "_serialized_name", None)
            if wire is not None and not getattr(argument, "_UNDOCUMENTED", False):
                of_wire.setdefault(wire, name)
        ran.append(
            {
                "path": self._operation.lineage_names,
                "wire": operation_name,
                "values": plain(parameters),
                "options": {wire: of_wire.get(wire) for wire in parameters},
            }
        )
        return 0


def note_instead():
    """Replaces every last step."""
    call_operation = clidriver.ServiceOperation.__call__

    def operation(self, args, parsed_globals):
        if not sending:
            self._operation_caller = Noted(self)
        return call_operation(self, args, parsed_globals)

    clidriver.ServiceOperation.__call__ = operation
    call_command = BasicCommand.__call__

    def command(self, args, parsed_globals):
        def note(parsed_args, parsed_globals):
            values = {name: plain(value) for name, value in vars(parsed_args).items()}
            ran.append({"path": self.lineage_names, "wire": None, "values": values, "options": {}})
            return 0

        if not sending:
            self._run_main = note
        return call_command(self, args, parsed_globals)

    BasicCommand.__call__ = command

    def help_page(self, args, parsed_globals):
        return 0

    HelpCommand.__call__ = help_page
    BasicHelp.__call__ = help_page


def hasten():
    """Each line gets a driver of its own, most of whose time goes into this."""
    # With --debug each driver adds a place to log to.
    logging.disable()
    argparser.get_close_matches = lambda *words, **options: []
    hooks.BaseEventHooks._verify_accept_kwargs = lambda self, handler: None
    known = {}
    alias = hooks.EventAliaser._alias_event_name

    def remembered(self, name):
        if name not in known:
            known[name] = alias(self, name)
        return known[name]

    hooks.EventAliaser._alias_event_name = remembered


# What was read of the services' models, which all drivers share.
loader = None
# For questions that no line is run for.
standing = None


def driver():
    global loader
    made = clidriver.create_clidriver()
    if loader is None:
        loader = made.session.get_component("data_loader")
    else:
        made.session.register_component("data_loader", loader)
    return made


def run(argv):
    ran.clear()
    out = io.StringIO()
    sys.argv = ["aws", *argv]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = driver().main(argv)
        except SystemExit as ended:
            code = ended.code
        except BaseException as fault:  # what main itself lets through ends aws too
            out.write(repr(fault))
            code = 1
    return {"rc": code, "ran": list(ran), "out": text(out.getvalue())}


def stands_alone(argument):
    """Whether the CLI takes a word for it that follows no option."""
    return isinstance(argument, StreamingOutputArgument) or getattr(argument, "positional_arg", False)


def takes(action):
    """How many words an option of argparse's takes."""
    words = {None: "one", 0: "nothing", 1: "one", 2: "two", "?": "optional", "*": "many", "+": "many"}
    return words[action.nargs]


def own_options(command):
    """The options and positionals that a command of the CLI's own has."""
    from awscli.argparser import ArgTableArgParser

    command._subcommand_table = command._build_subcommand_table()
    command._arg_table = command._build_arg_table()
    parser = ArgTableArgParser(command.arg_table, command.subcommand_table)
    found = []
    for action in parser._actions:
        names = action.option_strings or [action.dest]
        found += [[name, takes(action)] for name in names]
    return found


def options(operation):
    """The options and positionals of an operation, and how many words each takes."""
    found = []
    for name, argument in operation.arg_table.items():
        if stands_alone(argument):
            found.append([name, "one"])
            continue
        kind = getattr(argument, "cli_type_name", None)
        action = getattr(argument, "_action", None)
        nargs = getattr(argument, "nargs", None)
        many = kind == "list" or nargs in ("*", "+")
        switch = kind == "boolean" or action in ("store_true", "store_false")
        arity = "many" if many else "nothing" if switch else "optional" if nargs == "?" else "one"
        found.append(["--" + name, arity])
    return found


def commands():
    """Every command: path, what it is, its options, the members of its input."""
    made = driver()
    found = []

    def below(path, command):
        entry = {"path": path, "kind": "custom", "options": [], "members": []}
        if isinstance(command, clidriver.ServiceCommand):
            for name, one in command._get_command_table().items():
                below(f"{path} {name}", one)
            return
        if isinstance(command, BasicCommand):
            entry["options"] = own_options(command)
            if command.subcommand_table:
                entry["kind"] = "group"
                for name, one in command.subcommand_table.items():
                    below(f"{path} {name}", one)
        elif isinstance(command, clidriver.ServiceOperation):
            entry["kind"] = "operation"
            entry["options"] = options(command)
            shape = command._operation_model.input_shape
            entry["members"] = list(shape.members) if shape is not None else []
        found.append(entry)

    for name, command in made._get_command_table().items():
        below(name, command)
        # A model is large, and not needed again.
        loader._cache.clear()
    return found


class Sample:
    """Values for the parameters of an operation."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def word(self):
        return self.random.choice(["x", "i-1", "prod", "a b", "arn:aws:iam::1:role/x", "0", "é", "help", "x=y", "10.0.0.0/8"])

    def value(self, shape, depth=0):
        kind = shape.type_name
        if kind == "structure":
            names = list(shape.members)
            chosen = [name for name in names if name in shape.required_members]
            others = [name for name in names if name not in chosen]
            if depth < 3 and others:
                chosen += self.random.sample(others, min(len(others), self.random.randrange(3)))
            return {name: self.value(shape.members[name], depth + 1) for name in chosen if depth < 6}
        if kind == "list":
            return [self.value(shape.member, depth + 1) for _ in range(self.random.randrange(1, 3))] if depth < 6 else []
        if kind == "map":
            return {self.string(shape.key): self.value(shape.value, depth + 1)} if depth < 6 else {}
        if kind == "boolean":
            return self.random.choice([True, False])
        if kind in ("integer", "long"):
            return self.random.randrange(0, 9)
        if kind in ("float", "double"):
            return 1.5
        if kind == "timestamp":
            return "2027-01-01T00:00:00Z"
        if kind == "blob":
            return "aGVsbG8="
        return self.string(shape)

    def string(self, shape):
        return self.random.choice(shape.enum) if getattr(shape, "enum", None) else self.word()

    def short(self, value, inside=False):
        """`value` in the short form; fails where it is not written so easily."""
        if isinstance(value, dict):
            pairs = ",".join(f"{key}={self.short(one, True)}" for key, one in value.items())
            if not value or not all(key.replace("-", "").isalnum() for key in value):
                raise ValueError(value)
            return "{" + pairs + "}" if inside else pairs
        if isinstance(value, list):
            return "[" + ",".join(self.short(one, True) for one in value) + "]"
        if isinstance(value, str) and not value.replace("-", "").replace(":", "").replace("/", "").isalnum():
            raise ValueError(value)
        return str(value).lower() if isinstance(value, bool) else str(value)

    def written(self, value):
        """A structure as JSON, or where it can be, shortly."""
        try:
            return self.short(value) if isinstance(value, dict) and self.random.randrange(2) else json.dumps(value)
        except ValueError:
            return json.dumps(value)

    def words(self, argument):
        """The words that follow an option; `None` for a parameter best left out."""
        shape = argument.argument_model
        kind = shape.type_name
        if kind == "boolean":
            return []
        if kind == "list" and shape.member.type_name not in ("structure", "list", "map"):
            return [str(one) for one in self.value(shape)]
        if kind in ("structure", "list", "map"):
            value = self.value(shape)
            if kind == "list" and self.random.randrange(3):
                return [self.written(one) for one in value]
            return [self.written(value)]
        return [str(self.value(shape))]


def operation_of(path):
    """The operation that a path names."""
    global standing
    standing = standing or driver()
    service, name = path.split(" ")
    return standing._get_command_table()[service]._get_command_table()[name]


def is_there(path, field):
    """Whether an operation's input can have something at `field`."""
    first, *rest = field.split(".")
    argument = operation_of(path).arg_table.get(first)
    if argument is None:
        return False
    shape = getattr(argument, "argument_model", None)
    for name in rest:
        while shape is not None and shape.type_name == "list":
            shape = shape.member
        if shape is None or shape.type_name in ("string", "blob"):
            # JSON in a text.
            return True
        if shape.type_name == "map":
            shape = shape.value
        elif shape.type_name == "structure" and (name in shape.members or getattr(shape, "is_document_type", False)):
            shape = shape.members.get(name)
        else:
            return False
    return True


def sample(path, seed):
    operation = operation_of(path)
    source = Sample(seed)
    chosen = []
    for name, argument in operation.arg_table.items():
        model = getattr(argument, "argument_model", None)
        if stands_alone(argument):
            chosen.append([[name], "positional"])
            continue
        if getattr(argument, "_serialized_name", None) is None or model is None:
            continue
        if argument.required or source.random.randrange(3) == 0:
            chosen.append([["--" + name] + source.words(argument), "required" if argument.required else "optional"])
    whole = source.value(operation._operation_model.input_shape) if operation._operation_model.input_shape else {}
    return {"options": chosen, "input": json.dumps(whole)}


def shorthand(words):
    try:
        return {"value": plain(ShorthandParser().parse(words))}
    except Exception as refused:
        return {"refused": True, "why": type(refused).__name__}


def main():
    global sending
    note_instead()
    hasten()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        if "argv" in question:
            # What is not UTF-8 comes as hexadecimal digits.
            words = [bytes.fromhex(word[1:]) if word.startswith("\0") else word for word in question["argv"]]
            answer = run([os.fsdecode(word) for word in words])
        elif "send" in question:
            sending = True
            answer = run(question["send"])
            sending = False
        elif "sample" in question:
            answer = sample(question["sample"], question["seed"])
        elif "shorthand" in question:
            answer = shorthand(question["shorthand"])
        elif "input" in question:
            answer = {"there": is_there(question["input"], question["path"])}
        elif "xform" in question:
            answer = {"name": xform_name(question["xform"], "-")}
        else:
            answer = commands()
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
