"""Asks a server what a clip shows: `python -m examples.gestures.ask --clip=clip.mp4`.

The server is TensorFlow Serving or serving.local_server with the SavedModel of `train` under the name gestures.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
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
      ValueError: what the server refuses, in its words.
      OSError: where no server answers.
    """
    body = json.dumps({"inputs": {"frames": [frames.tolist()]}}).encode()
    try:
        with urllib.request.urlopen(f"{url}:predict", body, timeout=TIMEOUT_S) as response:
            answer = json.load(response)["outputs"]
    except urllib.error.HTTPError as error:
        raise ValueError(f"{url}: {error.read().decode(errors='replace')}") from error
    except urllib.error.URLError as error:
        raise OSError(f"{url}: no answer: {error.reason}") from error
    ranked = sorted(zip(answer["probabilities"][0], answer["names"][0]), reverse=True)
    return {name: probability for probability, name in ranked}


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
