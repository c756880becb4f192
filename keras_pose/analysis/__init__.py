"""The analysis of videos: many videos in, files of poses and labelled videos out; can be killed and resumed."""
