"""Weights of the published Caffe nets, read without Caffe."""
