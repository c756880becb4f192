"""Odd labels of every format that is read. Each kind has two good labels at least, unless it says otherwise."""

from __future__ import annotations

from tests.odd_inputs.kinds import Kinds
from tests.odd_inputs.labels_of_coco import KINDS as COCO
from tests.odd_inputs.labels_of_deeplabcut import KINDS as DEEPLABCUT
from tests.odd_inputs.labels_of_label_studio import KINDS as LABEL_STUDIO
from tests.odd_inputs.labels_of_sleap import KINDS as SLEAP
from tests.odd_inputs.labels_of_yolo import KINDS as YOLO

KINDS = Kinds()
for part in (DEEPLABCUT, COCO, SLEAP, YOLO, LABEL_STUDIO):
    KINDS.all += part.all
