"""The part of `keras-pose show` stays in the page of the same weights, and is left out of that of others."""

from keras_pose.evaluation import shown_part

PAGE = "<html><body><main>\n<h1>figures</h1>\n</main></body></html>"


def test_a_part_is_replaced_and_stays_in_the_main_part(tmp_path):
    one, two = (shown_part.enclose(text, str(tmp_path / "absent")) for text in ("one", "two"))
    first = shown_part.insert(PAGE, one)
    second = shown_part.insert(first, two)
    assert first.index("figures") < first.index("one") < first.index("</main>")
    assert shown_part.find(second) == two
    assert second.replace(f"{two}\n", "") == PAGE
    assert shown_part.find(PAGE) == ""


def test_only_a_part_of_the_same_weights_is_kept(tmp_path):
    weights = tmp_path / "model.weights.h5"
    weights.write_bytes(b"1")
    assert shown_part.read(str(tmp_path), str(weights)) == ("", "")
    part = shown_part.enclose("pictures", str(weights))
    (tmp_path / "index.html").write_text(shown_part.insert(PAGE, part))
    assert shown_part.read(str(tmp_path), str(weights)) == (part, "")
    weights.write_bytes(b"2")
    kept, note = shown_part.read(str(tmp_path), str(weights))
    assert kept == ""
    assert "are of other weights and are left out" in note


def test_a_part_of_an_earlier_version_names_no_weights_and_is_left_out(tmp_path):
    (tmp_path / "index.html").write_text(shown_part.insert(PAGE, f"{shown_part.BEGIN}old{shown_part.END}"))
    assert shown_part.read(str(tmp_path), str(tmp_path / "absent"))[0] == ""
