"""Whole clips: neighbouring frames of a video are sent together, and each is drawn with its own pose."""

import base64
import json
import pathlib

import cv2
import numpy as np
import pytest

from benchmarks.server import processes
from keras_pose.data.synthetic import signers
from keras_pose.exporting.config import ExportConfig
from serving import client
from tests.browser import actions, stub_server
from tests.helpers import exported_runs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
LENGTH = 16


def _time_s(page):
    return float(page.get_attribute("#canvas", "data-time-s") or -1)


def _wait_for_time(page, after_s):
    page.wait_for_function("after => Number(document.getElementById('canvas').dataset.timeS) > after", arg=after_s)


def _wait_until_still(page, still_ms=1500):
    """Waits until the video is paused and the page has not changed for `still_ms`."""
    page.evaluate("window.lastSeen = null")
    page.wait_for_function(
        """stillMs => {
          const [pause, frames, canvas] = ["pause", "frames", "canvas"].map((id) => document.getElementById(id));
          const now = pause.textContent + frames.textContent + " " + canvas.dataset.timeS;
          if (now !== window.lastSeen || !now.startsWith("Play")) window.lastChangeMs = performance.now();
          window.lastSeen = now;
          return performance.now() - window.lastChangeMs > stillMs;
        }""",
        arg=still_ms,
    )


def _choose_clips(page, path):
    """Opens a video, turns on whole clips, and waits until it has played to its end."""
    actions.wait_until_connected(page)
    actions.choose_file(page, path)
    page.wait_for_selector("#clips-choice:not([hidden])")
    page.check("#clips")
    _wait_until_still(page)


def _play(page, end_s):
    page.click("#pause")
    page.wait_for_function("Number(document.getElementById('canvas').dataset.timeS) < 1")
    _wait_for_time(page, end_s)


def _play_to_its_end(page, still_ms=1500):
    page.click("#pause")
    page.wait_for_function("document.getElementById('pause').textContent === 'Pause'")
    _wait_until_still(page, still_ms)


def _sent(stub):
    """Returns the left edges of the square in the frames of each sent clip."""
    clips = [body["inputs"]["frames_bytes"][0] for body in stub.bodies if "signature_name" in body]
    return [[stub_server.find_square(frame["b64"]) for frame in clip] for clip in clips]


def _poses(page):
    with page.expect_download() as download:
        page.click("#download")
    with open(download.value.path(), encoding="utf-8") as file:
        return json.load(file)["frames"]


@pytest.fixture
def video(tmp_path):
    return actions.write_video(tmp_path / "clip.webm", num_frames=40, size_hw=(120, 240))


@pytest.mark.parametrize(
    ("card", "margin"),
    [({}, 4), ({"training": {"model": "heatmap"}}, 0), ({"training": {"window": 3, "frame_stride": 2}}, 6)],
)
def test_clips_overlap_as_far_as_the_model_looks(stub, open_page, video, card, margin):
    stub.takes_clips = True
    stub.card = card
    page = open_page(stub.url)
    _choose_clips(page, video)
    stub.bodies.clear()
    _play_to_its_end(page)
    clips = _sent(stub)
    poses = _poses(page)
    assert [len(clip) for clip in clips[:-1]] == [LENGTH] * (len(clips) - 1)
    assert len(clips) >= 2
    for clip, following in zip(clips, clips[1:]):
        assert following[: 2 * margin] == clip[LENGTH - 2 * margin :]
    for clip in clips:
        assert clip == sorted(clip)
    seen = sorted({x for clip in clips for x in clip})
    assert len(seen) >= 20  # of 40 frames; a busy browser skips some
    assert sorted({p["keypoints"][0][0] for p in poses}) == seen  # every sent frame has a pose
    for pose in poses:  # and it is its own
        assert pose["keypoints"][0][0] == pytest.approx(5 + 50 * pose["time_s"], abs=3)
        assert pose["time_s"] >= 0
    assert stub.most_at_once == 1


def test_the_rate_of_the_video_is_sent_and_clips_overlap_as_far_as_windows_reach_at_it(stub, open_page, video):
    stub.takes_clips = stub.takes_rates = True
    stub.card = {"training": {"window": 5, "frame_stride": 1, "window_seconds": 0.2, "frame_rate": 0}}
    page = open_page(stub.url)
    _choose_clips(page, video)  # 10 frames/s: 2 of the 5 neighbours are within 0.2 s
    stub.bodies.clear()
    _play_to_its_end(page)
    bodies = [body for body in stub.bodies if "signature_name" in body]
    assert {body["signature_name"] for body in bodies} == {"predict_clip_at_rate"}
    assert {len(body["inputs"]["frame_rate"]) for body in bodies} == {1}
    rates = [body["inputs"]["frame_rate"][0] for body in bodies if len(body["inputs"]["frames_bytes"][0]) > 2]
    assert rates == pytest.approx([10] * len(rates), rel=0.02)
    clips = _sent(stub)
    assert len(clips) >= 2
    for clip, following in zip(clips, clips[1:]):
        assert following[:4] == clip[LENGTH - 4 :]


def test_the_drawn_pose_belongs_to_the_drawn_frame(stub, open_page, video):
    stub.takes_clips = True
    page = open_page(stub.url)
    _choose_clips(page, video)
    _play(page, 1.0)
    for _ in range(5):
        page.wait_for_timeout(150)
        x, time_s = page.evaluate(
            """() => { const { drawn, timeS } = document.getElementById("canvas").dataset;
              return [JSON.parse(drawn)[0].x, Number(timeS)]; }"""
        )
        image = actions.read_pixels(page)
        scale = image.shape[1] / 240
        assert x == pytest.approx((5 + 50 * time_s + 0.5) * scale, abs=3 * scale)
    _wait_until_still(page)
    image = actions.read_pixels(page).astype(int)
    joints = actions.wait_for_joints(page)
    border = np.argmax(image[int(0.4 * image.shape[0])].min(-1) > 128)  # above the joint itself
    assert joints[0]["x"] == pytest.approx(border, abs=3 * image.shape[1] / 240)


def test_a_slow_server_holds_the_video_and_no_frame_is_lost(stub, open_page, video):
    stub.takes_clips = True
    stub.delay_s = 1.0
    page = open_page(stub.url)
    _choose_clips(page, video)
    stub.bodies.clear()
    _play_to_its_end(page, still_ms=4000)
    seen = {x for clip in _sent(stub) for x in clip}
    assert len(seen) >= 20
    assert {pose["keypoints"][0][0] for pose in _poses(page)} == seen
    assert float(page.inner_text("#latency").split()[0]) >= 1000
    assert 0 < float(page.inner_text("#rate").split()[0]) <= LENGTH
    assert stub.most_at_once == 1


def test_pausing_sends_an_incomplete_clip_and_stepping_shows_known_poses(stub, open_page, video):
    stub.takes_clips = True
    page = open_page(stub.url)
    _choose_clips(page, video)
    _play(page, 0.05)
    page.focus("#stage")
    page.keyboard.press(" ")
    _wait_until_still(page)
    stopped_s = _time_s(page)
    count = len(stub.bodies)
    assert 0.05 < stopped_s < 3
    assert actions.wait_for_joints(page)[0]["joint"] == "red"
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("before => Number(document.getElementById('canvas').dataset.timeS) < before", arg=stopped_s)
    page.keyboard.press("ArrowRight")
    _wait_for_time(page, stopped_s - 0.01)
    assert len(stub.bodies) == count  # both poses were known
    page.keyboard.press("ArrowRight")
    _wait_for_time(page, stopped_s + 0.01)
    assert len(stub.bodies) == count
    for _ in range(2):  # turning clips off and on drops the poses
        page.focus("#clips")
        page.keyboard.press(" ")
        page.wait_for_function("document.getElementById('frames').textContent === '1'")
    assert [len(clip) for clip in _sent(stub)[-1:]] == [1]


def test_an_error_pauses_the_video_and_play_retries(stub, open_page, video):
    stub.takes_clips = True
    page = open_page(stub.url, network_errors=True)
    _choose_clips(page, video)
    stub.failure = (500, "out of memory")
    page.click("#pause")
    kind, text = actions.wait_for_problem(page)
    assert kind == "refused"
    assert "out of memory" in text
    _wait_until_still(page)
    stub.failure = None
    _play_to_its_end(page)
    assert _time_s(page) > 3
    assert page.is_hidden("#problem")


@pytest.mark.parametrize(
    ("malformed", "message"),
    [
        ([[1, 2], [3, 4]], "2 joints; its skeleton names 3"),
        (None, "no keypoints"),
        ([[1, 2], None, [3, 4]], ""),  # detected when it is drawn
    ],
)
def test_malformed_poses_of_later_frames_are_reported_and_play_retries(stub, open_page, video, malformed, message):
    stub.takes_clips = True
    page = open_page(stub.url)
    _choose_clips(page, video)
    whole = stub.pose_at
    stub.pose_at = lambda x: {**whole(x), "keypoints": malformed} if x > 100 else whole(x)
    page.click("#pause")
    assert message in actions.wait_for_problem(page)[1]
    _wait_until_still(page)
    stub.pose_at = whole
    _play_to_its_end(page)
    assert page.is_hidden("#problem")
    assert _time_s(page) > 3
    assert actions.wait_for_joints(page)


def test_a_video_at_its_end_is_neither_held_nor_restarted(stub, open_page, video):
    page = open_page(stub.url)
    data = base64.b64encode(pathlib.Path(video).read_bytes()).decode()
    held, changes, plays = page.evaluate(
        """async data => {
          const { openFile } = await import("/demo/sources.js");
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          let changes = 0, plays = 0;
          const listener = { onFrame() {}, onChange: () => (changes += 1) };
          const source = await openFile(new File([bytes], "video.webm", { type: "video/webm" }), listener);
          source.pause();
          await new Promise((done) => setTimeout(done, 300)); // wait for its own events
          changes = 0;
          source.video = { paused: false, ended: true, pause() {}, play: async () => (plays += 1) };
          source.hold();
          const held = source.held;
          source.held = true; // its end came after it was held
          source.resume();
          return [held, changes, plays];
        }""",
        data,
    )
    assert (held, changes, plays) == (False, 1, 0)


@pytest.mark.parametrize(("window", "is_noted"), [(3, False), (4, True)])
def test_page_notes_a_model_with_more_neighbours_than_the_clip_margin(stub, open_page, window, is_noted):
    stub.takes_clips = True
    stub.card = {"training": {"window": window, "frame_stride": 2}}
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    page.wait_for_function("document.getElementById('about').textContent !== ''")
    assert ("up to 8 neighbours on each side" in page.inner_text("#about")) == is_noted


def test_whole_clips_are_offered_only_for_video_files_and_models_that_take_clips(stub, open_page, video):
    page = open_page(stub.url)
    actions.wait_until_connected(page)
    actions.choose_file(page, video)
    actions.wait_for_joints(page)
    assert page.is_hidden("#clips")
    stub.takes_clips = True
    page.press("#model", "Enter")
    page.wait_for_selector("#clips-choice:not([hidden])")
    actions.choose_file(page, actions.make_image_file())
    page.wait_for_selector("#clips-choice", state="hidden")
    page.click("#camera")
    page.wait_for_function("Number(document.getElementById('frames').textContent) >= 2")
    assert page.is_hidden("#clips")


def test_switching_back_sends_single_frames(stub, open_page, video):
    stub.takes_clips = True
    page = open_page(stub.url)
    _choose_clips(page, video)
    page.focus("#clips")
    page.keyboard.press(" ")
    assert not page.is_checked("#clips")
    _wait_until_still(page)
    stub.bodies.clear()
    page.click("#pause")
    page.wait_for_function("Number(document.getElementById('frames').textContent) >= 3")
    assert {body.get("signature_name") for body in stub.bodies} == {None}


@pytest.mark.parametrize("width", [360, 1280])
def test_the_clips_checkbox_fits_the_screen_and_is_reached_by_tab(stub, open_page, video, width):
    stub.takes_clips = True
    page = open_page(stub.url, viewport={"width": width, "height": 740})
    actions.wait_until_connected(page)
    actions.choose_file(page, video)
    actions.wait_for_joints(page)
    page.wait_for_selector("#clips-choice:not([hidden])")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.getElementById('clips-choice').getBoundingClientRect().right") <= width
    page.focus("#camera")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "clips"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert page.get_by_label("Whole clips").count() == 1


@pytest.fixture(scope="module")
def flowing(tmp_path_factory):
    """URL of the local server with a net that pools each frame's heatmaps with those of 2 frames before and after."""
    from keras_pose.exporting import exporter

    folder = tmp_path_factory.mktemp("flowing")
    flags = {"model": "flowing", "window": 1, "frame_stride": 2, "pooling": "parametric", "flow": "none"}
    _, _, run_dir = exported_runs.write_run(folder / "run", **flags)
    exporter.export(ExportConfig(run_dir=run_dir, export_dir=str(folder)))
    with processes.run_local_server([f"--model_base_path={folder / 'pose'}"]) as (url, _):
        yield url


def test_joints_equal_those_of_the_whole_video_in_one_clip(flowing, open_page, tmp_path):
    path = str(tmp_path / "signer.webm")
    margin = 2
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"VP90"), 10, (120, 96))
    for frame in signers.generate("test", 3, num_frames=36, size_hw=(96, 120)).frames:
        writer.write(np.ascontiguousarray(np.asarray(frame)[..., ::-1]))
    writer.release()
    page = open_page(flowing)
    clips = []
    page.on("request", lambda request: clips.append(json.loads(request.post_data)) if request.post_data else None)
    _choose_clips(page, path)
    clips.clear()
    _play_to_its_end(page)
    clips = [[base64.b64decode(f["b64"]) for f in c["inputs"]["frames_bytes"][0]] for c in clips]
    frames = clips[0] + [frame for clip in clips[1:] for frame in clip[2 * margin :]]
    assert len(frames) >= 20  # of 36
    with client.PoseClient(flowing) as it:
        whole = it.predict_clip(frames)
        alone = it.predict_images(frames)
    poses = _poses(page)
    assert len(poses) == len(frames)
    keypoints = np.array([pose["keypoints"] for pose in poses])
    np.testing.assert_allclose(keypoints, whole.keypoints, atol=5e-3)
    np.testing.assert_allclose([pose["scores"] for pose in poses], whole.scores, atol=1e-4)
    assert np.abs(keypoints - alone.keypoints).max() > 0.5  # pooling makes a difference
    actions.set_threshold(page, 0)
    joints = actions.wait_for_joints(page)
    scale = actions.read_pixels(page).shape[1] / 120
    for joint, (x, y), valid in zip(joints, keypoints[-1], whole.valid[-1]):
        np.testing.assert_allclose([joint["x"], joint["y"]], [(x + 0.5) * scale, (y + 0.5) * scale], atol=0.01 * scale)
        assert joint["drawn"] == valid
