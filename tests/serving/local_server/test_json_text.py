"""JSON values as text."""

import json

from serving.local_server.json_text import Literal, format_json, indent_json, type_of, write_string


def test_long_values_are_shortened_in_messages():
    assert format_json([1, "a", None]) == '[1, "a", null]'
    for value in ("x" * 1000, list(range(1000)), 10**1000, {str(n): n for n in range(1000)}, [[1] * 1000] * 1000):
        assert len(format_json(value)) <= 125


def test_indented_text_holds_the_whole_value():
    value = {"a": [1, {"b": "é\n"}, []], "c": {}, "d": None}
    assert json.loads(indent_json(value)) == value
    assert json.loads(indent_json(value, 3, one_line=True)) == value
    assert indent_json([1, Literal("2e+06")]) == "[\n    1,\n    2e+06\n]"
    assert indent_json({"a": [1, [2]]}, 1, one_line=True) == '{\n        "a": [1, [2]]\n    }'


def test_strings_are_escaped_only_where_json_requires_it():
    assert write_string('é"\x01') == '"é\\"\\u0001"'


def test_types_have_the_names_of_rapidjson():
    assert [type_of(value) for value in ({}, [], "", 1, 1.5, None, True, False)] == [
        "Object", "Array", "String", "Number", "Number", "Null", "True", "False",
    ]  # fmt: skip
