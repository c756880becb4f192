"""Images inside HDF5 files: order of channels, padding, plain samples, errors."""

import cv2
import h5py
import numpy as np
import pytest

from keras_pose.data.importers.sleap_io.embedded import EmbeddedFrames

PICTURE = np.zeros((6, 8, 3), np.uint8)
PICTURE[..., 0] = 200  # red


def write(path, numbers=(3, 7), order="RGB", padded=False):
    bytes_of = [np.frombuffer(cv2.imencode(".png", PICTURE[..., ::-1])[1].tobytes(), np.int8)] * len(numbers)
    with h5py.File(path, "w") as file:
        group = file.create_group("video0")
        if padded:
            rows = np.zeros((len(numbers), len(bytes_of[0]) + 20), np.int8)
            rows[:, : len(bytes_of[0])] = bytes_of
            group["video"] = rows
        else:
            video = group.create_dataset("video", (len(numbers),), h5py.special_dtype(vlen=np.int8))
            for row, data in enumerate(bytes_of):
                video[row] = data
        group["frame_numbers"] = numbers
        if order:
            group["video"].attrs["channel_order"] = order
        file.create_group("metadata").attrs["format_id"] = 1.2


@pytest.mark.parametrize("padded", [False, True])
def test_images_are_found_by_the_number_of_their_frame(tmp_path, padded):
    write(tmp_path / "a.slp", padded=padded)
    frames = EmbeddedFrames(str(tmp_path / "a.slp"), "video0")
    assert frames.size_hw == (6, 8)
    assert frames.num_frames is None
    assert frames.source == ""
    np.testing.assert_array_equal(frames.read([7, 3, 7]), np.stack([PICTURE] * 3))
    assert frames.read([]).shape == (0, 6, 8, 3)
    assert frames.find_fault(3) == ""
    assert "expected an image of this frame, found none" in frames.find_fault(4)
    with pytest.raises(ValueError, match="a.slp: /video0/video: frame 4: expected an image of this frame, found none"):
        frames.read([4])


@pytest.mark.parametrize(("order", "swapped"), [("RGB", False), ("BGR", True), ("", True)])
def test_the_order_of_channels_is_that_of_the_file(tmp_path, order, swapped):
    write(tmp_path / "a.slp", order=order)
    red = EmbeddedFrames(str(tmp_path / "a.slp"), "video0/video").read([3])[0, 0, 0]
    assert red.tolist() == ([0, 0, 200] if swapped else [200, 0, 0])


def test_plain_samples(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["box"] = np.arange(2 * 4 * 5, dtype=np.uint8).reshape(2, 4, 5, 1)
    frames = EmbeddedFrames(str(tmp_path / "a.h5"), "box")
    assert frames.size_hw == (4, 5)
    assert frames.read([1])[0, 0, 0].tolist() == [20, 20, 20]


def test_missing_and_damaged_images_are_refused(tmp_path):
    write(tmp_path / "a.slp")
    with pytest.raises(ValueError, match="a.slp: expected images in 'video9', but they cannot be read"):
        EmbeddedFrames(str(tmp_path / "a.slp"), "video9")
    with h5py.File(tmp_path / "a.slp", "a") as file:
        file["video0/video"][1] = np.zeros(30, np.int8)
    frames = EmbeddedFrames(str(tmp_path / "a.slp"), "video0")
    with pytest.raises(ValueError, match="frame 7: expected"):
        frames.read([7])
