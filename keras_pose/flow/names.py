"""The names of the flow estimators, as `--flow` takes them. Loads neither TensorFlow nor OpenCV."""

NONE = "none"
IN_GRAPH = "in_graph"
DIS_ULTRAFAST = "dis_ultrafast"
DIS_FAST = "dis_fast"
FARNEBACK_GAUSSIAN = "farneback_gaussian"
FARNEBACK_HALF = "farneback_half"
CORE = (DIS_ULTRAFAST, DIS_FAST, "dis_medium", "farneback", FARNEBACK_GAUSSIAN, FARNEBACK_HALF, "variational")
CONTRIB = ("deepflow", "tvl1")
ESTIMATORS = (*CORE, *CONTRIB, IN_GRAPH, NONE)
