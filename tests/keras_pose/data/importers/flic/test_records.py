"""FLIC as TensorFlow Datasets stores it: features of records, pictures inside, and files that are cut off."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.importers.flic import records
from tests.helpers.picture_sets import FLIC_COLUMNS, FLIC_JOINTS, SIZE_HW


def floats(values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=np.ravel(values)))


def encode(text):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))


def record(level=100, size_hw=SIZE_HW, film=b"hitch", **features):
    """A record as `tfds` writes it: the box is (ymin, xmin, ymax, xmax), fractions of the sides."""
    coords = np.full((29, 2), np.nan)
    coords[FLIC_COLUMNS] = FLIC_JOINTS
    image = cv2.imencode(".png", np.full((*size_hw, 3), level, np.uint8))[1].tobytes()
    fields = {
        "image": encode(image),
        "poselet_hit_idx": tf.train.Feature(int64_list=tf.train.Int64List(value=[1, 2])),
        "moviename": encode(film),
        "xcoords": floats(coords[:, 0]),
        "ycoords": floats(coords[:, 1]),
        "currframe": floats([11.0]),
        "torsobox": floats([18 / 48, 19 / 72, 46 / 48, 41 / 72]),
        **features,
    }
    kept = {name: feature for name, feature in fields.items() if feature is not None}
    return tf.train.Example(features=tf.train.Features(feature=kept)).SerializeToString()


def write(path, *found):
    with tf.io.TFRecordWriter(str(path)) as file:
        for data in found:
            file.write(data)
    return str(path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "flic-train.tfrecord-00000-of-00001"


def test_records_have_joints_boxes_and_pictures(path):
    first, second = records.read_records([write(path, record(10), record(20))], "train")
    np.testing.assert_allclose(first.points, FLIC_JOINTS - 1)
    np.testing.assert_allclose(first.torso_box, [18, 17, 40, 45], atol=1e-5)
    np.testing.assert_allclose(first.region, [29.5 - 22, 23.5 - 22, 44, 44], atol=1e-5)
    assert (first.film, first.part, first.file) == ("hitch", "train", "train:0")
    assert second.frames.read([second.position])[0, 3, 3].tolist() == [20, 20, 20]
    assert first.frames.size_hw == SIZE_HW


def test_several_files_are_one_part(tmp_path):
    paths = [write(tmp_path / f"flic-test.tfrecord-0000{n}-of-00002", record(10 * n)) for n in range(2)]
    _, second = records.read_records(paths, "test")
    assert second.frames.read([1, 0])[:, 0, 0, 0].tolist() == [10, 0]


def test_pictures_that_cannot_be_used_are_faults_of_their_label(path):
    data = [record(), record(image=encode(b"no picture")), record(image=None), record(size_hw=(20, 30))]
    frames = [row.frames for row in records.read_records([write(path, *data)], "train")][0]
    faults = [frames.find_fault(position) for position in range(5)]
    assert faults[0] == ""
    assert all("flic-train" in fault for fault in faults[1:4])
    assert "expected pictures of 48×72 px (height×width), found 20×30" in faults[3]
    assert faults[4] == "expected a picture from 0 to 3, received 4"
    with pytest.raises(ValueError, match="found 20×30"):
        frames.read([3])


def test_other_records_are_refused_with_the_file(path):
    with pytest.raises(ValueError, match="flic-train.*expected 29 numbers in the feature 'xcoords', found 0"):
        list(records.read_records([write(path, record(xcoords=None))], "train"))
    with pytest.raises(ValueError, match="flic-train.*tf.train.Example"):
        list(records.read_records([write(path, b"\xff\xff\xff")], "train"))
    with pytest.raises(ValueError, match=r"expected records of FLIC, found none \(0 bytes\)"):
        list(records.read_records([write(path)], "train"))


def test_a_file_that_is_cut_off_is_refused_at_any_place(path):
    write(path, record())
    whole = path.read_bytes()
    for length in (5, 30, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=f"cut off, or no TFRecord file: .* \\({length} bytes\\)"):
            list(records.read_records([str(path)], "train"))
