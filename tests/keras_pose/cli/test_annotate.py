"""`keras-pose annotate` on the command line: mistakes end it with one line, before TensorFlow is loaded."""

import sys

import pytest

from keras_pose.cli import main as cli
from tests.helpers import tiny


def test_help_lists_the_command():
    assert "annotate" in cli.COMMANDS
    assert "Label videos with a trained net." in cli.format_help()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "--teacher: must be given"),
        (["--teacher=nobody", "--video=a.mp4", "--out_dir=o"], "keras-pose annotate: --teacher: expected the folder"),
    ],
)
def test_mistakes_are_one_line(flags, message):
    status, output = tiny.run([sys.executable, "-m", "keras_pose", "annotate", *flags])
    assert status not in (0, None)
    assert message in output
    assert "Traceback" not in output
