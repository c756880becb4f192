"""Reads config.yaml of a DeepLabCut project: body parts, skeleton, individuals, scorer and the list of videos.

Nothing in the file is executed: tags such as `!!python/tuple` are ignored, and every value is read as the text that is
written there, so that `scorer: 007` and the body part `on` stay as they are. Lines that only decorate the project
(skeleton edges of a template, a part that is listed twice) are dropped with a note.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import yaml

from keras_pose.data.importers.names import find_name, list_folder, normalize
from keras_pose.data.importers.text_encoding import decode_text
from keras_pose.skeleton import Skeleton, infer_flip_pairs

CONFIG_NAMES = ("config.yaml", "config.yml")


@dataclasses.dataclass(frozen=True)
class ProjectConfig:
    """What config.yaml says.

    Args:
      path: path of the file.
      skeleton: the body parts in their order; in a multi-animal project the parts of an individual, then the unique
        parts.
      scorer: name of the person who labels; empty if not given.
      individuals: names of the individuals; none in a single-animal project.
      videos: paths of the listed videos, with slashes.
      notes: what was dropped.
    """

    path: str
    skeleton: Skeleton
    scorer: str
    individuals: tuple[str, ...]
    videos: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def project(self) -> str:
        """The folder of the project."""
        return os.path.dirname(self.path) or os.curdir


def find_config(spec: str) -> str:
    """Returns the path of the config: `spec` itself, or config.yaml or config.yml in that folder, in any case.

    Raises:
      ValueError: if there is none.
    """
    if os.path.isfile(spec):
        return spec
    for wanted in CONFIG_NAMES:
        name = find_name(wanted, list_folder(spec))
        if name and os.path.isfile(os.path.join(spec, name)):
            return os.path.join(spec, name)
    path = os.path.join(spec, CONFIG_NAMES[0])
    raise ValueError(f"{path}: expected the config of a DeepLabCut project, found no such file")


def read_config(path: str) -> ProjectConfig:
    """Reads the config.

    Raises:
      ValueError: if the file is not YAML or names no body parts; the message names file and field.
    """
    notes: list[str] = []
    content = _load(path, notes)
    joints, individuals = _read_parts(path, content, notes)
    edges = _read_edges(path, content.get("skeleton"), joints, notes)
    try:
        skeleton = Skeleton(_text(content.get("Task")) or "deeplabcut", joints, infer_flip_pairs(joints), edges)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    scorer = content.get("scorer")
    if isinstance(scorer, (list, dict)):
        raise ValueError(f"{path}: scorer: expected a name, found {scorer!r}")
    return ProjectConfig(path, skeleton, _text(scorer), individuals, _read_videos(path, content, notes), tuple(notes))


def _load(path, notes):
    with open(path, "rb") as file:
        text, note = decode_text(file.read())
    if note:
        notes.append(f"{path}: {note}")
    try:
        loader = _Loader(text)  # checks the characters
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: expected YAML, but {' '.join(str(error).split())}") from error
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: expected YAML, but {reason}") from error
    finally:
        loader.dispose()
    if not isinstance(content, dict):
        raise ValueError(f"{path}: expected YAML with `bodyparts`, found {type(content).__name__}")
    if "names" in content and not {"bodyparts", "multianimalbodyparts"} & set(content):
        raise ValueError(
            f"{path}: expected `kpt_shape` (YOLO-pose) or `bodyparts` (DeepLabCut), found neither; a YOLO data set of "
            "boxes alone has no joints"
        )
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    for key in ("bodyparts", "multianimalbodyparts", "uniquebodyparts", "individuals", "scorer"):
        if keys.count(key) > 1:
            raise ValueError(f"{path}: expected `{key}` once, found it {keys.count(key)} times")
    if loader.ignored_tags:
        notes.append(f"{path}: the tags {', '.join(sorted(loader.ignored_tags))} are ignored")
    return content


class _Loader(yaml.SafeLoader):
    """Makes lists, dictionaries, text and None of YAML, whatever the tags say."""

    def __init__(self, text):
        super().__init__(text)
        self.ignored_tags = set()

    def construct_plainly(self, node):
        """Returns the value of a node without regard to its tag."""
        if node.tag.startswith("tag:yaml.org,2002:python/"):
            self.ignored_tags.add("!!" + node.tag[len("tag:yaml.org,2002:") :])
        elif not node.tag.startswith("tag:yaml.org,2002:"):
            self.ignored_tags.add(node.tag)
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        return self.construct_scalar(node)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.endswith((":null", ":merge"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.yaml_constructors = {
    "tag:yaml.org,2002:null": yaml.SafeLoader.construct_yaml_null,
    None: _Loader.construct_plainly,
}


def _text(value):
    return "" if value is None else normalize(str(value))


def _read_parts(path, content, notes):
    """Returns the body parts, and the individuals of a multi-animal project."""
    parts = content.get("bodyparts")
    several = parts == "MULTI!" or _text(content.get("multianimalproject")).lower() in ("true", "yes", "on", "1")
    listed = content.get("multianimalbodyparts")
    if several and (listed or not isinstance(parts, list)):
        joints = _read_names(path, "multianimalbodyparts", listed, notes)
    else:
        joints = _read_names(path, "bodyparts", parts, notes)
    if several:
        unique = _read_names(path, "uniquebodyparts", content.get("uniquebodyparts") or [], notes)
        joints += [name for name in unique if name not in joints]
    if not joints:
        raise ValueError(f"{path}: bodyparts: expected a list of names, found {content.get('bodyparts')!r}")
    individuals = _read_names(path, "individuals", content.get("individuals") or [], notes)
    return tuple(joints), tuple(individuals)


def _read_names(path, field, entries, notes):
    if not isinstance(entries, list):
        raise ValueError(f"{path}: {field}: expected a list of names, found {entries!r}")
    names: list[str] = []
    for entry in entries:
        if isinstance(entry, (list, dict)):
            raise ValueError(f"{path}: {field}: expected a list of names, found the entry {entry!r} in it")
        name = _text(entry)
        if name and name not in names:
            names.append(name)
        else:
            reason = "a name that is listed twice" if name else "an empty entry"
            notes.append(f"{path}: {field}: dropped {repr(entry) + ', ' if name else ''}{reason}")
    return names


def _read_edges(path, entries, joints, notes):
    edges: list[tuple[str, str]] = []
    dropped = []
    for entry in entries if isinstance(entries, list) else [entries] if entries else []:
        names = [find_name(_text(name), joints) for name in entry] if isinstance(entry, list) else []
        if len(names) == 2 and all(names):
            edges.append((names[0], names[1]))
        elif entry:
            dropped.append("–".join(map(str, entry)) if isinstance(entry, list) else str(entry))
    if dropped:
        notes.append(f"{path}: skeleton: dropped {', '.join(dropped)}: not two body parts of this project")
    return tuple(edges)


def _read_videos(path, content, notes):
    entries: Any = content.get("video_sets") or {}
    if not isinstance(entries, (dict, list)):
        notes.append(f"{path}: video_sets: expected paths of videos, found {entries!r}; ignored")
        return ()
    return tuple(str(entry).replace("\\", "/") for entry in entries if isinstance(entry, str) and entry.strip())
