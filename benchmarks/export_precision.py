"""What every kind of export costs in accuracy: `python -m benchmarks.export_precision [--run_dir=runs/quickstart]
[--video_run=runs/flowing_b] [--quick] [--json=<file>]`.

A run is exported in every precision, and to every kind of TensorFlow Lite file, into a temporary folder. All answer for
the same test frames, which were never trained on: joints within 5 % of the frame's longer side, and the difference to
the SavedModel in float32, paired, with its interval over clips. The clips of a flowing run go through `predict_clip`,
and are compared with `inference.window_predictor`, which has the flow that the run was trained with.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import tempfile
import typing

import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from keras_pose import geometry
from keras_pose.evaluation import bootstrap, scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.evaluation.measures import joint_groups
from keras_pose.exporting import exporter, pose_module, tflite
from keras_pose.exporting.config import ExportConfig
from keras_pose.inference import loading
from keras_pose.runs import run_directory, trained

METRIC = "pck/0.05"  # of the frame's longer side
TARGET = "<= 0.5"  # points
VIDEO_RUN = "runs/flowing_b"
REFERENCE, WINDOWS = "SavedModel, float32", "windows in memory"
_CHUNK = 32


@dataclasses.dataclass(frozen=True)
class Exported:
    """An export, as `scoring.predict_clips` wants a predictor.

    Args:
      read: function of a `Clip` to the uint8 frames [N, H, W, 3] that are asked for, and which of the answers count.
      predict: function of these frames to joints float32 [N, J, 2] in frame px and scores float32 [N, J].
      megabytes: size of its files, or None where it is not asked for.
    """

    read: typing.Callable
    predict: typing.Callable
    megabytes: float | None

    def predict_labelled(self, clip):
        """Returns joints and scores of the labelled frames of a clip."""
        frames, wanted = self.read(clip)
        return tuple(values[wanted] for values in self.predict(frames))


def parse_arguments(argv=None):
    """Reads the command line; runs that are not there end it, but for the default one of clips, which is left out."""
    parser = harness.make_parser("Accuracy, size and speed of exports in 32, 16 and 8 bits.")
    parser.add_argument("--run_dir", default="runs/quickstart", help="a run whose frames are asked for one by one")
    parser.add_argument("--video_run", help=f"a flowing run, for clips; empty: none; default: {VIDEO_RUN} if there")
    arguments = parser.parse_args(argv)
    if arguments.video_run is None:
        arguments.video_run = VIDEO_RUN if _is_run(VIDEO_RUN) else ""
        if not arguments.video_run:
            print(f"--video_run: there is no run {VIDEO_RUN}, so clips are left out")
    for name in ("run_dir", "video_run"):
        path = getattr(arguments, name)
        if path and not _is_run(path):
            parser.error(f"--{name}: expected the folder of a run, received {path!r}")
    return arguments


def open_saved_model(path) -> Exported:
    """Opens `predict_frames` of an export."""
    predict_frames = tf.saved_model.load(path).signatures["predict_frames"]

    def predict(frames):
        chunks = [frames[start : start + _CHUNK] for start in range(0, len(frames), _CHUNK)]
        answers = [predict_frames(frames=tf.constant(chunk)) for chunk in chunks]
        return tuple(np.concatenate([answer[name] for answer in answers]) for name in ("keypoints", "scores"))

    return Exported(_labelled_frames, predict, megabytes_of(path))


def open_clip_model(path) -> Exported:
    """Opens `predict_clip` of an export, which sees all frames of a clip."""
    predict_clip = tf.saved_model.load(path).signatures["predict_clip"]

    def predict(frames):
        answer = predict_clip(frames_bytes=[[tf.io.encode_png(frame) for frame in frames]])
        return answer["keypoints"][0].numpy(), answer["scores"][0].numpy()

    return Exported(lambda clip: (clip.frames.read(range(clip.frames.num_frames)), clip.labelled), predict, None)


def open_lite(path, size_hw) -> Exported:
    """Opens a TensorFlow Lite file, which takes one frame at a time; frames are fitted to it as by `Predictor`."""
    pose = tflite.open_interpreter(pathlib.Path(path).read_bytes()).get_signature_runner(tflite.SIGNATURE)

    def predict(frames):
        crop = geometry.CropTransform.fit(frames.shape[1:3], size_hw)
        answers = [pose(frames=crop.warp(frame)[None]) for frame in frames]
        joints, scores = (np.concatenate([answer[name] for answer in answers]) for name in ("keypoints", "scores"))
        return crop.to_frame(joints), scores

    return Exported(_labelled_frames, predict, megabytes_of(path))


def export_frames(run_dir, folder, precisions, kinds) -> dict:
    """Exports a run in every way.

    Returns:
      dict of name to `Exported`; the first is REFERENCE.
    """
    exported = {}
    for precision, path in export_saved_models(run_dir, folder, precisions).items():
        exported[f"SavedModel, {precision}"] = open_saved_model(path)
    model, config, _ = trained.load_model(run_dir)
    module = pose_module.PoseModule(model, config, {})
    for kind in kinds:
        beside = os.path.join(folder, f"lite-{kind}")
        os.makedirs(beside)
        tflite.write(module, beside, kind)
        exported[f"TensorFlow Lite, {kind}"] = open_lite(os.path.join(beside, tflite.FILE), config.model.input_size_hw)
    return exported


def export_saved_models(run_dir, folder, precisions) -> dict:
    """Returns dict of precision to the folder of the version."""
    return {
        precision: exporter.export(
            ExportConfig(run_dir=run_dir, export_dir=folder, model_name=precision, precision=precision)
        )
        for precision in precisions
    }


def accuracy_rows(predictions, skeleton) -> list:
    """Rows of accuracy and of differences to the first.

    Args:
      predictions: dict of name to list of `ClipPredictions`, of the same frames.
      skeleton: `Skeleton`.
    """
    reference, *others = predictions
    rows = []
    for name in predictions:
        differences = []
        for group in joint_groups(skeleton):
            paired = bootstrap.paired_difference(
                predictions[name], predictions[reference], METRIC, skeleton, group=group
            )
            rows.append(harness.Row(f"{name}: {group} within 5 %", paired["a"], "fraction"))
            if name in others:
                differences.append(100 * paired["difference"])
                low, high = (100 * end for end in paired["interval"])
                rows.append(harness.Row(f"{name} − {reference}: {group}", differences[-1], "points", low, high))
        if name in others:
            most = np.abs(differences).max()
            rows.append(harness.Row(f"{name}: most that a kind of joint differs", most, "points", target=TARGET))
    return rows


def cost_rows(exported, frame, repeats) -> list:
    """Rows of the size of files and of the time for one image, the exports asked in turn.

    Args:
      exported: dict of name to `Exported`.
      frame: uint8 [1, H, W, 3].
      repeats: turns of each.
    """
    functions = {name: lambda export=export: export.predict(frame) for name, export in exported.items()}
    timings = harness.time_in_turn(functions, repeats, calls=5)
    sizes = {name: export.megabytes for name, export in exported.items() if export.megabytes is not None}
    rows = [harness.Row(f"{name}: files", megabytes, "MB") for name, megabytes in sizes.items()]
    rows += [timings[name].row(f"{name}: one image", "ms", scale=1e3) for name in exported]
    others = [name for name in exported if name != REFERENCE]
    return rows + [
        timings.ratio(name, REFERENCE).row(f"{name}: its time by that of {REFERENCE}", "x") for name in others
    ]


def frame_rows(run_dir, folder, quick) -> list:
    """Rows of a run whose frames are asked for one by one."""
    precisions = ("float32", "bfloat16") if quick else ("float32", "float16", "bfloat16")
    exported = export_frames(run_dir, folder, precisions, ("int8",) if quick else ("float32", "float16", "int8"))
    clips, skeleton = choose_clips(run_dir, quick)
    predictions = {name: scoring.predict_clips(export, clips) for name, export in exported.items()}
    frame = clips[0].read_window(0)
    return accuracy_rows(predictions, skeleton) + cost_rows(exported, frame, 3 if quick else 30)


def clip_rows(run_dir, folder, quick) -> list:
    """Rows of the clips of a flowing run."""
    clips, skeleton = choose_clips(run_dir, quick)
    predictions = {WINDOWS: scoring.predict_clips(loading.load_predictor(run_dir), clips)}
    precisions = ("float32",) if quick else ("float32", "float16", "bfloat16")
    for precision, path in export_saved_models(run_dir, folder, precisions).items():
        predictions[f"predict_clip, {precision}"] = scoring.predict_clips(open_clip_model(path), clips)
    return accuracy_rows(predictions, skeleton)


def choose_clips(run_dir, quick):
    """Returns the labelled clips that a run kept out of training, and their `Skeleton`."""
    _, _, clips = scoring.choose_clips(run_dir, EvaluateConfig(run_dir=run_dir))
    return clips[:3] if quick else clips, run_directory.open_run(run_dir)[2]


def megabytes_of(path) -> float:
    """Returns the size of a file, or of all files in a folder."""
    path = pathlib.Path(path)
    paths = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in paths if file.is_file()) / 1e6


def _is_run(path):
    return os.path.isfile(run_directory.RunDirectory(path).flags)


def _labelled_frames(clip):
    return np.concatenate([clip.read_window(row) for row in range(clip.num_labelled)]), slice(None)


def main(argv=None):
    arguments = parse_arguments(argv)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rows += frame_rows(arguments.run_dir, os.path.join(folder, "frames"), arguments.quick)
        if arguments.video_run:
            rows += clip_rows(arguments.video_run, os.path.join(folder, "clips"), arguments.quick)
    harness.report("export_precision", rows, arguments)


if __name__ == "__main__":
    main()
