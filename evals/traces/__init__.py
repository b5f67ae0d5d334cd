"""Recorded incidents as frames and figures, for notebooks and for whoever wants to look further than a report."""
