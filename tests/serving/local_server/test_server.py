"""The server's process: models from flags, threads, and versions that change while it runs."""

import shutil
import time

import pytest
import requests

from benchmarks.server import publishing, request_load

pytest.importorskip("tensorflow")
from serving.local_server.__main__ import parse_arguments  # noqa: E402
from serving.local_server.server import build_manager, choose_intra_op_threads  # noqa: E402
from tests.helpers import toy_server  # noqa: E402 - imports TensorFlow

CONFIG = 'model_config_list { config { name: "hand" base_path: "/hand" } config { name: "pose" base_path: "/pose" } }'


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Folder with versions 1 and 2 under "made", and version 1 under "toy"."""
    folder = tmp_path_factory.mktemp("exports")
    toy_server.save(folder / "made" / "1", 2.0)
    toy_server.save(folder / "made" / "2", 3.0)
    shutil.copytree(folder / "made" / "1", folder / "toy" / "1")
    return folder


def test_publishing_and_rolling_back_loses_no_request(exports):
    def ask(session):
        answer = session.post(f"{server}:predict", data='{"instances": [[1, 1]]}', timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.text

    def wait_for(version):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            items = requests.get(server, timeout=20).json()["model_version_status"]
            if [item["version"] for item in items if item["state"] == "AVAILABLE"] == [version]:
                return
            time.sleep(0.05)
        raise AssertionError(f"version {version} did not become the only one: {items}")

    flags = [f"--model_base_path={exports / 'toy'}", "--file_system_poll_wait_seconds=0.1"]
    with toy_server.run(*flags) as server, request_load.Load(ask, threads=2) as load:
        publishing.publish(exports / "made" / "2", exports / "toy", 2)
        wait_for("2")
        shutil.rmtree(exports / "toy" / "2")
        wait_for("1")
    assert load.faults == []
    assert load.seen == {'{"predictions":[[2.0,2.0]]}', '{"predictions":[[3.0,3.0]]}'}


@pytest.mark.parametrize(
    ("wanted", "num_cores", "threads"),
    [(0, 1, 1), (0, 2, 1), (0, 3, 0), (0, 64, 0), (2, 2, 2), (6, 64, 6)],
)
def test_an_operation_has_one_thread_if_the_workers_need_the_cores(wanted, num_cores, threads):
    assert choose_intra_op_threads(wanted, num_cores, {}) == threads


@pytest.mark.parametrize(("wanted", "threads"), [(0, 0), (3, 3)])
def test_the_environment_sets_the_threads_if_no_flag_does(wanted, threads):
    assert choose_intra_op_threads(wanted, 2, {"TF_NUM_INTRAOP_THREADS": "2"}) == threads


def test_a_model_has_the_name_of_its_folder_or_of_the_flag(tmp_path):
    (tmp_path / "pose").mkdir()
    flags = [f"--model_base_path={tmp_path / 'pose'}"]
    assert build_manager(parse_arguments(flags)).names == ["pose"]
    assert build_manager(parse_arguments([*flags, "--model_name=other"])).names == ["other"]


def test_several_folders_are_several_models(tmp_path):
    flags = []
    for name in ("upper_body", "pose"):
        (tmp_path / name).mkdir()
        flags.append(f"--model_base_path={tmp_path / name}")
    manager = build_manager(parse_arguments(flags))
    assert sorted(manager.names) == ["pose", "upper_body"]
    assert manager.model("upper_body").config.base_path == str(tmp_path / "upper_body")


def test_a_folder_flag_overrides_the_configuration_file(tmp_path):
    pytest.importorskip("tensorflow_serving")
    (tmp_path / "models.config").write_text(CONFIG)
    flags = [f"--model_config_file={tmp_path / 'models.config'}", f"--model_base_path={tmp_path}"]
    manager = build_manager(parse_arguments([*flags, "--model_name=pose"]))
    assert manager.names == ["hand", "pose"]
    assert manager.model("pose").config.base_path == str(tmp_path)
    assert manager.model("hand").config.base_path == "/hand"
    with pytest.raises(ValueError, match="expected the model 'nope' of --model_base_path, received hand, pose"):
        build_manager(parse_arguments([*flags, "--model_name=nope"]))
