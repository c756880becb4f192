"""Rows, targets and files of the benchmarks."""

import pytest

from benchmarks.common import harness
from keras_pose import files


def test_a_target_is_on_the_value_or_on_an_end_of_its_spread():
    row = {"what": "a", "value": 0.4, "unit": "m", "low": -0.1, "high": 0.9}
    assert harness.Row(**row, target="> 0").holds is True
    assert harness.Row(**row, target="low > 0").holds is False
    assert harness.Row(**row, target="high < 1").holds is True
    assert harness.Row(**row).holds is None


def test_a_target_on_an_end_that_is_not_there_does_not_hold():
    assert harness.Row("a", 1.0, "m", target="low > 0").holds is False


@pytest.mark.parametrize("target", ["about 5", "low", "median > 0", "> x"])
def test_a_target_that_is_no_comparison_is_refused(target):
    with pytest.raises(ValueError, match="expected a comparison and a number"):
        harness.Row("a", 1.0, "m", 0.0, 2.0, target)


def test_a_benchmark_adds_arguments_of_its_own():
    parser = harness.make_parser("what")
    parser.add_argument("--clips", type=int)
    arguments = parser.parse_args(["--clips=3", "--quick", "--json=a.json"])
    assert (arguments.clips, arguments.quick, arguments.json) == (3, True, "a.json")


def test_rows_are_written_with_machine_and_versions(tmp_path):
    harness.write_rows(tmp_path / "rows.json", "name", [harness.Row("a", 2, "m", 1, 3, "low > 0")])
    written = files.read_json(tmp_path / "rows.json")
    assert written["name"] == "name"
    assert written["machine"]["cores"] >= 1
    assert "numpy" in written["stack"]
    row = {"what": "a", "value": 2, "unit": "m", "low": 1, "high": 3, "target": "low > 0", "holds": True}
    assert written["rows"] == [row]
