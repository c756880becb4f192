"""The store of frames: averaged by a whole factor, read once with a cache, flow on its own grid and estimated once."""

import warnings

import numpy as np
import pytest

from keras_pose.data import frame_store
from keras_pose.data.frame_store import CacheWarning, FrameStore
from tests.helpers.random_clips import estimate_constant_flow, make_clip


def test_large_frames_are_averaged_by_a_whole_factor():
    clip = make_clip(size_hw=(160, 240))
    store = FrameStore((40, 60))
    assert store.stored_size_hw(clip) == (40, 60)
    (frame,) = store.read(clip, [2])
    blocks = clip.frames.array[2].reshape(40, 4, 60, 4, 3).astype(np.float64).mean(axis=(1, 3))
    assert frame.dtype == np.uint8
    np.testing.assert_allclose(frame, blocks, atol=0.51)


def test_small_frames_are_kept_as_they_are():
    clip = make_clip()
    store = FrameStore((128, 128))
    assert store.stored_size_hw(clip) == (40, 60)
    np.testing.assert_array_equal(store.read(clip, [3, 1]), clip.frames.array[[3, 1]])


def test_the_map_to_the_input_is_the_one_of_the_frame():
    clip = make_clip()
    crop = FrameStore((80, 120)).crop(clip)
    np.testing.assert_allclose(crop.to_input(np.float32([[9.5, 19.5]])), [[19.5, 39.5]], atol=1e-4)


@pytest.mark.parametrize(("cache", "reads"), [(True, 1), (False, 3)])
def test_a_cache_reads_ahead_once(cache, reads):
    clip = make_clip(count=9)
    store = FrameStore((40, 60), cache)
    for positions in ([4, 5], [1], [8, 4]):
        found = store.read(clip, positions, read_ahead=range(9))
        np.testing.assert_array_equal(found, clip.frames.array[positions])
    assert clip.frames.reads == reads


def test_clips_do_not_share_frames():
    one = make_clip("one")
    other = make_clip("other")
    store = FrameStore((40, 60))
    for clip in (one, other):
        np.testing.assert_array_equal(store.read(clip, [0]), clip.frames.array[:1])


@pytest.mark.parametrize(("cache", "estimates"), [(True, 2), (False, 3)])
def test_flow_is_estimated_once_per_pair_with_a_cache(cache, estimates):
    calls = []

    def estimate(target, source):
        calls.append(1)
        return estimate_constant_flow(target, source)

    clip = make_clip()
    store = FrameStore((40, 60), cache, estimate)
    frames = dict(enumerate(store.read(clip, range(5))))
    for target, source in ((1, 2), (2, 1), (1, 2)):
        flow = store.flow(clip, target, source, frames)
        # A quarter of the size of the frames: (8, 4) px become (2, 1).
        np.testing.assert_allclose(flow, np.broadcast_to(np.float32([2, 1]), (10, 15, 2)), atol=1e-5)
    assert store.flow_size_hw(clip) == (10, 15)
    assert len(calls) == estimates


def test_a_store_without_an_estimator_has_no_flow():
    clip = make_clip()
    store = FrameStore((40, 60))
    assert not store.has_flow
    with pytest.raises(ValueError, match="expected a store with an estimator of flow, received none"):
        store.flow(clip, 0, 1, dict(enumerate(store.read(clip, [0, 1]))))


def test_an_unreadable_frame_is_named():
    with pytest.raises(ValueError, match="expected frame positions 0 to 4, received 5"):
        FrameStore((40, 60)).read(make_clip(), [5])


def test_a_full_memory_keeps_nothing_more_and_reads_the_same():
    clip = make_clip("a", (20, 30), 9)
    expected = FrameStore((20, 30), cache=False).read(clip, range(9))
    store = FrameStore((20, 30), cache=True, estimate_flow=estimate_constant_flow, has_memory=lambda: False)
    with pytest.warns(CacheWarning, match="the cache of frames is full .*--nocache"):
        found = store.read(clip, range(9))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        again = store.read(clip, [3, 8], read_ahead=range(9))
        store.flow(clip, 3, 8, {3: again[0], 8: again[1]})
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(again, [expected[3], expected[8]])


def test_the_memory_is_looked_at_again_as_the_cache_grows(monkeypatch):
    monkeypatch.setattr(frame_store, "_LOOK_EVERY", 4000)
    answers = [True, True, False]
    clip = make_clip("a", (20, 30), 9)  # 1,800 bytes a frame
    store = FrameStore((20, 30), cache=True, has_memory=lambda: answers.pop(0))
    with pytest.warns(CacheWarning):
        store.read(clip, range(9))
    assert answers == []
    reads = []
    usual = clip.frames.read
    monkeypatch.setattr(clip.frames, "read", lambda indices: reads.append(list(indices)) or usual(indices))
    store.read(clip, range(6))
    assert reads == []  # kept before the memory was full
    store.read(clip, [7])
    assert reads == [[7]]
