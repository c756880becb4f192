"""Actions of a user on the demo page, and readers of what it shows."""

from __future__ import annotations

import base64
import json

import cv2
import numpy as np

from tests.browser.conftest import WAIT_MS


def make_image_file(height=64, width=96, ending=".png", value=0):
    """Returns a file for a file input: a grey image."""
    return encode_file(f"image{ending}", np.full((height, width, 3), value, np.uint8))


def encode_file(name, bgr):
    """Returns a file for a file input. `bgr` is uint8 [H, W, 3]; the name ends in .png or .jpg."""
    data = cv2.imencode(name[-4:], bgr)[1].tobytes()
    return {"name": name, "mimeType": "image/png" if name.endswith("png") else "image/jpeg", "buffer": data}


def write_video(path, num_frames=20, fps=10, size_hw=(120, 160)):
    """Writes a VP9 video in which a white square moves right by 5 px per frame; returns its path as str."""
    height, width = size_hw
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"VP90"), fps, (width, height))
    for t in range(num_frames):
        frame = np.full((height, width, 3), 20, np.uint8)
        frame[40:80, 5 + 5 * t : 35 + 5 * t] = 255
        writer.write(frame)
    writer.release()
    return str(path)


def choose_file(page, file):
    """Selects an image or video."""
    page.set_input_files("#file", file)


def wait_until_connected(page):
    """Waits until the page is connected to a model."""
    page.wait_for_function("document.getElementById('status').textContent.startsWith('Connected')", timeout=WAIT_MS)


def wait_for_joints(page):
    """Waits for a pose; returns the joints on the canvas: list of {joint, score, drawn, x, y} in canvas px."""
    page.wait_for_function("JSON.parse(document.getElementById('canvas').dataset.drawn || '[]').length > 0")
    return json.loads(page.get_attribute("#canvas", "data-drawn"))


def wait_for_problem(page):
    """Waits for an error message; returns (kind, text)."""
    page.wait_for_selector("#problem:not([hidden])", timeout=WAIT_MS)
    return page.get_attribute("#problem", "data-kind"), page.inner_text("#problem")


def read_pixels(page):
    """Returns the pixels of the canvas: uint8 [height, width, 3]."""
    width, height, values = page.evaluate(
        """() => {
          const canvas = document.getElementById("canvas");
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
          copy.drawImage(canvas, 0, 0);
          const all = copy.getImageData(0, 0, canvas.width, canvas.height).data;
          let text = "";
          for (let i = 0; i < all.length; i += 8192) text += String.fromCharCode(...all.subarray(i, i + 8192));
          return [canvas.width, canvas.height, btoa(text)];
        }"""
    )
    return np.frombuffer(base64.b64decode(values), np.uint8).reshape(height, width, 4)[..., :3]


def set_threshold(page, value):
    """Sets the slider for the lowest score to draw."""
    page.evaluate(
        """value => {
          const slider = document.getElementById("threshold");
          slider.value = value;
          slider.dispatchEvent(new Event("input"));
        }""",
        str(value),
    )
