"""Whether training made the start better or worse, and which weights a run keeps."""

import numpy as np
import pytest

from keras_pose import files
from keras_pose.choosing import final_check
from keras_pose.data.samples import Samples
from keras_pose.media.file_digests import digest_file
from keras_pose.runs import run_directory, temporal_choice
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import blob_clips
from tests.helpers.exported_runs import write_run

FLAGS = {"model": "flowing", "window": 1, "frame_stride": 1, "flow": "none", "pooling": "parametric"}
CHOICE = {"pooling": "parametric", "window": 1, "window_seconds": 0.0, "frame_stride": 1, "flow": "none"}


@pytest.fixture(scope="module")
def held_out():
    """Samples of six clips."""
    clips = blob_clips.still_clips(6)
    return Samples(clips, (64, 64), (-1, 0, 1), estimate_flow=lambda a, b: np.zeros((*a.shape[:2], 2), np.float32))


@pytest.fixture
def checked(tmp_path, held_out):
    """Function (name of the weights that are worse) to the run, after the check, and the lines it said."""

    def check(worse):
        model, _, path = write_run(tmp_path / worse, **FLAGS)
        run = run_directory.RunDirectory(path)
        files.write_json(temporal_choice.path_in(path), CHOICE)
        weights = model.get_weights()
        places = {"trained": run.weights, "start": final_check.weights_path(run, "start")}
        files.write_text(final_check.weights_path(run, "folder"), "")  # makes the folder
        for name, target in places.items():
            model.set_weights(weights)
            net = model.get_layer("heatmap_net")
            if name != worse:  # maps that look at the brightness are better than random ones
                _see_brightness(net)
            model.save_weights(target)
        digests = {name: digest_file(target) for name, target in places.items()}
        lines = []
        final_check.check(run, model, held_out, UPPER_BODY, lines.append)
        return run, digests, lines

    return check


def _see_brightness(net):
    """Makes the highest point of all maps the middle of the input, near the joints."""
    for layer in net.layers:
        if layer.name == "heatmaps":
            layer.set_weights([np.zeros_like(array) for array in layer.get_weights()])


def test_the_better_weights_are_kept(checked):
    kept = set()
    for worse in ("trained", "start"):
        run, digests, lines = checked(worse)
        final = temporal_choice.read(run.path)["final"]
        kept.add(final["kept"])
        assert digest_file(run.weights) == digests[final["kept"]]
        assert (final["trained_less_start"] < 0) == (final["kept"] == "start")
        assert lines == [final_check.describe(final)]
        # A run that trains on, or checks again, starts from what it trained.
        final_check.restore(run)
        assert digest_file(run.weights) == digests["trained"]
    assert kept == {"trained", "start"}


def test_what_was_found_is_said():
    final = {"kept": "start", "difference": -0.02, "interval": [-0.03, -0.01]}
    text = final_check.describe(final)
    assert "the fitted start is better than what training made of it and is kept" in text
    assert "-2.0 points (-3.0 to -1.0). This is worse: use --pooling=none" in text
    text = final_check.describe({"kept": "trained", "difference": 0.02, "interval": [-0.01, 0.03]})
    assert "no worse" in text
    assert "use --pooling=none" not in text
