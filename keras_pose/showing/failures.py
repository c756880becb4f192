"""The failure gallery: which joints are wrong, of which kind each error is, and the worst of each kind.

Letters in shapes: N frames, J joints, M modes.
"""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable

import numpy as np

from keras_pose import console
from keras_pose.evaluation import error_kinds
from keras_pose.evaluation.measures import joint_groups
from keras_pose.showing import carried_joints
from keras_pose.showing.section import Section
from keras_pose.showing.shown_net import ShownFrames, ShownNet
from keras_pose.viz import skeletons
from keras_pose.viz.heatmaps import draw_modes, overlay_heatmaps
from keras_pose.viz.pictures import Tile, draw_grid

SINGLE = "frame_heatmaps"  # output of a pooling net: the maps of the frame alone
_PER_KIND = 8
_PER_CLIP = 2
_SIDE_PX = 256


@dataclasses.dataclass(frozen=True)
class Failures:
    """The labelled frames that were looked at.

    Attributes:
      positions: N positions in the samples.
      errors_px: float64 [N, J], px of the frame; NaN if unlabelled.
      kinds: int8 [N, J], see `error_kinds`.
    """

    positions: tuple[int, ...]
    errors_px: np.ndarray
    kinds: np.ndarray


def find_failures(shown_net: ShownNet, count: int, far: float, echo: Callable[[str], None] = console.show) -> Failures:
    """Predicts labelled frames and finds the kind of each error.

    Args:
      shown_net: the net and its samples.
      count: the most frames, spread evenly.
      far: fraction of the frame's longer side from which on a joint counts as wrong.
      echo: function that shows a line of text.

    Raises:
      ValueError: if a frame cannot be read; the message names it.
    """
    positions = shown_net.spread(count)
    meter = console.Meter("looking for failures", len(positions), "frames", console.LiveLine(echo=echo))
    errors = []
    kinds = []
    for shown, outputs in shown_net.batches(positions):
        for row in range(len(shown.positions)):
            found = _look_at(shown_net, shown, outputs, row, far)
            errors.append(found[0])
            kinds.append(found[1])
        meter.advance(len(shown.positions))
    meter.close()
    return Failures(positions, np.stack(errors), np.stack(kinds))


def failure_sections(shown_net: ShownNet, failures: Failures, far: float) -> list[Section]:
    """Returns the table of kinds and a gallery for each kind, the worst errors first."""
    counts = error_kinds.count_kinds(failures.kinds, joint_groups(shown_net.skeleton))
    labelled = int((failures.kinds != error_kinds.NO_LABEL).sum())
    wrong = int((failures.kinds > error_kinds.RIGHT).sum())
    text = (
        f"{wrong} of {labelled} labelled joints in {len(failures.positions)} frames are more than {100 * far:g} % of "
        "the frame's longer side from the truth. Each is of the first kind that fits: "
        + "; ".join(f"{name}: {error_kinds.MEANINGS[kind]}" for kind, name in error_kinds.WRONG.items())
        + "."
    )
    sections = [Section("failures", "Failures by kind", text, table=format_table(counts))]
    for kind, name in error_kinds.WRONG.items():
        tiles = [_draw(shown_net, failures, *choice) for choice in choose_worst(shown_net, failures, kind)]
        if tiles:
            sections.append(
                Section(
                    f"failures_{kind}_{name.replace(' ', '_')}",
                    f"Failures: {name}",
                    f"The largest errors of this kind ({error_kinds.MEANINGS[kind]}). Cross: truth; disc: prediction; "
                    "rings: other maxima of the map; white line: the error.",
                    f"{len(tiles)} frames with joints whose error is of the kind {name}, the largest error first",
                    draw_grid(tiles, 4),
                )
            )
    return sections


def choose_worst(shown_net: ShownNet, failures: Failures, kind: int, count: int = _PER_KIND) -> list[tuple[int, int]]:
    """Returns (row of the failures, joint) of the largest errors of a kind, from each clip two at most."""
    found = sorted(np.argwhere(failures.kinds == kind).tolist(), key=lambda c: -failures.errors_px[c[0], c[1]])
    chosen: list[tuple[int, int]] = []
    of_clip: dict[str, int] = {}
    for row, joint in found:
        clip = shown_net.place_of(failures.positions[row])[0].name
        if of_clip.get(clip, 0) < _PER_CLIP and len(chosen) < count:
            chosen.append((row, joint))
            of_clip[clip] = of_clip.get(clip, 0) + 1
    return chosen


def format_table(counts: dict[str, dict[int, int]]) -> str:
    """Returns the counts as an HTML table: a row for each group of joints, a column for each kind."""
    head = "".join(f"<th>{name}</th>" for name in ("right", *error_kinds.WRONG.values()))
    rows = []
    for group, of_group in counts.items():
        cells = "".join(f"<td>{of_group[kind]}</td>" for kind in (error_kinds.RIGHT, *error_kinds.WRONG))
        rows.append(f"<tr><th>{html.escape(group.replace('_', ' '))}</th>{cells}</tr>")
    return (
        f'<div class="table"><table><thead><tr><th>joints</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _look_at(shown_net: ShownNet, shown: ShownFrames, outputs: dict, row: int, far: float):
    """Returns errors float64 [J] in px of the frame, and kinds int8 [J], of one frame."""
    clip, label = shown_net.place_of(shown.positions[row])
    crop = shown_net.samples.crop(clip)
    net = shown_net.net
    main = outputs[net.main_output()][row : row + 1]
    predicted = crop.to_frame(np.asarray(net.decode(main)[0]))
    modes = heights = single = None
    if net.predicts_heatmaps():
        points, heights = shown_net.decode_modes(main)
        modes = crop.to_frame(points)
    if SINGLE in outputs:
        single = crop.to_frame(np.asarray(net.decode(outputs[SINGLE][row : row + 1])[0]))
    tolerance = far * max(clip.frames.size_hw)
    truth = clip.joints[label : label + 1]
    kinds = error_kinds.classify(
        predicted,
        truth,
        clip.visibility[label : label + 1],
        tolerance,
        shown_net.skeleton,
        modes,
        heights,
        single,
        carried_joints.measure(shown_net, shown, row) if net.pooling() is not None else None,
    )
    return np.linalg.norm(predicted[0].astype(np.float64) - truth[0], axis=-1), kinds[0]


def _draw(shown_net, failures, row, joint):
    position = failures.positions[row]
    shown = shown_net.read([position])
    output = shown_net.predict(shown)[shown_net.net.main_output()]
    skeleton = shown_net.skeleton
    one = np.full((skeleton.num_joints, 1), np.nan)
    one[joint] = 0
    scale = _SIDE_PX / max(shown.frames.shape[1:3])
    predicted = np.asarray(shown_net.net.decode(output)[0])[0]
    if shown_net.net.predicts_heatmaps():
        only = np.where(np.arange(skeleton.num_joints) == joint, output[0], 0)
        picture = overlay_heatmaps(shown.frames[0], only, skeleton, _SIDE_PX)
        points, heights = shown_net.decode_modes(output)
        heights = np.where(np.arange(skeleton.num_joints)[:, None] == joint, heights[0], 0)
        picture = draw_modes(picture, skeletons.scale_points(points[0], scale), heights, skeleton)
    else:
        picture, scale = skeletons.enlarge(shown.frames[0], _SIDE_PX)
    at = skeletons.scale_points(predicted + one, scale)
    picture = skeletons.draw_skeleton(picture, at, skeleton)
    picture = skeletons.draw_truth(picture, skeletons.scale_points(shown.truth[0] + one, scale), skeleton, at)
    clip, label = shown_net.place_of(position)
    return Tile(
        picture,
        (
            f"{skeleton.joints[joint].replace('_', ' ')} {failures.errors_px[row, joint]:.1f} px",
            f"{clip.name}, frame {int(clip.labelled[label])}",
        ),
    )
