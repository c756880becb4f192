"""Uses an installed keras_pose as its users do: `<environment>/bin/python use_installed.py`, in an empty folder.

Runs `keras-pose doctor`, trains for 20 steps on tiny synthetic signers, exports the net, and asks it for the joints of
a picture twice: as a SavedModel in this process and through `keras-pose serve`. Ends with an error if any step fails,
if the two answers differ, or if Python finds keras_pose anywhere but in this environment.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.request

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
PICTURE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "images" / "signer.jpg"
TRAIN_FLAGS = [
    "--run_dir=run",
    "--data=signers:train:6",
    "--signer_frames=4",
    "--signer_size=64",
    "--input_size=32",
    "--width=0.25",
    "--batch_size=4",
    "--steps=20",
    "--validate_every=20",
    "--warmup_steps=2",
]
LIMIT_S = 600  # of a command
MAX_DIFFERENCE_PX = 0.01  # of the two answers: the server may use other threads


def main():
    if os.listdir():
        sys.exit(f"use_installed.py: expected an empty folder, received {os.getcwd()}")
    for package in ("keras_pose", "serving"):
        origin = importlib.util.find_spec(package).origin
        if not pathlib.Path(origin).is_relative_to(sys.prefix):
            sys.exit(f"use_installed.py: expected {package} in {sys.prefix}, received {origin}")
    run_command("doctor")
    run_command("train", *TRAIN_FLAGS)
    run_command("export", "--run_dir=run")
    from_file = predict_with_saved_model("run/export/pose/1")
    from_server = predict_with_server("run/export/pose")
    if not have_same_joints(from_file, from_server):
        sys.exit(f"use_installed.py: expected the same joints, received {from_file} and {from_server}")


def have_same_joints(points, others):
    """Returns whether two lists of [x, y] in px are equal to within MAX_DIFFERENCE_PX."""
    distances = [abs(a - b) for point, other in zip(points, others) for a, b in zip(point, other)]
    return 0 < len(points) == len(others) and max(distances) <= MAX_DIFFERENCE_PX


def program(name):
    """Returns the path of a program of this environment."""
    return str(pathlib.Path(sys.executable).with_name(name))


def run_command(*arguments):
    """Runs `keras-pose` to its end; shows its output only if it fails."""
    start = time.monotonic()
    command = [program("keras-pose"), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S)
    if done.returncode:
        sys.exit(f"{done.stdout}\nkeras-pose {arguments[0]}: exit status {done.returncode}")
    print_step(f"keras-pose {arguments[0]}", start)


def predict_with_saved_model(path):
    """Returns the joints of the picture, a list of [x, y] in px, from a SavedModel that TensorFlow alone loads."""
    start = time.monotonic()
    import tensorflow as tf

    signature = tf.saved_model.load(path).signatures["serving_default"]
    keypoints = signature(image_bytes=tf.constant([PICTURE.read_bytes()]))["keypoints"]
    if "keras_pose" in sys.modules:
        sys.exit("use_installed.py: expected a SavedModel that needs no keras_pose")
    print_step("SavedModel", start)
    return keypoints[0].numpy().tolist()


def predict_with_server(base_path):
    """Returns the same joints from `keras-pose serve`, which also has to deliver its page."""
    start = time.monotonic()
    with open_server(base_path) as url:
        body = {"instances": [{"b64": base64.b64encode(PICTURE.read_bytes()).decode()}]}
        [prediction] = json.loads(fetch(f"{url}:predict", json.dumps(body).encode()))["predictions"]
        page = fetch(re.sub(r"/v1/.*", "/demo/", url)).decode()
        for name in re.findall(r'(?:src|href)="([\w.]+)"', page):
            fetch(re.sub(r"/v1/.*", f"/demo/{name}", url))
    print_step("keras-pose serve", start)
    return prediction["keypoints"]


@contextlib.contextmanager
def open_server(base_path):
    """Starts `keras-pose serve` on a free port, yields the model's URL, and stops the server."""
    command = [program("keras-pose"), "serve", f"--model_base_path={base_path}", "--rest_api_port=0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    limit = threading.Timer(LIMIT_S, process.kill)  # ends readline if the server never prints its URL
    limit.start()
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if not found:
            sys.exit(f"keras-pose serve: expected a line with its URL, received {line!r}")
        yield found.group()
    finally:
        limit.cancel()
        process.terminate()
        process.wait(timeout=60)


def fetch(url, body=None):
    """Returns the body of an answer; raises HTTPError if its status is an error."""
    with urllib.request.urlopen(url, data=body, timeout=60) as answer:
        return answer.read()


def print_step(name, start):
    print(f"  {name}: {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
