"""The client of a pose model, against a fake REST server."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from serving import client
from serving.client import pose_client
from tests.helpers.fake_pose_server import SKELETON, fake_poses


def test_images_are_sent_in_batches_and_answered_in_order(url, fake, image_file):
    images = [b"a" * n for n in (3, 1, 5)] + [image_file]
    with client.PoseClient(url, "pose", batch_size=3) as it:
        poses = it.predict_images(images)
    sizes = [3, 1, 5, image_file.stat().st_size]
    np.testing.assert_array_equal(poses.keypoints[:, 0], [[s, 2 * s] for s in sizes])
    assert [array.dtype for array in poses] == [np.float32, np.float32, bool]
    assert [array.shape for array in poses] == [(4, 2, 2), (4, 2), (4, 2)]
    assert [len(body["inputs"]["image_bytes"]) for _, _, body in fake.requests] == [3, 1]
    assert {path for _, path, _ in fake.requests} == {"/v1/models/pose:predict"}


def test_frames_are_sent_as_pixels(poses_client):
    poses = poses_client.predict_frames(np.full((2, 3, 4, 3), 7, np.uint8))
    np.testing.assert_array_equal(poses.keypoints[..., 0], np.full((2, 2), 7))
    with pytest.raises(ValueError, match=r"expected uint8 \[N, H, W, 3\], received float64 \[1, 2\]"):
        poses_client.predict_frames(np.zeros((1, 2)))


def test_without_images_there_are_no_poses(poses_client):
    frames = np.zeros((0, 8, 8, 3), np.uint8)
    nothing = [
        poses_client.predict_images([]),
        poses_client.predict_clip([]),
        poses_client.predict_frames(frames),
        poses_client.predict_frames([]),
    ]
    for poses in nothing:
        assert [array.dtype for array in poses] == [np.float32, np.float32, bool]
        assert [array.shape for array in poses] == [(0, 2, 2), (0, 2), (0, 2)]


def test_a_frame_rate_goes_to_the_signature_that_takes_it(poses_client, fake):
    without = poses_client.predict_clip([b"a", b"bb"])
    at_rate = poses_client.predict_clip([b"a", b"bb"], frame_rate=50)
    np.testing.assert_array_equal(at_rate.keypoints, without.keypoints)
    sent = [(body["signature_name"], body["inputs"].get("frame_rate")) for _, _, body in fake.requests]
    assert sent == [("predict_clip", None), ("predict_clip_at_rate", [50.0])]
    for rate in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="frame_rate: expected frames per second, or 0 if unknown, received"):
            poses_client.predict_clip([b"a"], frame_rate=rate)


def test_one_picture_instead_of_several_is_refused(poses_client, fake, image_file):
    for one in (image_file, str(image_file), image_file.read_bytes()):
        with pytest.raises(TypeError, match=r"images: expected a sequence of pictures, received one"):
            poses_client.predict_images(one)
        with pytest.raises(TypeError, match=r"frames: expected a sequence of pictures, received one"):
            poses_client.predict_clip(one)
    with pytest.raises(ValueError, match=r"received uint8 \[8, 8, 3\]; a single frame needs an axis in front"):
        poses_client.predict_frames(np.zeros((8, 8, 3), np.uint8))
    assert fake.requests == []


def test_pictures_that_exif_turns_are_sent_upright(poses_client, fake, tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (40, 24)).save(tmp_path / "phone.jpg", exif=exif)
    poses_client.predict_images([tmp_path / "phone.jpg"])
    poses_client.predict_clip([(tmp_path / "phone.jpg").read_bytes()])
    inputs = [body["inputs"] for _, _, body in fake.requests]
    for sent in (inputs[0]["image_bytes"][0], inputs[1]["frames_bytes"][0][0]):
        picture = Image.open(io.BytesIO(base64.b64decode(sent["b64"])))
        assert picture.size == (24, 40)
        assert 274 not in picture.getexif()


def test_the_skeleton_is_requested_once(poses_client, fake):
    assert poses_client.skeleton() == poses_client.skeleton() == SKELETON
    assert len(fake.requests) == 1
    with pytest.raises(client.ServingError, match="expected JSON about 'model_card', received ''"):
        poses_client.model_card()


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [[]],
        ["[1, 2]"],
        ["[" * 100_000],
        [7],
        {},
        {"a": ["{}"], "b": ["{}"]},
        "{}",
        None,
        [None],
        ["{}"],
        ['{"joints": 3}'],
    ],
)
def test_a_description_that_is_no_skeleton_is_an_error(poses_client, fake, outputs):
    fake.answers = [(200, {"outputs": outputs})]
    with pytest.raises(client.ServingError, match="describe: expected "):
        poses_client.skeleton()


def test_an_answer_with_the_wrong_number_of_images_is_an_error(poses_client, fake):
    fake.answers = [(200, {"outputs": fake_poses("serving_default", {"image_bytes": [{"b64": ""}]})})]
    with pytest.raises(client.ServingError, match=r"expected keypoints of \[2\] images, received \[1, 2, 2\]"):
        poses_client.predict_images([b"a", b"b"])


def test_invalid_arguments_are_refused():
    with pytest.raises(ValueError, match="expected something like http://localhost:8501, received 'localhost:8501'"):
        client.PoseClient("localhost:8501")
    with pytest.raises(ValueError, match="a version or a label, received both: 1 and 'stable'"):
        client.PoseClient("http://localhost", version=1, label="stable")
    with pytest.raises(ValueError, match="batch_size: expected at least 1, received 0"):
        client.PoseClient("http://localhost", batch_size=0)


def test_joined_poses_keep_the_order():
    one = pose_client.Poses(np.ones((1, 2, 2)), np.ones((1, 2)), np.ones((1, 2), bool))
    two = pose_client.Poses(np.zeros((2, 2, 2)), np.zeros((2, 2)), np.zeros((2, 2), bool))
    joined = pose_client.join_poses([one, two])
    assert joined.scores[:, 0].tolist() == [1, 0, 0]
    assert joined.keypoints.shape == (3, 2, 2)
    assert joined.valid.dtype == bool
