"""Proves in a sandbox that a patch mends the recorded failure and changes nothing else."""
