"""`--pooling=auto`: fits and chooses the temporal layer of a flowing net on frames that its net has not trained on.

A net knows the frames that it trained on by heart. Neighbours look worthless there, and a pooling that is fitted or
judged there is fitted and judged wrongly. So everything here happens on maps of unseen groups (`Clip.group`: films,
people, sessions):

1. `unseen`: the validation set is unseen, and so are groups that a run of `--init_from` left out. If these are fewer
   than `--choice_groups` and the run trains the net itself, `--choice_folds` further nets each train without a part
   of the training groups, and give the maps of that part (cross-fitting).
2. `clip_maps`: the net runs once on each frame of these windows, flow is estimated once for each pair. Both are kept
   in the folder of the run.
3. `candidates`, `search`: each kind of pooling with each window and each flow. Kinds that learn are fitted to a part
   of the groups and predict the others, so each frame is predicted by weights that were not fitted to its group.
4. `comparison`: the figure of a candidate is the area under its accuracy up to 10 % of the input's longer side. A
   candidate wins against the single frame if its difference is above zero for all candidates at once (bootstrap over
   groups, maximum of the studentised differences). Among the winners within one standard error of the best, the
   cheapest is chosen. If none wins, there is no pooling.
5. The chosen pooling is fitted to all unseen groups, and the training goes on from there. `final_check`: if the joint
   training made it worse on the validation set, the start is kept.

Each step leaves a file in `<run_dir>/choosing`, so a killed run goes on where it was and chooses the same.

Letters in shapes: N labelled frames, T frames of a window, h w heatmap, J joints, P frames of a clip.
"""
