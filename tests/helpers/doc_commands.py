"""Commands of the documents in this process: their flags parsed by their own parsers, or all of it run.

Loading TensorFlow takes 5 seconds in each process, so no command gets one of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator, Sequence
from unittest import mock

from absl import flags as absl_flags

from keras_pose.cli import commands, flags, main
from tests import conftest

SCRIPTS = ("train.py", "evaluate.py", "predict.py", "export.py")
# Programs of others, of which only the names are known here.
FOREIGN_MODULES = ("http.server", "pip", "venv")
# Folders of a clone: a path in one of them must exist.
TRACKED = ("benchmarks/", "configs/", "docs/", "examples/", "keras_pose/", "requirements/", "serving/", "tests/")


class ParsedError(Exception):
    """Ends a command behind its parser."""


def is_ours(words: Sequence[str]) -> bool:
    """Whether a command is one of this project, which `check` parses."""
    if words[0] in ("make", "keras-pose"):
        return True
    if words[0] != "python" or len(words) < 2:
        return False
    return words[1] != "-m" or words[2] not in FOREIGN_MODULES


def check(words: Sequence[str], whole: bool = True) -> None:
    """Parses a command's flags with its own parser, and looks for the files of the project that it names.

    Args:
      words: the command.
      whole: whether it must have all flags that the command asks for. One with a word `…` need not.

    Raises:
      AssertionError: says what is wrong.
    """
    if not is_ours(words):
        return
    for path in re.findall(rf"(?<![\w./-])(?:{'|'.join(TRACKED)})[\w./-]*", " ".join(words[1:])):
        is_output = re.search(rf"--(?:out|output|figure)={re.escape(path)}", " ".join(words))
        assert is_output or (conftest.ROOT / path).exists(), f"there is no {path}"
    arguments = [word for word in words if word != "…"]
    try:
        with _ended_by_parser():
            _start(arguments, execute=False)
    except AssertionError as error:
        if (whole and len(arguments) == len(words)) or not re.search("must be given|are required", str(error)):
            raise


def run(words: Sequence[str]) -> None:
    """Runs a command of the project in this process, in the current folder."""
    _start(words, execute=True)


def _start(words, execute):
    if words[0] == "make":
        _check_make(words[1:])
    elif words[0] == "keras-pose":
        _run_main(words[1:], execute)
    elif words[1] in SCRIPTS:
        _run_main([words[1][: -len(".py")], *words[2:]], execute)
    elif words[1:3] == ["-m", "keras_pose"]:
        _run_main(words[3:], execute)
    elif words[1] == "-m":
        _run_module(words[2], words[3:], execute)
    else:
        raise AssertionError(f"expected a module or one of {', '.join(SCRIPTS)}, received {words[1]}")


def _run_main(arguments, execute):
    if not arguments or arguments == ["--help"]:
        return
    assert arguments[0] in main.COMMANDS, f"expected a command of keras-pose, received {arguments[0]}"
    if arguments[1:] in ([], ["--help"]) and not execute:
        return
    document = sys.modules["__main__"].__doc__
    with mock.patch.object(commands, "run", _runner(execute)), mock.patch.object(sys, "argv", sys.argv):
        main.main(arguments)
    sys.modules["__main__"].__doc__ = document


def _runner(execute):
    """What stands for `commands.run`, which would end this process: the same flags, checks and work."""

    def run_here(config_class, work, arguments, program, interrupted=None):
        known = set(absl_flags.FLAGS)
        try:
            flags.define(config_class)
            given = arguments if execute else _without_missing_flagfile(arguments, config_class)
            if execute:
                flags.check_flagfiles(given)
            rest = absl_flags.FLAGS([program, *given])
            assert len(rest) == 1, f"expected flags only, received {rest[1:]}"
            config = flags.read(config_class)
            if execute:
                work(config)
        except absl_flags.Error as error:
            raise AssertionError(str(error)) from error
        except ValueError as error:
            if execute:
                raise
            raise AssertionError(str(error)) from error
        finally:
            for name in set(absl_flags.FLAGS) - known:
                delattr(absl_flags.FLAGS, name)

    return run_here


def _without_missing_flagfile(arguments, config_class):
    """The arguments, with what the parser asks for in place of a flagfile that an earlier command writes."""
    kept = []
    for argument in arguments:
        name, _, path = argument.partition("=")
        if name == "--flagfile" and not (conftest.ROOT / path).is_file():
            required = [flag.name for flag in flags.options.flags_of(config_class) if flag.required]
            given = {each.partition("=")[0].lstrip("-") for each in arguments}
            kept += [f"--{flag}=of_the_flagfile" for flag in required if flag not in given]
        elif name == "--flagfile":
            kept.append(f"--flagfile={conftest.ROOT / path}")
        else:
            kept.append(argument)
    return kept


def _run_module(name, arguments, execute):
    found = importlib.util.find_spec(name)
    assert found, f"there is no module {name}"
    if found.submodule_search_locations is not None:
        name = f"{name}.__main__"
    if not arguments and not execute:
        return
    module = importlib.import_module(name)
    if name.startswith("tests."):
        assert not execute  # they write what nobody asked for
    elif hasattr(module, "define_flags"):
        _run_flags_of(module, arguments, execute)
    elif hasattr(module, "main"):
        module.main(list(arguments))
    else:
        assert not [each for each in arguments if each.startswith("-")], f"{name} has no flags"


def _run_flags_of(module, arguments, execute):
    known = set(absl_flags.FLAGS)
    try:
        module.define_flags()
        rest = absl_flags.FLAGS([module.__name__, *arguments])
        if execute:
            module.main(rest)
    except absl_flags.Error as error:
        raise AssertionError(str(error)) from error
    finally:
        for name in set(absl_flags.FLAGS) - known:
            delattr(absl_flags.FLAGS, name)


def _check_make(words):
    text = (conftest.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*## ", text, re.M)
    variables = re.findall(r"^(\w+) \?=", text, re.M)
    for word in words:
        name, equals, _ = word.partition("=")
        known = variables if equals else targets
        assert name in known, f"expected one of {', '.join(known)}, received {name}"


@contextlib.contextmanager
def _ended_by_parser() -> Iterator[None]:
    """Ends argparse commands when their own parser has accepted the arguments."""
    parse = argparse.ArgumentParser.parse_args

    def parse_and_end(parser, args=None, namespace=None):
        parse(parser, args, namespace)
        raise ParsedError

    def refuse(parser, message):
        raise AssertionError(message)

    patched = mock.patch.multiple(argparse.ArgumentParser, parse_args=parse_and_end, error=refuse)
    with patched, contextlib.suppress(ParsedError):
        try:
            yield
        except SystemExit as ended:
            if ended.code:
                raise AssertionError(f"the command ended with {ended.code}") from ended
