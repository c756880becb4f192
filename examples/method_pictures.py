"""The pictures of docs/method.md, from a net that was trained on synthetic signers.

`python -m examples.method_pictures --run_dir=runs/quickstart --out=docs/images` writes `method_heatmaps.jpg` (what a
net for single frames says of a frame) and `method_window.jpg` (how the maps of neighbours come to the current frame and
are pooled). Of the clips that it looks at, it draws the frame whose wrist pooling corrects most.
"""

from __future__ import annotations

import argparse
import colorsys
import os
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from keras_pose import console, ending, files
from keras_pose.data.synthetic import signers
from keras_pose.flow import composition_numpy, estimators
from keras_pose.viz import pictures
from keras_pose.viz.heatmaps import overlay_heatmaps

NUM_NEIGHBOURS = 3
FRAME_STRIDE = 2  # frames from one neighbour to the next: larger steps are easier to see
_NUM_FRAMES = 21
_SIDE_PX = 192
_WRISTS = ("right_wrist", "left_wrist")


def write_pictures(run_dir: str, out: str, num_clips: int = 12) -> list[str]:
    """Writes the pictures.

    Args:
      run_dir: run of a heatmap net of the signers' seven joints.
      out: folder to write to, created if it is missing.
      num_clips: number of test clips to choose the example from.

    Returns:
      The paths of the files.

    Raises:
      ValueError: if the run's net predicts no heatmaps, or other joints.
      OSError: if the run cannot be read, or the folder not be written.
    """
    predict_maps = _open_net(run_dir)
    best = max((_look_at(index, predict_maps) for index in range(num_clips)), key=lambda found: found["gain_px"])
    os.makedirs(out, exist_ok=True)
    paths = [os.path.join(out, f"method_{name}.jpg") for name in ("heatmaps", "window")]
    for path, picture in zip(paths, (_draw_heatmaps(best), _draw_window(best))):
        with files.replace_atomically(path) as temporary:
            Image.fromarray(picture).save(temporary, "JPEG", quality=88)
    return paths


def warp_window(frames: np.ndarray, maps: np.ndarray, middle: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Brings the maps of a window to its middle frame.

    Args:
      frames: uint8 [T, H, W, 3].
      maps: float32 [T, h, w, J].
      middle: position of the middle frame.

    Returns:
      flows: T arrays float32 [h, w, 2], from the middle frame to each, in heatmap px.
      warped: T arrays float32 [h, w, J].
    """
    estimate = estimators.open_estimator("dis_medium")
    size_hw = maps.shape[1:3]
    flows = {middle: np.zeros((*size_hw, 2), np.float32)}
    for step in (-1, 1):
        # Compose flow outwards from the middle frame.
        for position in range(middle + step, len(frames) if step > 0 else -1, step):
            onwards = estimate(frames[position - step], frames[position])
            onwards = composition_numpy.resize_flow(onwards, size_hw)
            flows[position] = composition_numpy.compose(flows[position - step], onwards)
    grid_x, grid_y = composition_numpy.pixel_grid(*size_hw)
    warped = [
        cv2.remap(maps[t], grid_x + flows[t][..., 0], grid_y + flows[t][..., 1], cv2.INTER_LINEAR)
        for t in range(len(frames))
    ]
    return [flows[t] for t in range(len(frames))], warped


def _open_net(run_dir):
    """Returns a function of uint8 [N, H, W, 3] to maps float32 [N, h, w, J]."""
    with console.quiet_import():
        from keras_pose.models.pose_net import HEATMAPS, PoseNet
        from keras_pose.runs import trained

    model, config, skeleton = trained.load_model(run_dir)
    if not PoseNet(model).predicts_heatmaps() or PoseNet(model).sees_window():
        raise ValueError(f"--run_dir={run_dir}: expected a net of single frames with heatmaps")
    if skeleton.joints != signers.SKELETON.joints:
        raise ValueError(f"--run_dir={run_dir}: expected the joints of synthetic signers, received {skeleton.joints}")
    height, width = PoseNet(model).input_size_hw()

    def predict(frames):
        fitted = np.stack([cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in frames])
        return np.asarray(model.predict(fitted.astype(np.float32), verbose=0)[HEATMAPS])

    return predict


def _look_at(index, predict_maps):
    """Finds the frame of a clip whose wrist is corrected most by the mean of the warped maps."""
    clip = signers.generate("test", index, _NUM_FRAMES)
    joints = clip.joints
    reach = NUM_NEIGHBOURS * FRAME_STRIDE
    maps = predict_maps(clip.frames)
    scale = clip.frames.shape[1] / maps.shape[1]
    found = {"gain_px": -np.inf}
    for current in range(reach, _NUM_FRAMES - reach):
        window = np.arange(current - reach, current + reach + 1, FRAME_STRIDE)
        flows, warped = warp_window(clip.frames[window], maps[window], NUM_NEIGHBOURS)
        pooled = np.mean(warped, 0)
        for joint in (signers.SKELETON.joints.index(name) for name in _WRISTS):
            alone_px, pooled_px = (
                np.linalg.norm((_peak(each[..., joint]) + 0.5) * scale - 0.5 - joints[current, joint])
                for each in (maps[current], pooled)
            )
            if alone_px - pooled_px > found["gain_px"]:
                found = {
                    "gain_px": alone_px - pooled_px,
                    "joint": joint,
                    "frames": clip.frames[window],
                    "maps": maps[window],
                    "flows": flows,
                    "warped": warped,
                    "pooled": pooled,
                    "errors_px": (alone_px, pooled_px),
                }
    return found


def _peak(one_map):
    """(x, y) of the highest pixel."""
    return np.array(np.unravel_index(one_map.argmax(), one_map.shape))[::-1]


def _draw_heatmaps(found):
    middle = found["frames"][NUM_NEIGHBOURS]
    maps = found["maps"][NUM_NEIGHBOURS]
    tiles = [
        pictures.Tile(_enlarge(middle), ("frame",)),
        pictures.Tile(overlay_heatmaps(middle, maps, signers.SKELETON, _SIDE_PX), ("all maps on the frame",)),
    ]
    for joint, name in enumerate(signers.SKELETON.joints):
        height = maps[..., joint].max()
        tiles.append(pictures.Tile(_color_map(maps[..., joint]), (name.replace("_", " "), f"highest: {height:.2f}")))
    return pictures.draw_grid(tiles, 3)


def _draw_window(found):
    joint = found["joint"]
    name = signers.SKELETON.joints[joint].replace("_", " ")
    places = FRAME_STRIDE * (np.arange(2 * NUM_NEIGHBOURS + 1) - NUM_NEIGHBOURS)
    labels = ["t" if place == 0 else f"t {'+' if place > 0 else '−'} {abs(place)}" for place in places]
    full_px = max(1.0, float(np.percentile([np.linalg.norm(flow, axis=-1) for flow in found["flows"]], 98)))
    tiles = [pictures.Tile(_enlarge(frame), (label,)) for frame, label in zip(found["frames"], labels)]
    tiles += [pictures.Tile(_color_map(each[..., joint]), ("map",)) for each in found["maps"]]
    tiles += [pictures.Tile(_color_flow(flow, full_px), ("flow from t",)) for flow in found["flows"]]
    tiles += [pictures.Tile(_color_map(each[..., joint]), ("map, warped to t",)) for each in found["warped"]]
    alone_px, pooled_px = found["errors_px"]
    tiles += [
        pictures.Tile(_color_map(found["maps"][NUM_NEIGHBOURS][..., joint]), ("t alone", f"error {alone_px:.0f} px")),
        pictures.Tile(_color_map(found["pooled"][..., joint]), ("mean of all", f"error {pooled_px:.0f} px")),
    ]
    return pictures.draw_grid(tiles, len(labels), f"A window of {len(labels)} frames: the {name}")


def _enlarge(picture, side_px=_SIDE_PX):
    return cv2.resize(picture, (side_px, side_px), interpolation=cv2.INTER_CUBIC)


def _color_map(one_map):
    """Colours a map: black is 0, white is 1."""
    grey = np.round(np.clip(_enlarge(one_map), 0, 1) * 255).astype(np.uint8)
    return cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)[..., ::-1]


def _color_flow(flow, full_px):
    """Colours flow: the hue shows the direction, white is no motion."""
    table = np.array([colorsys.hsv_to_rgb(hue / 256, 1, 1) for hue in range(256)], np.float32)
    hue = (np.arctan2(flow[..., 1], flow[..., 0]) / (2 * np.pi) * 256).astype(int) % 256
    strength = np.minimum(np.linalg.norm(flow, axis=-1) / full_px, 1)[..., None]
    return _enlarge(np.round(255 * (1 - strength + strength * table[hue])).astype(np.uint8))


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes what the command line asks for."""
    parser = argparse.ArgumentParser(prog="method_pictures", description=__doc__.splitlines()[0])
    parser.add_argument("--run_dir", required=True, help="Run of a heatmap net on synthetic signers.")
    parser.add_argument("--out", required=True, help="Folder to write to, created if it is missing.")
    parser.add_argument("--num_clips", type=int, default=12, help="Test clips to choose from; more take longer.")
    flags = parser.parse_args(arguments)
    with ending.exit_on_error("method_pictures"):
        print(*write_pictures(flags.run_dir, flags.out, flags.num_clips), sep="\n")


if __name__ == "__main__":
    main()
