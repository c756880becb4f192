"""The line about what was read and what was not."""

from keras_pose.data.importers.deeplabcut.ledger import Ledger


def test_nothing_is_said_if_everything_was_read():
    ledger = Ledger("p", notes=["a note"])
    ledger.lose("labels", 0)
    assert ledger.summarize(3, 40) == ""


def test_reasons_are_grouped_with_counts_and_first_names():
    ledger = Ledger("p")
    for name in "abcde":
        ledger.leave_out(name, "no table", "add one")
    ledger.miss_video("f", "it is gone", "copy it")
    ledger.miss_video("g", "it is damaged")
    ledger.lose("labels of 'ear'", 3, "list it")
    ledger.lose("labels of 'ear'", 4, "list it")
    ledger.differ("h: x.csv", "CSV and H5 differ")
    assert ledger.summarize(3, 40) == (
        "p: read 3 of 8 sessions (40 labelled frames), 2 without video; 5 left out (a, b, c and 2 more), because no "
        "table; to read them: add one; 1 without video (f), because it is gone; to use neighbouring frames: copy it; "
        "1 without video (g), because it is damaged; left out 7 labels of 'ear'; to read them: list it; CSV and H5 "
        "differ (h: x.csv)"
    )


def test_a_single_reason_follows_the_number():
    ledger = Ledger("p")
    ledger.miss_video("f", "it is gone", "copy it")
    ledger.miss_video("g", "it is gone", "copy it")
    ledger.leave_out("a", "no table")
    assert ledger.summarize(3, 40) == (
        "p: read 3 of 4 sessions (40 labelled frames), 2 without video (f, g), because it is gone; to use neighbouring "
        "frames: copy it; 1 left out (a), because no table"
    )


def test_it_is_one_line():
    ledger = Ledger("a\nproject")
    ledger.leave_out("a\nsession", "none")
    assert "\n" not in ledger.summarize(0, 0)
