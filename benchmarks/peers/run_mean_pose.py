"""A net that learnt nothing: it predicts the mean of the training labels for every frame (see `peer_job`).

It shows how far the joints lie from their mean place, and tries the whole way from a job to a table without any tool.
"""

from __future__ import annotations

import csv
import os
from typing import Any

import numpy as np

from benchmarks.peers import peer_job

_HEAD_ROWS = 3


def train(job: peer_job.Job) -> dict[str, Any]:
    """Averages the training labels of CollectedData.csv."""
    clock = peer_job.Clock(job["cpu_minutes"])
    wanted = {frame["picture"] for frame in peer_job.read_frames(job["data"], "train")}
    with open(os.path.join(job["data"], "CollectedData.csv"), encoding="utf-8", newline="") as file:
        rows = [row for row in list(csv.reader(file))[_HEAD_ROWS:] if row[0] in wanted]
    points = np.array([[float(cell or "nan") for cell in row[1:]] for row in rows])
    mean = np.nanmean(points, axis=0).reshape(-1, 2)
    os.makedirs(job["run_dir"], exist_ok=True)
    peer_job.write_json(_file(job), mean.tolist())
    return {"cpu_seconds": clock.seconds, "weights": int(mean.size), "frames": len(rows)}


def open_predict(job: peer_job.Job) -> peer_job.Predict:
    """Reads the mean."""
    mean = np.array(peer_job.read_content(_file(job)))
    pose = np.concatenate([mean, np.ones((len(mean), 1))], -1)
    return lambda frames: np.repeat(pose[None], len(frames), 0)


def _file(job):
    return os.path.join(job["run_dir"], "mean.json")


if __name__ == "__main__":
    peer_job.run("mean_pose", train, open_predict)
