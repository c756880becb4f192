"""The commands that faults are tried on: their own parsers take their flags."""

import pathlib

import pytest

from benchmarks.fault_injection import commands, groups
from tests.helpers import doc_commands

COMMANDS = commands.make_commands(pathlib.Path("inputs"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_flags_are_those_of_the_command(name):
    arguments = [word.replace(f"{groups.ROOT}/", "") for word in COMMANDS[name].arguments[1:]]
    assert doc_commands.is_ours(["python", *arguments])
    doc_commands.check(["python", *arguments])
