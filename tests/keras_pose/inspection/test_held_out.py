"""The proposed test set: whole clips of videos, a share of separate images."""

import dataclasses

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.inspection.held_out import choose_test
from tests.helpers.inspected import make_facts


def make_clips(count, frames=5):
    video = ArrayFrames(np.zeros((frames, 8, 8, 3), np.uint8))
    labels = (np.arange(frames), np.ones((frames, 1, 2)), np.full((frames, 1), 2))
    return [Clip(f"c{number}", video, *labels) for number in range(count)]


def choose(clips, source="here", **changes):
    total = sum(clip.num_labelled for clip in clips)
    facts = make_facts(num_frames=total, num_with_video=total, **changes)
    return choose_test(source, clips, facts, "out")


@pytest.mark.parametrize(("count", "tested"), [(20, 3), (8, 1), (4, 1), (3, 1)])
def test_whole_clips_of_videos_are_kept(count, tested):
    held_out = choose(make_clips(count))
    assert held_out.flag == "test_clips"
    assert held_out.value.endswith("test_clips.txt")
    assert len(held_out.names) == tested
    assert held_out.num_frames == 5 * (count - tested)
    assert held_out == choose(make_clips(count)[::-1])  # the order of the clips does not matter


def test_too_few_clips_have_no_test_set():
    assert choose(make_clips(2)).flag == ""


def test_separate_images_are_split():
    clips = make_clips(1, frames=60)
    held_out = choose_test("here", clips, make_facts(num_frames=60, num_with_video=0), "out")
    assert (held_out.flag, held_out.value, held_out.num_frames) == ("test_fraction", "0.1", 54)


def test_signers_and_lists_of_the_data_go_first(tmp_path):
    assert choose(make_clips(20), "signers:train").value == "signers:test:150"
    assert choose(make_clips(20), "signers2:train:30").value == "signers2:test:150"
    (tmp_path / "test_clips.txt").write_text("c1\nc2\n")
    held_out = choose(make_clips(20), str(tmp_path))
    assert (held_out.value, held_out.names, held_out.num_frames) == (str(tmp_path / "test_clips.txt"), (), 90)


def test_clips_of_one_film_are_kept_together():
    clips = [dataclasses.replace(clip, group=f"film {i // 4}") for i, clip in enumerate(make_clips(40))]
    held_out = choose(clips)
    groups = {clip.name: clip.group for clip in clips}
    films = {groups[name] for name in held_out.names}
    assert len(films) == 2
    assert len(held_out.names) == 8
