"""The authors' predictions under this project's metrics: a file made like theirs, and theirs where they are there."""

import json

import numpy as np
import pytest
import scipy.io

from benchmarks import authors_predictions
from tests.helpers.benchmark_rows import find_row
from tests.helpers.research_folders import cells, struct_array


def write(path, displacement):
    """Three sequences of four frames; every right wrist is 15 px off, apart from a displacement of everything."""
    truth = np.tile(np.arange(14, dtype=float).reshape(7, 2) * 10 + 1, (12, 1, 1))
    predicted = truth + [displacement, 0]
    predicted[:, 1, 1] += 15
    rows = [{"joint_locs": joints, "visible": np.ones((7, 1), np.uint8)} for joints in truth]
    numbers = [np.arange(4 * i + 1, 4 * i + 5, dtype=np.uint16)[None] for i in range(3)]
    test_seqs = {"data": struct_array(rows), "seqs": cells(numbers), "name": "made"}
    results = cells([cells(list(predicted[4 * i : 4 * i + 4])) for i in range(3)])
    scipy.io.savemat(path, {"test_seqs": test_seqs, "raw_results": results})


def test_accuracies_with_and_without_a_displacement(tmp_path):
    write(tmp_path / "made.mat", 0)
    rows = authors_predictions.score_file("made", str(tmp_path / "made.mat"), 1000)
    assert find_row(rows, "made: wrists within 10 px").value == 50
    assert find_row(rows, "made: wrists within 20 px").value == 100
    assert len(rows) == 14
    write(tmp_path / "moved.mat", 58)
    rows = authors_predictions.score_file("made", str(tmp_path / "moved.mat"), 1000)
    assert find_row(rows, "made: elbows within 40 px").value == 0
    assert find_row(rows, "made: median displacement in x").value == 58
    assert find_row(rows, "made, displacement taken off: elbows within 10 px").value == 100


def test_the_authors_files_give_the_known_figures(shared_data, tmp_path, capsys):
    folder = shared_data / "flowing_convnets_predictions"
    authors_predictions.main(["--quick", f"--predictions={folder}", f"--json={tmp_path / 'rows.json'}"])
    rows = json.loads((tmp_path / "rows.json").read_text())["rows"]
    judged = [row for row in rows if row["target"]]
    assert len(judged) == 8
    assert all(row["holds"] for row in judged)
    assert "Poses in the Wild: wrists within 20 px" in capsys.readouterr().out


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises((ValueError, OSError), match=r"flow-convnets-piw\.mat"):
        authors_predictions.main([f"--predictions={tmp_path}"])
