"""The way back to labels: which frames to label next, starting labels carried by flow, corrections merged back."""
