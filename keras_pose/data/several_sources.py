"""Several sources of data in one run: `--data=a,b --data_weights=1,0.3 --data_shares=auto`.

The first source is the one that the run is about: it gives the joints and the validation frames. The others are further
training data, whose labels may be automatic. Joints are matched by name (`joint_choice`).

A weight multiplies the loss of each label of a source: how far its labels are to be trusted. A share says how often its
frames are drawn. They are two things: a thousand labels of a person beside a million automatic ones would be drawn once
in a thousand steps, and no weight would change that. By default a source is drawn in proportion to the square root of
the number of its frames, a middle between one share for all and one share for each frame.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping, Sequence

from keras_pose import files
from keras_pose.data.clip import Clip
from keras_pose.data.config import DataConfig
from keras_pose.data.source import Source
from keras_pose.data.synthetic import versions
from keras_pose.skeleton import Skeleton

AUTO = "auto"
BY_FRAMES = "frames"


def split_specs(spec: str) -> list[str]:
    """Returns the sources that `--data` names, separated by commas; a path that exists is one source.

    Raises:
      ValueError: if a source is named twice.
    """
    specs = files.split_paths(spec) if "," in spec else [spec]
    keys = [source_key(each) for each in specs]
    repeated = sorted({each for each, key in zip(specs, keys) if keys.count(key) > 1})
    if repeated:
        raise ValueError(f"--data: expected each source once, received twice: {', '.join(repeated)}")
    return specs or [spec]


def source_key(spec: str) -> str:
    """Returns what all names of a source share: the split of the signers, or the real path of a folder or file."""
    return ":".join(spec.split(":")[:2]) if versions.version_of(spec) else os.path.realpath(spec)


def name_sources(specs: Sequence[str]) -> list[str]:
    """Returns a short name for each source, the last part of its path, all different; empty for a single source."""
    if len(specs) < 2:
        return [""] * len(specs)
    names: list[str] = []
    for spec in specs:
        plain = spec.split(":")[0] if versions.version_of(spec) else os.path.basename(os.path.abspath(spec)) or "data"
        name = plain
        number = 1
        while name in names:
            number += 1
            name = f"{plain} {number}"
        names.append(name)
    return names


def parse_weights(text: str, count: int) -> list[float]:
    """Returns the weight of each source that `--data_weights` gives; all 1 if it is empty.

    Raises:
      ValueError: if it is not one number above 0 for each source.
    """
    return _parse_numbers("--data_weights", text, count) if text.strip() else [1.0] * count


def parse_shares(text: str, frames: Mapping[str, int]) -> dict[str, float]:
    """Returns how often each source is drawn, as fractions with the sum 1.

    Args:
      text: auto (by the square root of the number of frames), frames (by the number), or a number for each source.
      frames: {name of the source: number of its labelled training frames}, in the order of `--data`.

    Raises:
      ValueError: if it is neither a word nor one number above 0 for each source.
    """
    if text.strip() == AUTO:
        parts = [math.sqrt(count) for count in frames.values()]
    elif text.strip() == BY_FRAMES:
        parts = [float(count) for count in frames.values()]
    else:
        parts = _parse_numbers("--data_shares", text, len(frames), f"{AUTO}, {BY_FRAMES} or ")
    # A source of which no frame is left cannot be drawn.
    parts = [part if count else 0.0 for part, count in zip(parts, frames.values())]
    return {name: part / sum(parts) for name, part in zip(frames, parts)}


def draw_shares(clips: Sequence[Clip], config: DataConfig) -> dict[str, float] | None:
    """Returns how often each source is drawn, as `Samples` takes it; None for a single source.

    Args:
      clips: the training clips.
      config: the sources and their shares.
    """
    names = name_sources(split_specs(config.source))
    return parse_shares(config.source_shares, count_frames(clips, names)) if len(names) > 1 else None


def describe_drawing(clips: Sequence[Clip], config: DataConfig) -> list[str]:
    """Returns a line on the frames, the share and the weight of each source; none for a single source.

    Args:
      clips: the training clips.
      config: the sources, their shares and weights.
    """
    shares = draw_shares(clips, config)
    if shares is None:
        return []
    weights = parse_weights(config.source_weights, len(shares))
    frames = count_frames(clips, list(shares))
    parts = [
        f"{name}: {frames[name]} frames, {100 * share:.1f} % of the draws, weight {weight:g}"
        for (name, share), weight in zip(shares.items(), weights)
    ]
    return [f"sources of training: {'; '.join(parts)}; validation frames come from {next(iter(shares))}"]


def count_frames(clips: Sequence[Clip], names: Sequence[str]) -> dict[str, int]:
    """Returns {name of a source: number of the labelled frames of its clips}."""
    return {name: sum(clip.num_labelled for clip in clips if clip.source == name) for name in names}


def combine(sources: Sequence[Source], specs: Sequence[str], weights: Sequence[float]) -> Source:
    """Makes one source of several that have the same joints.

    Args:
      sources: the sources, the first one first.
      specs: their names, as in `--data`.
      weights: factor on the weights of all labels of each source.

    Returns:
      A source whose clips know where they come from (`Clip.source`). A clip whose name (or session) an earlier source
      has, too, gets the name of its source in front: `<source>/<clip>`. Its group stays as it is. Flip pairs and edges
      of all sources are in the skeleton.
    """
    names = name_sources(specs)
    clips: list[Clip] = []
    taken: set[str] = set()
    for source, name, weight in zip(sources, names, weights):
        clips += [_mark(clip, name, weight, taken) for clip in source.clips]
        taken |= {text for clip in clips for text in (clip.name, clip.session)}

    def gather(field):
        return tuple(f"{name}: {text}" for source, name in zip(sources, names) for text in getattr(source, field))

    return Source(
        clips,
        merge_skeletons([source.skeleton for source in sources]),
        skipped=gather("skipped"),
        notes=gather("notes"),
        name=",".join(specs),
        summary="; ".join(f"{name}: {source.summary}" for source, name in zip(sources, names) if source.summary),
    )


def merge_skeletons(skeletons: Sequence[Skeleton]) -> Skeleton:
    """Returns the first of several skeletons of the same joints, with the pairs and edges that only others have."""
    first = skeletons[0]
    pairs = list(first.flip_pairs)
    edges = list(first.edges)
    for other in skeletons[1:]:
        paired = {joint for pair in pairs for joint in pair}
        pairs += [pair for pair in other.flip_pairs if not paired & set(pair)]
        known = {frozenset(edge) for edge in edges}
        edges += [edge for edge in other.edges if frozenset(edge) not in known]
    return dataclasses.replace(first, flip_pairs=tuple(pairs), edges=tuple(edges))


def original_session(clip: Clip) -> str:
    """Returns the session of a clip without the name of its source in front."""
    return clip.session.removeprefix(f"{clip.source}/") if clip.source else clip.session


def _mark(clip, name, weight, taken):
    known = clip.name in taken or clip.session in taken
    front = f"{name}/" if known else ""
    return dataclasses.replace(
        clip,
        source=name,
        name=front + clip.name,
        session=front + clip.session,
        weights=clip.weights * weight,
    )


def _parse_numbers(flag, text, count, words=""):
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(math.isfinite(n) and n > 0 for n in numbers):
        what = "1 number" if count == 1 else f"{count} numbers"
        raise ValueError(f"{flag}: expected {words}{what} above 0, one for each source of --data, received {text!r}")
    return numbers
