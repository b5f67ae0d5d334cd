"""Patches that hide an error and patches that mend it, to measure how well the inspection tells them apart."""
