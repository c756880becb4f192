"""The folder of the page: its own files, and in local/ the nets, their list and the library that runs them."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

from serving.static_page import library

PAGE = pathlib.Path(__file__).resolve().parents[1] / "demo"
LOCAL = "local"
LIST = "models.json"
ONNX = "model.onnx"
_KEPT = ("name", "version", "input_size_hw", "metrics", "meaning", "limits")  # of the model card


def write(
    out_dir: str, model_dirs: Sequence[str], archive: str = "", backends: tuple[str, ...] = ("wasm",)
) -> list[str]:
    """Writes the page; it appears complete, or not at all.

    Args:
      out_dir: folder to write; a page that this function wrote before is replaced.
      model_dirs: folders of the versions of a model; of each, the newest version with an ONNX file is taken.
      archive: see `library.write`.
      backends: engines, in the order in which a browser tries them.

    Returns:
      Paths of the ONNX files that the page has.

    Raises:
      ValueError: if a folder has no version with an ONNX file, two models have one name, or `out_dir` holds others.
      OSError: if files cannot be read or written, or the library cannot be fetched.
    """
    out = pathlib.Path(out_dir)
    versions = [find_version(folder) for folder in model_dirs]
    check_replaceable(out)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    temporary = pathlib.Path(tempfile.mkdtemp(prefix=".writing-", dir=out.absolute().parent))
    try:
        new = temporary / "page"
        shutil.copytree(PAGE, new, ignore=shutil.ignore_patterns("__pycache__", LOCAL))
        (new / LOCAL).mkdir()
        library.write(str(new / LOCAL), archive, backends)
        entries = [_add_model(new / LOCAL, version) for version in versions]
        names = [entry["name"] for entry in entries]
        if len(set(names)) < len(names):
            raise ValueError(f"--model_base_path: expected models of different names, received {', '.join(names)}")
        listed = {"models": entries, "backends": list(backends)}
        (new / LOCAL / LIST).write_text(json.dumps(listed), encoding="utf-8")
        if out.exists():
            os.rename(out, temporary / "old")
        os.rename(new, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [str(version / ONNX) for version in versions]


def find_version(folder: str) -> pathlib.Path:
    """Returns the folder of the newest version with an ONNX file.

    Args:
      folder: folder of the versions of a model.

    Raises:
      ValueError: if there is none.
    """
    names = os.listdir(folder) if os.path.isdir(folder) else []
    versions = sorted(int(name) for name in names if name.isascii() and name.isdigit())
    for version in reversed(versions):
        path = pathlib.Path(folder, str(version))
        if (path / ONNX).is_file():
            return path
    found = f"versions {', '.join(map(str, versions))} without one" if versions else "no version"
    raise ValueError(
        f"--model_base_path: expected a folder with a version that has {ONNX} (`export.py --onnx`), received {folder}: "
        f"{found}"
    )


def check_replaceable(out: pathlib.Path) -> None:
    """Checks that a folder is not there, is empty, or is a page with nets.

    Raises:
      ValueError: if it holds something else.
    """
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / LOCAL / LIST).is_file())):
        raise ValueError(f"--out_dir: expected a new folder or a page that this command wrote, received {out}")


def _add_model(local: pathlib.Path, version: pathlib.Path) -> dict[str, Any]:
    """Copies a net; returns its entry in the list."""
    card = json.loads((version / "assets" / "model_card.json").read_text(encoding="utf-8"))
    skeleton = json.loads((version / "assets" / "skeleton.json").read_text(encoding="utf-8"))
    name = str(card["name"])
    # The version is part of the name, so that browsers do not take an older one from their cache.
    file = f"{name}-{version.name}.onnx"
    shutil.copyfile(version / ONNX, local / file)
    return {
        "name": name,
        "version": version.name,
        "file": file,
        "skeleton": skeleton,
        "card": {key: card[key] for key in _KEPT if key in card},
    }
