"""Asks a server what a clip shows: `python -m examples.gestures.ask --clip=clip.mp4`.

The server is TensorFlow Serving or serving.local_server with the SavedModel of `train` under the name gestures.
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

from examples.gestures import clips as clip_files

TIMEOUT_S = 60


def ask(url, frames) -> dict[str, float]:
    """Sends a clip over REST.

    Args:
      url: of the model, such as http://127.0.0.1:8501/v1/models/gestures.
      frames: uint8 [T, H, W, 3], RGB, as many as the classifier was trained with.

    Returns:
      Probability by name of gesture, the highest first.

    Raises:
      ValueError: what the server refuses, in its words; or where another kind of model answers.
      OSError: where no server answers, or its answer breaks off.
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
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(f"{url}: expected the answer of a model of gestures, received {text[:200]}") from error


def _post(url, body):
    """Returns the status and text of an answer. A proxy of the environment cannot reach this machine's own servers."""
    own = _is_loopback(urllib.parse.urlsplit(url).hostname)
    opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if own else []))
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


def main(argv=None):
    parser = argparse.ArgumentParser(prog="ask", description="Asks a server which gesture a clip shows.")
    parser.add_argument("--clip", required=True, help="a video, or an .npz file with frames")
    parser.add_argument("--url", default="http://127.0.0.1:8501/v1/models/gestures", help="of the served model")
    options = parser.parse_args(argv)
    try:
        for name, probability in ask(options.url, clip_files.read_frames(options.clip)).items():
            print(f"{probability:.3f} {name}")
    except (ValueError, OSError) as error:
        sys.exit(f"ask: {error}")


if __name__ == "__main__":
    main()
