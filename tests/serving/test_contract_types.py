"""The contract for types, run times and start-up, on servers that the test starts; as observed with 2.15.1."""

from __future__ import annotations

import shutil
import time

import pytest

tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")  # the local server reads configurations and warm-up records with it
from tests.helpers import serving_export, serving_servers, toy_server  # noqa: E402
from tests.helpers.serving_requests import assert_error  # noqa: E402

pytestmark = pytest.mark.timeout(300)
FLAGS = ["--model_name=pose", "--file_system_poll_wait_seconds=1"]


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """Folder with a version whose signatures return one value of each type as an int32."""
    folder = tmp_path_factory.mktemp("typed") / "pose"

    class Echo(tf.Module):
        pass

    module = Echo()
    signatures = {}
    for name in ("half", "uint16", "int8", "int16", "uint8", "int64", "uint32", "bfloat16"):
        spec = tf.TensorSpec([None], tf.as_dtype(name), name="x")
        function = tf.function(lambda x: {"y": tf.cast(x, tf.int32)}, input_signature=[spec], autograph=False)
        setattr(module, f"of_{name}", function)
        signatures[name] = function
    signatures["serving_default"] = signatures["int8"]
    tf.saved_model.save(module, str(folder / "1"), signatures=signatures)
    toy_server.save(folder / "2", 2.0)
    return folder


@pytest.fixture(scope="module", params=serving_servers.OWN_KINDS)
def typed(request, echo, tmp_path_factory):
    """A server of both versions, whose runs may take four seconds."""
    folder = tmp_path_factory.mktemp("server")
    config = serving_servers.write_config(folder / "models.config", echo, {})
    flags = [f"--model_config_file={config}", "--rest_api_timeout_in_ms=4000"]
    with serving_servers.run(request.param, flags, folder / "log.txt") as server:
        server.wait_for(1)
        yield server


def ask(server, signature, version=1, **body):
    return server.predict({"signature_name": signature, **body}, f"/versions/{version}")


@pytest.mark.parametrize(
    ("name", "sent", "received"),
    [("int8", 200, -56), ("int16", 70_000, 4464), ("uint8", -1, 255), ("int64", 5, 5), ("uint32", 7, 7)],
)
def test_integers_wrap_around(typed, name, sent, received):
    assert ask(typed, name, inputs=[sent]).json() == {"outputs": [received]}
    assert ask(typed, name, instances=[sent]).json() == {"predictions": [received]}
    assert_error(ask(typed, name, inputs=[1.0]), 400, "is not of expected type")


@pytest.mark.parametrize("name", ["half", "uint16", "bfloat16"])
def test_types_that_json_cannot_carry(typed, name):
    assert_error(ask(typed, name, inputs=[1]), 501, f"Conversion of JSON Value: 1 to type: {name}")
    assert_error(
        ask(typed, name, instances=[1]), 400, "Failed to process element: 0 of 'instances' list. Error: UNIMPL"
    )
    assert ask(typed, name, inputs=[]).json() == {"outputs": []}


def test_a_signature_without_inputs_cannot_be_asked(typed):
    for body in ({"inputs": {}}, {"instances": [1]}):
        assert_error(ask(typed, "clock", 2, **body), 400, "Failed to get input map for signature: clock")


def test_a_string_alone_is_an_output(typed):
    assert ask(typed, "name", 2, inputs=[1.0]).json() == {"outputs": "toy"}


def test_a_run_that_takes_too_long_is_given_up(typed):
    assert_error(ask(typed, "sleep", 2, inputs=6.0), 504, "Timed out waiting for notification")


def write_empty_warm_up(version, num_records):
    """Writes records without a request, whose protos have no bytes."""
    folder = version / "assets.extra"
    folder.mkdir()
    with tf.io.TFRecordWriter(str(folder / "tf_serving_warmup_requests")) as writer:
        for _ in range(num_records):
            writer.write(b"")


@pytest.fixture(params=serving_servers.OWN_KINDS)
def kind(request):
    return request.param


def test_start_up_ends_if_no_version_loads_or_a_label_is_not_allowed(kind, tmp_path):
    base_path = tmp_path / "pose"
    (base_path / "1").mkdir(parents=True)  # an empty folder is a version
    for flags in (
        [f"--model_base_path={base_path}", *FLAGS],
        [f"--model_config_file={serving_servers.write_config(tmp_path / 'a.config', base_path, {'stable': 1})}"],
    ):
        with serving_servers.run(kind, flags, tmp_path / "log.txt") as server:
            assert server.process.wait(60) != 0


def test_labels_versions_and_configurations_that_change(kind, tmp_path):
    base_path = tmp_path / "pose"
    base_path.mkdir()
    serving_export.write_numbered(base_path / "1", 1)
    shutil.copytree(base_path / "1", base_path / " 8")
    (base_path / "0002").mkdir()
    for number, num_records in ((3, 1001), (4, 1)):
        shutil.copytree(base_path / "1", base_path / str(number))
        write_empty_warm_up(base_path / str(number), num_records)
    config = serving_servers.write_config(tmp_path / "models.config", base_path, {"stable": 1, "canary": 8, "none": 9})
    flags = [
        f"--model_config_file={config}",
        "--model_config_file_poll_wait_seconds=1",
        "--allow_version_labels_for_unavailable_models=true",
        "--file_system_poll_wait_seconds=1",
    ]
    body = {"inputs": {"image_bytes": ["x"]}}
    with serving_servers.run(kind, flags, tmp_path / "log.txt") as server:
        server.wait_for(8)
        server.wait_for(1)
        server.wait_for(2, "END")  # with another version that loads, a broken one does not matter
        server.wait_for(3, "END")  # at most 1,000 records for the warm-up
        server.wait_for(4)  # a record without a request counts and does nothing
        assert_error(server.predict(body, "/labels/none"), 404, "Specific(pose, 9)")
        # A label that exists may move to a loaded version only, else the whole configuration is refused.
        serving_servers.write_config(config, base_path, {"stable": 7})
        time.sleep(2.5)
        assert [server.predict(body, f"/labels/{label}").status_code for label in ("stable", "canary")] == [200, 200]
        serving_servers.write_config(config, base_path, {"stable": 8})
        deadline = time.monotonic() + 30
        while server.predict(body, "/labels/canary").status_code == 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert server.predict(body, "/labels/stable").status_code == 200
        (base_path / "10").mkdir()
        server.wait_for(10, "LOADING")  # a broken version that appears later is tried again
        time.sleep(2.5)
        assert server.states()[10] == "LOADING"
