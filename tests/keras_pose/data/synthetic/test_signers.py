"""Synthetic signers: the same everywhere, disjoint splits, joints inside, speeds of real signing."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from keras_pose.data.clip import HIDDEN, VISIBLE
from keras_pose.data.synthetic import signers, versions
from tests import conftest

# By version: a clip with things that pass behind and before the signer, and its bytes, equal on NumPy 1.26 and 2.4. A
# new hash means other signers: every result on them changes.
CLIP_HASHES = {1: (1, "928b3be4dd79ebf2"), 2: (2, "24a18508c4a407bd")}


def digest(clip):
    return hashlib.sha256(clip.frames.tobytes() + clip.joints.tobytes() + clip.visibility.tobytes()).hexdigest()[:16]


@pytest.fixture(scope="module")
def clips():
    return [signers.generate("train", index) for index in range(120)]


@pytest.mark.parametrize("version", versions.VERSIONS)
def test_clip_has_the_pinned_bytes(version):
    index, pinned = CLIP_HASHES[version]
    assert digest(signers.generate("test", index, 8, (96, 112), version)) == pinned


def test_clip_is_the_same_in_another_process_and_order():
    code = (
        "from tests.keras_pose.data.synthetic import test_signers as t\n"
        "print(*(t.digest(t.signers.generate('validation', 5, 4, version=v)) for v in t.versions.VERSIONS))"
    )
    signers.generate("validation", 4).frames  # noqa: B018 - another clip first
    other = subprocess.run([sys.executable, "-c", code], cwd=conftest.ROOT, capture_output=True, text=True, check=True)
    own = [digest(signers.generate("validation", 5, 4, version=version)) for version in versions.VERSIONS]
    assert other.stdout.split() == own


def test_versions_splits_and_indices_give_different_clips():
    joints = [
        signers.generate(split, index, 4, version=version).joints
        for version in versions.VERSIONS
        for split in signers.SPLITS
        for index in range(20)
    ]
    assert len({j.tobytes() for j in joints}) == 120
    distances = [np.abs(a - b).max() for n, a in enumerate(joints) for b in joints[:n]]
    assert min(distances) > 1


def test_frames_joints_and_visibility_have_the_promised_form():
    clip = signers.generate("train", 0, num_frames=5, size_hw=(64, 96))
    assert clip.frames.shape == (5, 64, 96, 3)
    assert clip.frames.dtype == np.uint8
    assert clip.joints.shape == (5, 7, 2)
    assert clip.joints.dtype == np.float32
    assert clip.visibility.shape == (5, 7)
    assert set(np.unique(clip.visibility)) <= {HIDDEN, VISIBLE}


@pytest.mark.parametrize("version", versions.VERSIONS)
@pytest.mark.parametrize("size_hw", [(128, 128), (64, 96), (160, 90)])
def test_joints_stay_inside_the_frame(size_hw, version):
    for index in range(25):
        joints = signers.generate("train", index, 12, size_hw, version).joints
        assert (joints >= 1).all()
        assert (joints <= np.array(size_hw[::-1]) - 2).all()


def test_wrists_move_at_the_speed_of_signing(clips):
    wrists = np.stack([clip.joints[:, 1:3] for clip in clips])
    speed = np.linalg.norm(np.diff(wrists, axis=1), axis=-1) * 256 / 128
    assert 2 <= np.median(speed) <= 5
    assert np.percentile(speed, 95) > 10  # fast strokes


def test_few_wrists_are_hidden(clips):
    hidden = np.stack([clip.visibility[:, 1:3] for clip in clips]) == HIDDEN
    assert 0.04 < hidden.mean() < 0.12


def test_right_is_on_the_image_left_at_the_shoulders_and_hands_cross(clips):
    joints = np.stack([clip.joints for clip in clips])
    assert (joints[:, :, 5, 0] < joints[:, :, 6, 0]).all()
    crossed = joints[:, :, 1, 0] > joints[:, :, 2, 0]
    assert 0.05 < crossed.mean() < 0.5


def test_a_source_of_the_second_version_has_its_name_and_frames():
    source = signers.open_signers("test", 2, num_frames=4, size_hw=(48, 48), version=2)
    clip = source.clips[1]
    own = signers.generate("test", 1, 4, (48, 48), 2)
    assert clip.name == own.name == "signers2-test-00001"
    np.testing.assert_array_equal(clip.frames.read([2, 0]), own.frames[[2, 0]])
    np.testing.assert_array_equal(clip.joints, own.joints)
    with pytest.raises(ValueError, match="version: expected one of 1, 2, received 3"):
        signers.open_signers("test", 2, version=3)


def test_source_draws_lazily_and_keeps_what_was_drawn(monkeypatch):
    drawn = []
    original = signers.generate
    source = signers.open_signers("test", 3, num_frames=4, size_hw=(48, 48))
    monkeypatch.setattr(signers, "generate", lambda *a: drawn.append(a) or original(*a))
    clip = source.clips[2]
    first = clip.read_window(1, (-1, 0, 1))
    second = clip.read_window(1, (-1, 0, 1))
    assert len(drawn) == 1
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, original("test", 2, 4, (48, 48)).frames[:3])
    assert clip.name == "signers-test-00002"
    assert clip.num_labelled == clip.frames.num_frames == 4
    assert source.skeleton == signers.SKELETON


def test_full_cache_drops_the_clip_unread_for_longest(monkeypatch):
    source = signers.open_signers("test", 3, num_frames=2, size_hw=(32, 32), max_cached_bytes=2 * 2 * 32 * 32 * 3)
    drawn = []
    original = signers.generate
    monkeypatch.setattr(signers, "generate", lambda *a: drawn.append(a[1]) or original(*a))
    for number in (0, 1, 0, 2, 0, 1):
        source.clips[number].frames.read([0])
    assert drawn == [0, 1, 2, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dev", 0), "split: expected one of train, validation, test, received 'dev'"),
        (("train", -1), "index: expected 0 or more, received -1"),
        (("train", 0, 0), "num_frames: expected at least 1, received 0"),
        (("train", 0, 4, (8, 64)), r"size_hw: expected .* received \(8, 64\)"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        signers.generate(*arguments)


def test_a_set_without_clips_is_refused():
    with pytest.raises(ValueError, match="num_clips: expected at least 1, received 0"):
        signers.open_signers("train", 0)
