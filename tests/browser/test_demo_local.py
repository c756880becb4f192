"""A page that runs a net in the browser, from any web server: the joints of the SavedModel."""

import contextlib
import functools
import http.server
import json
import shutil
import socket
import threading

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.data.synthetic import signers
from keras_pose.exporting import exporter
from keras_pose.exporting.config import ExportConfig
from keras_pose.inference import saved_models
from serving.static_page import library, site
from tests.browser import actions
from tests.helpers import exported_runs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
for _package in ("onnx", "onnxruntime", "tf2onnx"):
    pytest.importorskip(_package, reason=f"{_package} is not installed (requirements/onnx.txt)")


@pytest.fixture(scope="module")
def archive(request):
    """Path of the library's npm package, fetched once and kept by pytest."""
    folder = request.config.cache.mkdir("onnxruntime-web")
    path = folder / library.ARCHIVE
    if not path.exists():
        try:
            library.fetch(str(folder))
        except OSError as error:
            pytest.skip(str(error))
    return str(path)


@pytest.fixture(scope="module")
def site_folder(archive, tmp_path_factory):
    """(folder of a page with a small net, folder of its export)."""
    run = exported_runs.write_run(tmp_path_factory.mktemp("runs") / "run")[2]
    folder = tmp_path_factory.mktemp("exports")
    version = exporter.export(ExportConfig(run_dir=run, export_dir=str(folder), onnx=True), lambda line: None)
    out = tmp_path_factory.mktemp("site") / "page"
    site.write(str(out), [str(folder / "pose")], archive)
    return out, version


@contextlib.contextmanager
def _serve(folder):
    """URL of Python's own web server."""
    handler = functools.partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def local_page(site_folder):
    """URL of the page with a net, on a plain web server."""
    with _serve(site_folder[0]) as url:
        yield url


def _wait_until_running(page):
    page.wait_for_function("document.getElementById('status').textContent.startsWith('Running')", timeout=120_000)


def _signer(size_hw, seed):
    """uint8 [H, W, 3], RGB."""
    return np.asarray(signers.generate("test", seed, num_frames=1, size_hw=size_hw).frames[0])


@pytest.mark.parametrize("size_hw", [(96, 120), (240, 320)])
def test_the_joints_are_those_of_the_saved_model(site_folder, local_page, open_page, size_hw):
    frame = _signer(size_hw, 3)
    expected = saved_models.load(site_folder[1]).signatures["predict_frames"](frames=tf.constant(frame[None]))
    page = open_page(local_page, path="/", bypass_csp=False)
    page.wait_for_selector("text=Running in this browser (WebAssembly): pose, version 1", timeout=120_000)
    assert "No picture leaves this browser" in page.inner_text("#about")
    actions.choose_file(page, actions.encode_file("signer.png", frame[..., ::-1]))
    page.wait_for_selector("#joints tr[data-drawn=true]")
    joints = json.loads(page.get_attribute("#canvas", "data-drawn"))
    scale = actions.read_pixels(page).shape[1] / size_hw[1]
    received = np.array([[joint["x"], joint["y"]] for joint in joints]) / scale - 0.5
    valid = expected["valid"][0].numpy()
    assert valid.any()
    np.testing.assert_allclose(received[valid], expected["keypoints"][0].numpy()[valid], atol=0.5)
    np.testing.assert_allclose([joint["score"] for joint in joints], expected["scores"][0], atol=1e-3)


def test_a_video_is_analysed_in_the_browser(local_page, open_page, tmp_path):
    page = open_page(local_page, "?backend=wasm", path="/")
    _wait_until_running(page)
    actions.choose_file(page, actions.write_video(tmp_path / "clip.webm"))
    page.wait_for_function("Number(document.getElementById('canvas').dataset.timeS) > 1.85", timeout=60_000)
    assert page.inner_text("#rate").endswith(" / s")
    assert page.inner_text("#latency").endswith(" ms")
    with page.expect_download() as download:
        page.click("#download")
    with open(download.value.path(), encoding="utf-8") as file:
        poses = json.load(file)
    assert (poses["server"], poses["model"], poses["version"]) == ("this browser", "pose", "1")
    assert len(poses["frames"]) > 3


def test_the_page_runs_its_net_if_no_server_answers(local_page, open_page):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        closed = held.getsockname()[1]
    page = open_page(local_page, f"?server=http://127.0.0.1:{closed}", path="/", network_errors=True)
    _wait_until_running(page)
    assert page.is_hidden("#problem")


def test_a_page_without_server_and_net_says_what_to_do(open_page):
    with _serve(site.PAGE) as url:
        page = open_page(url, path="/", network_errors=True)
        page.wait_for_function("document.getElementById('about').textContent.includes('serving.static_page')")
        assert page.inner_text("#status") == "Not connected."
        asked = open_page(url, "?local", path="/", network_errors=True)
        kind, text = actions.wait_for_problem(asked)
    assert kind == "no-net"
    assert "serving.static_page" in text


def test_a_net_that_cannot_be_read_is_told(site_folder, open_page, tmp_path):
    folder = tmp_path / "page"
    shutil.copytree(site_folder[0], folder)
    (folder / "local" / "pose-1.onnx").write_bytes(b"no net")
    with _serve(folder) as url:
        page = open_page(url, path="/", network_errors=True)
        page.wait_for_selector("#problem:not([hidden])", timeout=120_000)
        assert page.get_attribute("#problem", "data-kind") == "local"
        assert "The net cannot run in this browser" in page.inner_text("#problem")
