"""Choices of flags on labels have a help text for each choice."""

from keras_pose.data import label_flags


def test_the_help_names_every_choice():
    for choices, text in (
        (label_flags.OUTSIDE, label_flags.OUTSIDE_HELP),
        (label_flags.EXIF_ORIENTATION, label_flags.EXIF_ORIENTATION_HELP),
    ):
        for choice in choices:
            assert choice in text
