"""The table of a folder of annotations."""

from keras_pose.annotating import quality


def test_shares_are_of_frames_and_of_confident_joints():
    counts = {"frames": 10, "labelled_frames": 8, "kept": 9, "confident": 12}
    videos = [{**counts, "confident_per_joint": [10, 2], "kept_per_joint": [8, 1]}] * 2
    lines = quality.summarise(videos, ("nose", "tail"))
    assert lines[0] == "2 videos, 16 of 20 frames with labels, 18 labelled joints"
    assert lines[2].split() == ["nose", "100.0", "%", "80.0", "%", "20.0", "%"]
    assert lines[3].split() == ["tail", "20.0", "%", "10.0", "%", "50.0", "%"]
    assert lines[4] == "25.0 % of the confident joints were thrown out"


def test_no_confident_joint_is_no_division():
    video = {"frames": 1, "labelled_frames": 0, "kept": 0, "confident": 0}
    lines = quality.summarise([{**video, "confident_per_joint": [0], "kept_per_joint": [0]}], ("nose",))
    assert lines[2].endswith("-")
