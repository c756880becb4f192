"""The commands and the code of the documents: fenced blocks with their marks, commands in lines, comments of flagfiles.

A mark is an HTML comment on the line before a fence. Readers do not see it:

    <!-- needs: data, GPU -->        what the commands need and a clone does not have (`REASONS`)
    <!-- run by: tests/a/test_b.py -->  the test that runs such commands, or the page whose unmarked commands do

`<!-- every command needs: … -->` is for all blocks of a page that have no mark of their own. A block of `sh` without
any mark is run by tests/docs/test_commands.py.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
import shlex
from collections.abc import Iterator

from tests import conftest

REASONS = {
    "Docker": "a Docker engine",
    "GPU": "a GPU",
    "camera": "a camera or a display",
    "data": "data, videos or weights that are not in a clone",
    "machines": "several machines, or a cluster",
    "minutes": "minutes or hours of computing",
    "network": "packages from an index",
    "server": "a server that runs beside the command",
}
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<text>.*?)^ *(?P=fence)[ ]*$", re.S | re.M
)
_MARK = re.compile(r"<!-- *(needs|run by): *(.*?) *-->\s*\Z")
_PAGE_MARK = re.compile(r"^<!-- *every command (needs): *(.*?) *-->$", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`((?:python (?:-m )?[\w./]+|keras-pose)(?: [^`]*)?)`(?!`)")
_COMMENTED = re.compile(
    r"^#.*?\b((?:python (?:-m )?[\w./]+|keras-pose [a-z-]+) --?[^#]*|python -m [\w.]+ [\w/]+.*)$", re.M
)
_VARIABLE = re.compile(r"^([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|[^\s]*)$")
_ENVIRONMENT = re.compile(r"^[A-Za-z_]\w*=")


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block.

    Args:
      page: path of the file, relative to the project.
      line: number of the line of the fence, from 1.
      language: word behind the fence; may be empty.
      text: what is in it.
      mark: "needs", "run by" or empty.
      reasons: what the mark says: words of `REASONS`, or paths of tests.
    """

    page: str
    line: int
    language: str
    text: str
    mark: str
    reasons: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> list[list[str]]:
        """The words of each command."""
        return split_commands(self.text)


def list_pages() -> list[pathlib.Path]:
    """Returns the Markdown files that users read."""
    pages = [conftest.ROOT / "README.md", *sorted((conftest.ROOT / "docs").rglob("*.md"))]
    for folder in ("serving", "examples", "keras_pose"):
        pages += sorted((conftest.ROOT / folder).rglob("*.md"))
    return pages


def list_blocks() -> list[Block]:
    """Returns the fenced blocks of all pages."""
    return [block for page in list_pages() for block in read_blocks(page)]


def read_blocks(page: pathlib.Path) -> Iterator[Block]:
    """Yields the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        mark = _MARK.search(text, 0, found.start()) or _PAGE_MARK.search(text)
        reasons = tuple(each.strip() for each in mark[2].split(",")) if mark else ()
        inner = re.sub(f"(?m)^{found['indent']}", "", found["text"])
        line = text.count("\n", 0, found.start()) + 1
        name = str(page.relative_to(conftest.ROOT))
        yield Block(name, line, found["language"].strip(), inner, mark[1] if mark else "", reasons)


def read_prose(page: pathlib.Path) -> str:
    """Returns a page without its fenced blocks and comments."""
    return re.sub(r"<!--.*?-->", "", _FENCE.sub("", page.read_text(encoding="utf-8")), flags=re.S)


def inline_commands(page: pathlib.Path) -> list[list[str]]:
    """Returns the words of the commands that stand in the lines of a page, such as `python train.py --help`."""
    found = [re.sub(r"\s+", " ", text) for text in _INLINE.findall(read_prose(page))]
    return [words for text in found for words in split_commands(text)]


def flagfile_commands(path: pathlib.Path) -> list[list[str]]:
    """Returns the words of the commands in the comments of a flagfile."""
    text = re.sub(r"\\\n# *", " ", path.read_text(encoding="utf-8"))
    found = [re.split(r"[`,;:.)]* (?=[(`]|[a-z ]*$)|[,;)] |[`,;:.)]+$", each)[0] for each in _COMMENTED.findall(text)]
    return [words for each in found for words in split_commands(each)]


def split_commands(text: str) -> list[list[str]]:
    """Returns the words of each command of a shell script of simple lines.

    Comments, assignments of the environment and redirections are left out; variables that the script sets are put in.
    A line of several commands, such as `for …; do …`, stays one command whose first word names it.
    """
    variables: dict[str, str] = {}
    commands = []
    for line in re.sub(r"\\\n|(?<=\|)\n", " ", text).splitlines():
        line = re.sub(r"\$\{?(\w+)\}?", lambda found: variables.get(found[1], found[0]), line.strip())
        assignment = _VARIABLE.match(line)
        if assignment:
            variables[assignment[1]] = assignment[2].strip("\"'")
            continue
        words = shlex.split(re.sub(r"[\[\]](?=--| *$)|(?<=\w)\](?= |$)", "", line), comments=True)
        while words and _ENVIRONMENT.match(words[0]):
            words = words[1:]
        if words:
            commands.append([words[0].rsplit("/", 1)[-1] if words[0].endswith("python") else words[0], *words[1:]])
    return commands
