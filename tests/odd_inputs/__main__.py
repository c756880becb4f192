"""Writes every kind of odd input: `python -m tests.odd_inputs <folder>`.

`<folder>/videos`, `<folder>/images` and `<folder>/labels` get a folder for each kind; `kinds.csv` says what is odd
about each, and what is expected of the commands.
"""

from __future__ import annotations

import argparse
import csv
import pathlib

from tests.odd_inputs import images, labels, videos

PARTS = {"videos": videos.KINDS, "images": images.KINDS, "labels": labels.KINDS}


def write_all(folder: pathlib.Path) -> None:
    """Writes every kind into its folder, and the table."""
    rows = []
    for part, kinds in PARTS.items():
        for kind in kinds.all:
            place = folder / part / kind.name
            place.mkdir(parents=True)
            path = kind.write(place)
            rows.append([part, kind.name, kind.odd, kind.expected, path.relative_to(folder).as_posix()])
    with open(folder / "kinds.csv", "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["part", "kind", "what is odd", "expected", "path"])
        writer.writerows(rows)


def main() -> None:
    """Reads the folder and writes into it."""
    parser = argparse.ArgumentParser(prog="python -m tests.odd_inputs", description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="folder to write to; it must be empty or new")
    folder = parser.parse_args().folder
    if folder.exists() and any(folder.iterdir()):
        parser.error(f"expected an empty folder, received {folder}")
    write_all(folder)
    counts = ", ".join(f"{len(kinds.all)} kinds of {part}" for part, kinds in PARTS.items())
    print(f"{folder}: {counts}; {folder / 'kinds.csv'} lists them")


if __name__ == "__main__":
    main()
