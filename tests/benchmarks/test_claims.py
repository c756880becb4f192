"""The command that checks the claims."""

import pytest

from benchmarks import claims
from benchmarks.claim_checks import data_sets, forms
from benchmarks.claim_checks.findings import Finding
from benchmarks.claim_checks.forms import FULL, NORMAL, SMOKE
from benchmarks.claim_checks.nets import ALL, EXTENDED, FEW, NETS, NO_FUSION, Nets
from benchmarks.claim_checks.registry import CLAIMS
from benchmarks.claim_checks.study import Claim, Study
from keras_pose import files, options


def test_arguments_and_their_defaults():
    normal = claims.parse_arguments([])
    assert (normal.form, normal.out, normal.only) == (NORMAL, "runs/claims", list(range(1, 11)))
    assert claims.parse_arguments(["--full"]).form is FULL
    quick = claims.parse_arguments(["--quick", "--only=3,1"])
    assert (quick.form, quick.out, quick.only) == (SMOKE, "runs/claims-smoke", [1, 3])


@pytest.mark.parametrize("given", [["--only=0"], ["--only=a"], ["--only=11"], ["--full", "--quick"]])
def test_invalid_arguments_are_refused(given, capsys):
    with pytest.raises(SystemExit):
        claims.parse_arguments(given)
    assert given[0].split("=")[0] in capsys.readouterr().err


def test_a_folder_has_one_form(tmp_path):
    claims.check_form(str(tmp_path), "normal")
    claims.check_form(str(tmp_path), "normal")
    with pytest.raises(ValueError, match="begun with the normal form, received the full form"):
        claims.check_form(str(tmp_path), "full")


@pytest.mark.parametrize("form", [NORMAL, FULL, SMOKE], ids=lambda form: form.name)
@pytest.mark.parametrize("net", NETS)
def test_nets_differ_in_what_is_compared_only(net, form):
    nets = Nets("out", form)
    data = data_sets.open_signers(form)
    plain, other = (options.values(nets.configure(data, name, ALL, 0)) for name in ("heatmap", net))
    different = {name for name, value in other.items() if value != plain[name]}
    assert different <= {"run_dir", "model", "fusion", "coordinate_loss", "window", "frame_stride"}
    assert nets.configure(data, NO_FUSION, ALL, 0).model.fusion is False


def test_every_training_has_a_folder_of_its_own():
    nets = Nets("out", forms.NORMAL)
    data = data_sets.open_signers(forms.NORMAL)
    folders = {nets.configure(data, net, clips, s).run_dir for net in NETS for clips in (ALL, FEW) for s in (0, 1)}
    assert len(folders) == 4 * len(NETS)
    few = nets.configure(data, "heatmap", FEW, 0).data
    assert few.signer_clips == forms.NORMAL.few_signer_clips
    assert (few.test_source, EXTENDED) == ("signers:test:120", "extended")


def test_the_summary_counts_verdicts_and_says_what_chance_does():
    found = [Finding(1, "a", "b", 1, 0.5, 2), Finding(1, "a", "c", 1, -0.5, 2), Finding(3, "a", "b", -1, -2, -0.5)]
    text = claims.summarise(found)
    assert text.startswith("3 comparisons on 2 claims: 1 held, 1 not held, 1 not decidable here.")
    assert "0.1 of them" in text or "0.2 of them" in text


def test_findings_of_other_claims_are_kept(tmp_path, monkeypatch):
    found = {1: Finding(1, "a", "b", 1, 0.5, 2, units="8 clips"), 3: Finding(3, "c", "d", -1, -2, -0.5, side="<")}
    study = Study({}, Nets(str(tmp_path), SMOKE), SMOKE, str(tmp_path))
    for number, finding in found.items():
        checked = Claim("A statement", lambda _, finding=finding: iter([finding]))
        monkeypatch.setitem(claims.CLAIMS, number, checked)
    assert claims.measure(study, [3]) == [found[3]]
    assert claims.measure(study, [1]) == [found[1], found[3]]
    assert claims.measure(study, [3]) == [found[1], found[3]]


@pytest.mark.slow
def test_a_claim_is_checked_from_training_to_table(tmp_path, capsys):
    out = tmp_path / "claims"
    figure = tmp_path / "claims.png"
    json = tmp_path / "rows.json"
    claims.main(["--quick", "--only=4,6", f"--out={out}", f"--figure={figure}", f"--json={json}"])
    shown = capsys.readouterr().out
    assert "note: JHMDB is left out, since --jhmdb is not given" in shown
    assert "claim 6 (2 of 2): Learned weights are highest in the centre" in shown
    found = files.read_json(out / "claims.json")
    assert [finding["claim"] for finding in found["findings"]] == [4, 6, 6]
    assert found["form"] == "smoke"
    assert (out / "claims.md").read_text(encoding="utf-8").startswith("| claim | data |")
    assert len(files.read_json(json)["rows"]) == 3
    assert figure.exists()
    assert set(CLAIMS) == set(range(1, 11))
