"""Whether training made the start better or worse, and which weights a run keeps."""

import dataclasses
import os

import numpy as np
import pytest

from keras_pose import files
from keras_pose.choosing import final_check
from keras_pose.data.samples import Samples
from keras_pose.inference import loading
from keras_pose.media.file_digests import digest_file
from keras_pose.runs import run_directory, temporal_choice
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import blob_clips
from tests.helpers.exported_runs import write_run

FLAGS = {"model": "flowing", "window": 1, "frame_stride": 1, "flow": "none", "pooling": "parametric"}
CHOICE = {"pooling": "parametric", "window": 1, "window_seconds": 0.0, "frame_stride": 1, "flow": "none"}


def no_flow(target, source):
    """Flow of zero."""
    return np.zeros((*target.shape[:2], 2), np.float32)


def seen_by(run_dir):
    """Samples of clips whose labels are what a run predicts."""
    predictor = loading.load_predictor(run_dir)
    clips = []
    for clip in blob_clips.still_clips(6):
        joints = predictor.predict(clip.frames.array)[0][clip.labelled]
        clips.append(dataclasses.replace(clip, joints=joints))
    return Samples(clips, (64, 64), (-1, 0, 1), estimate_flow=no_flow)


@pytest.fixture
def check(tmp_path):
    """Function (name of the weights that are worse) to the run, the digests of its weights, and the lines it said."""

    def check(worse):
        model, _, path = write_run(tmp_path / worse, **FLAGS)
        run = run_directory.RunDirectory(path)
        files.write_json(temporal_choice.path_in(path), CHOICE)
        held_out = seen_by(path)
        places = {"trained": run.weights, "start": final_check.weights_path(run, "start")}
        os.makedirs(os.path.dirname(places["start"]))
        model.save_weights(places["start" if worse == "trained" else "trained"])
        head = model.get_layer("heatmap_net").get_layer("heatmaps")
        head.set_weights([-array for array in head.get_weights()])
        model.save_weights(places[worse])
        digests = {name: digest_file(target) for name, target in places.items()}
        lines = []
        final_check.check(run, model, held_out, UPPER_BODY, lines.append)
        return run, digests, lines

    return check


@pytest.mark.parametrize(("worse", "better"), [("trained", "start"), ("start", "trained")])
def test_the_better_weights_are_kept(check, worse, better):
    run, digests, lines = check(worse)
    final = temporal_choice.read(run.path)["final"]
    assert final["kept"] == better
    assert digest_file(run.weights) == digests[better]
    assert abs(final["trained_less_start"]) > 0.05
    assert lines == [final_check.describe(final)]
    # A run that trains on starts from what it trained.
    final_check.restore(run)
    assert digest_file(run.weights) == digests["trained"]


def test_what_was_found_is_said():
    final = {"kept": "start", "difference": -0.02, "interval": [-0.03, -0.01]}
    text = final_check.describe(final)
    assert "the fitted start is better than what training made of it and is kept" in text
    assert "-2.0 points (-3.0 to -1.0). This is worse: use --pooling=none" in text
    text = final_check.describe({"kept": "trained", "difference": 0.02, "interval": [-0.01, 0.03]})
    assert "no worse" in text
    assert "use --pooling=none" not in text
