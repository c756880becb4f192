"""What is trained on and tested on."""

import os
import pathlib

import pytest

from benchmarks.claim_checks import data_sets
from benchmarks.claim_checks.forms import NORMAL, SMOKE
from benchmarks.teacher_labels import film_of
from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from tests import conftest

JHMDB = pathlib.Path(os.environ.get("KERAS_POSE_SHARED", conftest.ROOT.parent / "shared")) / "data" / "jhmdb"


@pytest.mark.skipif(not JHMDB.exists(), reason="JHMDB is not here")
def test_films_of_jhmdb_are_either_trained_on_or_tested_on(tmp_path):
    data = data_sets.open_jhmdb(str(JHMDB), str(tmp_path), NORMAL)
    test = (tmp_path / "jhmdb_test.txt").read_text(encoding="utf-8").split()
    names = (JHMDB / "train_upper.txt").read_text(encoding="utf-8").split()
    official = {film_of(name) for name in (JHMDB / "test_upper.txt").read_text(encoding="utf-8").split()}
    films = {film_of(name) for name in test}
    assert 15 < len(films) < 30
    assert not films & official
    assert set(test) == {name for name in names if film_of(name) in films}
    few, everything = (sum(1 for _ in (tmp_path / folder / "videos").rglob("*.*")) for folder in ("jhmdb_few", "jhmdb"))
    assert len(test) < few < everything < len(names)
    assert data.few["data"] != data.flags["data"]


def test_labelled_frames_of_signers_have_neighbours_on_both_sides():
    flags = data_sets.open_signers(SMOKE).flags
    config = DataConfig(
        source=flags["data"],
        signer_clips=3,
        signer_frames=flags["signer_frames"],
        signer_label_every=flags["signer_label_every"],
        signer_size=32,
    )
    clips = selection.open_data(config.source, config).clips
    assert [clip.labelled.tolist() for clip in clips] == [[1, 3]] * 3
