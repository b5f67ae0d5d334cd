"""The parts of a proof that need no sandbox."""
