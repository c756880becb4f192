"""The server's errors."""

import pytest

from serving.local_server.errors import HTTP_STATUS, ServingError, as_serving_error, invalid_argument, unknown_label


@pytest.mark.parametrize(
    ("code", "status"),
    [("INVALID_ARGUMENT", 400), ("NOT_FOUND", 404), ("RESOURCE_EXHAUSTED", 429), ("UNAVAILABLE", 503)],
)
def test_each_code_has_its_http_status(code, status):
    assert ServingError(code, "message").http_status == status


def test_bad_requests_and_unknown_labels_are_invalid_arguments():
    assert (invalid_argument("words").code, invalid_argument("words").message) == ("INVALID_ARGUMENT", "words")
    assert unknown_label("old").message == "Unrecognized servable version label: old"


def test_errors_of_tensorflow_keep_code_and_message():
    tf = pytest.importorskip("tensorflow")
    classes = [tf.errors.exception_type_from_error_code(number) for number in range(1, 17)]
    codes = [as_serving_error(kind(None, None, "the message")).code for kind in classes]
    assert set(codes) <= set(HTTP_STATUS)
    assert codes[tf.errors.NOT_FOUND - 1] == "NOT_FOUND"
    assert len(set(codes)) == 16
    assert as_serving_error(tf.errors.AbortedError(None, None, "the message")).message == "the message"


def test_other_exceptions_are_internal_errors_and_its_own_stay():
    error = as_serving_error(KeyError("x"))
    assert (error.code, error.message) == ("INTERNAL", "KeyError: 'x'")
    own = ServingError("UNAVAILABLE", "wait")
    assert as_serving_error(own) is own
