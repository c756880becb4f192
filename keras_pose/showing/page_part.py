"""Adds the pictures to the page of a run: HTML that holds them and needs no network, and the files beside it.

The part lies between two comments in the page (`evaluation.shown_part`): it is replaced if it is made again, and an
evaluation of the same weights keeps it.
"""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Sequence

import cv2
import numpy as np

from keras_pose import files
from keras_pose.evaluation import page, shown_part
from keras_pose.media.mp4_writer import Mp4Writer
from keras_pose.showing.section import Section

FOLDER = "show"
_SECONDS = 0.8  # that the video shows each step
_LAST_SECONDS = 1.6
_QUALITY = 88
_WIDE_PX = 1100
_STYLE = """<style>
.shown figure { overflow-x: auto; } .shown figure.wide img { min-width: 880px; }
.shown video { display: block; max-width: 100%; max-height: 70vh; height: auto; margin: 0 auto; }
.shown figcaption { color: #566171; font-size: 13px; padding: 6px 4px 0; }
</style>"""


def write(eval_dir: str, title: str, sections: Sequence[Section], weights: str) -> str:
    """Writes the files of all sections, and puts the sections into `index.html`.

    Args:
      eval_dir: folder of the page; if it has none, the page consists of the sections.
      title: heading of a new page.
      sections: what to show.
      weights: path of the weights file that they show.

    Returns:
      Path of the page.

    Raises:
      OSError: if a file cannot be written.
    """
    folder = os.path.join(eval_dir, FOLDER)
    parts = ['<div class="shown">', _STYLE]
    for section in sections:
        parts += _write_section(folder, section)
    path = os.path.join(eval_dir, shown_part.PAGE)
    part = shown_part.enclose("\n".join([*parts, "</div>"]), weights)
    old = files.read_text(path) if os.path.exists(path) else page.build_document(title, "")
    files.write_text(path, shown_part.insert(old, part))
    return path


def _write_section(folder, section):
    parts = [f"<h2>{html.escape(section.heading)}</h2>", f'<p class="faint">{html.escape(section.text)}</p>']
    if section.table:
        parts.append(section.table)
    alt = html.escape(f"{section.heading}: {section.alt}", quote=True)
    if section.picture is not None:
        data = _encode_jpeg(section.picture)
        _write_bytes(os.path.join(folder, f"{section.name}.jpg"), data)
        wide = ' class="wide"' if section.picture.shape[1] > _WIDE_PX else ""
        parts.append(f'<figure{wide}><img alt="{alt}" src="data:image/jpeg;base64,{_encode(data)}"></figure>')
    if section.frames:
        path = os.path.join(folder, f"{section.name}.mp4")
        _write_video(path, section.frames)
        with open(path, "rb") as file:
            data = file.read()
        parts.append(
            f'<figure><video controls muted loop playsinline aria-label="{alt}" '
            f'poster="data:image/jpeg;base64,{_encode(_encode_jpeg(section.frames[-1]))}" '
            f'src="data:video/mp4;base64,{_encode(data)}"></video>'
            f"<figcaption>The same as a video: {FOLDER}/{html.escape(section.name)}.mp4</figcaption></figure>"
        )
    return parts


def _write_video(path, frames):
    with Mp4Writer(path, frames[0].shape[:2]) as writer:
        for number, frame in enumerate(frames):
            writer.write(frame, number * _SECONDS)
        # The last step stays longer.
        writer.write(frames[-1], (len(frames) - 1) * _SECONDS + _LAST_SECONDS)


def _encode(data):
    return base64.b64encode(data).decode("ascii")


def _encode_jpeg(picture: np.ndarray) -> bytes:
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _write_bytes(path, data):
    with files.replace_atomically(path) as temporary, open(temporary, "wb") as file:
        file.write(data)
