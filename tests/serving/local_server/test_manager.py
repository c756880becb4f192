"""All models of the server."""

import time

import pytest

pytest.importorskip("tensorflow")
from serving.local_server.errors import ServingError  # noqa: E402
from serving.local_server.manager import ModelManager, WatchSettings, load_and_warm_up  # noqa: E402
from serving.local_server.model_config import ModelConfig, read_model_configs  # noqa: E402
from serving.local_server.rest_paths import ModelChoice  # noqa: E402
from tests.helpers import toy_server  # noqa: E402
from tests.helpers.version_files import load, publish  # noqa: E402


def write_config(path, **base_paths):
    """Writes a configuration file with a model for each keyword."""
    models = "".join(f'config {{ name: "{name}" base_path: "{folder}" }} ' for name, folder in base_paths.items())
    path.write_text(f"model_config_list {{ {models} }}")


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


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


def test_a_label_of_an_unknown_model_is_an_error_of_its_own():
    choice = ModelChoice("no", None, "old")
    with pytest.raises(ServingError, match="Could not find any versions of model no"):
        ModelManager({}).status(choice)
    with pytest.raises(ServingError, match="Unrecognized servable version label: old") as caught:
        ModelManager({}).use(choice)
    assert caught.value.code == "INVALID_ARGUMENT"


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
    manager.reread_config()
    manager.poll()
    assert manager.names == ["a", "b"]
    assert (answer(manager, "a"), answer(manager, "b")) == ("servable 5", "servable 1")
    file.write_text("nonsense, longer than the file before " * 10)
    manager.reread_config()
    assert manager.names == ["a", "b"]
    assert "keeping the previous configuration" in caplog.text


@pytest.mark.parametrize("config_poll_s", [0.0, 0.05])
def test_the_configuration_file_is_read_again_only_if_its_pause_is_set(tmp_path, config_poll_s):
    pytest.importorskip("tensorflow_serving")
    for name in "ab":
        (tmp_path / name).mkdir()
        publish(tmp_path / name, 1)
    file = tmp_path / "models.config"
    write_config(file, a=tmp_path / "a")
    settings = WatchSettings(0.01, config_poll_s)
    manager = ModelManager(read_model_configs(file), settings, str(file), load=load)
    manager.start()
    try:
        wait_for(manager.is_ready)
        write_config(file, a=tmp_path / "a", b=tmp_path / "b")
        if config_poll_s:
            wait_for(lambda: manager.names == ["a", "b"] and manager.is_ready())
        else:
            time.sleep(0.3)
            assert manager.names == ["a"]
    finally:
        manager.stop()


def test_labels_at_the_start_need_permission():
    configs = {"a": ModelConfig("a", "/a", labels={"stable": 1})}
    with pytest.raises(ServingError, match="assign label to version 1 of model a, which is not currently") as caught:
        ModelManager(configs)
    assert caught.value.code == "FAILED_PRECONDITION"
    assert ModelManager(configs, WatchSettings(allow_new_labels=True)).names == ["a"]


def test_a_label_moved_to_a_missing_version_refuses_the_whole_configuration(tmp_path):
    for version in (1, 2):
        publish(tmp_path, version)

    def configs(**labels):
        return {"a": ModelConfig("a", str(tmp_path), 0, labels=labels)}

    manager = ModelManager(configs(stable=1, canary=2), WatchSettings(allow_new_labels=True), load=load)
    manager.poll()
    with pytest.raises(ServingError, match="assign label to version 9"):
        manager.configure(configs(stable=9))
    for label, version in (("stable", 1), ("canary", 2)):
        with manager.use(ModelChoice("a", label=label)) as servable:
            assert servable == f"servable {version}"
    manager.configure(configs(stable=2, new=9))  # a new label may name any version
    with manager.use(ModelChoice("a", label="stable")) as servable:
        assert servable == "servable 2"
    with pytest.raises(ServingError, match=r"Specific\(a, 9\)"), manager.use(ModelChoice("a", label="new")):
        pass


def test_a_manager_is_ready_when_every_model_has_a_version(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    publish(tmp_path / "a", 1)
    manager = ModelManager({name: ModelConfig(name, str(tmp_path / name)) for name in "ab"}, load=load)
    assert not manager.is_ready()
    manager.poll()
    assert not manager.is_ready()  # it waits for a version of b
    publish(tmp_path / "b", 1, "bad")
    manager.poll()
    with pytest.raises(ValueError, match="model b did not become available: version 1: ValueError: broken on purpose"):
        manager.is_ready()


def test_a_given_folder_overrides_that_of_the_configuration(tmp_path):
    publish(tmp_path, 7)
    manager = ModelManager({"a": ModelConfig("a", "/nowhere")}, base_paths={"a": str(tmp_path)}, load=load)
    manager.poll()
    assert answer(manager, "a") == "servable 7"


def test_the_thread_finds_new_versions_until_it_is_stopped(tmp_path):
    manager = ModelManager({"a": ModelConfig("a", str(tmp_path))}, WatchSettings(0.01), load=load)
    manager.start()
    try:
        publish(tmp_path, 1)
        wait_for(manager.is_ready)
    finally:
        manager.stop()
    publish(tmp_path, 2)
    time.sleep(0.1)
    assert answer(manager, "a") == "servable 1"


def test_a_saved_model_is_loaded(tmp_path):
    toy_server.save(tmp_path / "3", 2.0)
    servable = load_and_warm_up(str(tmp_path / "3"), 3)
    assert servable.version == 3
    assert {"serving_default", "measure", "fussy"} <= set(servable.signatures)
