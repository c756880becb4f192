"""Opens any source of data: `signers:train`, or the path of a labelled project or data set."""

from __future__ import annotations

import dataclasses

from keras_pose.data.clip import Clip
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Source:
    """Clips that share a skeleton, and the rows that could not be used (one message each)."""

    clips: list[Clip]
    skeleton: Skeleton
    skipped: tuple[str, ...] = ()
