"""All models of the server."""

import time

import pytest

pytest.importorskip("tensorflow")
from serving.local_server.errors import ServingError  # noqa: E402
from serving.local_server.manager import ModelManager, load_and_warm_up  # noqa: E402
from serving.local_server.model_config import ModelConfig, read_model_configs  # noqa: E402
from serving.local_server.rest_paths import ModelChoice  # noqa: E402
from tests.helpers import toy_server  # noqa: E402
from tests.helpers.version_files import load, publish  # noqa: E402


def write_config(path, **base_paths):
    """Writes a configuration file with a model for each keyword."""
    models = "".join(f'config {{ name: "{name}" base_path: "{folder}" }} ' for name, folder in base_paths.items())
    path.write_text(f"model_config_list {{ {models} }}")


def answer(manager, name):
    with manager.use(ModelChoice(name)) as servable:
        return servable


def test_models_are_served_by_name(tmp_path):
    for name, version in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        publish(tmp_path / name, version)
    manager = ModelManager({name: ModelConfig(name, str(tmp_path / name)) for name in "ab"}, load=load)
    manager.poll()
    assert manager.names == ["a", "b"]
    assert (answer(manager, "a"), answer(manager, "b")) == ("servable 1", "servable 2")
    (state,) = manager.status(ModelChoice("b"))["model_version_status"]
    assert (state["version"], state["state"]) == ("2", "AVAILABLE")


@pytest.mark.parametrize(
    ("choice", "code", "message"),
    [
        (ModelChoice("no"), "NOT_FOUND", "Could not find any versions of model no"),
        (ModelChoice("no", 3), "NOT_FOUND", "Could not find version 3 of model no"),
        (ModelChoice("no", None, "old"), "INVALID_ARGUMENT", "Unrecognized servable version label: old"),
    ],
)
def test_unknown_models_are_errors(choice, code, message):
    manager = ModelManager({})
    with pytest.raises(ServingError) as caught:
        manager.status(choice)
    assert (caught.value.code, caught.value.message) == (code, message)
    with pytest.raises(ServingError) as caught:
        manager.use(choice)
    assert caught.value.code == code
    assert manager.model("no") is None


def test_a_changed_configuration_file_is_applied_and_a_broken_one_is_not(tmp_path, caplog):
    pytest.importorskip("tensorflow_serving")
    for name in ("a", "b", "moved"):
        (tmp_path / name).mkdir()
        publish(tmp_path / name, 5 if name == "moved" else 1)
    file = tmp_path / "models.config"
    write_config(file, a=tmp_path / "a")
    manager = ModelManager(read_model_configs(file), config_file=str(file), load=load)
    manager.poll()
    write_config(file, a=tmp_path / "moved", b=tmp_path / "b")
    manager.poll()
    assert manager.names == ["a", "b"]
    assert (answer(manager, "a"), answer(manager, "b")) == ("servable 5", "servable 1")
    file.write_text("nonsense, longer than the file before " * 10)
    manager.poll()
    assert manager.names == ["a", "b"]
    assert "keeping the previous configuration" in caplog.text


def test_a_given_folder_overrides_that_of_the_configuration(tmp_path):
    publish(tmp_path, 7)
    manager = ModelManager({"a": ModelConfig("a", "/nowhere")}, base_paths={"a": str(tmp_path)}, load=load)
    manager.poll()
    assert answer(manager, "a") == "servable 7"


def test_the_thread_finds_new_versions_until_it_is_stopped(tmp_path):
    manager = ModelManager({"a": ModelConfig("a", str(tmp_path))}, poll_seconds=0.01, load=load)
    manager.start()
    try:
        publish(tmp_path, 1)
        deadline = time.monotonic() + 10
        while not manager.model("a").any_available():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        manager.stop()
    publish(tmp_path, 2)
    time.sleep(0.1)
    assert answer(manager, "a") == "servable 1"


def test_a_saved_model_is_loaded(tmp_path):
    toy_server.save(tmp_path / "3", 2.0)
    servable = load_and_warm_up(str(tmp_path / "3"), 3)
    assert servable.version == 3
    assert set(servable.signatures) == {"serving_default", "measure", "fussy"}
