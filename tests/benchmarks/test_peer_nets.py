"""The command that compares tools."""

import json
import os
import sys

import pytest

from benchmarks import peer_nets
from keras_pose.data.selection import DataSplit
from tests.helpers import peer_data

pytest.importorskip("tables")
pytest.importorskip("sleap_io")


def test_the_command_reports_what_it_has_and_names_what_fails(tmp_path, capsys):
    project = peer_data.write_project(str(tmp_path))
    out = str(tmp_path / "out")
    table = str(tmp_path / "rows.json")
    places = [f"--lips={project}", f"--out={out}", f"--json={table}", f"--dlc_python={sys.executable}"]
    with pytest.raises(SystemExit) as ended:
        peer_nets.main([*places, "--nets=sleap,dlc,lightning", "--quick"])
    assert "DeepLabCut: train failed" in str(ended.value.code)
    assert os.path.join(out, "DeepLabCut", "train.log") in str(ended.value.code)
    shown = capsys.readouterr().out
    assert "sleap-nn: left out, no --sleap_python" in shown
    assert "Lightning Pose: left out, no --lightning_python" in shown
    with open(table, encoding="utf-8") as file:
        rows = {row["what"]: row for row in json.load(file)["rows"]}
    error = rows[f"{peer_nets.MEAN}: mean error"]
    assert error["low"] < error["value"] < error["high"]
    assert rows[f"{peer_nets.MEAN}: a frame, batch 16"]["value"] > 0


def test_the_entrants_of_a_whole_comparison(tmp_path):
    flags = ["--lips=lips", "--sleap_python=a", "--dlc_python=b", "--lightning_python=c", "--long_run=run"]
    entrants, left_out = peer_nets.find_entrants(peer_nets.parse_arguments(flags))
    assert left_out == []
    assert [entrant.name for entrant in entrants] == [
        peer_nets.MEAN,
        "lite",
        "simple_baseline",
        "hourglass",
        peer_nets.LONG,
        peer_nets.TFLITE,
        "sleap-nn",
        peer_nets.SMALL_SLEAP,
        "DeepLabCut",
        "Lightning Pose",
    ]
    assert {entrant.python for entrant in entrants[6:]} == {"a", "b", "c"}


def test_only_the_nets_that_are_asked_for_are_compared():
    flags = ["--lips=lips", "--sleap_python=a", "--dlc_python=b", "--nets=hourglass,sleap_small,lightning"]
    entrants, left_out = peer_nets.find_entrants(peer_nets.parse_arguments(flags))
    assert [entrant.name for entrant in entrants] == [peer_nets.MEAN, "hourglass", peer_nets.SMALL_SLEAP]
    assert left_out == ["Lightning Pose: left out, no --lightning_python"]


def test_an_unknown_net_is_refused(capsys):
    with pytest.raises(SystemExit):
        peer_nets.parse_arguments(["--lips=lips", "--nets=lite,huge"])
    names = "lite, simple_baseline, hourglass, sleap, sleap_small, dlc, lightning"
    assert f"--nets: expected some of {names}, received 'huge'" in capsys.readouterr().err


@pytest.mark.parametrize(("minutes", "text"), [([8.4, 8.0], "8 min"), ([74.9, 25.2, 8.6], "9 to 75 min")])
def test_the_picture_says_how_long_the_nets_were_trained(minutes, text):
    split = DataSplit([], [], [])
    expected = f"0 held-out frames, 95 % intervals; {text} of CPU, from random weights"
    assert peer_nets.describe(split, minutes) == expected
