"""What is chosen on clips of which it is known whether neighbours help."""

import dataclasses
import os

import numpy as np
import pytest

from keras_pose import files
from keras_pose.choosing import nets
from keras_pose.runs import temporal_choice
from tests.helpers import blob_clips


def chosen(choice):
    return choice["pooling"], choice["window"], choice["frame_stride"], choice["flow"]


def test_pooling_is_chosen_if_neighbours_help(make_choosing):
    lines = []
    flags = {"choice_poolings": "sum,parametric", "choice_windows": ""}
    choosing = make_choosing(blob_clips.still_clips(8), lines=lines, **flags)
    choice = choosing.choose()
    assert choice["pooling"] in ("sum", "parametric")
    assert choice["flow"] == "none"  # the spot does not move, its errors do
    best = choice["candidates"][0]
    assert best["wins"]
    assert best["difference"] > 0.1
    assert best["interval"][0] > 0
    assert choice["unseen"] == [{"source": "validation", "groups": 8, "frames": 24}]
    assert choice["validation_used"]
    assert "against the single frame" in choice["reason"]
    assert temporal_choice.read(choosing.run_dir) == choice
    assert any("24 frames of 8 groups" in line for line in lines)
    fitted = nets.fitted_weights(choosing.run_dir)
    assert bool(fitted) == (choice["pooling"] == "parametric")


def test_none_is_chosen_if_neighbours_mislead(make_choosing):
    choice = make_choosing(blob_clips.jumping_clips(8), flow="none").choose()
    assert chosen(choice) == ("none", 1, 1, "none")
    assert "no pooling is better than the single frame" in choice["reason"]
    assert "--pooling=sum" in choice["reason"]
    assert not any(of["wins"] for of in choice["candidates"])
    assert choice["candidates"][0]["interval"][1] < 0


def test_too_few_groups_decide_nothing(make_choosing):
    choice = make_choosing(blob_clips.still_clips(4)).choose()
    assert chosen(choice) == ("none", 1, 1, "none")
    assert "too few unseen groups to choose by: 4, at least 5 are needed" in choice["reason"]
    assert "--pooling=sum" in choice["reason"]
    assert choice["candidates"] == []


def test_folds_give_maps_of_training_groups_if_validation_has_few(make_choosing, frame_run):
    clips = blob_clips.still_clips(8)
    trained_on = []

    def train_fold(number, members):
        trained_on.append({clip.group for clip in members})
        return frame_run

    choosing = make_choosing(clips[:2], clips[2:], train_fold=train_fold, choice_folds=2, flow="none")
    choice = choosing.choose()
    assert [of["groups"] for of in choice["unseen"]] == [2, 3, 3]
    assert [len(groups) for groups in trained_on] == [3, 3]
    assert trained_on[0] | trained_on[1] == {clip.group for clip in clips[2:]}
    assert not trained_on[0] & trained_on[1]
    assert choice["pooling"] == "sum"
    enough = make_choosing(clips[:5], clips[5:], train_fold=train_fold, choice_folds=2, choice_groups=5, flow="none")
    enough = dataclasses.replace(enough, run_dir=enough.run_dir + "2")
    assert [of["groups"] for of in enough.choose()["unseen"]] == [5]
    assert len(trained_on) == 2


def test_groups_that_the_start_trained_on_are_left_out(make_choosing, frame_run, tmp_path):
    clips = blob_clips.still_clips(8)
    start = str(tmp_path / "start")
    os.makedirs(start)
    for name in os.listdir(frame_run):
        os.link(os.path.join(frame_run, name), os.path.join(start, name))
    os.remove(os.path.join(start, "split.json"))
    seen = {clip.session: [2] for clip in (clips[0], clips[4])}
    files.write_json(os.path.join(start, "split.json"), {"train": seen, "validation": {}, "test": {}})
    choice = make_choosing(clips[:4], clips[4:], start=start, net_steps=0, init_from=start, flow="none").choose()
    assert [of["groups"] for of in choice["unseen"]] == [3, 3]
    assert choice["unseen"][1]["source"].startswith("training, not trained on")


@pytest.mark.slow
def test_a_choice_that_was_interrupted_goes_on_and_is_the_same(make_choosing, tmp_path):
    clips = blob_clips.still_clips(6)
    flags = {"flow": "none", "choice_poolings": "sum,parametric", "choice_windows": ""}
    whole = make_choosing(clips, **flags)
    expected = whole.choose()
    weights = nets.fitted_weights(whole.run_dir)
    broken = dataclasses.replace(whole, run_dir=str(tmp_path / "broken"))
    # Interrupt it when the maps are half done, when the first pooling is fitted, and before the choice is written.
    reads = []

    def fail_at_third(run_dir):
        def predict(frames):
            reads.append(len(frames))
            if len(reads) == 3:
                raise KeyboardInterrupt
            return blob_clips.predict_maps(frames)

        return predict

    def fail(layer):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dataclasses.replace(broken, open_maps=fail_at_third).choose()
    assert len(os.listdir(os.path.join(broken.run_dir, "choosing", "maps"))) == 2
    with pytest.raises(KeyboardInterrupt):
        dataclasses.replace(broken, make_loss=fail).choose()
    assert os.path.exists(os.path.join(broken.run_dir, "choosing", "sum-1x1-none.npz"))
    choice = dataclasses.replace(broken, open_maps=lambda run_dir: fail).choose()  # all maps are there
    assert choice == expected
    for a, b in zip(nets.fitted_weights(broken.run_dir), weights):
        np.testing.assert_array_equal(a, b)
    # A choice that was made is not made again; other data or flags make a new one.
    os.remove(os.path.join(broken.run_dir, "choosing", "settings.json"))
    assert dataclasses.replace(broken, open_maps=fail).choose() == expected
    other = make_choosing(clips, **{**flags, "choice_poolings": "max"})
    other = dataclasses.replace(other, run_dir=broken.run_dir)
    assert {of["pooling"] for of in other.choose()["candidates"]} == {"max"}
