"""Flags: what is declared is what is checked, written and read back."""

import dataclasses

import pytest

from keras_pose import options
from keras_pose.options import option


@dataclasses.dataclass(frozen=True)
class Config:
    name: str = option(None, "A name.")
    kind: str = option("a", "A kind.", choices=("a", "b"))
    count: int = option(3, "A number.", at_least=1, at_most=9)
    rate: float = option(0.5, "A rate.", at_least=0.0)
    fast: bool = option(False, "Whether.")

    def __post_init__(self):
        options.check(self)


def test_a_written_flagfile_reads_back_as_the_same_configuration(tmp_path):
    config = Config(name="x y", kind="b", count=7, rate=1e-8, fast=True)
    options.write(config, tmp_path / "flags.txt")
    assert options.load(Config, tmp_path / "flags.txt") == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "c"}, r"--kind: expected one of a, b, received 'c'"),
        ({"count": 0}, r"--count: expected at least 1, received 0"),
        ({"count": 10}, r"--count: expected at most 9, received 10"),
        ({"rate": float("nan")}, r"--rate: expected a finite number, received nan"),
    ],
)
def test_values_out_of_range_name_their_flag(change, message):
    with pytest.raises(ValueError, match=message):
        Config(name="x", **change)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--cuont=3", r"flags\.txt:2: expected .* received '--cuont=3'"),
        ("--count=three", r"flags\.txt:2: --count: expected int, received 'three'"),
        ("count", r"flags\.txt:2: expected --<flag>=<value>"),
        ("--fast=yes", r"flags\.txt:2: --fast: expected bool, received 'yes'"),
    ],
)
def test_a_broken_line_is_named_with_file_and_number(tmp_path, line, message):
    (tmp_path / "flags.txt").write_text(f"--name=x\n{line}\n")
    with pytest.raises(ValueError, match=message):
        options.load(Config, tmp_path / "flags.txt")
