"""Where a resumed analysis reads again, so that its poses are those of an analysis that was never interrupted."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from keras_pose.analysis.parts import PartStore
from keras_pose.analysis.rows import regions_of
from keras_pose.analysis.settings import Settings
from keras_pose.inference.engine import Engine, Region


@dataclasses.dataclass(frozen=True)
class WarmUp:
    """The frames before the first one whose pose is missing.

    Args:
      start: number of the frame to read from.
      regions: where the net looked in each frame from there on, by number and name of the track.
      state: state of the source of regions behind them; None: nothing has been looked at.
    """

    start: int
    regions: dict[int, dict[str, Region]]
    state: dict[str, Any] | None


def find_warm_up(store: PartStore, settings: Settings, begin: int, engine: Engine) -> WarmUp:
    """Finds how far a resumed analysis must go back.

    Args:
      store: the parts of the frames before `begin`.
      settings: of the analysis.
      begin: number of the first frame whose pose is missing.
      engine: `Engine` of the model.
    """
    start = settings.start
    part_frames = settings.part_frames
    regions: dict[int, dict[str, Region]] = {}
    state = None
    decoded = 0
    number = begin
    part: dict[str, Any] = {}
    while number > start and (number > begin - engine.reach or decoded < engine.memory):
        number -= 1
        if not part or number < part["frames"][0]:
            part = store.read(number // part_frames)
            if state is None:
                state = json.loads(str(part["state"]))
        place = number - int(part["frames"][0])
        if place >= len(part["frames"]):  # behind the end of the video
            continue
        regions[number] = regions_of(part, place)
        decoded += bool(part["decoded"][place]) and number < begin - engine.reach
    if state is None and begin > start:
        state = json.loads(str(store.read((begin - 1) // part_frames)["state"]))
    return WarmUp(number, regions, state)
