"""What an evaluation scores: runs, and the clips that the flags name. Mistakes show at once: it loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence

import numpy as np

from keras_pose import console, files, shipped
from keras_pose.data import authors_split, data_notes, joint_choice, selection, several_sources, splits
from keras_pose.data.clip import TEST, VALIDATION, Clip
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.runs import run_directory
from keras_pose.skeleton import same_joints


@dataclasses.dataclass(frozen=True)
class Chosen:
    """What to score.

    Args:
      run_dirs: the runs.
      data: the source of the clips, as `--data`.
      part: a name for the chosen frames.
      clips: the labelled clips.
      parts: all clips of the (first) run by the name of their part, train, validation or test, if they can be opened
        and a part of the run is scored.
    """

    run_dirs: list[str]
    data: str
    part: str
    clips: list[Clip]
    parts: dict[str, list[Clip]] = dataclasses.field(default_factory=dict)


def choose(config: EvaluateConfig, echo: Callable[[str], None] = console.show) -> Chosen:
    """Checks the runs and the folder to write to, and opens the clips.

    Args:
      config: what to score, and on what.
      echo: function that shows a line of text.

    Raises:
      ValueError: if a folder is no run, the runs have the same name or different joints, or the data does not fit.
    """
    paths = config.run_dirs
    if not paths:
        raise ValueError(f"--run_dir: expected one or more runs, received {config.run_dir!r}")
    skeletons = [run_directory.open_run(path)[2] for path in paths]
    for path, skeleton in zip(paths, skeletons):
        if not same_joints(skeleton, skeletons[0]):
            raise ValueError(f"--run_dir: {path} has other joints than {paths[0]}")
    check_names(paths)
    _check_shipped(paths, config)
    files.check_folder(config.eval_dir or run_directory.RunDirectory(paths[0]).eval, "--eval_dir")
    if config.clips:
        splits.read_clip_names(config.clips)  # before the data is read, which may take long
    data, part, clips = choose_clips(paths[0], config, echo)
    for path in paths:
        warn_if_trained_on(path, data, clips, echo)
    return Chosen(paths, data, part, clips, _open_parts(paths[0], config, echo))


def _check_shipped(run_dirs, config):
    """Checks that nothing is asked of a shipped net that needs its training data or a folder of its own."""
    for path in filter(shipped.is_shipped, run_dirs):
        if path == run_dirs[0] and not config.data:
            raise ValueError(
                f"--data: must be given with --run_dir={path}: the net comes with this package, but the frames that it "
                "was trained and validated on do not"
            )
        if config.confidence_distance:
            raise ValueError(
                f"--confidence_distance: expected 0 with --run_dir={path}, received {config.confidence_distance:g}: "
                "the validation frames to fit confidences to do not come with the net"
            )


def check_names(run_dirs: Sequence[str]) -> list[str]:
    """Returns the names of runs, the last parts of their paths.

    Raises:
      ValueError: if two runs have the same name.
    """
    names = [os.path.basename(os.path.abspath(path)) for path in run_dirs]
    if len(set(names)) < len(names):
        raise ValueError(f"--run_dir: expected runs of different names, received {', '.join(run_dirs)}")
    return names


def choose_clips(
    run_dir: str, config: EvaluateConfig, echo: Callable[[str], None] = console.show
) -> tuple[str, str, list[Clip]]:
    """Chooses what to score: the clips of `--data`, of `--clips`, or what the run kept out of training.

    Args:
      run_dir: the run whose data is scored if `--data` is empty.
      config: what to score.
      echo: function that shows a line of text.

    Returns:
      The source that was opened, a name for the chosen frames, and the labelled clips.

    Raises:
      ValueError: if there is nothing to score, or the data has other joints than the run.
    """
    # Open the source.
    run, trained, skeleton = run_directory.open_run(run_dir)
    split = run_directory.read_split(run)
    part = config.subset if config.subset != "auto" else ("test" if split["test"] else "validation")
    own = (trained.data.test_source if part == "test" and not config.clips else "") or trained.data.source
    spec = config.data or own
    own_choice = {name: getattr(config, name) for name in ("outside", "exif_orientation", "person_crop")}
    changes = {name: value for name, value in own_choice.items() if value != "run"}
    reading = dataclasses.replace(trained.data, on_bad_label=config.on_bad_label, **changes)
    try:
        source = selection.open_data(spec, reading, skeleton.joints)
    except joint_choice.LackingJointsError as error:
        raise ValueError(
            f"--data={spec}: expected the joints of {run_dir} ({', '.join(skeleton.joints)}), received others: {error}"
        ) from error
    notes = os.path.join(config.eval_dir or run.eval, data_notes.FILE_NAME)
    data_notes.echo_data_problems(source, echo, notes)
    # Choose the clips that the flags name.
    if config.data or config.clips:
        clips = source.clips
        if config.clips:
            clips = splits.select_clips(clips, splits.read_clip_names(config.clips))
        return spec, "chosen clips" if config.clips else "labelled frames", clips
    # Otherwise a part of the run's own frames.
    echo(f"scoring the {part} frames of {run_dir}")
    clips = _select_part(source.clips, split[part], part, trained.data)
    if not clips:
        raise ValueError(f"--subset={part}: {run_dir} has no such frames")
    return spec, f"{part} frames", clips


def _open_parts(run_dir, config, echo):
    """Opens the clips that a run trained and validated on, to predict some of them too."""
    if config.data or config.clips or not config.other_frames:
        return {}
    run, trained, skeleton = run_directory.open_run(run_dir)
    split = run_directory.read_split(run)
    try:
        reading = dataclasses.replace(trained.data, on_bad_label="skip")
        source = selection.open_data(trained.data.source, reading, skeleton.joints)
    except joint_choice.LackingJointsError:
        echo(f"note: training frames are not predicted: {trained.data.source} has other joints by now")
        return {}
    except (OSError, ValueError) as error:  # the data of training may be gone while --test_data is there
        echo(f"note: training frames are not predicted: {error}")
        return {}
    return {part: _select_part(source.clips, split[part], part, trained.data) for part in ("train", "validation")}


def _select_part(clips, positions, part, data):
    """The clips with the labelled frames of a part: {session: positions}.

    Clips of one session can be in different parts of the authors, and number their frames alike.
    """
    if authors_split.parse(data.split) is not None:
        tests = authors_split.keep_tests(clips)
        clips = tests if part == TEST else [clip for clip in clips if clip.part != TEST]
    kept = [clip.select(np.isin(clip.labelled, positions.get(clip.session, []))) for clip in clips]
    return [clip for clip in kept if clip.num_labelled]


def warn_if_trained_on(
    run_dir: str, spec: str, clips: Sequence[Clip], echo: Callable[[str], None] = console.show
) -> None:
    """Shows a note if a run was trained on some of the frames that it is scored on.

    Args:
      run_dir: the run.
      spec: the source of the clips, as `--data`.
      clips: the clips to score on.
      echo: function that shows a line of text.
    """
    seen = count_frames_of(run_dir, "train", spec, clips)
    if seen:
        echo(f"note: {run_dir} was trained on {seen} of these frames; figures on them say little about new ones")


def count_frames_of(run_dir: str, part: str, spec: str, clips: Sequence[Clip]) -> int:
    """Returns how many labelled frames of clips belong to a part of a run's own data.

    Args:
      run_dir: the run.
      part: "train", "validation" or "test".
      spec: the source of the clips, as `--data`.
      clips: the clips.
    """
    run, trained, _ = run_directory.open_run(run_dir)
    own = [several_sources.source_key(each) for each in several_sources.split_specs(trained.data.source)]
    asked = [several_sources.source_key(each) for each in several_sources.split_specs(spec)]
    if asked != own and not (len(asked) == 1 and asked[0] in own):
        return 0
    split = run_directory.read_split(run)
    front = ""
    if asked != own:  # a source alone; its clips may have its name in front in the run
        names = several_sources.name_sources(several_sources.split_specs(trained.data.source))
        front = f"{names[own.index(asked[0])]}/"
    known = {session for sessions in split.values() for session in sessions}
    found = 0
    for clip in clips:
        session = front + clip.session if front + clip.session in known else clip.session
        found += int(np.isin(clip.labelled, split[part].get(session, [])).sum())
    return found


def open_validation(run_dir: str) -> list[Clip]:
    """Opens the validation frames of a run.

    Raises:
      ValueError: if the run has none, or its data has changed.
      OSError: if its data cannot be read.
    """
    run, trained, skeleton = run_directory.open_run(run_dir)
    frames = run_directory.read_split(run)["validation"]
    clips = selection.open_data(trained.data.source, trained.data, skeleton.joints).clips
    clips = _select_part(clips, frames, VALIDATION, trained.data)
    if not clips:
        raise ValueError(f"{run_dir} has no validation frames")
    return clips
