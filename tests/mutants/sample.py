"""Draws changes of a room: first places, then one change of each, so that no operator counts more than another."""

from __future__ import annotations

import ast
import dataclasses
import pathlib
import random
from collections.abc import Iterator

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast

# Changes that nobody makes by mistake, or that every test of the line notices: they would only raise the score.
LEFT_OUT = ("RShift", "LShift", "BitXor", "VariableReplacer", "VariableInserter", "ExceptionReplacer")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A change: the `occurrence`-th place in `module` that an operator of Cosmic Ray can change.

    Attributes:
      module: path relative to the root of the project.
      operator: name of the operator.
      occurrence: number among its places, from 0 on.
      line: of the place, from 1 on.
      column: of the place, from 0 on.
    """

    module: pathlib.Path
    operator: str
    occurrence: int
    line: int
    column: int


def find_mutants(root: pathlib.Path, module: pathlib.Path) -> Iterator[Mutant]:
    """Yields all changes of a module that can matter: none in type hints, which nothing reads."""
    text = (root / module).read_text(encoding="utf-8")
    tree = get_ast(text)
    hints = _find_hints(text)
    for name in plugins.operator_names():
        operator = plugins.get_operator(name)
        if operator.arguments() or any(word in name for word in LEFT_OUT):
            continue
        places = (place for node in ast_nodes(tree) for place in operator().mutation_positions(node))
        for occurrence, ((line, column), _) in enumerate(places):
            if not any(begin <= (line, column) < end for begin, end in hints):
                yield Mutant(module, name, occurrence, line, column)


def draw(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Returns at most `count` changes of different places, the same for the same seed, in order of file and line."""
    by_place: dict[tuple[str, int, int], list[Mutant]] = {}
    for mutant in mutants:
        by_place.setdefault((str(mutant.module), mutant.line, mutant.column), []).append(mutant)
    generator = random.Random(seed)
    places = generator.sample(sorted(by_place), min(count, len(by_place)))
    return [generator.choice(by_place[place]) for place in sorted(places)]


def _find_hints(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Returns the begin and the end of each type hint as (line, column)."""
    hints: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            hints.append(node.returns)
        elif isinstance(node, (ast.arg, ast.AnnAssign)):
            hints.append(node.annotation)
    return [((h.lineno, h.col_offset), (h.end_lineno, h.end_col_offset)) for h in hints if h is not None]
