"""Base64 as TensorFlow Serving decodes it."""

import base64
import random

import pytest

from serving.local_server.base64_text import decode_base64
from serving.local_server.errors import ServingError


@pytest.mark.parametrize("text", ["YQ==", "YQ", "Y Q\n==", "YQ=\t=", "YQ.."])
def test_white_space_absent_padding_and_full_stops_are_read(text):
    assert decode_base64(text) == b"a"


def test_every_length_is_read_with_and_without_padding():
    chooser = random.Random(0)
    for size in range(50):
        data = bytes(chooser.randrange(256) for _ in range(size))
        text = base64.b64encode(data).decode()
        assert decode_base64(text) == decode_base64(text.rstrip("=")) == data


@pytest.mark.parametrize("text", ["YQ=", "YQ===", "=", "A", "YQ==YQ==", "a?", "_-==", "\udcff", "é", "YWI.."])
def test_other_texts_are_refused(text):
    with pytest.raises(ServingError, match="Unable to base64 decode"):
        decode_base64(text)
