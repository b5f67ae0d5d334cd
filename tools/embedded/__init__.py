"""Adapters of the embedded world: its HTTP interface and the files that it names (docs/embedded-world.md)."""

from tools.embedded.world import EmbeddedWorld, connect

__all__ = ["EmbeddedWorld", "connect"]
