"""Warm-up requests of a SavedModel."""

import pytest

tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")
from tensorflow_serving.apis import prediction_log_pb2  # noqa: E402

from serving.local_server.errors import ServingError  # noqa: E402
from serving.local_server.servable import Servable  # noqa: E402
from serving.local_server.warmup import WARMUP_FILE, warm_up  # noqa: E402
from tests.helpers import toy_server  # noqa: E402


@pytest.fixture
def model(tmp_path):
    """The model `Toy` in a folder of its own."""
    toy_server.save(tmp_path / "1", 2.0)
    return Servable(str(tmp_path / "1"), 1)


def write_records(model, records):
    path = f"{model.path}/{WARMUP_FILE}"
    tf.io.gfile.makedirs(path.rsplit("/", 1)[0])
    with tf.io.TFRecordWriter(path) as writer:
        for record in records:
            writer.write(record.SerializeToString())


def make_record(signature, **inputs):
    record = prediction_log_pb2.PredictionLog()
    record.predict_log.request.model_spec.signature_name = signature
    for name, value in inputs.items():
        record.predict_log.request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return record


def test_every_request_is_run(model):
    write_records(model, [make_record("", x=[[1.0, 2.0]]), make_record("fussy", n=[4, 9])])
    assert warm_up(model) == 2


def test_a_model_without_requests_needs_no_warm_up(model):
    assert warm_up(model) == 0


def test_a_request_of_another_kind_is_refused(model):
    record = prediction_log_pb2.PredictionLog()
    record.classify_log.request.model_spec.name = "toy"
    write_records(model, [make_record("", x=[[1.0, 2.0]]), record])
    with pytest.raises(ServingError, match="record 1 is not a predict_log"):
        warm_up(model)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (make_record("no", x=[[1.0, 2.0]]), "not found in signature def"),
        (make_record("", x=[[1, 2]]), "expected type float32, got int32"),
    ],
)
def test_a_request_that_does_not_fit_is_refused(model, record, message):
    write_records(model, [record])
    with pytest.raises(ServingError, match=message):
        warm_up(model)


def test_the_error_of_a_failing_request_is_raised(model):
    write_records(model, [make_record("fussy", n=[-1])])
    with pytest.raises(tf.errors.InvalidArgumentError, match="n must not be negative"):
        warm_up(model)


def test_a_record_without_a_request_counts(model):
    write_records(model, [prediction_log_pb2.PredictionLog()] * 2)
    assert warm_up(model) == 2


def test_more_than_a_thousand_records_are_refused(model):
    write_records(model, [prediction_log_pb2.PredictionLog()] * 1000)
    assert warm_up(model) == 1000
    write_records(model, [prediction_log_pb2.PredictionLog()] * 1001)
    with pytest.raises(ServingError, match=r"Number of warmup records exceeds the maximum \(1000\)"):
        warm_up(model)
