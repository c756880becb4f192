"""The kinds of temporal pooling by name. A new kind is one class and its name here and in `names`.

    pixelwise        none, sum, max, parametric: each pixel on its own, with weights that do not depend on the maps
    data_dependent   weights that depend on the maps and on the flow
    chain            belief propagation along time
    chain_readout    the same, read through a learned Gaussian per joint
    track            a robust trajectory through the peaks of all frames
    median           the median of the positions in three frames

A kind does not keep anything: its weights are attributes of the layer (see `pooling_kind.PoolingKind`).
"""

from __future__ import annotations

from keras_pose.pooling.chain import Chain
from keras_pose.pooling.chain_readout import ChainReadout
from keras_pose.pooling.data_dependent import DataDependent
from keras_pose.pooling.median import Median
from keras_pose.pooling.names import POOLINGS
from keras_pose.pooling.pixelwise import CurrentFrame, Max, Parametric, Sum
from keras_pose.pooling.pooling_kind import PoolingKind
from keras_pose.pooling.track import Track

KINDS: dict[str, PoolingKind] = {
    "parametric": Parametric(),
    "data_dependent": DataDependent(),
    "chain": Chain(),
    "chain_readout": ChainReadout(),
    "track": Track(),
    "median": Median(),
    "sum": Sum(),
    "max": Max(),
    "none": CurrentFrame(),
}


def open_kind(name: str) -> PoolingKind:
    """Returns the pooling of a name.

    Raises:
      ValueError: for an unknown name.
    """
    if name not in KINDS:
        raise ValueError(f"TemporalPooling: expected a kind among {', '.join(POOLINGS)}, received {name!r}")
    return KINDS[name]
