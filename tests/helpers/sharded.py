"""Labelled projects, their shards, and the batches of both."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from keras_pose import options
from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from keras_pose.data.samples import Samples
from keras_pose.data.source import Source
from keras_pose.sharding.config import PrepareConfig
from tests.helpers import coded_videos
from tests.helpers import deeplabcut_projects as projects

SIGNERS = {"data": "signers:train:4", "signer_frames": 6, "signer_size": 64, "signer_label_every": 2}
NUM_FRAMES = 12
LABELLED = (0, 4, 5, 11, 20)  # the last one is past the end of the video


def write_video_project(root: pathlib.Path, names: Sequence[str] = ("one", "two")) -> str:
    """Writes a DeepLabCut project of videos; the images of its labelled frames are not as compressed as the videos."""
    projects.write_config(root)
    for seed, name in enumerate(names):
        place = root / "labeled-data" / name
        place.mkdir(parents=True)
        images = [f"labeled-data/{name}/img{number:02d}.png" for number in LABELLED]
        columns = projects.header(projects.PARTS)
        values = projects.points(len(images), len(columns), seed)
        (place / "CollectedData_AB.csv").write_text(projects.csv_text(columns, images, values), encoding="utf-8")
        for number in LABELLED:
            cv2.imwrite(str(place / f"img{number:02d}.png"), coded_videos.draw_frame(number + 30 * seed)[..., ::-1])
        (root / "videos").mkdir(exist_ok=True)
        frames = [coded_videos.draw_frame(number + 30 * seed) for number in range(NUM_FRAMES)]
        coded_videos.write_coded(root / "videos" / f"{name}.mp4", frames, options={"crf": "12"})
    return str(root)


def write_picture_project(root: pathlib.Path) -> str:
    """Writes a DeepLabCut project of pictures of two sizes, PNG and JPEG, one of which is bad; without videos."""
    projects.write_config(root)
    rng = np.random.default_rng(3)
    for name in ("one", "two", "three"):
        place = root / "labeled-data" / name
        place.mkdir(parents=True)
        endings = ("png", "jpg", "jpg", "png")
        images = [f"labeled-data/{name}/img{n:02d}.{ending}" for n, ending in enumerate(endings)]
        columns = projects.header(projects.PARTS)
        values = projects.points(len(images), len(columns), 5)
        if name == "one":
            values[3] = 4000  # outside
        (place / "CollectedData_AB.csv").write_text(projects.csv_text(columns, images, values), encoding="utf-8")
        for number, image in enumerate(images):
            size_hw = (40, 48) if number % 2 else (36, 30)
            cv2.imwrite(str(root / image), rng.integers(0, 255, (*size_hw, 3)).astype(np.uint8))
    return str(root)


def prepare(out_dir: Any, **flags: Any) -> tuple[str, list[str]]:
    """Writes shards as `keras-pose prepare` does; returns their folder and what was said."""
    from keras_pose.sharding import preparing, writing

    said: list[str] = []
    config = options.build(PrepareConfig, {"out_dir": str(out_dir), "workers": 2, **flags})
    with preparing.prepare(config, said.append) as prepared:
        if not prepared.is_finished:
            writing.write_shards(prepared)
    return str(out_dir), said


def open_with(**flags: Any) -> Source:
    """Opens a source with flags of `train.py`."""
    config = options.build(DataConfig, flags)
    return selection.open_data(config.source, config)


def assert_same_batches(source: Source, shards: Source, offsets: Sequence[int] = (0,), cache: bool = True) -> None:
    """Checks that all samples of two sources are equal to the last bit, in the order of training."""
    one = Samples(source.clips, (32, 48), offsets, cache)
    other = Samples(shards.clips, (32, 48), offsets, cache)
    order = one.shuffled_positions(7, range(len(one)))
    assert order == other.shuffled_positions(7, range(len(other)))
    for start in range(0, len(order), 3):
        expected = one.read_batch(order[start : start + 3])
        found = other.read_batch(order[start : start + 3])
        assert expected.keys() == found.keys()
        for name in expected:
            np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def contents(folder: Any) -> dict[str, bytes]:
    """Returns the content of all files of a folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())}
