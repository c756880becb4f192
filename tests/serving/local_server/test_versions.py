"""Loading, unloading and choosing the versions of one model."""

import shutil
import threading

import pytest

from serving.local_server.errors import ServingError
from serving.local_server.model_config import ModelConfig
from serving.local_server.rest_paths import ModelChoice
from serving.local_server.version_records import RetryPolicy
from serving.local_server.versions import ModelVersions
from tests.helpers.version_files import load, publish

NEWEST = ModelChoice("toy")


def states(model):
    return {item["version"]: item["state"] for item in model.status(NEWEST)["model_version_status"]}


def answer(model, choice=NEWEST):
    with model.use(choice) as servable:
        return servable


@pytest.fixture
def model(tmp_path):
    return ModelVersions(ModelConfig("toy", str(tmp_path), labels={"stable": 1}), load)


@pytest.mark.parametrize("given", ["export", "export/pose/1"])
def test_a_folder_without_versions_is_warned_of_once_with_a_suggestion(tmp_path, given, caplog):
    (tmp_path / "export" / "pose").mkdir(parents=True)
    publish(tmp_path / "export" / "pose", 1)
    model = ModelVersions(ModelConfig("toy", str(tmp_path / given)), load)
    model.poll()
    model.poll()
    (record,) = caplog.records
    assert f"no version to serve in {tmp_path / given}:" in record.getMessage()
    assert f"did you mean {tmp_path / 'export' / 'pose'}?" in record.getMessage()


def test_a_new_version_takes_over_until_it_is_removed(tmp_path, model):
    publish(tmp_path, 1)
    model.poll()
    assert answer(model) == "servable 1"
    publish(tmp_path, 2)
    model.poll()
    assert answer(model) == "servable 2"
    assert states(model) == {"1": "END", "2": "AVAILABLE"}
    shutil.rmtree(tmp_path / "2")
    model.poll()
    assert answer(model) == "servable 1"
    assert states(model) == {"1": "AVAILABLE", "2": "END"}


def test_a_broken_version_replaces_no_good_one_and_is_loaded_again_when_its_files_change(tmp_path, model):
    publish(tmp_path, 1)
    model.poll()
    publish(tmp_path, 2, "bad")
    model.poll()
    assert answer(model) == "servable 1"
    assert states(model) == {"1": "AVAILABLE", "2": "LOADING"}
    assert model.status(ModelChoice("toy", 2))["model_version_status"][0]["status"]["error_code"] == "OK"
    publish(tmp_path, 2, "good")
    model.poll()
    assert answer(model) == "servable 2"


@pytest.mark.parametrize("strict", [False, True])
def test_a_broken_version_is_tried_again_and_then_given_up(tmp_path, strict):
    loaded = []

    def note(folder, version):
        loaded.append(version)
        return load(folder, version)

    model = ModelVersions(ModelConfig("toy", str(tmp_path)), note, RetryPolicy(2, 0.0, strict))
    publish(tmp_path, 1)
    model.poll()
    publish(tmp_path, 2, "bad")
    for _ in range(5):
        model.poll()
    assert loaded == [1, 2, 2, 2]
    (status,) = model.status(ModelChoice("toy", 2))["model_version_status"]
    assert status["state"] == "END"
    assert "broken on purpose" in status["status"]["error_message"]
    publish(tmp_path, 2, "good")
    model.poll()
    assert answer(model) == ("servable 1" if strict else "servable 2")


@pytest.mark.parametrize("strict", [False, True])
def test_a_removed_version_is_given_up_at_once_or_strictly_later(tmp_path, strict):
    model = ModelVersions(ModelConfig("toy", str(tmp_path)), load, RetryPolicy(5, 60.0, strict))
    publish(tmp_path, 1)
    model.poll()
    publish(tmp_path, 2, "bad")
    model.poll()
    shutil.rmtree(tmp_path / "2")
    model.poll()
    assert states(model) == {"1": "AVAILABLE", "2": "LOADING" if strict else "END"}


def test_at_the_start_a_broken_version_is_not_tried_again(tmp_path):
    publish(tmp_path, 1, "bad")
    (tmp_path / "2").mkdir()
    model = ModelVersions(ModelConfig("toy", str(tmp_path), 0), load)
    model.poll()
    assert states(model) == {"1": "END", "2": "END"}
    assert "version 1: ValueError: broken on purpose; version 2: " in model.failure
    assert not model.is_available()
    publish(tmp_path, 3)
    good = ModelVersions(ModelConfig("toy", str(tmp_path), 0), load)
    good.poll()
    assert states(good) == {"1": "END", "2": "END", "3": "AVAILABLE"}
    assert good.failure is None
    assert [good.is_available(version) for version in (None, 3, 1)] == [True, True, False]


def test_the_old_version_answers_while_the_new_one_loads(tmp_path):
    loading = threading.Event()
    go_on = threading.Event()

    def slow_load(folder, version):
        if version == 2:
            loading.set()
            assert go_on.wait(10)
        return load(folder, version)

    model = ModelVersions(ModelConfig("toy", str(tmp_path)), slow_load)
    publish(tmp_path, 1)
    model.poll()
    publish(tmp_path, 2)
    thread = threading.Thread(target=model.poll, daemon=True)
    thread.start()
    try:
        assert loading.wait(10)
        assert states(model) == {"1": "AVAILABLE", "2": "LOADING"}
        assert answer(model) == "servable 1"
    finally:
        go_on.set()
        thread.join(10)
    assert answer(model) == "servable 2"


def test_unloading_waits_for_running_requests(tmp_path, model):
    publish(tmp_path, 1)
    model.poll()
    with model.use(NEWEST):
        publish(tmp_path, 2)
        model.poll()
        assert states(model) == {"1": "UNLOADING", "2": "AVAILABLE"}
        assert answer(model) == "servable 2"
    assert states(model) == {"1": "END", "2": "AVAILABLE"}


def test_nothing_changes_if_the_folder_cannot_be_listed(tmp_path):
    base = tmp_path / "base"
    base.mkdir()
    publish(base, 1)
    model = ModelVersions(ModelConfig("toy", str(base)), load)
    model.poll()
    base.rename(tmp_path / "elsewhere")
    model.poll()
    assert answer(model) == "servable 1"


def test_policy_and_labels_choose_versions(tmp_path):
    for version in (1, 2, 3):
        publish(tmp_path, version)
    model = ModelVersions(ModelConfig("toy", str(tmp_path), 0, (1, 3), {"stable": 1, "next": 2}), load)
    model.poll()
    assert states(model) == {"1": "AVAILABLE", "3": "AVAILABLE"}
    assert answer(model, ModelChoice("toy", label="stable")) == "servable 1"
    for choice, code in [(ModelChoice("toy", label="next"), 404), (ModelChoice("toy", label="no"), 400)]:
        with pytest.raises(ServingError) as caught:
            answer(model, choice)
        assert caught.value.http_status == code
    model.configure(ModelConfig("toy", str(tmp_path), 0, None, {"next": 2}))
    model.poll()
    assert answer(model, ModelChoice("toy", label="next")) == "servable 2"


def test_a_label_does_not_matter_to_the_status(tmp_path, model):
    publish(tmp_path, 1)
    model.poll()
    assert model.status(ModelChoice("toy", label="no")) == model.status(NEWEST)


def test_unknown_versions_are_not_found(tmp_path, model):
    with pytest.raises(ServingError, match="any versions of model toy"):
        model.status(NEWEST)
    publish(tmp_path, 1)
    model.poll()
    with pytest.raises(ServingError, match=r"Servable not found for request: Specific\(toy, 5\)"):
        answer(model, ModelChoice("toy", 5))
    with pytest.raises(ServingError, match="Could not find version 5 of model toy"):
        model.status(ModelChoice("toy", 5))
