"""Opens synthetic signers by name: `signers:train`, or `signers:test:50` for the first 50 clips of a split.

The part before the first colon is the version of the signers: `signers2:train` is the second one.
"""

from __future__ import annotations

from keras_pose.data.source import Source
from keras_pose.data.synthetic import versions
from keras_pose.data.synthetic.signers import SPLITS, open_signers


def read(
    spec: str,
    num_clips: int = 400,
    num_frames: int = 16,
    size_hw: tuple[int, int] = (128, 128),
    label_every: int = 1,
) -> Source:
    """Opens a set of synthetic signers. Frames are drawn when they are first read.

    Args:
      spec: <version>:<split>, or <version>:<split>:<number of clips>, the version one of `versions.NAMES`.
      num_clips: number of clips if `spec` gives none.
      num_frames: frames per clip.
      size_hw: (height, width) of a frame in px.
      label_every: frames from one labelled frame to the next.

    Returns:
      `Source`.

    Raises:
      ValueError: for an unknown split, a number of clips below 1, or what `open_signers` refuses.
    """
    parts = spec.split(":")
    if parts[0] not in versions.NAMES or len(parts) not in (2, 3) or parts[1] not in SPLITS:
        name = parts[0] if parts[0] in versions.NAMES else "|".join(versions.NAMES)
        raise ValueError(f"{spec}: expected {name}:<{'|'.join(SPLITS)}>[:<number of clips>]")
    if len(parts) == 3:
        if not parts[2].isdecimal() or int(parts[2]) < 1:
            raise ValueError(
                f"{spec}: expected a number of clips of 1 or more after {parts[1]!r}, received {parts[2]!r}"
            )
        num_clips = int(parts[2])
    version = versions.version_of(spec)
    return open_signers(parts[1], num_clips, num_frames, size_hw, label_every, version=version)
