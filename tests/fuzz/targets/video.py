"""Video files with changed bytes: each frame keeps its number, and frames that are lost are said to be lost."""

from __future__ import annotations

import functools
import os
import random
import re

import numpy as np

from keras_pose.media.video import VideoFrames
from tests.fuzz import numbered, oracle
from tests.fuzz.changes import raw

_COUNT = 12
_GROUP = 4  # frames from one key frame to the next; damage does not reach over a key frame
_REACH = 3  # frames that wait for their order, beside a damaged key frame
_HEADERS_ONCE = ("mpeg4.avi",)  # the first packet has the headers of all frames
_OTHER_SIZE = re.compile(r"\d+×\d+")
_X264 = (("crf", "18"), ("bf", "0"), ("x264-params", "scenecut=0:open-gop=0"))
_REORDERED = (("crf", "18"), ("bf", "2"), ("x264-params", "scenecut=0:open-gop=0"))
_VP9 = (("crf", "10"), ("b", "0"), ("lag-in-frames", "0"))
# File name: container, codec, options.
_KINDS = {
    "h264.mp4": ("mp4", "libx264", _X264),
    "reordered.mp4": ("mp4", "libx264", _REORDERED),
    "mjpeg.avi": ("avi", "mjpeg", (("q", "2"),)),
    "mpeg4.avi": ("avi", "mpeg4", (("q", "2"),)),
    "h264.mkv": ("matroska", "libx264", _X264),
    "reordered.mkv": ("matroska", "libx264", _REORDERED),
    "h264.ts": ("mpegts", "libx264", _X264),
    "vp9.webm": ("webm", "libvpx-vp9", _VP9),
    "h264.mov": ("mov", "libx264", _X264),
}


@functools.lru_cache(None)
def _bytes(name: str) -> bytes:
    container, codec, options = _KINDS[name]
    return numbered.video(container, codec, _COUNT, 1 if codec == "mjpeg" else _GROUP, options)


@functools.lru_cache(None)
def _packets(name: str) -> list[tuple[int, int, int]]:
    return sorted(numbered.packets(_bytes(name)), key=lambda packet: packet[1])


_WHOLE: dict[str, list] = {}


def _whole_frames(name, folder):
    """The frames of the undamaged file, which show their numbers."""
    if name not in _WHOLE:
        frames, missing, _, _ = _read_all(name, _bytes(name), folder)
        shown = [numbered.read(frame) for frame in frames]
        oracle.expect(shown == list(range(_COUNT)) and not missing, "whole video misread", f"{shown} {missing}", name)
        _WHOLE[name] = frames
    return _WHOLE[name]


def run(rng: random.Random, folder: str, log: list) -> bool:
    """Changes the bytes of one video: in one frame, in any place, or its end."""
    name = rng.choice(sorted(_KINDS))
    whole = _whole_frames(name, folder)
    data = _bytes(name)
    kind = rng.choice(("frame", "frame", "frame", "cut", "bytes", "bytes"))
    damaged: set = set()
    if kind == "frame" and len(_packets(name)) == _COUNT:
        data, damaged = _damage_frames(rng, name, data, log)
    elif kind == "cut":
        data = raw.cut_end(rng, data, log)
    else:
        kind = "bytes"
        for _ in range(rng.randrange(1, 4)):
            data = raw.change_bytes(rng, data, log)
    log.insert(0, f"video {name}")
    outcome = oracle.attempt(_read_all, name, data, folder, names=(folder,))
    if outcome.error is not None:
        # Damage can change the size that a codec states within its frames, and the headers of all frames.
        headers = name in _HEADERS_ONCE and _COUNT in damaged
        lost = kind == "frame" and not headers and not _OTHER_SIZE.search(str(outcome.error))
        oracle.expect(not lost, "damage of one frame loses the video", str(outcome.error), name)
        return False
    *found, said = outcome.value
    _check(name, kind, found, said + outcome.warnings, whole, damaged)
    return True


def _damage_frames(rng, name, data, log):
    """Changes bytes inside the packets of one or two frames; returns the data and the numbers of their groups."""
    groups = set()
    for _ in range(rng.randrange(1, 3)):
        number, start, stop = rng.choice(_packets(name))
        how = rng.choice(("zeros", "head", "bytes", "tail"))
        size = stop - start
        if how == "zeros":
            data = data[:start] + bytes(size) + data[stop:]
        elif how == "head":
            data = data[:start] + bytes(min(8, size)) + data[start + min(8, size) :]
        elif how == "tail":
            data = data[: stop - size // 2] + bytes(size // 2) + data[stop:]
        else:
            at = rng.randrange(start, stop)
            data = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        log.append(f"{how} in the packet of frame {number}, bytes {start} to {stop}")
        groups.add(number if name == "mjpeg.avi" else number // _GROUP)
        if name in _HEADERS_ONCE and number == 0:
            groups.update(range(_COUNT + 1))
    return data, groups


def _read_all(name, data, folder):
    """Reads a video in three ways that must agree; returns frames (None if missing), positions that are missing
    and doubtful (stated to rest on damaged data), and messages.
    """
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    video = VideoFrames(path)
    try:
        count = video.num_frames
        missing = {int(position) for position in getattr(video, "missing", ())}
        oracle.expect(missing <= set(range(count)), "missing frame outside the video", f"{missing} of {count}")
        doubtful = {int(position) for position in getattr(video, "doubtful", ())}
        frames = []
        said = []
        for position in range(count):
            frame = oracle.attempt(video.read, [position], names=(folder,))
            if frame.error is not None and _OTHER_SIZE.search(str(frame.error)):
                raise frame.error
            lost = frame.error is not None
            oracle.expect(lost == (position in missing), "missing and read disagree", f"{position}: {frame.error}")
            frames.append(None if lost else frame.value[0])
            said += frame.warnings
        _read_again(video, frames, missing)
        return frames, missing, doubtful, said
    finally:
        video.close()


def _read_again(video, frames, missing):
    """The same frames, backwards and by iteration."""
    kept = [position for position, frame in enumerate(frames) if frame is not None]
    for position in reversed(kept):
        oracle.expect(
            np.array_equal(video.read([position])[0], frames[position]), "second reading differs", f"frame {position}"
        )
    if missing:
        return  # what iteration yields in a gap is up to the reader
    iterated = list(video)
    same = len(iterated) == len(frames) and all(np.array_equal(a, b) for a, b in zip(iterated, frames))
    oracle.expect(same, "iteration differs from reading", f"{len(iterated)} and {len(frames)} frames")


def _check(name, kind, found, said, whole, damaged):
    frames, missing, doubtful = found
    shown = [None if frame is None else numbered.read(frame) for frame in frames]
    story = f"{name}: numbers {shown}, missing {sorted(missing)}, doubtful {sorted(doubtful)}, warnings {said}"
    group = 1 if name == "mjpeg.avi" else _GROUP
    if kind in ("frame", "cut"):
        oracle.expect(len(frames) <= _COUNT, "more frames than there are", story, name)
        for position, number in enumerate(shown):
            # A larger number than there are is a picture that shows damage: its blocks are inverted, say.
            forward = number is not None and position < number < _COUNT and position not in doubtful
            # FFmpeg may mix the frames of a damaged group; those of other groups must not come nearer.
            forward = forward and not (number // group == position // group in damaged)
            oracle.expect(not forward, "frame moved forward", story, name)
    if kind == "frame":
        for position in range(_COUNT):
            # FFmpeg may lose frames before a damaged key frame: then they must be said to be lost.
            near = not damaged.isdisjoint({(position + step) // group for step in range(-_REACH, _REACH + 1)})
            # Damaged bytes of MPEG-4 may look like headers of the frames behind them.
            near = near or name in _HEADERS_ONCE
            if position // group in damaged or (near and position in missing | doubtful):
                continue
            good = position < len(frames) and frames[position] is not None
            good = good and np.array_equal(frames[position], whole[position])
            oracle.expect(good or position in doubtful, "undamaged frame lost", story, name)
    if kind == "cut":
        wrong = [p for p, n in enumerate(shown) if n not in (None, p) and p not in doubtful]
        oracle.expect(not wrong, "wrong number after a cut", story, name)
    # MPEG-TS says nowhere how many frames there are.
    short = sum(frame is not None for frame in frames) < _COUNT
    if kind in ("frame", "cut") and short and not name.endswith(".ts"):
        oracle.expect(bool(missing or said), "frames lost without a word", story, name)
