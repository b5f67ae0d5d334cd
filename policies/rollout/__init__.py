"""Policies of the rollout: from measurements, a change goes on, goes back or is done."""
