"""Maps and flow of the frames of windows, computed once."""

import numpy as np

from keras_pose.choosing.candidates import Window
from keras_pose.choosing.clip_maps import MapStore, sides_of
from keras_pose.pooling.config import WindowConfig
from tests.helpers import blob_clips

WINDOW = Window(WindowConfig(num_neighbours=1, frame_stride=2, flow="farneback"))


def open_flow(name):
    """Flow of a size that follows from the two frames."""
    assert name == "farneback"
    return lambda target, source: np.full((*target.shape[:2], 2), float(target.sum() > source.sum()), np.float32)


def test_each_frame_is_predicted_once_and_kept(tmp_path):
    clip = blob_clips.jumping_clips(1)[0]
    seen = []

    def predict(frames):
        seen.append(len(frames))
        return blob_clips.predict_maps(frames)

    store = MapStore(str(tmp_path), (64, 64), [WINDOW], open_flow)
    for _ in range(2):
        store.fill([clip], "part0", predict)
    assert seen == [7]  # frames 2, 3, 4 with 2 frames on each side
    found = store.read("part0", 0, "farneback")
    assert found.positions.tolist() == list(range(7))
    frames = clip.frames.read(range(7))
    np.testing.assert_allclose(found.maps, blob_clips.predict_maps(frames), atol=1e-3)
    assert found.pairs.tolist() == [[2, 0], [2, 4], [3, 1], [3, 5], [4, 2], [4, 6]]
    sums = frames.sum(axis=(1, 2, 3))
    expected = [0.25 * (sums[a] > sums[b]) for a, b in found.pairs]  # in heatmap px
    np.testing.assert_array_equal(found.flows[:, 3, 4, 0], np.float16(expected))
    assert len(store.read("part0", 0, "none").pairs) == 0


def test_a_side_ends_at_its_first_missing_neighbour():
    assert sides_of(np.array([True, False, True, True, True, True, False])) == [[2], [4, 5]]
