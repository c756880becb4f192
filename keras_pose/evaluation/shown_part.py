"""The pictures of `keras-pose show` in the page of an evaluation: a part between two comments, which evaluations keep.

The part names the weights that it shows. An evaluation of other weights leaves it out.
"""

from __future__ import annotations

import os
import re

from keras_pose import files
from keras_pose.media.file_digests import digest_file

BEGIN = "<!-- keras-pose show -->"
END = "<!-- end of keras-pose show -->"
PAGE = "index.html"
_WEIGHTS = re.compile(r"<!-- weights (\w+) -->")


def enclose(body: str, weights: str) -> str:
    """Returns a part of the page.

    Args:
      body: its HTML.
      weights: path of the weights file that it shows.
    """
    return f"{BEGIN}\n<!-- weights {_digest(weights)} -->\n{body}\n{END}"


def insert(page: str, part: str) -> str:
    """Returns a page with the part at its end, in place of an earlier one."""
    earlier = find(page)
    if earlier:
        return page.replace(earlier, part)
    head, main, tail = page.rpartition("</main>")
    return f"{head}{part}\n{main}{tail}" if main else f"{page}\n{part}"


def find(page: str) -> str:
    """Returns the part of a page; empty if it has none."""
    start = page.find(BEGIN)
    end = page.find(END)
    return page[start : end + len(END)] if 0 <= start < end else ""


def read(eval_dir: str, weights: str) -> tuple[str, str]:
    """Reads the part of a page that is about to be written again.

    Args:
      eval_dir: folder of the page.
      weights: path of the weights file that is evaluated.

    Returns:
      The part, and a note for the user if there is one of other weights, which is left out.
    """
    path = os.path.join(eval_dir, PAGE)
    part = find(files.read_text(path)) if os.path.isfile(path) else ""
    shown = _WEIGHTS.search(part)
    if not part or (shown is not None and shown[1] == _digest(weights)):
        return part, ""
    return (
        "",
        "note: the pictures of keras-pose show in the page are of other weights and are left out; run it again",
    )


def _digest(weights):
    return digest_file(weights) if os.path.isfile(weights) else "none"
