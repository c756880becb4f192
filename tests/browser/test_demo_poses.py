"""The page draws the model's joints at the right places."""

import base64
import json
import struct

import cv2
import numpy as np
import pytest

from tests.browser import actions

pytestmark = pytest.mark.browser


def _centre_of(image, color):
    """Returns the mean position (x, y) of the pixels of a colour, in canvas coordinates (pixel i covers i to i + 1)."""
    rows, columns = np.nonzero((np.abs(image.astype(int) - color) <= 2).all(-1))
    assert len(rows) > 20, f"hardly any pixel is {color}"
    return np.array([columns.mean() + 0.5, rows.mean() + 0.5])


def test_joints_are_drawn_at_their_pixel_centres(stub, open_page):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file(height=64, width=96))
    joints = actions.wait_for_joints(page)
    image = actions.read_pixels(page)
    scale = image.shape[1] / 96
    assert image.shape[0] / 64 == pytest.approx(scale, rel=0.01)
    assert scale > 2
    for joint, (x, y), color in zip(joints, stub.pose["keypoints"], np.eye(3) * 255):
        expected = [(x + 0.5) * scale, (y + 0.5) * scale]
        np.testing.assert_allclose([joint["x"], joint["y"]], expected, atol=0.01 * scale)
        np.testing.assert_allclose(_centre_of(image, color), expected, atol=0.6)


def test_an_edge_connects_its_joints_only(stub, open_page):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file())
    red, green, blue = [np.array([j["x"], j["y"]]) for j in actions.wait_for_joints(page)]
    image = actions.read_pixels(page)
    column, row = ((red + green) / 2).astype(int)
    np.testing.assert_allclose(image[row, column], [128, 128, 0], atol=12)
    column, row = ((green + blue) / 2).astype(int)
    assert image[row, column].max() == 0


def test_invalid_joints_and_low_scores_are_not_drawn(stub, open_page):
    stub.pose = {"keypoints": [[10, 20], [40, 30], [60, 10]], "scores": [1, 0.3, 1], "valid": [True, True, False]}
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file())
    assert [j["drawn"] for j in actions.wait_for_joints(page)] == [True, True, False]
    page.focus("#threshold")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.inner_text("#threshold-value") == "0.40"
    assert [j["drawn"] for j in actions.wait_for_joints(page)] == [True, False, False]
    image = actions.read_pixels(page)
    assert image[..., 0].max() == 255
    assert image[..., 1:].max() <= 2
    assert page.locator("#joints tbody tr").all_inner_texts()[2].split()[-1] == "none"


def test_the_table_names_the_joints_and_their_scores(stub, open_page):
    stub.pose["scores"] = [1, 0.5, 0.25]
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file())
    actions.wait_for_joints(page)
    assert [row.split() for row in page.locator("#joints tbody tr").all_inner_texts()] == [
        ["red", "1.00"], ["green", "0.50"], ["blue", "0.25"],
    ]  # fmt: skip
    widths = page.eval_on_selector_all("#joints .bar span", "bars => bars.map(b => b.style.width)")
    assert widths == ["100%", "50%", "25%"]


def test_a_model_without_a_description_gives_plain_dots(stub, open_page):
    stub.describes = False
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file())
    assert [j["joint"] for j in actions.wait_for_joints(page)] == ["joint 0", "joint 1", "joint 2"]
    assert "plain dots" in page.inner_text("#about")


def _sent_bytes(stub):
    (instance,) = stub.bodies[-1]["instances"]
    return base64.b64decode(instance["image_bytes"]["b64"], validate=True)


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_an_image_is_sent_unchanged(stub, open_page, ending):
    file = actions.make_image_file(ending=ending, value=90)
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, file)
    actions.wait_for_joints(page)
    assert _sent_bytes(stub) == file["buffer"]


def test_an_image_rotated_by_exif_is_sent_upright(stub, open_page):
    file = actions.make_image_file(height=40, width=80, ending=".jpg")
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)  # orientation 6: rotated by 90 degrees
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    data = file["buffer"]
    file["buffer"] = data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, file)
    actions.wait_for_joints(page)
    assert page.get_attribute("#canvas", "data-frame") == "40x80"
    sent = _sent_bytes(stub)
    assert b"Exif" not in sent
    assert cv2.imdecode(np.frombuffer(sent, np.uint8), cv2.IMREAD_COLOR).shape == (80, 40, 3)


def test_poses_can_be_downloaded(stub, open_page):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.make_image_file())
    actions.wait_for_joints(page)
    with page.expect_download() as download:
        page.click("#download")
    with open(download.value.path(), encoding="utf-8") as file:
        poses = json.load(file)
    assert download.value.suggested_filename == "poses.json"
    assert poses["joints"] == ["red", "green", "blue"]
    assert poses["edges"] == [["red", "green"]]
    assert (poses["model"], poses["version"]) == ("pose", "7")
    assert poses["frames"] == [{"time_s": None, "size_hw": [64, 96], **stub.pose}]
