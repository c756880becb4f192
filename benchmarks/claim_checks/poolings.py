"""Claims about pooling the maps of neighbours along the flow: which kind helps, and how it depends on n."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.claim_checks import pooled
from benchmarks.claim_checks.findings import ABOVE, BELOW, Finding
from benchmarks.claim_checks.study import Study, compare

PARAMETRIC = "parametric"
DATA_DEPENDENT = "data_dependent"


def find_pooling_helps(study: Study) -> Iterator[Finding]:
    """Yields comparisons of parametric pooling with one frame, with sum and max, and of each kind at both ends of n."""
    form = study.form
    for poolings in pooled.open_all(study):
        single = poolings.predict_single()
        at_middle = {kind: poolings.predict(kind, form.middle) for kind in (PARAMETRIC, "sum", "max")}
        for name, other in ((pooled.SINGLE, single), ("sum", at_middle["sum"]), ("max", at_middle["max"])):
            found = {PARAMETRIC: [at_middle[PARAMETRIC]], name: [other]}
            what = f"n = {form.middle}: parametric − {name}"
            yield compare(5, what, poolings.data, poolings.skeleton, found, {PARAMETRIC: 1, name: -1})
        for kind, side in (("sum", BELOW), ("max", BELOW), (PARAMETRIC, ABOVE)):
            far, near = (f"n = {n}" for n in (form.far, form.near))
            found = {far: [poolings.predict(kind, form.far)], near: [poolings.predict(kind, form.near)]}
            what = f"{kind}: {far} − {near}"
            yield compare(5, what, poolings.data, poolings.skeleton, found, {far: 1, near: -1}, side)


def find_data_dependent(study: Study) -> Iterator[Finding]:
    """Yields the accuracy of data-dependent pooling less that of parametric pooling."""
    n = study.form.middle
    for poolings in pooled.open_all(study):
        found = {kind: [poolings.predict(kind, n)] for kind in (DATA_DEPENDENT, PARAMETRIC)}
        what = f"n = {n}: data-dependent − parametric"
        weights = {DATA_DEPENDENT: 1.0, PARAMETRIC: -1.0}
        yield compare(9, what, poolings.data, poolings.skeleton, found, weights)
