"""Every command in the documents is one that exists, with flags that it has; so are flags in the text."""

import importlib.util
import pkgutil
import re

import pytest

import benchmarks
from tests import conftest
from tests.helpers import doc_blocks, doc_commands, doc_flags

PAGES = doc_blocks.list_pages()
FLAG = re.compile(r"(?<![\w-])(--[a-z]\w*(?:-[\w-]+)?)(?![\w*])(?:=([\w]+)(?=[`\s,.);]))?")
# Flags of other programs that the text names.
FOREIGN = {
    "--build-arg": "docker",
    "--enable_batching": "tensorflow_model_server",
    "--enable_model_warmup": "tensorflow_model_server",
    "--force-reinstall": "pip",
    "--logdir": "tensorboard",
    "--no-deps": "pip",
    "--prefer_tflite_model": "tensorflow_model_server",
    "--require-hashes": "pip",
}
# Tested with its own diffs, which add flags: tests/test_contributing.py.
CONTRIBUTING = conftest.ROOT / "docs" / "contributing.md"


@pytest.fixture(autouse=True)
def every_extra_is_installed(monkeypatch):
    """Commands that refuse a flag because its packages are missing are parsed like the others."""
    found = importlib.util.find_spec
    extras = {"ray", "onnx", "onnxruntime", "tf2onnx"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: name in extras or found(name, *rest))


def name_of(page):
    return str(page.relative_to(conftest.ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_of_a_page_parse(page):
    for block in doc_blocks.read_blocks(page):
        if block.language == "sh":
            check_all(block.commands, block.place)
    check_all(doc_blocks.inline_commands(page), name_of(page), whole=False)


@pytest.mark.parametrize("path", sorted((conftest.ROOT / "configs").glob("*.flags")), ids=name_of)
def test_the_commands_in_the_comments_of_a_flagfile_parse(path):
    commands = doc_blocks.flagfile_commands(path)
    assert ["python", "train.py", f"--flagfile={name_of(path)}"] in commands
    check_all(commands, name_of(path))


def check_all(commands, place, whole=True):
    for words in commands:
        try:
            doc_commands.check(words, whole)
        except AssertionError as error:
            pytest.fail(f"{place}: `{' '.join(words)}`: {error}")


def test_flags_in_the_text_exist_and_take_the_values_that_it_names():
    config_flags = doc_flags.list_config_flags()
    known = {f"--{prefix}{name}" for name in config_flags for prefix in ("", "no")} | argparse_flags() | set(FOREIGN)
    for page in PAGES:
        if page == CONTRIBUTING:
            continue
        for flag, value in FLAG.findall(doc_blocks.read_prose(page)):
            assert flag in known, f"{name_of(page)}: no command has {flag}"
            choices = choices_of(config_flags.get(flag[2:]))
            assert not value or not choices or value in choices, f"{name_of(page)}: {flag}={value}: one of {choices}"


def test_every_foreign_flag_of_the_list_is_in_the_text():
    shown = {flag for page in PAGES for flag, _ in FLAG.findall(doc_blocks.read_prose(page))}
    assert set(FOREIGN) <= shown


def argparse_flags():
    names = [f"benchmarks.{module.name}" for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg]
    names += ["serving.client.__main__", "serving.local_server.__main__", "serving.static_page.__main__"]
    names += [f"examples.{name}" for name in ("signer_project", "tutorial_pictures", "gestures.train", "gestures.ask")]
    found = {flag for name in names for flag in doc_flags.list_argparse_flags(name)}
    return found | {"--signers", "--first", "--num_clips", "--step", "--zoom", "--out", "--help", "--flagfile"}


def choices_of(flag):
    return flag.field.metadata["choices"] if flag else ()
