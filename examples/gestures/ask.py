"""Asks a server which gesture a clip shows: `python -m examples.gestures.ask --clip=clip.mp4`.

The server is TensorFlow Serving or serving.local_server. It serves the SavedModel of `train` under the name gestures.
"""

from __future__ import annotations

import argparse
import http.client
import ipaddress
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence

import numpy as np

from examples.gestures import clips as clip_files

TIMEOUT_S = 60


def ask(url: str, frames: np.ndarray) -> dict[str, float]:
    """Sends a clip over REST.

    Args:
      url: address of the model, such as http://127.0.0.1:8501/v1/models/gestures.
      frames: uint8 [T, H, W, 3], RGB, with the T of the classifier's training.

    Returns:
      The probability of each gesture, highest first.

    Raises:
      ValueError: if the server refuses the request (with its message), or serves another kind of model.
      OSError: if no server answers, or its answer is incomplete.
    """
    body = json.dumps({"inputs": {"frames": [frames.tolist()]}}).encode()
    try:
        status, text = _post(f"{url}:predict", body)
    except (OSError, http.client.HTTPException) as error:
        raise OSError(f"{url}: no answer: {getattr(error, 'reason', error)}") from error
    if status != 200:
        raise ValueError(f"{url}: {text}")
    try:
        answer = json.loads(text)["outputs"]
        ranked = sorted(zip(map(float, answer["probabilities"][0]), answer["names"][0]), reverse=True)
        return {name: probability for probability, name in ranked}
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"{url}: expected the answer of a gesture model, received {text[:200]}") from error


def _post(url, body):
    """Returns the status and text of an answer."""
    # A proxy from the environment cannot reach servers on this machine.
    is_local = _is_loopback(urllib.parse.urlsplit(url).hostname)
    opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if is_local else []))
    try:
        response = opener.open(url, body, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.read().decode(errors="replace")


def _is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="ask", description="Asks a server which gesture a clip shows.")
    parser.add_argument("--clip", required=True, help="video, or .npz file with frames")
    parser.add_argument(
        "--url",
        default="http://127.0.0.1:8501/v1/models/gestures",
        help="address of the served model (default: %(default)s)",
    )
    options = parser.parse_args(argv)
    try:
        for name, probability in ask(options.url, clip_files.read_frames(options.clip)).items():
            print(f"{probability:.3f} {name}")
    except (ValueError, OSError) as error:
        sys.exit(f"ask: {error}")


if __name__ == "__main__":
    main()
