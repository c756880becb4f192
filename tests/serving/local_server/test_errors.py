"""The server's errors."""

import pytest

from serving.local_server.errors import (
    HTTP_STATUS,
    Quoted,
    ServingError,
    as_serving_error,
    invalid_argument,
    unknown_label,
)


@pytest.mark.parametrize(
    ("code", "status"),
    [("INVALID_ARGUMENT", 400), ("NOT_FOUND", 404), ("RESOURCE_EXHAUSTED", 429), ("UNAVAILABLE", 503)],
)
def test_each_code_has_its_http_status(code, status):
    assert ServingError(code, "message").http_status == status


def test_bad_requests_and_unknown_labels_are_invalid_arguments():
    assert (invalid_argument("words").code, invalid_argument("words").message) == ("INVALID_ARGUMENT", "words")
    assert unknown_label("old").message == "Unrecognized servable version label: old"


def test_a_value_in_a_message_is_short_or_whole():
    error = invalid_argument("received ", Quoted([1] * 1000), "!")
    assert error.message == 'received [1, 1, 1, 1, 1, 1, 1, 1, "..."]!'
    assert error.full_message() == "received [" + ",".join(["\n    1"] * 1000) + "\n]!"
    nested = []
    for _ in range(50_000):
        nested = [nested]
    deep = invalid_argument("received ", Quoted(nested))
    assert deep.full_message() == deep.message


def test_errors_of_tensorflow_keep_code_and_message():
    tf = pytest.importorskip("tensorflow")
    classes = tf.errors.OpError.__subclasses__()
    assert {tf.errors.NotFoundError, tf.errors.UnavailableError, tf.errors.InvalidArgumentError} <= set(classes)
    for kind in classes:
        original = kind(None, None, "the message")
        error = as_serving_error(original)
        assert getattr(tf.errors, error.code) == original.error_code
        assert error.code in HTTP_STATUS
        assert error.message == "the message"


def test_other_exceptions_are_internal_errors_and_its_own_stay():
    error = as_serving_error(KeyError("x"))
    assert (error.code, error.message) == ("INTERNAL", "KeyError: 'x'")
    own = ServingError("UNAVAILABLE", "wait")
    assert as_serving_error(own) is own
