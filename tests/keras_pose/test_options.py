"""Flags: what is declared is what is checked, written and read back."""

import dataclasses
import re

import pytest

import keras_pose
from keras_pose import options
from keras_pose.options import option
from keras_pose.runs.config import TrainConfig


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


def bad_values(flag):
    """Texts that a flag must refuse."""
    rules = flag.field.metadata
    texts = ["!bad"] if flag.kind is not str or rules["choices"] else []
    texts += ["nan"] if flag.kind is float else []
    texts += [str(flag.kind(rules["at_least"] - 1))] if rules["at_least"] is not None else []
    return texts + ([str(flag.kind(rules["at_most"] + 1))] if rules["at_most"] is not None else [])


def test_a_bad_value_of_any_flag_is_named_with_file_line_and_flag(tmp_path):
    path = tmp_path / "flags.txt"
    options.write(TrainConfig("runs/mine"), path)
    usual = path.read_text().splitlines()
    flags = options.flags_of(TrainConfig)
    tried = 0
    for place, flag in enumerate(flags):
        for text in bad_values(flag):
            path.write_text("\n".join([*usual[:place], f"--{flag.name}={text}", *usual[place + 1 :]]))
            message = rf"^{re.escape(str(path))}:{place + 1}: --{flag.name}: expected .* received "
            with pytest.raises(ValueError, match=message):
                options.load(TrainConfig, path)
            tried += 1
    assert tried > len(flags)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["--net_steps=100", "--steps=300", "--validate_every=30"],
            r"flags\.txt:2: --net_steps: expected a multiple of --validate",
        ),
        (
            ["--frame_stride=2", "--window_seconds=1"],
            r"flags\.txt:3: --window_seconds, --frame_stride: expected at most",
        ),
    ],
)
def test_flags_that_contradict_each_other_are_named_with_the_line_of_the_first(tmp_path, lines, message):
    (tmp_path / "flags.txt").write_text("\n".join(["--run_dir=a", *lines, "--model=flowing"]))
    with pytest.raises(ValueError, match=message):
        options.load(TrainConfig, tmp_path / "flags.txt")


def test_a_flag_that_must_be_given_and_is_not_names_the_file(tmp_path):
    (tmp_path / "flags.txt").write_text("--count=3\n")
    with pytest.raises(ValueError, match=r"flags\.txt: --name: must be given\. A name\."):
        options.load(Config, tmp_path / "flags.txt")


def test_only_errors_that_begin_with_a_flag_of_the_file_get_its_place():
    places = {"count": "a.flags:3"}
    for text, expected in {
        "--count: expected 1": "a.flags:3: --count: expected 1",
        "--rate=0, --count=2: expected 1": "a.flags:3: --rate=0, --count=2: expected 1",
        "--rate: expected 1 with --count": "--rate: expected 1 with --count",
        "clip.mp4: expected --count": "clip.mp4: expected --count",
    }.items():
        with pytest.raises(ValueError, match=f"^{expected}$"), options.naming_places(places):
            raise ValueError(text)


def test_changes_have_the_types_of_their_flags():
    changes = options.parse_changes(Config, ["count=4", "--rate=1", "fast=true", "name=a=b", "count=5"], "--set")
    assert changes == {"count": 5, "rate": 1.0, "fast": True, "name": "a=b"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("cuont=3", r"--set: expected <flag>=<value> of a known flag, received 'cuont=3'"),
        ("count", r"--set: expected <flag>=<value>"),
        ("count=three", r"--set: --count: expected int, received 'three'"),
    ],
)
def test_a_change_that_is_no_flag_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        options.parse_changes(Config, [change], "--set")


def test_a_number_of_thousands_of_digits_is_named(tmp_path):
    (tmp_path / "flags.txt").write_text(f"--name=x\n--count={'9' * 5000}\n")
    with pytest.raises(ValueError, match=r"flags\.txt:2: --count: expected int, received '9{200}'…$"):
        options.load(Config, tmp_path / "flags.txt")


def test_a_flagfile_that_is_not_text_is_named(tmp_path):
    (tmp_path / "flags.txt").write_bytes("--name=é\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"flags\.txt:1: expected text in UTF-8"):
        options.load(Config, tmp_path / "flags.txt")


@dataclasses.dataclass(frozen=True)
class Inner:
    size: int = option(5, "A size.", flag="inner_size", at_least=1)

    def __post_init__(self):
        options.check(self)


@dataclasses.dataclass(frozen=True)
class Outer:
    name: str = option(None, "A name.")
    inner: Inner = options.part(Inner)
    rate: float = option(0.5, "A rate.")


def test_flags_are_flat_and_in_the_order_of_the_fields():
    flags = options.flags_of(Outer)
    assert [(flag.name, flag.part, flag.field.name, flag.kind, flag.required) for flag in flags] == [
        ("name", "", "name", str, True),
        ("inner_size", "inner", "size", int, False),
        ("rate", "", "rate", float, False),
    ]


def test_values_and_build_are_inverses():
    config = options.build(Outer, {"name": "x", "inner_size": 7})
    assert config == Outer("x", Inner(7), 0.5)
    assert options.values(config) == {"name": "x", "inner_size": 7, "rate": 0.5}
    assert options.build(Outer, options.values(config)) == config


def test_replace_changes_a_flag_of_a_part_and_leaves_the_rest():
    config = Outer("x", Inner(7), 0.25)
    assert options.replace(config, inner_size=2) == Outer("x", Inner(2), 0.25)
    assert config.inner.size == 7


def test_a_part_checks_its_own_flags():
    with pytest.raises(ValueError, match="--inner_size: expected at least 1, received 0"):
        options.replace(Outer("x"), inner_size=0)


def test_an_unknown_flag_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="--size: expected one of the flags name, inner_size, rate"):
        options.build(Outer, {"name": "x", "size": 3})


def test_parts_are_written_and_read_flat(tmp_path):
    config = Outer("x", Inner(7))
    options.write(config, tmp_path / "flags.txt")
    assert (tmp_path / "flags.txt").read_text() == "--name=x\n--inner_size=7\n--rate=0.5\n"
    assert options.load(Outer, tmp_path / "flags.txt") == config


def test_a_flag_that_a_file_lacks_has_its_default(tmp_path):
    (tmp_path / "flags.txt").write_text("# a comment\n\n--name=x\n")
    assert options.load(Outer, tmp_path / "flags.txt") == Outer("x")


def test_spaces_of_a_value_are_kept_and_line_breaks_are_refused(tmp_path):
    config = Config(name=" a [1] %d {x} = ü ")
    options.write(config, tmp_path / "flags.txt")
    assert options.load(Config, tmp_path / "flags.txt") == config
    with pytest.raises(ValueError, match="--name: expected one line, received 'a.nb'"):
        Config(name="a\nb")


def test_a_flag_of_another_version_names_this_one(tmp_path):
    (tmp_path / "flags.txt").write_text("--name=x\n--later=3\n")
    with pytest.raises(ValueError, match=rf"received '--later=3'; did another version .*{keras_pose.__version__}"):
        options.load(Config, tmp_path / "flags.txt")


def test_rules_of_resuming_are_declared_with_the_flag():
    @dataclasses.dataclass(frozen=True)
    class Declared:
        a: int = option(1, "A number.")
        b: int = option(1, "A number.", resume=options.FREE)

    assert [flag.resume for flag in options.flags_of(Declared)] == [options.SAME, options.FREE]
    assert all(flag.resume in options.RESUME_RULES for flag in options.flags_of(TrainConfig))
