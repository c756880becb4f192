"""Command-line flags of a configuration: flat names, checked values, required flags."""

import dataclasses
import re
import subprocess
import sys

import absl.flags
import pytest

from keras_pose import options
from keras_pose.cli import flags
from keras_pose.options import option, part
from tests import conftest


@dataclasses.dataclass(frozen=True)
class Window:
    size: int = option(5, "Frames on each side.", flag="toy_window", at_least=1, at_most=9)
    kind: str = option("sum", "How to pool.", flag="toy_pooling", choices=("sum", "max"))

    def __post_init__(self):
        options.check(self)


@dataclasses.dataclass(frozen=True)
class Config:
    toy_run: str = option(None, "Folder of the run.")
    toy_rate: float = option(0.5, "Learning rate.", at_least=0.0)
    toy_cache: bool = option(True, "Keep frames in memory.")
    toy_more: tuple = option((), "More runs.", repeats=True)
    window: Window = part(Window)

    def __post_init__(self):
        options.check(self)


@pytest.fixture(scope="module", autouse=True)
def defined():
    """absl keeps flags for the whole process; those of this file are removed again."""
    before = set(absl.flags.FLAGS)
    flags.define(Config)
    yield
    for name in set(absl.flags.FLAGS) - before:
        delattr(absl.flags.FLAGS, name)


def parse(*arguments):
    absl.flags.FLAGS.unparse_flags()
    for flag in options.flags_of(Config):
        absl.flags.FLAGS[flag.name].unparse()
    absl.flags.FLAGS(["program", *arguments])
    return flags.read(Config)


def test_flags_of_parts_have_flat_names_and_land_in_their_part():
    config = parse("--toy_run=a", "--toy_window=3", "--toy_pooling=max", "--toy_rate=0.25", "--notoy_cache")
    assert config == Config("a", 0.25, False, window=Window(3, "max"))


def test_flags_that_are_not_given_have_their_defaults():
    assert parse("--toy_run=a") == Config("a")


@pytest.mark.parametrize("name", ["toy_run", "toy_rate", "toy_cache", "toy_window", "toy_pooling"])
def test_help_is_what_the_configuration_says(name):
    (flag,) = (flag for flag in options.flags_of(Config) if flag.name == name)
    assert absl.flags.FLAGS[name].help == flag.help
    assert flag.help.endswith("One of: sum, max.") == (name == "toy_pooling")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--toy_window=0", "--toy_window: expected at least 1, received 0"),
        ("--toy_window=10", "--toy_window: expected at most 9, received 10"),
        ("--toy_pooling=mean", "--toy_pooling: expected one of sum, max, received 'mean'"),
        ("--toy_rate=nan", "--toy_rate: expected a finite number, received nan"),
    ],
)
def test_choices_and_bounds_are_checked(argument, message):
    with pytest.raises(ValueError, match=message):
        parse("--toy_run=a", argument)


@pytest.mark.parametrize("arguments", [[], ["--toy_run="]])
def test_a_required_flag_must_be_given(arguments):
    with pytest.raises(ValueError, match="--toy_run: must be given. Folder of the run."):
        parse(*arguments)


def test_text_for_a_number_is_refused():
    with pytest.raises(absl.flags.IllegalFlagValueError, match="toy_window"):
        parse("--toy_run=a", "--toy_window=three")


def test_flags_load_no_tensorflow():
    code = "import sys, keras_pose.cli.flags; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=conftest.ROOT, check=False).returncode == 0


def test_a_flag_that_repeats_collects_its_values():
    assert parse("--toy_run=a").toy_more == ()
    assert parse("--toy_run=a", "--toy_more=b,c", "--toy_more=d").toy_more == ("b,c", "d")


def test_the_files_of_flagfile_are_checked(tmp_path):
    path = tmp_path / "a.flags"
    path.write_text("--toy_window=2\n")
    flags.check_flagfiles([f"--flagfile={path}", "--flagfile", str(path), "--toy_window=3", "--", "--flagfile=gone"])
    for arguments in ([f"--flagfile={path}.old"], ["--flagfile", f"{path}.old"], [f"-flagfile={tmp_path}"]):
        with pytest.raises(ValueError, match="--flagfile: expected a file of flags, one per line, found no file"):
            flags.check_flagfiles(arguments)
    path.write_bytes("--toy_run=é\n".encode("latin-1"))
    with pytest.raises(ValueError, match="--flagfile: .*a.flags: expected flags as text in UTF-8, but invalid"):
        flags.check_flagfiles([f"--flagfile={path}"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--toy_window=three", "--toy_window: expected int, received 'three'"),
        ("--toy_rate=fast", "--toy_rate: expected float, received 'fast'"),
        ("--toy_cache=maybe", "--toy_cache: expected bool, received 'maybe'"),
        ("--toy_widnow=3", "Unknown command line flag 'toy_widnow'. Did you mean: toy_window ?"),
        ("toy_window=3", "expected --<flag>=<value>, received 'toy_window=3'"),
        ("--toy_window", "Missing value for flag --toy_window"),
    ],
)
def test_a_line_of_a_flagfile_that_is_no_flag_is_named(tmp_path, line, message):
    inner = tmp_path / "inner.flags"
    inner.write_text(f"# a comment\n\n--toy_run=a\n{line}\n")
    outer = tmp_path / "outer.flags"
    outer.write_text(f"--notoy_cache\n--flagfile={inner}\n")
    for path in (inner, outer):
        with pytest.raises(ValueError, match=f"^{re.escape(f'{inner}:4: {message}')}$"):
            flags.check_flagfiles([f"--flagfile={path}"])


def test_an_invalid_value_has_the_place_of_the_last_one_that_is_given(tmp_path):
    path = tmp_path / "a.flags"
    path.write_text("--toy_window=3\n--toy_window=0\n")
    for arguments, place in (
        ([f"--flagfile={path}"], f"{path}:2: "),
        (["--toy_window=10", f"--flagfile={path}"], f"{path}:2: "),
        ([f"--flagfile={path}", "--toy_window=0"], ""),
    ):
        refused = pytest.raises(ValueError, match=f"^{re.escape(place)}--toy_window: expected at least 1, received 0$")
        with refused, options.naming_places(flags.check_flagfiles(arguments)):
            parse("--toy_run=a", *arguments)


def test_checking_flagfiles_changes_no_flag(tmp_path):
    (tmp_path / "a.flags").write_text("--toy_window=3\n--toy_more=b\n")
    before = parse("--toy_run=a", "--toy_more=c")
    flags.check_flagfiles([f"--flagfile={tmp_path / 'a.flags'}"])
    assert flags.read(Config) == before
