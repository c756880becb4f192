"""DeepLabCut projects: order of body parts, all forms of tables and paths, videos beside the images, and bad input."""

import pathlib
import unicodedata

import cv2
import numpy as np
import pandas as pd
import pytest

from keras_pose.data import validation
from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.importers.deeplabcut import project
from keras_pose.data.open_source import open_source
from keras_pose.media import video
from tests.helpers import deeplabcut_projects as projects

DATA = pathlib.Path(__file__).resolve().parents[5] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the labelled projects are not at {DATA}")

PARTS = ("rightHand", "leftHand", "nose")
SIZE_HW = (24, 32)
CONFIG = """
Task: toy
scorer: AB
multianimalproject: false
bodyparts:
- rightHand
- leftHand
- nose
skeleton:
- [leftHand, nose]
video_sets:
  C:\\lost\\clip_a.avi:
    crop: 0, 32, 0, 24
"""
HEADER = "scorer,AB,AB,AB,AB,AB,AB\nbodyparts,rightHand,rightHand,leftHand,leftHand,nose,nose\ncoords,x,y,x,y,x,y\n"


def frame(position, size_hw=SIZE_HW):
    return np.full((*size_hw, 3), 10 + 8 * position, np.uint8)


def make_project(root, rows=None, header=HEADER, config=CONFIG, clip="clip_a", images=(2, 5), num_frames=8):
    folder = root / "labeled-data" / clip
    folder.mkdir(parents=True)
    (root / "config.yaml").write_text(config)
    if rows is None:
        rows = f"labeled-data\\{clip}\\img05.png,7,8,9,10,11,12\nlabeled-data\\{clip}\\img02.png,1.5,2.5,,,5,6\n"
    (folder / "CollectedData_AB.csv").write_text(header + rows)
    for number in images:
        cv2.imwrite(str(folder / f"img{number:02d}.png"), frame(number))
    if num_frames:
        (root / "videos").mkdir(exist_ok=True)
        video.write_video(root / "videos" / f"{clip}.avi", [frame(i) for i in range(num_frames)], 25)
    return root


def test_rows_are_sorted_by_frame_and_blanks_are_unlabelled(tmp_path):
    source = project.read(make_project(tmp_path))
    (clip,) = source.clips
    assert clip.name == "clip_a"
    assert clip.labelled.tolist() == [2, 5]
    np.testing.assert_array_equal(clip.joints[1], [[7, 8], [9, 10], [11, 12]])
    np.testing.assert_array_equal(clip.joints[0], [[1.5, 2.5], [np.nan, np.nan], [5, 6]])
    assert clip.visibility[0].tolist() == [VISIBLE, UNLABELLED, VISIBLE]
    assert clip.origins == tuple(f"{tmp_path}/labeled-data/clip_a/CollectedData_AB.csv:{n}" for n in (5, 4))
    assert (source.problems, source.notes) == ((), ())


def test_the_skeleton_comes_from_the_config(tmp_path):
    skeleton = project.read(make_project(tmp_path)).skeleton
    assert skeleton.name == "toy"
    assert skeleton.joints == PARTS
    assert skeleton.flip_pairs == (("leftHand", "rightHand"),)
    assert skeleton.edges == (("leftHand", "nose"),)


def test_the_table_may_hold_fewer_parts_in_another_order(tmp_path):
    header = "scorer,AB,AB,AB,AB\nbodyparts,nose,nose,rightHand,rightHand\ncoords,x,y,x,y\n"
    source = project.read(make_project(tmp_path, "labeled-data/clip_a/img02.png,1,2,3,4\n", header))
    np.testing.assert_array_equal(source.clips[0].joints[0], [[3, 4], [np.nan, np.nan], [1, 2]])


def test_a_path_in_three_columns(tmp_path):
    header = "\n".join(line.replace(",", ",,,", 1) for line in HEADER.splitlines()) + "\n"
    source = project.read(make_project(tmp_path, "labeled-data,clip_a,img02.png,1,2,3,4,5,6\n", header))
    assert source.clips[0].labelled.tolist() == [2]
    assert validation.validate(source).clips[0].num_labelled == 1


@pytest.mark.parametrize("levels", [1, 3])
def test_an_h5_table_reads_like_the_csv(tmp_path, levels):
    make_project(tmp_path)
    folder = tmp_path / "labeled-data" / "clip_a"
    from_csv = project.read(tmp_path).clips[0]
    (folder / "CollectedData_AB.csv").unlink()
    columns = pd.MultiIndex.from_product([["AB"], PARTS, ["x", "y"]], names=["scorer", "bodyparts", "coords"])
    keys = [("labeled-data", "clip_a", f"img{n:02d}.png") for n in (5, 2)]
    index = pd.MultiIndex.from_tuples(keys) if levels == 3 else ["\\".join(key) for key in keys]
    values = [[7, 8, 9, 10, 11, 12], [1.5, 2.5, np.nan, np.nan, 5, 6]]
    pd.DataFrame(values, index=index, columns=columns).to_hdf(folder / "CollectedData_AB.h5", key="df_with_missing")
    from_h5 = project.read(tmp_path).clips[0]
    np.testing.assert_array_equal(from_h5.joints, from_csv.joints)
    assert from_h5.labelled.tolist() == from_csv.labelled.tolist()
    assert from_h5.origins[0].endswith("CollectedData_AB.h5:2")


def test_single_frames_come_from_images_and_windows_from_the_video(tmp_path):
    make_project(tmp_path)
    cv2.imwrite(str(tmp_path / "labeled-data/clip_a/img02.png"), frame(2) + 3)  # a little unlike the video's frame
    clip = project.read(tmp_path).clips[0]
    assert (clip.read_window(0) == 29).all()
    assert [int(f.mean().round()) for f in clip.read_window(0, (-1, 0, 1))] == [18, 26, 34]


def test_a_row_past_the_end_of_the_video_is_a_single_frame_and_a_note(tmp_path):
    source = project.read(make_project(tmp_path, num_frames=5))
    clip = source.clips[0]
    assert clip.labelled.tolist() == [2, 5]
    assert [clip.window(row, (-1, 0, 1))[1].all() for row in (0, 1)] == [True, False]
    assert (clip.read_window(1) == 50).all()
    (note,) = source.notes
    assert "CollectedData_AB.csv: frame 5 past the end of" in note
    assert "decodes to 5 frames" in note
    assert validation.validate(source).clips[0].num_labelled == 2


@pytest.mark.parametrize("number", [4, 99])
def test_an_image_that_shows_another_frame_takes_its_position(tmp_path, number):
    rows = "".join(f"img{n:02d}.png,1,2,3,4,5,6\n" for n in (1, 2, number))
    make_project(tmp_path, rows, images=(1, 2))
    cv2.imwrite(str(tmp_path / f"labeled-data/clip_a/img{number:02d}.png"), frame(7))
    source = project.read(tmp_path, find_past_end=True)
    assert source.clips[0].labelled.tolist() == [1, 2, 7]
    assert f"img{number:02d}.png shows frame 7" in source.notes[0]
    if number == 99:
        assert project.read(tmp_path).clips[0].labelled.tolist() == [1, 2, 99]


def test_a_video_that_shows_something_else_is_not_used(tmp_path):
    make_project(tmp_path, num_frames=0)
    (tmp_path / "videos").mkdir()
    video.write_video(tmp_path / "videos" / "clip_a.avi", [frame(30)] * 8, 25)
    source = project.read(tmp_path)
    assert source.clips[0].frames.num_frames is None
    assert "2 of 2 images show another frame" in source.notes[0]


def test_a_video_of_another_size_is_not_used(tmp_path):
    make_project(tmp_path, num_frames=0)
    (tmp_path / "videos").mkdir()
    video.write_video(tmp_path / "videos" / "clip_a.avi", [frame(i, (48, 64)) for i in range(8)], 25)
    source = project.read(tmp_path)
    assert source.clips[0].frames.num_frames is None
    assert "24×32" in source.notes[0]
    assert "48×64" in source.notes[0]


def test_a_video_is_also_found_where_the_config_says(tmp_path):
    make_project(tmp_path, config=CONFIG.replace("C:\\lost\\clip_a.avi", "elsewhere/clip_a.avi"))
    (tmp_path / "videos").rename(tmp_path / "elsewhere")
    assert project.read(tmp_path).clips[0].frames.num_frames == 8


def test_without_a_video_there_are_only_images(tmp_path):
    clip = project.read(make_project(tmp_path, num_frames=0)).clips[0]
    assert clip.frames.num_frames is None
    assert clip.labelled.tolist() == [2, 5]
    assert (clip.read_window(1) == 50).all()
    assert not clip.window(1, (-1, 0))[1].all()


def test_images_without_numbers_are_taken_in_order(tmp_path):
    make_project(tmp_path, "b.png,1,2,3,4,5,6\na.png,7,8,9,10,11,12\n")
    for name, level in (("a", 3), ("b", 4)):
        cv2.imwrite(str(tmp_path / f"labeled-data/clip_a/{name}.png"), frame(level))
    source = project.read(tmp_path)
    assert source.clips[0].labelled.tolist() == [0, 1]
    assert source.clips[0].joints[0, 0].tolist() == [7, 8]
    assert "without frame numbers" in source.notes[0]


def test_bad_rows_are_reported_not_raised(tmp_path):
    rows = (
        "labeled-data/clip_a/img02.png,1,,3,4,5,6\n"
        "labeled-data/clip_a/img05.png,1,2,3,4,5,6\n"
        "labeled-data/clip_a/img03.png,1,2,abc,4,5,6\n"
        "labeled-data/clip_a/img04.png,1,2,3\n"
        "labeled-data/clip_a/img06.png,1,2,3,4,5,6\n"
    )
    source = project.read(make_project(tmp_path, rows, images=(2, 3, 4, 5)))
    messages = [p.message for p in source.problems]
    assert any(":4: joint 'rightHand': only one coordinate is given, (1, nan)" in m for m in messages)
    assert any(":6: value 3: expected a number, found 'abc'" in m for m in messages)
    assert any(":7: expected 6 values as in the header, found 3" in m for m in messages)
    with pytest.raises(ValueError, match=r"(?s)only one coordinate.*img06.png.*no such file"):
        validation.validate(source)
    kept = validation.validate(source, "skip")
    assert kept.clips[0].labelled.tolist() == [2, 3, 5]
    assert kept.clips[0].visibility.tolist() == [[0, 2, 2], [2, 0, 2], [2, 2, 2]]  # only the joints at fault are gone
    assert len(kept.skipped) == 5


def test_frames_that_nobody_labelled_are_left_out_with_a_note(tmp_path):
    rows = "img02.png,1,2,3,4,5,6\nimg03.png,,,,,,\nimg04.png,,,,,,\nimg05.png,,2,,,,\nimg06.png,x,,,,,\n"
    source = project.read(make_project(tmp_path, rows, images=(2, 3, 4, 5, 6)))
    assert source.clips[0].labelled.tolist() == [2, 5, 6]
    (note,) = source.notes
    assert note.endswith("CollectedData_AB.csv: left out 2 of 5 rows, in which no body part is labelled")
    assert [p.row for p in source.problems] == [1, 2]  # half a point and a word are mistakes still


def test_a_project_without_a_label_is_refused(tmp_path):
    source = project.read(make_project(tmp_path, "img02.png,,,,,,\nimg05.png,,,,,,\n"))
    assert source.clips == []
    assert "left out 2 of 2 rows" in source.notes[0]
    with pytest.raises(ValueError, match="expected at least one labelled frame, found none"):
        validation.validate(source)


def test_a_clip_whose_images_are_all_gone_is_a_problem(tmp_path):
    make_project(tmp_path, images=(), num_frames=0)
    source = project.read(tmp_path)
    assert source.clips == []
    with pytest.raises(ValueError, match=r"CollectedData_AB.csv:5: none of the 2 labelled images can be read"):
        validation.validate(source)


def test_clips_are_sorted_by_name_and_folders_without_labels_are_noted(tmp_path):
    for clip in ("b", "a"):
        make_project(tmp_path, clip=clip)
    for other in ("c", "a_labeled"):
        (tmp_path / "labeled-data" / other).mkdir()
    source = project.read(tmp_path)
    assert [clip.name for clip in source.clips] == ["a", "b"]
    assert len(source.notes) == 1
    assert "c: left out, there is no CollectedData_<scorer>.csv or .h5" in source.notes[0]
    assert (
        "read 2 of 3 sessions (4 labelled frames); 1 left out (c), because there is no CollectedData_" in source.summary
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"config": "bodyparts: MULTI!\n"}, "config.yaml: multianimalbodyparts: expected a list of names, found None"),
        ({"config": "scorer: AB\n"}, "config.yaml: bodyparts: expected a list of names, found None"),
        ({"config": "a: [1\n"}, "config.yaml: expected YAML"),
        ({"header": HEADER.replace("H", "P").replace("nose", "tail")}, "AB.csv: expected body parts.*found rightPand"),
        (
            {"header": HEADER.replace("nose", "leftHand")},
            "CollectedData_AB.csv: expected x and y of each body part once",
        ),
        (
            {"header": HEADER.replace("x,y,x,y,x,y", "x,y,x,y,x,z")},
            "'nose': expected the coordinates x and y, found 'z'",
        ),
        ({"header": ""}, "CollectedData_AB.csv: expected the header rows scorer, bodyparts and coords"),
        (
            {"header": HEADER.replace("bodyparts", "individuals,m,m,n,n,n,n\nbodyparts")},
            r"one individual of m \(2 labelled frames\), n \(2 labelled frames\); choose it with --individual",
        ),
    ],
)
def test_a_broken_project_is_refused_with_its_file(tmp_path, change, message):
    make_project(tmp_path, num_frames=0, **change)
    with pytest.raises(ValueError, match=message):
        project.read(tmp_path)


def test_a_missing_config_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"config.yaml: expected the config of a DeepLabCut project"):
        project.read(tmp_path)


def test_names_with_the_characters_of_patterns(tmp_path):
    root = tmp_path / "pro [1] 100%s \u2028 {x}*?"
    for session in ("a [1]", "b*", "b"):
        projects.write_config(root, scorer="J[1]")
        projects.add_session(root, session, projects.header(projects.PARTS, "J[1]"), scorer="J[1]")
        projects.write_frames(root / "videos" / f"{session}.avi")
    source = open_source(root)
    assert [(clip.name, clip.num_labelled) for clip in source.clips] == [("a [1]", 2), ("b", 2), ("b*", 2)]
    assert all(clip.frames.num_frames == 8 for clip in source.clips)
    assert (source.problems, source.notes, source.summary) == ((), (), "")


def test_names_match_in_every_unicode_form(tmp_path):
    long = unicodedata.normalize("NFD", "é")
    projects.write_config(tmp_path, scorer="J" + long)
    projects.add_session(tmp_path, "a" + long, projects.header(projects.PARTS, "Jé"), scorer="Jé")
    projects.write_frames(tmp_path / "videos" / "aé.avi")
    source = project.read(tmp_path)
    assert source.clips[0].frames.num_frames == 8
    assert (source.notes, source.summary) == ((), "")


def test_sessions_of_other_scorers_are_read_with_one_note(tmp_path):
    projects.write_config(tmp_path)
    for session, scorer in (("a", "AB"), ("b", "BK"), ("c", "BK"), ("d", "CD")):
        projects.add_session(tmp_path, session, projects.header(projects.PARTS, scorer), scorer=scorer)
    source = project.read(tmp_path)
    assert [clip.num_labelled for clip in source.clips] == [2, 2, 2, 2]
    assert source.summary == ""
    (note,) = source.notes
    assert "the scorer is 'AB'; 3 sessions with labels of BK, CD alone are read too: b, c, d" in note


def test_of_several_scorers_in_a_folder_the_config_or_the_flag_chooses(tmp_path):
    projects.write_config(tmp_path)
    for scorer, offset in (("AB", 0), ("BK", 1)):
        columns = projects.header(projects.PARTS, scorer)
        projects.add_session(tmp_path, "a", columns, values=[[5, 6, 7, 8 + offset]] * 2, scorer=scorer)
    for scorer, last, other in (("", 8, "BK"), ("BK", 9, "AB")):
        source = project.read(tmp_path, scorer=scorer)
        assert source.clips[0].joints[0, 1, 1] == last
        assert f"left out 2 frames labelled by {other!r}" in source.summary
        assert f"to read them: --scorer={other}" in source.summary
    projects.write_config(tmp_path, scorer="ZZ")
    with pytest.raises(
        ValueError, match="found CollectedData_AB.csv, CollectedData_BK.csv: choose with --scorer=AB or"
    ):
        project.read(tmp_path)
    assert project.read(tmp_path, scorer="AB").clips[0].joints[0, 1, 1] == 8


def test_a_scorer_that_labelled_nothing_is_told(tmp_path):
    projects.write_config(tmp_path)
    projects.add_session(tmp_path, "a", projects.header(projects.PARTS))
    summary = project.read(tmp_path, scorer="XY").summary
    assert "--scorer=XY: nobody of this name labelled what is read (found AB)" in summary


def test_a_scorer_that_cannot_choose_is_an_error(tmp_path):
    projects.write_config(tmp_path)
    for scorer, offset in (("AB", 0), ("B, K", 1)):
        columns = projects.header(projects.PARTS, scorer)
        projects.add_session(tmp_path, "a", columns, values=[[5, 6, 7, 8 + offset]] * 2, scorer=scorer)
    with pytest.raises(ValueError, match=r"config.yaml: --scorer=AC: expected one of AB, B, K$"):
        project.read(tmp_path, scorer="AC")
    assert "to read them: --scorer='B, K'" in project.read(tmp_path).summary


def test_an_unreadable_table_is_a_problem_that_can_be_skipped(tmp_path):
    projects.write_config(tmp_path)
    projects.add_session(tmp_path, "a", projects.header(projects.PARTS))
    folder = tmp_path / "labeled-data" / "b"
    folder.mkdir()
    (folder / "CollectedData_AB.h5").write_bytes(b"words")
    source = project.read(tmp_path)
    assert "read 1 of 2 sessions (2 labelled frames); 1 left out (b), because the label table cannot" in source.summary
    with pytest.raises(
        ValueError, match="b/CollectedData_AB.h5: expected a DeepLabCut table in HDF5, found other content"
    ):
        validation.validate(source)
    assert validation.validate(source, "skip").clips[0].num_labelled == 2
    (tmp_path / "labeled-data" / "a" / "CollectedData_AB.csv").write_text("scorer,,,m\n")
    with pytest.raises(ValueError, match="a/CollectedData_AB.csv: expected the header rows"):
        project.read(tmp_path)


def test_the_only_individual_is_read_and_a_flag_chooses_among_several(tmp_path):
    several = {"bodyparts": "MULTI!", "multianimalproject": True, "multianimalbodyparts": ["nose", "tail"]}
    unique = [("AB", "single", "corner", c) for c in "xy"]
    projects.write_config(tmp_path, individuals=["m1"], uniquebodyparts=["corner"], **several)
    projects.add_session(tmp_path, "a", projects.header(projects.PARTS, individuals=["m1"]) + unique, kinds=("h5",))
    source = project.read(tmp_path)
    assert source.skeleton.joints == ("nose", "tail", "corner")
    assert (source.clips[0].visibility == VISIBLE).all()
    assert source.summary == ""
    # A second one, labelled in one of two frames.
    columns = projects.header(projects.PARTS, individuals=["m1", "m2"])
    values = projects.points(2, 8)
    values[1, 4:] = np.nan
    projects.add_session(tmp_path, "b", columns, values=values)
    with pytest.raises(
        ValueError, match=r"m1 \(4 labelled frames\), m2 \(1 labelled frame\); choose it with --individual"
    ):
        project.read(tmp_path)
    with pytest.raises(ValueError, match="received --individual=m3"):
        project.read(tmp_path, individual="m3")
    source = open_source(tmp_path, individual="m2")
    b = next(clip for clip in source.clips if clip.name == "b")
    assert b.labelled.tolist() == [2]
    np.testing.assert_allclose(b.joints[0, :2].reshape(-1), values[0, 4:], rtol=1e-6)
    assert "left out 8 labels of the individual 'm1'; to read them: --individual=m1" in source.summary
    assert any("left out 1 of 2 rows" in note for note in source.notes)


def test_why_sessions_have_no_video(tmp_path):
    projects.write_config(tmp_path, video_sets={"C:\\x\\gone.avi": {}, "C:\\x\\case.avi": {}})
    for session in ("gone", "case", "bad", "small", "other"):
        projects.add_session(tmp_path, session, projects.header(projects.PARTS))
    videos = tmp_path / "videos"
    projects.write_frames(videos / "CASE.AVI")
    projects.write_frames(videos / "deeper" / "small.avi")
    video.write_video(videos / "other.avi", [np.full((48, 64, 3), 9, np.uint8)] * 3, 25)
    (videos / "bad.mp4").write_bytes(b"no video")
    source = project.read(tmp_path)
    with_video = [clip.name for clip in source.clips if clip.frames.num_frames]
    assert with_video == ["case", "small"]
    assert "read 5 of 5 sessions (10 labelled frames), 3 without video" in source.summary
    assert "(bad), because the video cannot be decoded" in source.summary
    remedy = f"to use neighbouring frames: copy the video to {videos}"
    assert f"(gone), because the video that config.yaml lists is gone; {remedy}" in source.summary
    assert "(other), because the video does not fit the images" in source.summary
    assert any("bad.mp4" in note for note in source.notes)


def test_images_of_a_project_that_never_had_videos_are_no_loss(tmp_path):
    projects.write_config(tmp_path)
    projects.add_session(tmp_path, "a", projects.header(projects.PARTS))
    assert project.read(tmp_path).summary == ""


@pytest.mark.parametrize("name", ["config.yaml", "config.yml", "Config.YAML"])
def test_the_config_opens_under_its_usual_names(tmp_path, monkeypatch, name):
    projects.write_config(tmp_path)
    projects.add_session(tmp_path, "a", projects.header(projects.PARTS))
    (tmp_path / "config.yaml").rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for spec in (tmp_path, tmp_path / name, name, ".", f"{tmp_path}/"):
        assert len(open_source(spec).clips) == 1


@pytest.fixture(scope="module")
def lips():
    if not DATA.is_dir():
        pytest.skip(f"the labelled projects are not at {DATA}")
    return project.read(DATA / "lips")


def test_the_lips_project(lips):
    source = validation.validate(lips)
    assert len(source.clips) == 24
    assert sum(clip.num_labelled for clip in source.clips) == 178
    assert source.skeleton.joints[:4] == ("leftLip", "rightLip", "topleftinner", "bottomleftinner")
    assert len(source.skeleton.edges) == 8
    assert [clip.name for clip in source.clips] == sorted(clip.name for clip in source.clips)
    assert source.clips[0].labelled.tolist() == [18, 115, 146, 241, 247, 251, 285]
    np.testing.assert_allclose(source.clips[0].joints[0, 0], [95.834219, 107.789802], atol=1e-4)
    past = [(c.name, int(p)) for c in source.clips for p in c.labelled if p >= c.frames.num_frames]
    assert len(past) == 10
    assert ("060_aud", 1031) in past
    assert sum("past the end" in note for note in source.notes) == 10


def test_lips_images_equal_the_video_frames_of_their_labels(lips):
    # 006_xaud and 051_aud hold three images whose numbers are those of other frames.
    for clip in [c for c in lips.clips if c.name in ("002_cal", "006_xaud", "051_aud")]:
        for row in range(clip.num_labelled):
            if clip.window(row, (0, 1))[1].all():
                np.testing.assert_array_equal(clip.read_window(row)[0], clip.read_window(row, (0, 1))[0])


@needs_data
def test_the_openfield_project_has_grey_images_and_no_neighbours():
    source = validation.validate(project.read(DATA / "openfield"))
    (clip,) = source.clips
    assert (clip.num_labelled, clip.frames.num_frames, clip.frames.size_hw) == (116, None, (480, 640))
    assert source.skeleton.joints == ("snout", "leftear", "rightear", "tailbase")
    assert source.skeleton.flip_pairs == (("leftear", "rightear"),)
    assert (clip.visibility == VISIBLE).all()
    image = clip.read_window(0)[0]
    assert image.shape == (480, 640, 3)
    assert (image[..., 0] == image[..., 2]).all()
