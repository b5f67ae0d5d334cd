"""Frames and figures of recorded incidents, for notebooks and for readers who want more than a report."""
