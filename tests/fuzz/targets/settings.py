"""Small text files of a run: flags.txt, skeleton.json, and a file of clip names."""

from __future__ import annotations

import json
import os
import random

from keras_pose import options, skeleton
from keras_pose.data import splits
from keras_pose.runs.config import TrainConfig
from tests.fuzz import oracle
from tests.fuzz.changes import raw, trees

_VALUES = (
    "",
    "0",
    "-1",
    "1.5",
    "nan",
    "inf",
    "true",
    "True",
    "1e999",
    "text",
    "é",
    "a=b",
    "[*]",
    "9" * 5000,
    "1_0",
    "١",
)


def _write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def run_flagfile(rng: random.Random, folder: str, log: list) -> bool:
    """Changes a flagfile. What is read must have the values of the file, the last one of a flag that is there twice."""
    path = os.path.join(folder, "flags.txt")
    options.write(TrainConfig(run_dir=folder), path)
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    kind = rng.choice(("lines", "lines", "lines", "text", "bytes"))
    for _ in range(rng.randrange(1, 4) if kind == "lines" else 0):
        lines = _change_line(rng, lines, log)
    data = "".join(f"{line}\n" for line in lines).encode("utf-8")
    if kind == "text":
        data = raw.change_text(rng, data, log)
    elif kind == "bytes":
        data = raw.change_bytes(rng, data, log)
    _write(folder, "flags.txt", data)
    outcome = oracle.attempt(options.load, TrainConfig, path, names=(folder, "--"))
    if outcome.error is None and kind == "lines":
        _compare_flags(outcome.value, lines)
    return outcome.error is None


def _change_line(rng, lines, log):
    lines = list(lines)
    at = rng.randrange(len(lines))
    name, _, value = lines[at].partition("=")
    what = rng.choice(("value", "value", "value", "name", "delete", "double", "no value", "comment", "blank", "other"))
    if what == "value":
        lines[at] = f"{name}={rng.choice(_VALUES)}"
    elif what == "name":
        lines[at] = f"{rng.choice(('--unknown', '-steps', 'steps', '--STEPS', '--', ''))}={value}"
    elif what == "delete":
        del lines[at]
    elif what == "double":
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif what == "no value":
        lines[at] = name
    elif what == "comment":
        lines[at] = f"{rng.choice(('#', ' #', '//'))}{lines[at]}"
    elif what == "blank":
        lines[at] = f"  {lines[at]} "
    else:
        lines[at] = rng.choice(("--flagfile=other.txt", "--nocache", "--steps 5", "\x0c", "\x85--steps=5"))
    log.append(f"{what}: line {at + 1}: {lines[at][:60] if at < len(lines) else ''}")
    return lines or [""]


def _compare_flags(config, lines):
    written = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            name, _, text = line.lstrip().partition("=")
            written[name.lstrip("-")] = text  # a path may end with spaces
    read = options.values(config)
    for name, text in written.items():
        oracle.expect(name in read, "flag left out without a word", name)
        value = read[name]
        same = str(value).lower() == text.lower() if isinstance(value, (bool, str)) else float(text) == float(value)
        oracle.expect(same, "flag differs from the file", f"--{name}={text} is read as {value!r}")


def run_clip_names(rng: random.Random, folder: str, log: list) -> bool:
    """Changes a file of clip names. Every line must be read as a name; comments may be names of clips, too."""
    lines = ["# clips to test", "one", "two", " three four ", "%d[*]", "ü 😀", "a,b"]
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(lines))
        lines[at] = rng.choice(
            ("", " ", "#", "one", "x" * 5000, "\x00", "\u2028", "a\x0bb", "\ufeffone", lines[at] * 2)
        )
        log.append(f"line {at + 1} is {lines[at][:20]!r}")
    data = "".join(f"{line}\n" for line in lines).encode()
    kind = rng.choice(("lines", "lines", "text", "bytes"))
    if kind == "text":
        data = raw.change_text(rng, data, log)
    elif kind == "bytes":
        data = raw.change_bytes(rng, data, log)
    path = _write(folder, "clips.txt", data)
    outcome = oracle.attempt(splits.read_clip_names, path, names=(folder,))
    if outcome.error is None and (kind == "lines" or log[-1] in raw.HARMLESS_TEXTS):
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        wanted = {line.strip() for line in text.split("\n")}
        wanted = {line for line in wanted if line}
        oracle.expect(set(outcome.value) == wanted, "clip names differ", f"{set(outcome.value) ^ wanted}")
    return outcome.error is None


def run_skeleton(rng: random.Random, folder: str, log: list) -> bool:
    """Changes skeleton.json. What is read must be what the file says."""
    tree = skeleton.UPPER_BODY.to_dict()
    kind = rng.choice(("tree", "tree", "tree", "text", "bytes"))
    for _ in range(rng.randrange(1, 4) if kind == "tree" else 0):
        tree = trees.change_tree(rng, tree, log)
    data = json.dumps(tree, ensure_ascii=bool(rng.randrange(2))).encode("utf-8", "replace")
    if kind == "text":
        data = raw.change_text(rng, data, log)
    elif kind == "bytes":
        data = b"[" * 100_000 if rng.randrange(20) == 0 else raw.change_bytes(rng, data, log)
    path = _write(folder, "skeleton.json", data)
    outcome = oracle.attempt(skeleton.load, path, names=(folder,))
    if outcome.error is not None:
        return False
    value = outcome.value
    if kind == "tree":
        again = json.loads(json.dumps(value.to_dict()))
        wanted = {"flip_pairs": [], "edges": [], "colors": [], **json.loads(json.dumps(tree))}
        wanted["colors"] = wanted["colors"] or again["colors"]  # filled in if there are none
        oracle.expect(again == wanted, "skeleton differs from the file", f"{again} for {wanted}")
    # What others do with it.
    used = oracle.attempt(lambda: (value.flip_permutation(), value.edge_indices(), ", ".join(value.joints)), names=())
    del used
    return True
