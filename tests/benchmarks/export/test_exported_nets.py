"""A run exported in every way predicts the same joints."""

import numpy as np
import pytest

from benchmarks import export_precision
from benchmarks.export import exported_nets
from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation import scoring
from keras_pose.inference import loading
from tests.helpers.tested_runs import write_tested_run

SIGNERS = {"data": "signers:train:2", "test_data": "signers:test:4", "signer_size": 64, "signer_frames": 5}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_tested_run(tmp_path_factory.mktemp("runs") / "net", **SIGNERS)


def test_size_is_that_of_all_files(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(bytes(1_500_000))
    (tmp_path / "b").write_bytes(bytes(500_000))
    assert exported_nets.megabytes_of(tmp_path) == 2
    assert exported_nets.megabytes_of(tmp_path / "b") == 0.5


@pytest.mark.slow
def test_all_kinds_predict_in_px_of_the_frame(run, tmp_path):
    clips, skeleton = export_precision.choose_clips(run, quick=True)
    assert (len(clips), skeleton.joints) == (3, SKELETON.joints)
    # Doubled pixels: every way to reduce them returns the same bits.
    frames = [clip.frames.read(range(clip.frames.num_frames)).repeat(2, 1).repeat(2, 2) for clip in clips]
    clips = [
        Clip(clip.name, ArrayFrames(array), clip.labelled, clip.joints, clip.visibility)
        for clip, array in zip(clips, frames)
    ]
    exported = exported_nets.export_all(run, str(tmp_path), ("float32",), ("float32",))
    expected = scoring.predict_clips(loading.load_predictor(run), clips)
    for name, export in exported.items():
        received = scoring.predict_clips(export, clips)
        for clip, truth in zip(received, expected):
            seen = truth.scores > 0
            assert seen.any()
            np.testing.assert_allclose(clip.predicted[seen], truth.predicted[seen], atol=5e-3, err_msg=name)
    assert [round(export.megabytes, 1) > 0 for export in exported.values()] == [True, True]
