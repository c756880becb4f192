"""Windows of warped maps."""

import numpy as np

from keras_pose.choosing import windows
from keras_pose.choosing.candidates import Window
from keras_pose.choosing.clip_maps import MapStore
from keras_pose.pooling.config import WindowConfig
from tests.helpers import blob_clips


def make(tmp_path, clip, flow, open_flow=None, **flags):
    window = Window(WindowConfig(frame_stride=1, flow=flow, **flags))
    store = MapStore(str(tmp_path), (64, 64), [window], open_flow)
    store.fill([clip], "part0", blob_clips.predict_maps)
    targets = np.zeros((clip.num_labelled, 7, 3), np.float32)
    return windows.of_clip(clip, store.read("part0", 0, flow), targets, window)


def test_without_flow_maps_are_as_they_are_and_ends_are_not_valid(tmp_path):
    clip = blob_clips.jumping_clips(1)[0]
    found = make(tmp_path, clip, "none", num_neighbours=3)
    maps = blob_clips.predict_maps(clip.frames.read(range(7)))
    np.testing.assert_allclose(found.maps[1], maps, atol=1e-3)
    assert found.valid.tolist() == [[0, *[1] * 6], [1] * 7, [*[1] * 6, 0]]
    assert found.groups == ("clip0",) * 3
    np.testing.assert_array_equal(found.narrow(1).maps, found.maps[:, 2:5])


def test_maps_are_warped_by_composed_flow(tmp_path):
    clip = blob_clips.still_clips(1, noise_px=0.0)[0]
    moves = [lambda target, source: np.full((*target.shape[:2], 2), (4.0, 0.0), np.float32)]
    found = make(tmp_path, clip, "farneback", lambda name: moves[0], num_neighbours=2)
    middle = np.float32(found.maps[1, 2])
    # Each step moves by one heatmap px, so the second neighbour by two.
    for step in (1, 2):
        for place in (2 - step, 2 + step):
            np.testing.assert_allclose(found.maps[1, place, :, : 16 - step], middle[:, step:], atol=2e-3)
    assert found.reliability[1, 2].mean() > found.reliability[1, 0].mean()


def test_windows_of_groups_are_found(tmp_path):
    parts = [make(tmp_path / str(i), clip, "none", num_neighbours=1)
             for i, clip in enumerate(blob_clips.still_clips(3))]  # fmt: skip
    whole = windows.concatenate(parts)
    assert whole.rows_of({"clip0", "clip2"}).tolist() == [0, 1, 2, 6, 7, 8]
    np.testing.assert_array_equal(whole.maps[6:], parts[2].maps)
