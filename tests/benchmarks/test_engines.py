"""Both engines are timed on the same frames and give the same maps."""

from benchmarks import engines


def test_both_engines_are_timed_and_their_maps_agree():
    rows = {row.what: row for row in engines.engine_rows("lite", 32, 2, batch=2)}
    assert rows["lite, 32 px, difference of the maps"].verdict == "holds"
    for what in ("one frame", "batch of 2"):
        for engine in (engines.TENSORFLOW, engines.LITE):
            assert rows[f"lite, 32 px, {what}, {engine}"].value > 0
        assert rows[f"lite, 32 px, {what}, {engines.LITE} / {engines.TENSORFLOW}"].value > 0
