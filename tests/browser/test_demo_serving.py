"""The page with the local server and a real export: it draws the server's answers."""

import base64
import json
import urllib.request

import numpy as np
import pytest

from benchmarks.server import processes
from keras_pose.data.synthetic import signers
from tests.browser import actions
from tests.helpers import serving_export

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """Folder of the versions of a small export."""
    folder = tmp_path_factory.mktemp("served") / "pose"
    serving_export.write_pose_export(folder / "1")
    return folder


@pytest.fixture(scope="module")
def served(export):
    """URL of the local server with a small export; pages of other origins may use it."""
    flags = [f"--model_base_path={export}", "--rest_api_enable_cors_support"]
    with processes.run_local_server(flags) as (url, _):
        yield url


def _signer():
    image = signers.generate("test", 3, num_frames=2, size_hw=(96, 120)).frames[0]
    return actions.encode_file("signer.png", np.asarray(image)[..., ::-1])


def _answer(url, file):
    """Returns the server's answer for an image, requested without the page."""
    body = json.dumps({"instances": [{"b64": base64.b64encode(file["buffer"]).decode()}]}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/v1/models/pose:predict", body, timeout=60) as response:
        (pose,) = json.load(response)["predictions"]
    return pose


def _check_drawn(page, pose, width):
    actions.set_threshold(page, 0)
    joints = actions.wait_for_joints(page)
    image = actions.read_pixels(page).astype(int)
    scale = image.shape[1] / width
    for joint, (x, y), score, valid in zip(joints, pose["keypoints"], pose["scores"], pose["valid"]):
        np.testing.assert_allclose([joint["x"], joint["y"]], [(x + 0.5) * scale, (y + 0.5) * scale], atol=0.01 * scale)
        assert joint["score"] == pytest.approx(score, abs=1e-6)
        assert joint["drawn"] == valid
    actions.set_threshold(page, 1)
    without = actions.read_pixels(page).astype(int)
    assert any(joint["drawn"] for joint in joints)
    for joint in (j for j in joints if j["drawn"]):
        row = int(joint["y"])
        column = int(joint["x"])
        if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
            assert np.abs(image[row, column] - without[row, column]).max() > 10, joint["joint"]


def test_the_server_redirects_to_its_page(served, open_page):
    page = open_page(served)
    page.goto(served)
    assert page.url == f"{served}/demo/"
    actions.wait_until_connected(page)
    assert page.input_value("#address") == served
    assert page.inner_text("#status") == "Connected: pose, version 1"
    assert page.inner_text("#about").startswith("7 joints (upper_body)")
    names = page.eval_on_selector_all("#joints tbody tr", "rows => rows.map(r => r.dataset.joint)")
    assert names[:2] == ["head", "right_wrist"]
    assert len(names) == 7


def test_an_image_is_drawn_with_the_servers_answer(served, open_page):
    page = open_page(served)
    file = _signer()
    actions.wait_until_connected(page)
    actions.choose_file(page, file)
    actions.wait_for_joints(page)
    _check_drawn(page, _answer(served, file), 120)


def test_a_page_of_another_origin_can_use_the_server(served, stub, open_page):
    page = open_page(stub.url, f"?server={served}&version=1")
    file = _signer()
    actions.wait_until_connected(page)
    actions.choose_file(page, file)
    actions.wait_for_joints(page)
    _check_drawn(page, _answer(served, file), 120)
    assert stub.bodies == []


def test_an_unknown_model_version_or_label(served, open_page):
    page = open_page(served, "?model=hand", network_errors=True)
    assert actions.wait_for_problem(page)[0] == "missing"
    page.fill("#model", "pose")
    page.fill("#version", "12")
    page.press("#version", "Enter")
    page.wait_for_function("document.getElementById('problem').textContent.includes('version 12')")
    page.fill("#version", "canary")
    page.press("#version", "Enter")
    page.wait_for_function("document.getElementById('problem').textContent.includes('label canary')")


def test_a_video_is_analysed_to_its_end(served, open_page, tmp_path):
    page = open_page(served)
    actions.wait_until_connected(page)
    actions.choose_file(page, actions.write_video(tmp_path / "clip.webm"))
    page.wait_for_function("Number(document.getElementById('canvas').dataset.timeS) > 1.85")
    assert len(actions.wait_for_joints(page)) == 7
    assert page.is_hidden("#problem")


def test_the_error_for_a_server_without_cors_names_the_flag_and_the_servers_page(export, stub, open_page):
    with processes.run_local_server([f"--model_base_path={export}"]) as (url, _):
        page = open_page(stub.url, f"?server={url}", network_errors=True)
        kind, text = actions.wait_for_problem(page)
        assert kind == "cors"
        assert text.startswith(f"{url} answers, but does not let this page read the answer")
        assert "--rest_api_enable_cors_support" in text
        assert "/demo/" in text
        assert page.inner_text("#status") == "Not connected."
        own = open_page(url)  # the other way that the message names
        actions.wait_until_connected(own)
        actions.choose_file(own, _signer())
        assert len(actions.wait_for_joints(own)) == 7
