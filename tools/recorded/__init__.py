"""World read from a folder of exports (docs/recordings.md): nothing can be changed in it, and its clock stands in the past."""

from tools.recorded.world import RecordedWorld, address, connect, moment

__all__ = ["RecordedWorld", "address", "connect", "moment"]
