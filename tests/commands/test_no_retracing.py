"""No command makes TensorFlow advise against retracing functions of this package."""

import json
import sys

import pytest

from examples import signer_project
from tests.helpers import tiny

# A process loads TensorFlow, and a copy of it runs each command, after each other.
PROGRAM = """
import json
import os
import sys
from keras_pose import console
with console.quiet_import():
    import tensorflow
from keras_pose.cli import main
for arguments in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        print(f"running {arguments[0]}", flush=True)
        try:
            status = main.main(arguments)
        except SystemExit as end:
            status = end.code
        if isinstance(status, str):
            print(status)
        print(f"{arguments[0]} ended with {0 if status is None else status}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """What the commands show, with the warnings of TensorFlow's Python side."""
    folder = tmp_path_factory.mktemp("commands")
    project, videos = signer_project.write_project(str(folder / "signer"), 2, 14, 4, size_px=64)
    run = str(folder / "run")
    train = [f"--{name}={value}" for name, value in {**tiny.FLAGS, "signer_frames": 6}.items()]
    train += [
        "--model=flowing",
        "--window=1",
        "--pooling=parametric",
        "--net_steps=3",
        "--steps=6",
        "--pooling_steps=3",
    ]
    commands = [
        ["inspect", project, f"--out_dir={folder}/inspect"],
        ["train", f"--run_dir={run}", *train],
        ["evaluate", f"--run_dir={run}", "--test_data=signers:test:2"],
        ["predict", f"--run_dir={run}", f"--video={videos}", f"--out_dir={folder}/predictions"],
        ["export", f"--run_dir={run}", f"--export_dir={folder}/export"],
        ["show", f"--run_dir={run}"],
        ["annotate", f"--teacher={run}/frame_net", f"--video={videos}", f"--out_dir={folder}/labels"],
    ]
    code, text = tiny.run([sys.executable, "-c", PROGRAM, json.dumps(commands)])
    assert code == 0, text
    return text


@pytest.mark.parametrize("command", ["inspect", "train", "evaluate", "predict", "export", "show", "annotate"])
def test_commands_end_well(output, command):
    assert f"{command} ended with 0" in output, output


def test_no_command_is_advised_against_retracing(output):
    assert "retracing" not in output
