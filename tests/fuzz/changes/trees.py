"""Changes of trees of dictionaries and lists, as JSON and YAML hold them."""

from __future__ import annotations

import copy
import random
from typing import Any

# What a value becomes; "é" and the emoji are no ASCII, 1e308 overflows in float32, 2 ** 70 in 64 bits.
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    3,
    0.5,
    1e308,
    -1e308,
    2**70,
    float("nan"),
    float("inf"),
    "",
    " ",
    "text",
    "12",
    "é😀",
    "../..",
    "%d[*]",
    "x" * 300,
    [],
    [[]],
    [None],
    [1, 2],
    ["a", "a"],
    {},
    {"a": 1},
)


def change_tree(rng: random.Random, tree: Any, log: list[str]) -> Any:
    """Returns a copy of the tree with one node changed, deleted, doubled, swapped, renamed or wrapped."""
    tree = copy.deepcopy(tree)
    parent, key, path = _choose_node(rng, tree)
    if parent is None:
        log.append("root replaced")
        return copy.deepcopy(rng.choice(ODD_VALUES))
    change = rng.choice((_replace, _replace, _replace, _delete, _double, _swap, _rename, _wrap))
    log.append(f"{change.__name__[1:]} at {path}: {change(rng, parent, key)}")
    return tree


def _choose_node(rng, tree):
    """Goes down at random; returns (the node's parent, its key, its path), (None, None, "") if there is no child."""
    parent, key, path, node = None, None, "", tree
    while isinstance(node, (dict, list)) and node:
        if parent is not None and rng.randrange(4) == 0:
            break
        keys = list(node) if isinstance(node, dict) else range(len(node))
        parent, key = node, rng.choice(list(keys))
        path += f"/{key}"
        node = parent[key]
    return parent, key, path


def _replace(rng, parent, key):
    parent[key] = copy.deepcopy(rng.choice(ODD_VALUES))
    return repr(parent[key])[:80]


def _delete(rng, parent, key):
    del parent[key]
    return ""


def _double(rng, parent, key):
    if isinstance(parent, list):
        parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(parent[key]))
    else:
        parent[f"{key}_2"] = copy.deepcopy(parent[key])
    return ""


def _swap(rng, parent, key):
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    other = rng.choice(keys)
    first = parent[key]
    parent[key] = parent[other]
    parent[other] = first
    return f"with {other}"


def _rename(rng, parent, key):
    if isinstance(parent, dict):
        name = rng.choice(("id", "x", "", "Name", str(key).upper()))
        parent[name] = parent.pop(key)
        return name
    return _delete(rng, parent, key)


def _wrap(rng, parent, key):
    value = parent[key]
    if isinstance(value, list) and value and rng.randrange(2):
        parent[key] = value[0]
    else:
        parent[key] = [value] if rng.randrange(2) else {"value": value}
    return ""
