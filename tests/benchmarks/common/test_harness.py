"""Arguments, machine and files of the benchmarks."""

import pytest

from benchmarks.common import harness
from benchmarks.common.rows import Row
from keras_pose import files


def test_a_benchmark_adds_arguments_of_its_own():
    parser = harness.make_parser("what")
    parser.add_argument("--clips", type=int)
    arguments = parser.parse_args(["--clips=3", "--quick", "--json=a.json"])
    assert (arguments.clips, arguments.quick, arguments.json) == (3, True, "a.json")


def test_rows_are_written_with_machine_and_versions(tmp_path):
    harness.write_rows(tmp_path / "rows.json", "name", [Row("a", 2, "m", 1, 3, "> 0")])
    written = files.read_json(tmp_path / "rows.json")
    assert written["name"] == "name"
    assert written["machine"]["cores"] >= 1
    assert "numpy" in written["stack"]
    row = {
        "what": "a",
        "value": 2,
        "unit": "m",
        "low": 1,
        "high": 3,
        "target": "> 0",
        "verdict": "holds",
        "holds": True,
    }
    assert written["rows"] == [row]


def test_a_report_is_printed_and_written_only_if_asked(tmp_path, capsys):
    rows = [Row("speed", 2, "m/s")]
    harness.report("name", rows, harness.parse_arguments("what", []))
    assert "speed" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    harness.report("name", rows, harness.parse_arguments("what", [f"--json={tmp_path / 'rows.json'}"]))
    assert files.read_json(tmp_path / "rows.json")["rows"][0]["what"] == "speed"


def test_a_value_that_is_no_number_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        harness.write_rows(tmp_path / "rows.json", "name", [Row("a", float("nan"), "m")])
    assert list(tmp_path.iterdir()) == []
