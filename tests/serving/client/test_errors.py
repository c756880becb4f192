"""The client's exceptions."""

import pytest

from serving.client import errors


@pytest.mark.parametrize("name", ["ServerNotReachableError", "ModelNotFoundError", "RequestRefusedError"])
def test_every_exception_is_a_serving_error_with_message_and_status(name):
    error = getattr(errors, name)("the message", 404)
    assert isinstance(error, errors.ServingError)
    assert str(error) == "the message"
    assert error.status == 404


def test_an_error_without_an_http_answer_has_no_status():
    assert errors.ServingError("the message").status is None
