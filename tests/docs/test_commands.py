"""Every command in the documents is run here on tiny data, or carries a mark that says why not.

Blocks of `sh` without a mark run in the order of their page, in an empty folder. `SMALL` makes their work small.
"""

import re

import pytest

from tests import conftest
from tests.helpers import doc_blocks, doc_commands

BLOCKS = doc_blocks.list_blocks()
COMMANDS = [block for block in BLOCKS if block.language in ("sh", "bash", "console", "shell")]
TO_RUN = [block for block in COMMANDS if not block.mark]
MARKED = [block for block in BLOCKS if block.mark]
PYTHON = [block for block in BLOCKS if block.language == "python"]
# Flags that make a command small; they come last, so they win over those of the documents.
SMALL = {
    "train": [
        *("--model=heatmap", "--net_steps=0", "--pooling_steps=0", "--width=0.25", "--input_size=32", "--batch_size=2"),
        *("--steps=2", "--validate_every=2", "--warmup_steps=1", "--snapshots=0", "--ema=0", "--nofusion"),
    ],
    "inspect": ["--pictures=2", "--measure=false"],
    "suggest": ["--count=2", "--min_gap=0", "--as_labels"],  # as if somebody had corrected them
    "examples.signer_project": ["--num_videos=3", "--num_frames=8", "--num_labels=3"],
    "keras_pose.data.synthetic.export": ["--num_clips=1", "--num_frames=2"],
}
# What a shell does and a test need not.
SKIPPED = (".",)
FIRST_WORDS = re.compile(r"^ *(python3?|keras-pose|make|pip|curl|docker|kubectl|sbatch|ray|openssl|apt-get) ", re.M)


@pytest.mark.parametrize("page", sorted({block.page for block in TO_RUN}))
def test_the_unmarked_commands_of_a_page_run(page, tmp_path, monkeypatch, capsys):
    pytest.importorskip("tables", reason="PyTables, which writes DeepLabCut's tables, is not installed")
    monkeypatch.chdir(tmp_path)
    for block in TO_RUN:
        for words in block.commands if block.page == page else ():
            if words[0] not in SKIPPED:
                run(words, block)


def run(words, block):
    assert doc_commands.is_ours(words), f"{block.place}: `{words[0]}` needs a mark: what does it need?"
    try:
        doc_commands.run([*words, *SMALL.get(name_of(words), [])])
    except (Exception, SystemExit) as error:
        pytest.fail(f"{block.place}: `{' '.join(words)}`: {type(error).__name__}: {error}")


def name_of(words):
    """What a command is called in `SMALL`: "train" for train.py and `keras-pose train`."""
    if words[:3] == ["python", "-m", "keras_pose"]:
        return words[3]
    return words[2] if words[1] == "-m" else words[1].replace(".py", "")


@pytest.mark.parametrize("block", MARKED, ids=lambda block: block.place)
def test_a_mark_says_what_is_known(block):
    if block.mark == "needs":
        unknown = set(block.reasons) - set(doc_blocks.REASONS)
        assert block.reasons, block.place
        assert not unknown, f"{block.place}: needs {unknown}: expected some of {', '.join(doc_blocks.REASONS)}"
        return
    for words in filter(doc_commands.is_ours, block.commands):
        name = name_of(words)
        assert any(runs(path, name) for path in block.reasons), f"{block.place}: {block.reasons} does not run {name}"


def runs(path, name):
    """Whether a page has an unmarked command of this name, or a test names it."""
    if path.endswith(".md"):
        return name in {name_of(words) for block in TO_RUN if block.page == path for words in block.commands}
    text = (conftest.ROOT / path).read_text(encoding="utf-8")
    return bool(re.search(rf"\b{re.escape(name.rsplit('.', 1)[-1])}\b", text))


@pytest.mark.parametrize("page", sorted({block.page for block in BLOCKS}))
def test_a_block_of_commands_says_that_it_is_one(page):
    for block in BLOCKS:
        if block.page == page and block not in COMMANDS and block.language in ("", "text"):
            assert not FIRST_WORDS.search(block.text), f"{block.place}: expected ```sh for commands"


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.place)
def test_python_compiles(block):
    compile(block.text, block.place, "exec")
