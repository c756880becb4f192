"""How a person is followed, as numbers."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class FollowSettings:
    """How a person is followed; heights are those of the heatmaps at the joints, 0 to 1, as means over the joints.

    Args:
      block: frames from one decision to the next.
      history: number of the last poses that a decision looks at.
      share: part of the region's span that the joints of the person take; 0: as where the net is surest.
      margin: part of the region at each side that the person leaves free; the region moves if a joint comes there.
      size_change: factor by which the person's size in the region may differ from the reference.
      size_step: largest factor by which the region grows or shrinks at a time.
      sure: height from which on the whole frame is not doubted.
      likely: height from which on a person counts as found in a search.
      lost: a person is lost if the height falls below this part of the usual one.
      widen: factor by which the region grows for each block in which the person is lost.
      rest: blocks in the whole frame after a search without result; doubled each time.
      searches: whether to search windows; without, the region only widens.

    Raises:
      ValueError: for a share, block, history or rest out of range.
    """

    block: int = 8
    history: int = 8
    share: float = 0.0
    margin: float = 0.06
    size_change: float = 1.35
    size_step: float = 1.25
    sure: float = 0.7
    likely: float = 0.55
    lost: float = 0.6
    widen: float = 1.5
    rest: int = 10
    searches: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share: expected 0 to 1, received {self.share}")
        for name in ("block", "history", "rest"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected at least 1, received {getattr(self, name)}")
