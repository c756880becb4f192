"""Names are found exactly, in another Unicode form, or in another case; never as patterns."""

import unicodedata

import pytest

from keras_pose.data.importers import names

LONG = unicodedata.normalize("NFD", "é")


@pytest.mark.parametrize(
    ("wanted", "existing", "found"),
    [
        ("a", ["a", "A"], "a"),
        ("é", ["e", LONG], LONG),
        (LONG, ["É", "é"], "é"),
        (" left  paw", ["left paw"], "left paw"),
        ("IMG1.PNG", ["img1.png"], "img1.png"),
        ("a", ["A", " a"], " a"),
        ("Ab", ["aB", "AB"], None),
        ("a*", ["ab"], None),
        ("[ab]", ["a", "b"], None),
        ("a", [], None),
    ],
)
def test_the_closest_spelling_is_found(wanted, existing, found):
    assert names.find_name(wanted, existing) == found
    assert names.NameIndex(existing).find(wanted) == found


def test_a_folder_is_listed_in_order_and_no_folder_is_empty(tmp_path):
    for name in ("b", "a", "[c]"):
        (tmp_path / name).touch()
    assert names.list_folder(str(tmp_path)) == ["[c]", "a", "b"]
    assert names.list_folder(str(tmp_path / "a")) == names.list_folder(str(tmp_path / "z")) == []
