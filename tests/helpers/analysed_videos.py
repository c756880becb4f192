"""Runs and videos to analyse, and an analysis in a process of its own that can be killed."""

from __future__ import annotations

import os
import pathlib
import signal
import sys
import time

from tests.helpers import warm_process

PART_FRAMES = 32

_SCRIPT = """
import sys
import keras_pose
from keras_pose.analysis import video_analysis
from keras_pose.analysis.settings import Settings
from keras_pose.poses import video_poses

run, video, folder, out, part_frames, region, batch_size = sys.argv[1:]
settings = Settings(part_frames=int(part_frames), region=region, batch_size=int(batch_size))
video_poses.save(out, video_analysis.analyse(keras_pose.load(run), video, settings, folder))
"""


def start_analysis(run, video, folder, out, region="whole", batch_size=8) -> warm_process.Process:
    """Starts an analysis whose parts are kept in `folder`; the poses are written to `out`."""
    arguments = [str(each) for each in (run, video, folder, out, PART_FRAMES, region, batch_size)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTEROP_THREADS": "4"}
    return warm_process.start([sys.executable, "-c", _SCRIPT, *arguments], environment, stdout=None)


def kill_at_part(process: warm_process.Process, folder: pathlib.Path, number: int, seconds: float = 300) -> None:
    """Kills an analysis (SIGKILL) as soon as it begins to write a part, or has written it."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        names = os.listdir(folder) if folder.exists() else []
        if any(name.endswith(f"part-{number:06d}.npz") for name in names):
            break
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
