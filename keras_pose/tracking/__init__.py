"""Where to look in each frame: fixed boxes, people to follow, boxes from files and detectors; smoothing of tracks."""
