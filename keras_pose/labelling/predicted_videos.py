"""The poses of the videos to choose frames from: given as files, or predicted now, and resumed if that was stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Sequence

from keras_pose import console
from keras_pose.labelling.config import SuggestConfig
from keras_pose.poses import video_poses
from keras_pose.poses.video_poses import VideoFacts, VideoPoses
from keras_pose.words import count

FOLDER = "poses"  # in --out_dir
_PARTS = ".parts"


def poses_of_videos(config: SuggestConfig, videos: Sequence[str], echo: Callable[[str], None]) -> list[VideoPoses]:
    """Returns the poses of all videos.

    Predicted poses are written to `<out_dir>/poses/<name>.npz`, for `--poses` of a later suggestion.

    Args:
      config: what predicts, and the folder to write to.
      videos: paths of the videos.
      echo: function that shows a line of text.

    Raises:
      ValueError: if no video can be read, or poses do not fit; a video that cannot be read is left out with a line.
      OSError: if the folder cannot be written.
    """
    done = [video_poses.load(path) for path in config.pose_paths]
    done = [_at_its_place(poses, videos) for poses in done]
    covered = {poses.video.name for poses in done}
    wanted = [path for path in videos if video_name(path) not in covered]
    if wanted and not config.run_dir:
        raise ValueError(f"--run_dir: must be given to predict {wanted[0]}, of which --poses has no poses")
    if wanted:
        done += _predict(config, wanted, echo)
    if not done:
        raise ValueError("--video: expected videos, but none of them can be read")
    _check_same_joints(done)
    return done


def remove_parts(out_dir: str) -> None:
    """Removes what is kept in case that the prediction of videos is stopped."""
    shutil.rmtree(os.path.join(out_dir, FOLDER, _PARTS), ignore_errors=True)


def video_name(path: str) -> str:
    """Returns the name of a video, by which labelling tools know it: that of its file without the ending."""
    return os.path.splitext(os.path.basename(path))[0]


def _predict(config, paths, echo):
    with console.quiet_import():
        from keras_pose.analysis import progress, settings, video_analysis  # load TensorFlow
        from keras_pose.inference import loading
    model = loading.load(config.run_dir)
    done = []
    for path in paths:
        name = video_name(path)
        kept = os.path.join(config.out_dir, FOLDER, _PARTS, name)
        try:
            line = progress.VideoProgress(path, settings.Settings())
            with contextlib.closing(line):
                poses = video_analysis.analyse(model, path, None, kept, line.update)
        except ValueError as error:
            echo(f"left out: {error}")
            continue
        poses = poses.replace(video=_placed(poses.video, path))
        video_poses.save(os.path.join(config.out_dir, FOLDER, f"{name}.npz"), poses)
        missing = int((~poses.decoded).sum())
        echo(f"{path}: {count(poses.num_frames, 'frame')}{f', {missing} of them damaged' if missing else ''}")
        done.append(poses)
    return done


def _at_its_place(poses, paths):
    """Poses of a video that has moved get the path that was given for it."""
    path = next((p for p in paths if video_name(p) == poses.video.name), poses.video.path)
    if not os.path.isfile(path):
        raise ValueError(f"--poses: their video {path} is not there; give its path with --video")
    return poses.replace(video=_placed(poses.video, path))


def _placed(video, path):
    return VideoFacts(os.path.abspath(path), video.size_hw, video.fps, video.num_frames)


def _check_same_joints(videos):
    first = videos[0]
    for poses in videos:
        if poses.skeleton.joints != first.skeleton.joints:
            raise ValueError(
                f"--poses: expected poses of one net, received the joints {', '.join(first.skeleton.joints)} and "
                f"{', '.join(poses.skeleton.joints)}"
            )
        if len(poses.people) != 1:
            raise ValueError(f"--poses: expected one person, {poses.video.path} has {len(poses.people)}")
