"""What the drivers of other tools share: jobs, clocks, pictures and predictions. Needs NumPy and Pillow only.

A driver is run by the interpreter in which its tool is installed, from the root of this repository:

    <python> -m benchmarks.peers.run_<tool> <job.json>

A job is a JSON object with `task`, `data` (a folder as `data_files` writes it), `run_dir` and `threads`, and for

- "train": `cpu_minutes`, `result`: the file that gets {"cpu_seconds", "weights", "settings", "versions", …};
- "predict": `part`, `predictions`: a folder that gets DeepLabCut's CSV of each clip;
- "serve": nothing more. It reads lines {"batch": frames, "calls": count} from the standard input, predicts so many
  batches of test frames, and answers {"ms": milliseconds a frame of each call}, so that several tools take turns. An
  empty line or the end of the input ends it.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

import numpy as np

# uint8 [B, H, W, 3], RGB, to float [B, J, 3]: x and y in px of the frame, and the score.
Predict = Callable[[np.ndarray], np.ndarray]
Job = Mapping[str, Any]
_kept: list[Any] = []  # declarations end with the object that made them
ANSWER = "peer_job: "  # before each answer: tools print lines of their own


@dataclasses.dataclass
class Clock:
    """CPU time of this process, all threads together, from the moment that it is made.

    Args:
      minutes: the budget.
    """

    minutes: float

    def __post_init__(self) -> None:
        self._began = time.process_time()

    @property
    def seconds(self) -> float:
        """CPU seconds so far."""
        return time.process_time() - self._began

    @property
    def is_over(self) -> bool:
        """Whether the budget is used up."""
        return self.seconds >= 60 * self.minutes


def plan_epochs(cpu_minutes: float, seconds_per_epoch: float) -> int:
    """Returns how many epochs fit into a CPU time, at least one."""
    return max(1, int(60 * cpu_minutes / seconds_per_epoch))


def scale_milestones(milestones: Iterable[int], of_epochs: int, epochs: int) -> list[int]:
    """Returns the milestones of a schedule for another number of epochs, at the same parts of the training.

    They rise and are at least 1.
    """
    scaled: list[int] = []
    for milestone in milestones:
        place = max(1, round(milestone * epochs / of_epochs))
        scaled.append(max(place, scaled[-1] + 1) if scaled else place)
    return scaled


def read_frames(data: str, part: str) -> list[dict[str, Any]]:
    """Returns the frames of a part ("train", "validation", "test") that frames.json lists."""
    return [frame for frame in _read_listing(data)["frames"] if frame["part"] == part]


def read_joints(data: str) -> list[str]:
    """Returns the names of the joints."""
    return _read_listing(data)["joints"]


def read_pictures(data: str, frames: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Reads the pictures of frames of one size, uint8 [N, H, W, 3], RGB."""
    from PIL import Image

    pictures = []
    for frame in frames:
        with Image.open(os.path.join(data, frame["picture"])) as picture:
            pictures.append(np.asarray(picture.convert("RGB")))
    return np.stack(pictures)


def write_predictions(path: str, joints: Sequence[str], numbers: Sequence[int], found: np.ndarray, scorer: str) -> None:
    """Writes DeepLabCut's CSV of predictions of a clip.

    Args:
      path: file to write.
      joints: J names.
      numbers: N numbers of frames, rising.
      found: float [N, J, 3].
      scorer: name of the tool.
    """
    coords = ("x", "y", "likelihood")
    temporary = f"{path}.part"
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["scorer", *[scorer] * (3 * len(joints))])
        rows.writerow(["bodyparts", *(joint for joint in joints for _ in coords)])
        rows.writerow(["coords", *(coords * len(joints))])
        for number, row in zip(numbers, found):
            rows.writerow([number, *(f"{value:.4f}" for value in np.asarray(row).ravel())])
    os.replace(temporary, path)


def predict_part(job: Job, predict: Predict, scorer: str) -> None:
    """Predicts the frames of a part, one clip after the other, and writes a table of each."""
    os.makedirs(job["predictions"], exist_ok=True)
    joints = read_joints(job["data"])
    frames = read_frames(job["data"], job["part"])
    for clip in dict.fromkeys(frame["clip"] for frame in frames):
        of_clip = [frame for frame in frames if frame["clip"] == clip]
        found = predict(read_pictures(job["data"], of_clip))
        path = os.path.join(job["predictions"], f"{clip}.csv")
        write_predictions(path, joints, [frame["number"] for frame in of_clip], found, scorer)


def serve(job: Job, predict: Predict, lines: Iterable[str] = sys.stdin, out: TextIO = sys.stdout) -> None:
    """Answers requests for timing until an empty line; see the module."""
    pictures = read_pictures(job["data"], read_frames(job["data"], "test"))
    out.write(f"{ANSWER}{json.dumps({'ready': True})}\n")
    out.flush()
    for line in lines:
        if not line.strip():
            return
        request = json.loads(line)
        batch = np.resize(pictures, (request["batch"], *pictures.shape[1:]))
        taken = []
        for _ in range(request["calls"]):
            began = time.perf_counter()
            predict(batch)
            taken.append(1e3 * (time.perf_counter() - began) / len(batch))
        out.write(f"{ANSWER}{json.dumps({'ms': taken})}\n")
        out.flush()


def load_torchvision() -> None:
    """Imports torchvision, also one that was built for a PyTorch with CUDA beside one without, as PyPI may give them.

    Then torchvision cannot load its own operators and fails as it imports. No pose net here needs them, so those that
    the import looks for are declared, without an implementation.
    """
    import torch

    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        _kept.append(torch.library.Library("torchvision", "FRAGMENT"))
        for operator in ("nms", "qnms"):
            _kept[-1].define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision  # noqa: F401


def write_json(path: str, content: Any) -> None:
    """Writes a JSON file, all or nothing; paths become text."""
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, default=str)
    os.replace(f"{path}.part", path)


def run(scorer: str, train: Callable[[Job], dict[str, Any]], open_predict: Callable[[Job], Predict]) -> None:
    """Runs the job whose file is named on the command line.

    Args:
      scorer: name of the tool.
      train: function that trains and returns what the result holds.
      open_predict: function that loads the trained net.

    Raises:
      ValueError: for a job with another task.
    """
    job = read_content(sys.argv[1])
    if job["task"] == "train":
        write_json(job["result"], train(job))
    elif job["task"] == "predict":
        predict_part(job, open_predict(job), scorer)
    elif job["task"] == "serve":
        serve(job, open_predict(job))
    else:
        raise ValueError(f"{sys.argv[1]}: expected task train, predict or serve, received {job['task']!r}")


def read_content(path: str) -> Any:
    """Reads a JSON file."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _read_listing(data):
    return read_content(os.path.join(data, "frames.json"))
