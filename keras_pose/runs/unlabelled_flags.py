"""Flags of unlabelled video as a teacher (`training.lessons`). Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.options import option

NEIGHBOURS = "neighbours"


@dataclasses.dataclass(frozen=True)
class UnlabelledConfig:
    """Unlabelled frames that a heatmap net learns from while it trains, and how much they count."""

    source: str = option(
        "",
        f"Unlabelled video to learn from: {NEIGHBOURS} (the unlabelled frames in the videos of the training clips), or "
        "videos (a file, a folder, a list (.txt) or a pattern; several with commas between them), or a source as "
        "--data takes, whose labels are ignored. After each validation, the net's maps of a window (--window, "
        "--window_seconds, --flow), brought to its middle frame by flow, say where each joint is; places of which they "
        "are sure are then learnt like labels. Clips of the validation and test set, and of their groups, are left "
        "out. Needs --model=heatmap, or flowing with --net_steps. Whether it helps depends on the data "
        "(docs/results.md). Empty: none.",
        flag="unlabelled",
    )
    weight: float = option(
        0.5,
        "Factor on the loss of an unlabelled joint, beside how sure of it the maps are (0 to 1); labels have 1. More "
        "lets the net follow its own mistakes.",
        flag="unlabelled_weight",
        at_least=0.0,
        at_most=10.0,
    )
    share: float = option(
        0.25,
        "Part of the frames of a step that have no labels. Steps cost the same: labelled frames are drawn less often.",
        flag="unlabelled_share",
        at_least=0.01,
        at_most=0.9,
    )
    warmup_steps: int = option(
        500,
        "Steps in which the net learns from labels alone; the first validation from then on begins to teach. With too "
        "few the net is unsure of everything, or sure of mistakes. 0: from the start, for a net that --init_from "
        "names.",
        flag="unlabelled_warmup",
        at_least=0,
    )
    num_frames: int = option(
        400,
        "Number of unlabelled frames to learn from, spread over all videos. Each takes a window of predictions at "
        "every validation.",
        flag="unlabelled_frames",
        at_least=1,
    )
    min_confidence: float = option(
        0.5,
        "Mean height of the maps of a window at a joint, 0 to 1, from which on it teaches. Lower: more joints teach, "
        "and more wrong ones.",
        flag="unlabelled_confidence",
        at_least=0.0,
        at_most=1.0,
    )

    def __post_init__(self) -> None:
        options.check(self)
