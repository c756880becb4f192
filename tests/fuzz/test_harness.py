"""The harness finds planted faults: crashes, endless loops, errors of a wrong kind, labels that are lost."""

import dataclasses
import json
import os

import numpy as np
import pytest

from keras_pose.data import open_source
from tests.fuzz import accounting, numbered, oracle, planted, rounds, supervisor
from tests.fuzz.targets import coco, deeplabcut_project


def run(target, folder, seconds=60.0, **options):
    return supervisor.Supervisor(f"tests.fuzz.planted:{target}", 0, str(folder)).run(seconds, **options)


def test_a_crash_is_kept_and_the_next_round_begins(tmp_path):
    report = run("run_crash", tmp_path, rounds=2)
    (name,) = report.faults
    assert name.startswith("crash")
    assert report.rounds == 2
    text = (tmp_path / "tests.fuzz.planted-run_crash" / name / "report.txt").read_text()
    assert "round 1" in text
    assert "address 0" in text
    assert "Segmentation fault" in text


def test_a_hang_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "HANG_S", 1.0)
    report = run("run_hang", tmp_path, rounds=1)
    (name,) = report.faults
    assert name.startswith("hang")
    assert report.counts["cases"] == 1
    assert "planted.py" in (tmp_path / "tests.fuzz.planted-run_hang" / name / "report.txt").read_text()


def test_an_error_of_another_class_is_shrunk(tmp_path):
    report = run("run_error", tmp_path, rounds=1)
    (name,) = report.faults
    text = (tmp_path / "tests.fuzz.planted-run_error" / name / "report.txt").read_text()
    assert "uncaught TypeError" in text
    assert "the file: 600\n" in text
    assert report.counts["faulty"] > 0


def test_the_same_seed_gives_the_same_cases(tmp_path):
    def cases(seed):
        seen = []

        def target(rng, folder, log):
            seen.append((rng.randrange(1000), rng.choice("abc")))
            return True

        rounds.Round(target, str(tmp_path), set(), lambda message: None).run(seed, 3, 20)
        return seen

    assert cases(1) == cases(1) != cases(2)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (planted.refuse_without_name, "message names no file or flag"),
        (planted.warn, "warning of a library"),
        (planted.Careless, "exception ignored"),
    ],
)
def test_what_users_must_not_see_is_a_fault(call, kind):
    def drop():
        call()

    with pytest.raises(oracle.Fault) as caught:
        oracle.attempt(drop, names=("a.txt",))
    assert caught.value.kind == kind


def test_a_named_error_is_an_outcome():
    def refuse():
        raise ValueError("a.txt: expected numbers")

    outcome = oracle.attempt(refuse, names=("a.txt",))
    assert str(outcome.error) == "a.txt: expected numbers"


def read_coco(folder, monkeypatch, change):
    """Reads four annotations; `change` is applied to the source that the importer returns."""
    for number in (40, 41):
        (folder / f"img_{number:03d}.png").write_bytes(numbered.picture(number))
    images = [{"id": n, "file_name": f"img_{n:03d}.png", "height": 48, "width": 64} for n in (40, 41)]
    labels = [{"id": n, "image_id": n, "category_id": 1, "keypoints": [5.0, n, 2, 9.0, 9.0, 1]} for n in (40, 41)]
    document = {"images": images, "annotations": labels, "categories": [{"id": 1, "keypoints": ["a", "b"]}]}
    (folder / "annotations.json").write_text(json.dumps(document))
    original = open_source.open_source
    monkeypatch.setattr(accounting, "open_source", lambda spec: change(original(spec)))
    return accounting.read_and_check(str(folder), str(folder), coco.entries_of(document))


def test_a_complete_source_is_accounted_for(tmp_path, monkeypatch):
    assert read_coco(tmp_path, monkeypatch, lambda source: source)


def test_a_lost_annotation_is_a_fault(tmp_path, monkeypatch):
    with pytest.raises(oracle.Fault, match="left out without a word: annotation 41"):
        read_coco(tmp_path, monkeypatch, lambda source: dataclasses.replace(source, clips=source.clips[:1]))


@pytest.mark.parametrize("note", ["annotation 41: left out", "left out 1 of 2 annotations", "img_041.png: no label"])
def test_a_lost_annotation_with_a_note_is_none(tmp_path, monkeypatch, note):
    def change(source):
        return dataclasses.replace(source, clips=source.clips[:1], notes=(note,))

    assert read_coco(tmp_path, monkeypatch, change)


def test_a_moved_joint_is_a_fault(tmp_path, monkeypatch):
    def change(source):
        clip = source.clips[1]
        return dataclasses.replace(
            source, clips=[source.clips[0], dataclasses.replace(clip, joints=clip.joints + np.float32(0.5))]
        )

    with pytest.raises(oracle.Fault, match="joint differs from the file: annotation 41"):
        read_coco(tmp_path, monkeypatch, change)


def test_labels_on_each_others_pictures_are_a_fault(tmp_path, monkeypatch):
    def change(source):
        first, second = source.clips
        swapped = [dataclasses.replace(first, frames=second.frames), dataclasses.replace(second, frames=first.frames)]
        return dataclasses.replace(source, clips=swapped)

    with pytest.raises(oracle.Fault, match="joint differs from the file"):
        read_coco(tmp_path, monkeypatch, change)


def test_a_lost_joint_is_a_fault(tmp_path, monkeypatch):
    def change(source):
        clip = source.clips[0]
        joints = clip.joints.copy()
        joints[0, 1] = np.nan
        lost = dataclasses.replace(clip, joints=joints, visibility=np.array([[2, 0]]))
        return dataclasses.replace(source, clips=[lost, source.clips[1]])

    with pytest.raises(oracle.Fault, match="joint lost without a word: annotation 40: joint 'b'"):
        read_coco(tmp_path, monkeypatch, change)


@pytest.mark.parametrize("number", [0, 1, 77, 128, 255])
def test_frames_show_their_number(number):
    assert numbered.read(numbered.draw(number)) == number
    assert numbered.read(numbered.draw(number) // 2 + 60) is None


def test_packets_of_a_video_are_found():
    data = numbered.video("mp4", "libx264")
    found = numbered.packets(data)
    assert sorted(number for number, _, _ in found) == list(range(12))
    assert all(0 < start < stop <= len(data) for _, start, stop in found)


def test_the_command_runs_one_target(tmp_path, capsys, monkeypatch):
    from tests.fuzz import __main__ as command

    failures = os.path.join(tmp_path, "failures")
    arguments = ["fuzz", "--target=requests", "--seed=1", "--round=0", f"--failures={failures}"]
    monkeypatch.setattr("sys.argv", arguments)
    command.main()
    assert "requests: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "number"),
    [(3, 3.0), (2.5, 2.5), ("2.5", 2.5), (True, None), (2**70, None), (10**400, None), (np.nan, None), (np.inf, None)],
)
def test_a_number_is_known_if_there_is_no_doubt(cell, number):
    assert accounting.number_in(cell) == number


def test_rows_behind_a_cell_of_two_lines_are_counted_by_lines():
    rows = deeplabcut_project.table("session_b")
    rows[0].cells[1] = "a\nb"
    assert [entry.place for entry in deeplabcut_project.entries_of("session_b", rows)] == [
        f"session_b/CollectedData_me.csv:{line}" for line in (5, 6, 7)
    ]


@pytest.mark.parametrize(("message", "name"), [("t.csv: 'nose' is read as the body part 'Nose'", "Nose"), ("", "nose")])
def test_joints_have_the_names_that_notes_tell(message, name):
    entry = accounting.Entry("t.csv:1", 3, {"nose": (1.0, 2.0)}, frozenset({"nose"}))
    found = accounting.with_names_of_notes(entry, [message])
    assert (found.joints, found.unsure) == ({name: (1.0, 2.0)}, frozenset({name}))
