"""A section without picture, video or table is text alone."""

from keras_pose.showing.section import Section


def test_a_section_may_be_text_alone():
    section = Section("name", "Heading", "Text.")
    assert (section.picture, section.frames, section.table, section.alt) == (None, (), "", "")
