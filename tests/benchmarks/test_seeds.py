"""Arguments and rows of the benchmark of several trainings."""

import pytest

from benchmarks import seeds
from benchmarks.common import trainings
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.runs.config import TrainConfig


def test_targets_are_parsed_and_all_joints_come_first():
    targets = seeds.parse_targets("leftLip+rightLip:3, wrist,all:5")
    assert list(targets.items()) == [("all", "<= 5"), ("leftLip+rightLip", "<= 3"), ("wrist", None)]
    assert seeds.parse_targets("") == {"all": None}


@pytest.mark.parametrize("text", ["all:", "all:x", ":5", "all:-1", "all:nan"])
def test_targets_that_are_no_numbers_are_refused(text):
    with pytest.raises(ValueError, match="--targets: expected"):
        seeds.parse_targets(text)


def test_values_have_the_type_of_the_flag():
    assert seeds.parse_values("split_seed", "0, 1,2") == [0, 1, 2]
    assert seeds.parse_values("learning_rate", "1e-3,2e-3") == [1e-3, 2e-3]
    assert seeds.parse_values("optimizer", "adam,sgd") == ["adam", "sgd"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sed", "0", "--vary: .*'sed'"),
        ("fusion", "true", "--vary: .*'fusion'"),
        ("run_dir", "a", "--vary: .*'run_dir'"),
        ("seed", "0,x", "--values: expected int"),
        ("seed", "0,1,0", "each value once"),
    ],
)
def test_invalid_values_are_refused(name, text, message):
    with pytest.raises(ValueError, match=message):
        seeds.parse_values(name, text)


def test_each_value_has_a_run_of_its_own():
    configs = seeds.make_configs(TrainConfig.from_flags(run_dir="runs/a"), "seed", [0, 7], "runs/a-seeds", quick=False)
    assert {value: (config.optimisation.seed, config.run_dir) for value, config in configs.items()} == {
        0: (0, "runs/a-seeds/seed-0"),
        7: (7, "runs/a-seeds/seed-7"),
    }
    assert configs[7].optimisation == TrainConfig.from_flags(run_dir="a", seed=7).optimisation


def test_a_quick_run_is_short_and_elsewhere():
    config = seeds.make_configs(TrainConfig.from_flags(run_dir="a"), "seed", [1], "out", quick=True)[1]
    assert config.optimisation.steps < 10
    assert config.run_dir == "out-quick/seed-1"


def test_rows_have_each_run_and_the_mean_between_the_smallest_and_the_largest():
    rows = seeds.group_rows("all", {"seed 0": (2.0, [1.0, 3.0]), "seed 1": (5.0, None)}, "<= 4")
    assert [(row.value, row.low, row.high, row.holds) for row in rows] == [
        (2.0, 1.0, 3.0, True),
        (5.0, None, None, False),
        (3.5, 2.0, 5.0, None),
    ]


def test_arguments_come_from_the_command_line_and_the_flagfile(tmp_path):
    path = tmp_path / "a.flags"
    path.write_text("--run_dir=runs/a\n--steps=300\n")
    arguments = seeds.parse_arguments([f"--config={path}", "--vary=split_seed", "--values=3,4"])
    assert (arguments.base.optimisation.steps, arguments.values, arguments.out) == (300, [3, 4], "runs/a-split_seeds")


def test_a_wrong_argument_ends_the_program_with_its_name(tmp_path, capsys):
    with pytest.raises(SystemExit):
        seeds.parse_arguments([f"--config={tmp_path / 'none.flags'}"])
    assert "none.flags" in capsys.readouterr().err


def test_all_joints_need_no_positions():
    assert seeds.find_joints("all", SKELETON) is None
    assert seeds.find_joints("wrist", SKELETON) == trainings.find_joints(SKELETON, "wrist")
