"""The flags that say where in a frame to look for people. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses

from keras_pose import options
from keras_pose.options import option
from keras_pose.tracking import sources
from keras_pose.tracking.track_files import MAX_GAP, PADDING

# The arguments of `tracking.sources.open_source` by the flag that sets them.
_ARGUMENTS = {
    "detector_class": "detector_class",
    "detector_score": "detector_score",
    "detector_every": "detector_every",
    "detector_keep": "detector_keep",
    "box_padding": "padding",
    "track_gap": "max_gap",
    "person_share": "share",
}
_OF_DETECTOR = ("detector_class", "detector_score", "detector_every", "detector_keep", "box_padding", "person_share")
_OF_TRACKS = ("box_padding", "track_gap")
_OF_FOLLOWING = ("person_share",)


@dataclasses.dataclass(frozen=True)
class RegionConfig:
    """Where to look."""

    region: str = option(
        sources.WHOLE,
        "Where to look: whole (the whole frame), x,y,width,height in px of the frame, or follow (a region that follows "
        "one person by the last poses). A net finds people at about the size at which it was trained.",
    )
    tracks: str = option(
        "", "File of boxes of people to pose, one or several (MOT challenge .txt, or COCO .json); empty: none."
    )
    detector: str = option(
        "",
        "Folder of a SavedModel that finds people; each is followed and posed on their own, which takes the "
        "time of the net once for each. Empty: none.",
    )
    detector_class: int = option(1, "--detector: number of the class that counts as a person.", at_least=0)
    detector_score: float = option(
        0.5,
        "--detector: lowest score of a person, 0 to 1. Lower: more people are found, and more that are none.",
        at_least=0,
        at_most=1,
    )
    detector_every: int = option(
        16,
        "--detector: frames from one detection to the next. More: quicker, and newcomers are seen later.",
        at_least=1,
    )
    detector_keep: int = option(
        48,
        "--detector: frames for which somebody who is not detected any more stays. More: fewer gaps, and poses of "
        "people who have left.",
        at_least=0,
    )
    box_padding: float = option(
        PADDING,
        "--tracks, --detector: factor by which boxes are enlarged. Larger: hands stay inside, and people look "
        "smaller to the net.",
        at_least=0.1,
    )
    track_gap: int = option(
        MAX_GAP, "--tracks: most frames without a box that are bridged; 0: the person is not there in them.", at_least=0
    )
    person_share: float = option(
        0.0,
        "--region=follow, --detector: part of the region's longer side that the joints of a person take, 0 to 1, as in "
        "training. 0: found by where the net is surest.",
        at_least=0,
        at_most=1,
    )

    def __post_init__(self) -> None:
        options.check(self)

    def check_files(self) -> None:
        """Checks that the flags agree and that their files are there.

        Raises:
          ValueError: if they contradict each other, a file is missing, or a region is none.
        """
        sources.check_flags(self.region, self.tracks, self.detector)

    @property
    def source_options(self) -> tuple[tuple[str, float], ...]:
        """The further arguments of `open_source` that matter to what is chosen: others change no result."""
        names: tuple[str, ...] = ()
        if self.tracks:
            names = _OF_TRACKS
        elif self.detector:
            names = _OF_DETECTOR
        elif self.region == sources.FOLLOW:
            names = _OF_FOLLOWING
        return tuple((_ARGUMENTS[name], getattr(self, name)) for name in names)
