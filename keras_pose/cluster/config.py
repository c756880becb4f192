"""The flags that spread work over machines. Loads no TensorFlow and no Ray."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from collections.abc import Sequence
from typing import TypeVar

from keras_pose import extras, options
from keras_pose.options import option

Item = TypeVar("Item")


@dataclasses.dataclass(frozen=True)
class RayConfig:
    """The Ray cluster that does the work, if there is one."""

    ray_address: str = option(
        "",
        "Ray cluster to work on: auto (the one that this machine belongs to), host:port, ray://host:10001, or local "
        "(all cores of this machine). All its machines need the same folders at the same paths, and this package. "
        "Empty: work in this process, without Ray. Ray comes with the extra [cluster].",
    )
    ray_cpus: int = option(
        1,
        "--ray_address: CPU cores that each job takes. More: a single video is finished sooner, and fewer are worked "
        "on at once.",
        at_least=1,
    )
    ray_gpus: float = option(
        0.0,
        "--ray_address: GPUs that each job takes, such as 0.5 for two jobs on one GPU. 0: jobs see no GPU.",
        at_least=0,
    )

    def __post_init__(self) -> None:
        options.check(self)
        if self.ray_address and importlib.util.find_spec("ray") is None:
            raise ValueError(
                f"--ray_address={self.ray_address}: Ray is not installed: {extras.how_to_install('cluster')}"
            )


@dataclasses.dataclass(frozen=True)
class PartConfig:
    """Which part of the videos a command takes, if several commands share them."""

    part: str = option(
        "",
        "Take only a part of the videos: 3/16 is the third of 16 parts, videos number 3, 19, 35, … of the list, "
        "counted from 1. For arrays of jobs; each part needs its own --out_dir. Empty: take all.",
    )

    def __post_init__(self) -> None:
        self.numbers()

    def numbers(self) -> tuple[int, int]:
        """Returns the number of the part, from 1, and how many there are."""
        found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", self.part or "1/1")
        number, count = (int(text) for text in found.groups()) if found else (0, 0)
        if not 1 <= number <= count:
            raise ValueError(f"--part: expected k/n with k from 1 to n, such as 3/16, received {self.part!r}")
        return number, count

    def choose(self, items: Sequence[Item]) -> list[Item]:
        """Returns the items of the part: every n-th from the k-th on; none if there are fewer than k."""
        number, count = self.numbers()
        return list(items[number - 1 :: count])
