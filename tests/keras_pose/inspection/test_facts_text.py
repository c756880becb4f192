"""Facts as lines."""

from keras_pose.data.source import Source
from keras_pose.inspection.facts_text import describe
from keras_pose.skeleton import Skeleton
from tests.helpers.inspected import make_facts


def test_lines_hold_the_figures():
    skeleton = Skeleton("lips", ("leftLip", "rightLip"), (("leftLip", "rightLip"),))
    found = {"outliers": [f"row {n}" for n in range(7)], "duplicates": []}
    text = "\n".join(describe(Source([], skeleton, name="here"), make_facts(labels_outside=3), found))
    for line in (
        "here: 178 labelled frames of 24 clips, 178 of them in videos",
        "frames in px (height×width): 240×320 (178)",
        "joint     visible  hidden  unlabelled",
        "leftLip       178       0           0",
        "flip pairs: leftLip–rightLip",
        "size of the person: 153 px (5 to 95 %: 134 to 179 px)",
        "motion from a frame to the next: 1.2 px (95 %: 3.3 px)",
        "joints labelled outside their frame: 3",
        "outliers: 7",
        "  … and 2 more in facts.json",
        "duplicates: none",
    ):
        assert line in text.splitlines()
