"""The flags that say how a labelled video looks. They change no pose. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses
from typing import Any

from keras_pose import options
from keras_pose.options import option
from keras_pose.viz.label_style import Style

_USUAL = Style()


@dataclasses.dataclass(frozen=True)
class DrawingConfig:
    """The labelled video."""

    labelled: bool = option(
        True,
        "Whether to write <video>_labelled.mp4 too, with the poses drawn; takes about as long as the analysis.",
    )
    trail_frames: int = option(
        _USUAL.trail_frames,
        "Labelled video: length of the line that shows where each joint has been, in predicted frames. 0: no lines.",
        at_least=0,
    )
    least_confidence: float = option(
        _USUAL.least_confidence,
        "Labelled video: joints of a lower confidence (the score, if the model is not calibrated), 0 to 1, are not "
        "drawn. 0: all are. The files of poses have all joints.",
        at_least=0,
        at_most=1,
    )
    crf: int = option(
        _USUAL.crf,
        "Labelled video: quality from 0 (without loss, huge) to 51 (poor). 6 more: half the size of the file.",
        at_least=0,
        at_most=51,
    )

    def __post_init__(self) -> None:
        options.check(self)

    def style(self) -> Style:
        """Returns how to draw."""
        return Style(trail_frames=self.trail_frames, least_confidence=self.least_confidence, crf=self.crf)

    def describe(self) -> dict[str, Any] | None:
        """Returns the flags that shape the labelled video, as JSON; None if there is to be none."""
        if not self.labelled:
            return None
        return {name: value for name, value in options.values(self).items() if name != "labelled"}
