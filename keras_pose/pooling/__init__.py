"""Pooling of heatmaps over a window of frames, written once and used in training, in exports and in streams.

Pfister, Charles, Zisserman, "Flowing ConvNets for Human Pose Estimation in Videos" (arXiv 1506.02897): the heatmaps of
n neighbours on each side are warped to the current frame by dense optical flow, and pooled to one map per joint.

The one rule of a window
------------------------
Flow is estimated only between frames that follow each other in the window, away from the middle, and composed:

    F_{k+1}(p) = F_k(p) + f_{k+1}(p + F_k(p))

with F_k the flow from the current frame to its k-th neighbour on one side and f_{k+1} the flow from there to the next.
A stream can do the same with one estimate per frame, for any n. A side of the window ends at the first neighbour that
does not exist: nothing beyond it can be brought onto the middle. In a weighted sum, the weight of a neighbour that does
not exist belongs to the current frame's map, so peaks keep their height; in the kinds along time (chain, chain_readout,
track), such a neighbour says nothing. All kinds return maps on the scale of heatmaps: peaks near 1 if the joint is
certain.

`flow.composition` (TensorFlow) and `flow.composition_numpy` (NumPy, OpenCV) hold the equation; `kinds` lists what is
done with the warped maps. The rest of this room applies both:

    pooling_kind       what a kind of pooling is
    kinds              the kinds by name; `pixelwise`, `data_dependent`, `chain`, `chain_readout`, `track` and `median`
                       hold their equations
    reach              windows in seconds: strides at any frame rate
    temporal_pooling   the layer that pools
    windows            fold and unfold windows, the middle frame
    window_flow        flow of a whole window, estimated in the graph
    flow_reliability   how reliable each flow of a window is
    clip_pooling       whole clips in the graph, for exports
    stream_pooling     video frame by frame: flow, warp and pool as frames arrive
    stream_buffer      the maps and flow that a stream keeps
    accumulators       pooling one neighbour at a time; `chain_numpy`, `peak_accumulator`: those of chains and of track

Letters in shapes: B batch, T frames of the window, H W frame, h w heatmap, J joints.
"""
