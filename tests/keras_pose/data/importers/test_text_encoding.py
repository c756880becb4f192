"""Text files decode in every encoding that spreadsheets write."""

import codecs
import json
import re

import pytest

from keras_pose.data.importers.text_encoding import decode_text, describe_json_error

TEXT = "scorer,Jürgen\nbodyparts,Näse\n"


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode("utf-8-sig"), ""),
        (TEXT.encode("utf-16"), "read as UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "read as UTF-16"),
        (TEXT.encode("utf-32"), "read as UTF-32"),
        (TEXT.encode("utf-16-le"), "read as UTF-16-LE"),
        (TEXT.encode("utf-16-be"), "read as UTF-16-BE"),
        (TEXT.encode("latin-1"), "read as Latin-1, since it is not UTF-8"),
    ],
)
def test_the_text_comes_back_with_a_note(data, note):
    text, found = decode_text(data)
    assert text == TEXT
    assert found.startswith(note)
    assert bool(found) == bool(note)


def test_any_bytes_are_text():
    assert decode_text(b"") == ("", "")
    assert decode_text(bytes(range(1, 256)))[0][-1] == "ÿ"


def test_a_false_mark_is_refused():
    with pytest.raises(ValueError, match="expected UTF-16, as the file begins"):
        decode_text(codecs.BOM_UTF16_LE + b"abc")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "^the file is empty$"),
        ("\0\0 \n", "^the file is empty$"),
        ('{"images": [1, 2', "^the file ends too early, so it may be cut: .*line 1"),
        ('{"images": "clip', "^the file ends too early"),
        ('{"images": x}', "^Expecting value: line 1"),
    ],
)
def test_a_file_that_is_no_json_is_told_apart_from_one_that_is_cut(text, message):
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(text)
    assert re.search(message, describe_json_error(caught.value))
