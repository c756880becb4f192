"""The nets that claims compare. Each is trained once, whichever claims need it, and resumed if it was stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.claim_checks.data_sets import SIGNERS, DataSet
from benchmarks.claim_checks.forms import SMOKE, Form
from benchmarks.common import trainings
from benchmarks.common.trainings import Training
from keras_pose import files
from keras_pose.data.synthetic import export
from keras_pose.runs.config import TrainConfig

HEATMAP = "heatmap"
NO_FUSION = "no_fusion"
COORDINATE = "coordinate"
TUKEY = "tukey"
FLOW_INPUT = "flow_input"
NETS: Mapping[str, Mapping[str, Any]] = {
    HEATMAP: {"model": "heatmap"},
    NO_FUSION: {"model": "heatmap", "fusion": False},
    COORDINATE: {"model": "coordinate"},
    TUKEY: {"model": "coordinate", "coordinate_loss": "tukey"},
    FLOW_INPUT: {"model": "flow_input", "window": 1, "frame_stride": 1},
}
ALL = "all"  # the training clips
FEW = "few"  # a small part of them
EXTENDED = "extended"  # the small part, and the others with labels of the heatmap net that learnt from the small part
_VALIDATIONS = 4
# A net of a few steps is sure of nothing.
_KEEP_ALL = {"min_confidence": 0.0, "min_kept": 0.0, "min_agreeing": 0.0, "agree_frames": 0}


class Nets:
    """The nets, in a folder.

    Args:
      out: folder of the runs.
      form: sizes.
      echo: function that shows a line of text.
    """

    def __init__(self, out: str, form: Form, echo: Callable[[str], None] = print) -> None:
        self.out = out
        self.form = form
        self._echo = echo
        self._read: dict[str, Training] = {}

    def train(self, data: DataSet, net: str, clips: str = ALL) -> list[Training]:
        """Returns the training of each seed.

        Args:
          data: what it learns.
          net: a key of NETS.
          clips: ALL, FEW or EXTENDED.
        """
        return [self._train(self.configure(data, net, clips, seed)) for seed in range(self.form.seeds)]

    def configure(self, data: DataSet, net: str, clips: str, seed: int) -> TrainConfig:
        """Returns the configuration of a net."""
        flags = dict(data.flags if clips == ALL else data.few)
        if clips == EXTENDED:
            flags["data"] = f"{flags['data']},{self._annotate(data)}"
            flags["data_shares"] = "frames"
        run_dir = os.path.join(self.out, data.name, f"{net}-{clips}-{seed}")
        return TrainConfig.from_flags(
            **{**flags, **make_flags(self.form), **NETS[net], "seed": seed, "run_dir": run_dir}
        )

    def _train(self, config):
        if config.run_dir not in self._read:
            self._read[config.run_dir] = trainings.train_once(config, self._echo)
        return self._read[config.run_dir]

    def _annotate(self, data):
        """Returns the folder of automatic labels of the clips that are not in the small part."""
        from keras_pose.annotating import many_videos
        from keras_pose.annotating.config import AnnotateConfig

        if data.name != SIGNERS:
            raise ValueError(f"expected {SIGNERS} for automatic labels, received {data.name}")
        teacher = self.train(data, HEATMAP, FEW)[0].run_dir
        folder = os.path.join(self.out, data.name, "automatic_labels")
        if not os.path.exists(f"{folder}.json"):
            videos = self._export(data)
            given = {"teacher": teacher, "video": ",".join(videos), "out_dir": folder, "every": 2}
            config = AnnotateConfig(**given, **(_KEEP_ALL if self.form is SMOKE else {}))
            many_videos.annotate(config, videos, self._echo)
            files.write_json(f"{folder}.json", {"videos": len(videos)})
        return folder

    def _export(self, data):
        """Returns the videos of the clips that are not in the small part."""
        flags = data.flags
        folder = os.path.join(self.out, data.name, "unlabelled_videos")
        side = flags["signer_size"]
        if not os.path.exists(os.path.join(folder, "annotations.json")):
            export.export_signers(folder, "train", flags["signer_clips"], flags["signer_frames"], (side, side))
        videos = os.path.join(folder, "videos")
        return [os.path.join(videos, name) for name in sorted(os.listdir(videos))[data.few["signer_clips"] :]]


def make_flags(form: Form) -> dict[str, Any]:
    """Returns the flags that all nets of a form share: equal steps for all."""
    return {
        "steps": form.steps,
        "validate_every": max(1, form.steps // _VALIDATIONS),
        "batch_size": form.batch_size,
        "warmup_steps": min(50, form.steps // 4),
    }
