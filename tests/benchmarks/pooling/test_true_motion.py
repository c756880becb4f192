"""The motion that the generator knows brings the maps of neighbours onto the joint."""

import numpy as np

from benchmarks.pooling.map_store import MapStore
from benchmarks.pooling.warped_windows import open_clips
from keras_pose.data.synthetic import signers
from keras_pose.heatmaps import render_heatmaps


def test_true_motion_brings_the_maps_of_neighbours_onto_the_joint(tmp_path):
    reach = 4
    wrists = [1, 2]
    clips = open_clips("test", 4, reach, 128)
    in_order = iter(clips)

    def perfect_net(frames):
        """The maps of the true joints; the store asks clip by clip."""
        drawn = next(in_order).frames
        joints = signers.generate(drawn.split, drawn.index, drawn.num_frames, drawn.size_hw).joints
        assert len(joints) == len(frames)
        return render_heatmaps(np.concatenate([joints, np.ones((*joints.shape[:2], 1))], -1), (32, 32), 4, 1.5)

    store = MapStore(str(tmp_path), perfect_net, (128, 128), reach)
    store.fill([clips], ["none", "true", "joints"], echo=lambda line: None)

    def height_at_wrists(flow):
        windows = store.read_windows(clips, flow)
        assert windows.maps.shape == (12, 9, 32, 32, 7)
        assert windows.reliability[:, reach].min() == 1
        x, y = np.clip(np.rint((windows.targets[..., :2] + 0.5) / 4 - 0.5), 0, 31).astype(int).transpose(2, 0, 1)
        i = np.arange(12)[:, None]
        j = np.array(wrists)
        maps = windows.maps.astype(np.float32)
        return maps[:, [0, -1]].transpose(0, 2, 3, 4, 1)[i, y[:, wrists], x[:, wrists], j].mean()

    assert height_at_wrists("true") > height_at_wrists("none") + 0.2
    assert height_at_wrists("joints") > 0.85
