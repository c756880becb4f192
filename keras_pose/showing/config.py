"""The flags of `keras-pose show`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.options import option


@dataclasses.dataclass(frozen=True)
class ShowConfig:
    """What to draw of a run."""

    run_dir: str = option(None, "Run to show; also the first argument without a flag.")
    data: str = option("", "Data to show it on (as in train.py); by default what the run kept out of training.")
    clips: str = option("", "File of clip names, one per line: show only these.")
    frames: int = option(
        4, "Number of frames in the pictures of training, modes and poolings, spread over the data.", at_least=1
    )
    error_frames: int = option(
        300,
        "Number of frames to look for failures in, at most, spread over the data. More is slower: about 100 a second "
        "for a small net, a tenth of it for a flowing net.",
        at_least=1,
    )
    far: float = option(
        0.05,
        "Distance from the truth, as a fraction of the frame's longer side, from which on a joint counts as wrong.",
        at_least=0.001,
        at_most=1.0,
    )
    seed: int = option(0, "Seed of the channels that are drawn of each layer.", at_least=0)
    eval_dir: str = option("", "Folder of the page to add the pictures to; by default eval/ in the run.")

    def __post_init__(self) -> None:
        options.check(self)

    def as_evaluation(self) -> EvaluateConfig:
        """Returns the flags of an evaluation of the same frames."""
        return EvaluateConfig(
            run_dir=self.run_dir,
            data=self.data,
            clips=self.clips,
            eval_dir=self.eval_dir,
            other_frames=0,
            on_bad_label="skip",
        )
