"""Signers open by split and number of clips; wrong names are refused."""

import numpy as np
import pytest

from keras_pose.data.importers import signers


def test_the_name_may_give_the_number_of_clips():
    source = signers.read("signers:train", num_clips=2, num_frames=3, size_hw=(32, 48))
    assert len(source.clips) == 2
    assert (source.clips[0].frames.num_frames, source.clips[0].frames.size_hw) == (3, (32, 48))
    counted = signers.read("signers:test:3", num_clips=2, num_frames=3, size_hw=(32, 32))
    assert len(counted.clips) == 3
    assert not {clip.name for clip in counted.clips} & {clip.name for clip in source.clips}


def test_one_frame_in_several_is_labelled():
    (clip,) = signers.read("signers:validation:1", num_frames=9, size_hw=(32, 32), label_every=4).clips
    np.testing.assert_array_equal(clip.labelled, [2, 6])


@pytest.mark.parametrize(
    "spec", ["signers", "signers:", "signers:dev", "signers:train:0", "signers:train:x", "signers:a:1:2"]
)
def test_a_wrong_name_is_refused(spec):
    with pytest.raises(ValueError, match=f"^{spec}: expected"):
        signers.read(spec)
