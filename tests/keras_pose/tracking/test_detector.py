import numpy as np
import pytest
import tensorflow as tf

from keras_pose.tracking.detector import Detector
from tests.helpers.blob_detector import draw_blobs, save_detector

RED = (10, 20, 30, 40)
GREEN = (70, 5, 20, 60)


@pytest.fixture(scope="module")
def frame():
    return draw_blobs((96, 128), [RED], [GREEN])


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    return save_detector(tmp_path_factory.mktemp("api [1]") / "detector")


def test_normalised_boxes_become_px_and_other_classes_are_left_out(api, frame):
    np.testing.assert_allclose(Detector(api).detect(frame), [RED], atol=1e-3)
    np.testing.assert_allclose(Detector(api, class_id=2).detect(frame), [GREEN], atol=1e-3)
    assert Detector(api, class_id=3).detect(frame).shape == (0, 4)


def test_low_scores_are_left_out(api, frame):
    assert len(Detector(api, min_score=0.95).detect(frame)) == 0


def test_nobody_is_fine(api):
    assert Detector(api).detect(np.zeros((50, 60, 3), np.uint8)).shape == (0, 4)


def test_boxes_in_px_without_classes(tmp_path, frame):
    folder = save_detector(tmp_path / "plain", "plain", tf.float32)
    np.testing.assert_allclose(Detector(folder).detect(frame), [RED, GREEN], atol=1e-3)


def test_boxes_alone_in_an_input_of_fixed_size(tmp_path, frame):
    folder = save_detector(tmp_path / "bare", "bare", shape=(None, 48, 64, 3))
    np.testing.assert_allclose(Detector(folder).detect(frame), [RED, GREEN], atol=2.5)


def save(folder, function, *specs):
    module = tf.Module()
    module.serve = tf.function(function, input_signature=specs)
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    return folder


IMAGES = tf.TensorSpec((1, None, None, 3), tf.uint8, name="images")


@pytest.mark.parametrize(
    ("function", "specs", "message"),
    [
        (lambda images: {"mask": images}, [IMAGES], "expected the outputs detection_boxes .* found mask uint8"),
        (
            lambda images: {"detection_boxes": tf.zeros((1, 2, 4))},
            [IMAGES],
            "expected the output detection_scores, found detection_boxes float32",
        ),
        (
            lambda data: {"boxes": tf.zeros((1, 4))},
            [tf.TensorSpec((None,), tf.string, name="data")],
            r"expected one input of images, uint8 or float32 \[1, H, W, 3\], found data string",
        ),
        (
            lambda images, sizes: {"boxes": tf.zeros((1, 4))},
            [IMAGES, tf.TensorSpec((2,), tf.int32, name="sizes")],
            "expected one input of images.*sizes int32",
        ),
        (
            lambda images: {"boxes": tf.zeros((1, 4))},
            [tf.TensorSpec((8, None, None, 3), tf.uint8, name="images")],
            "expected one input of images",
        ),
    ],
)
def test_other_models_are_refused_with_what_they_have(tmp_path, function, specs, message):
    with pytest.raises(ValueError, match=message) as error:
        Detector(save(tmp_path / "model", function, *specs))
    assert str(tmp_path) in str(error.value)


def test_boxes_of_another_shape_are_refused(tmp_path, frame):
    detector = Detector(save(tmp_path / "model", lambda images: {"boxes": tf.zeros((1, 3, 5))}, IMAGES))
    with pytest.raises(ValueError, match=r"boxes: expected 4 numbers a box, found \(1, 3, 5\)"):
        detector.detect(frame)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="--detector: expected the folder of a SavedModel"):
        Detector(tmp_path)
