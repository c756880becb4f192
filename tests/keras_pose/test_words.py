"""Parts of messages: numbers with their nouns, lists that are cut short, flags."""

from keras_pose import words


def test_one_has_no_plural():
    assert [words.count(number, "row") for number in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_a_list_is_shortened_and_its_rest_counted():
    assert words.shorten_list(["a", "b", "c"]) == "a, b, c"
    assert words.shorten_list(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_a_flag_can_be_pasted_into_a_shell():
    assert words.write_flag("scorer", "Ann") == "--scorer=Ann"
    assert words.write_flag("scorer", "A [1], b") == "--scorer='A [1], b'"
