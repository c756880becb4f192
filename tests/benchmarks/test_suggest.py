"""The benchmark of suggested frames: its pools, and a short run that can be resumed."""

import json

import numpy as np
import pytest

from benchmarks import suggest
from benchmarks.labelling import pools
from tests.helpers import deeplabcut_projects as projects


def test_a_pool_of_signers_has_long_and_short_clips_of_different_people():
    pool = pools.open_signers(32, 1, 6, 2, 3, 2)
    assert [len(clip.numbers) for clip in pool.clips] == [6, 3, 3]
    assert len({clip.clip.name for clip in pool.clips}) == 3
    assert len(pool) == len(pool.places()) == 12
    assert not {clip.clip.name for clip in pool.clips} & {clip.name for clip in pool.test}


def test_selected_places_become_labels():
    pool = pools.open_signers(32, 1, 6, 2, 3, 1)
    chosen = pool.select([(0, 4), (2, 0), (0, 1)])
    assert [(clip.name, clip.labelled.tolist()) for clip in chosen] == [
        ("signers-train-00000", [1, 4]),
        ("signers-train-00002", [0]),
    ]


def test_a_project_gives_its_labelled_frames_and_their_neighbours(tmp_path):
    projects.write_config(tmp_path)
    columns = projects.header(projects.PARTS)
    for name in ("a", "b"):
        projects.add_session(tmp_path, name, columns, (0, 5))
        projects.write_frames(tmp_path / "videos" / f"{name}.avi")
    (tmp_path / "test.txt").write_text("b\n")
    pool = pools.open_project(str(tmp_path), "test.txt")
    (clip,) = pool.clips
    assert clip.numbers.tolist() == [0, 1, 4, 5, 6]
    assert clip.rows.tolist() == [0, -1, -1, 1, -1]
    assert [test.name for test in pool.test] == ["b"]
    np.testing.assert_allclose(clip.pictures.mean((1, 2, 3)), 10 + 8 * clip.numbers, atol=3)


def test_random_choice_repeats_no_frame_and_depends_on_the_seed_alone():
    pool = pools.open_signers(32, 1, 6, 2, 3, 1)
    first = suggest.choose_random(pool, [], 5, 3)
    assert first == suggest.choose_random(pool, [], 5, 3)
    rest = suggest.choose_random(pool, first, 99, 3)
    assert sorted(first + rest) == sorted(pool.places())


@pytest.mark.slow
def test_a_short_run_is_not_repeated(tmp_path, capsys):
    flags = ["--quick", f"--out={tmp_path}", f"--json={tmp_path}/rows.json", "--steps=3", "--first_rounds=1"]
    suggest.main(flags)
    assert "both/0/8" in capsys.readouterr().out
    labels = json.loads((tmp_path / "errors.json").read_text())["labels"]
    assert labels["both/0/4"] == labels["random/0/4"] == labels["both/0/8"][:4]
    assert len({tuple(place) for place in labels["both/0/8"]}) == 8
    suggest.main(flags)
    assert "both/0/8" not in capsys.readouterr().out
    rows = json.loads((tmp_path / "rows.json").read_text())["rows"]
    assert [row["what"] for row in rows][-1] == "labels saved by both at the error of 8 random ones"
