"""A small DeepLabCut project of numbered pictures, for the targets that change one of its files."""

from __future__ import annotations

import collections
import functools
import os
import random
import shutil

import yaml
from PIL import Image

from tests.fuzz import numbered
from tests.fuzz.accounting import Entry, number_in
from tests.fuzz.changes.tables import Row

PARTS = ("nose", "left_ear", "right_ear", "tail")
SCORER = "me"
HEADERS = ("scorer", "bodyparts", "coords")
# The clips and the numbers that their pictures show. The first has a video, if a case asks for it.
CLIPS = {"session_a": (0, 3, 4, 9), "session_b": (20, 21, 25)}


def config() -> dict:
    """Returns config.yaml as a tree."""
    return {
        "Task": "fuzz",
        "scorer": SCORER,
        "date": "Jan1",
        "multianimalproject": False,
        "video_sets": {f"C:\\videos\\{clip}.avi": {"crop": "0, 64, 0, 48"} for clip in CLIPS},
        "bodyparts": list(PARTS),
        "start": 0,
        "stop": 1,
        "numframes2pick": 20,
        "skeleton": [["nose", "left_ear"], ["nose", "tail"]],
        "default_net_type": "resnet_50",
    }


@functools.lru_cache(None)
def _config_text():
    return yaml.safe_dump(config(), sort_keys=False)


def point(number: int, part: int) -> tuple[float, float]:
    """Returns the position of a body part in picture `number`, always inside."""
    return float((number * 7 + part * 11) % 60 + 1.25), float((number * 5 + part * 13) % 44 + 1.5)


def table(clip: str, columns: int = 3) -> list[Row]:
    """Returns the table of a clip; its first columns (1 or 3) are the path of an image."""
    first = [""] * (columns - 1)
    rows = [
        Row("scorer", ["scorer", *first, *[SCORER] * (2 * len(PARTS))]),
        Row("bodyparts", ["bodyparts", *first, *[part for part in PARTS for _ in "xy"]]),
        Row("coords", ["coords", *first, *["x", "y"] * len(PARTS)]),
    ]
    for number in CLIPS[clip]:
        path = ["labeled-data", clip, image_name(number)]
        values = [str(value) for part in range(len(PARTS)) for value in point(number, part)]
        rows.append(Row("data", (path if columns == 3 else ["/".join(path)]) + values))
    rows[-1].cells[-2:] = ["", ""]  # an unlabelled joint
    return rows


def image_name(number: int) -> str:
    """Returns the file name of a picture."""
    return f"img{number:04d}.png"


def write(folder: str, rng: random.Random) -> None:
    """Writes config.yaml, the pictures and, in half of the cases, the video of the first clip; no tables."""
    with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as file:
        file.write(_config_text())
    for clip, numbers in CLIPS.items():
        os.makedirs(os.path.join(folder, "labeled-data", clip))
        for number in numbers:
            with open(os.path.join(folder, "labeled-data", clip, image_name(number)), "wb") as file:
                file.write(numbered.picture(number))
    if rng.randrange(2):
        os.makedirs(os.path.join(folder, "videos"))
        with open(os.path.join(folder, "videos", "session_a.avi"), "wb") as file:
            file.write(numbered.video("avi", "mjpeg", options=(("q", "2"),)))


def table_path(folder: str, clip: str, ending: str = "csv") -> str:
    """Returns the path of a clip's table."""
    return os.path.join(folder, "labeled-data", clip, f"CollectedData_{SCORER}.{ending}")


def entries_of(clip: str, rows: list[Row], ending: str = "csv") -> list[Entry]:
    """Reads a table without the importer: its labelled rows.

    A value that may or may not be a number leaves its joint unsure, headers that are not in order leave all.
    """
    header = {row.kind: row for row in rows[: len(HEADERS)] if row.kind in HEADERS}
    clear = [row.kind for row in rows if row.kind in HEADERS] == list(HEADERS) and len(header) == len(HEADERS)
    clear = clear and all(row.cells[:1] == [row.kind] for row in header.values())
    found = []
    line = 1
    for row in rows:
        if row.kind == "data":
            entry = _entry(clip, line, row, header if clear else None, ending)
            found += [entry] if entry else []
        line += 1 + sum(cell.count("\n") for cell in row.cells)
    return found


def _entry(clip, number, row, header, ending):
    """The entry of a row, or None if no cell of a coordinate holds anything."""
    first = _first_column(header)
    values = row.cells[first if header else 1 :]
    if not any(cell.strip() and cell.strip().lower() != "nan" for cell in values):
        return None
    image = next((cell for cell in reversed(row.cells[:first]) if cell.strip()), "") if header else ""
    numbers = {image_name(n): n for n in CLIPS[clip]}
    name = image.strip().replace("\\", "/").rsplit("/", 1)[-1]
    place = f"{clip}/CollectedData_{SCORER}.{ending}:{number}"
    if not header or name not in numbers:
        names = (name,) if name.endswith(".png") and len(name) > 4 else ()
        return Entry(place, None, {}, None, clip=clip, names=names)
    widths = {len(cells.cells) for cells in header.values()}
    if widths != {len(row.cells)}:
        return Entry(place, numbers[name], {}, None, clip=clip, names=(name,))
    cells = collections.defaultdict(list)
    columns = zip(header["bodyparts"].cells[first:], header["coords"].cells[first:], values)
    for part, axis, cell in columns:
        cells[part.strip(), axis.strip()].append(cell)
    joints = {}
    unsure = set()
    for part in {part for part, _ in cells}:
        pair = [cells[part, axis] for axis in "xy"]
        known = [number_in(p[0]) if len(p) == 1 else None for p in pair]
        blank = all(len(p) == 1 and not p[0].strip() for p in pair)
        if None not in known and {axis for name, axis in cells if name == part} == {"x", "y"}:
            joints[part] = (known[0], known[1])
        elif not blank:
            unsure.add(part)
    return Entry(place, numbers[name], joints, frozenset(unsure), clip=clip, names=(name,))


def _first_column(header):
    """Number of columns before the first coordinate."""
    if not header:
        return 3
    coords = [cell.strip() for cell in header["coords"].cells]
    return coords.index("x") if "x" in coords else 3


def change_surroundings(rng: random.Random, folder: str, entries: list[Entry], log: list) -> list[Entry]:
    """Changes what lies around the tables, which stay as they are; returns the entries under their new names."""
    clip = rng.choice(list(CLIPS))
    place = os.path.join(folder, "labeled-data", clip)
    picture = os.path.join(place, image_name(rng.choice(CLIPS[clip])))
    what = rng.choice(("scorer", "no table", "renamed", "no picture", "cut picture", "other size", "other scorer too"))
    log.append(f"{what}: {clip}")
    table_file = table_path(folder, clip)
    if what == "scorer":
        os.rename(table_file, table_file.replace("_me.", "_J[1]."))
        for entry in entries:
            entry.place = entry.place.replace(f"{clip}/CollectedData_me.", f"{clip}/CollectedData_J[1].")
    elif what == "no table":
        os.remove(table_file)
    elif what == "no picture":
        os.remove(picture)
    elif what == "cut picture":
        with open(picture, "r+b") as file:
            file.truncate(rng.randrange(os.path.getsize(picture)))
    elif what == "other size":
        Image.fromarray(numbered.draw(99)[:40]).save(picture)
    elif what == "other scorer too":
        shutil.copy(table_file, table_file.replace("_me.", "_you."))
    elif what == "renamed":
        new = rng.choice(
            ("run [lr=1e-3]", "a,b", "%d", "session_labeled", "_labeled", " ", "ü 😀", ".hidden", "x.avi", "*")
        )
        os.rename(place, os.path.join(folder, "labeled-data", new))
        log.append(f"to {new!r}")
        for entry in entries:
            if entry.clip == clip:
                entry.place = entry.place.replace(f"{clip}/", f"{new}/")
                entry.clip = new
    return entries
