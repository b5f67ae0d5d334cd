"""Bounds on what is read of a recording.  Whatever is left out because of one is said."""

MAX_FILES = 500
"""Files of one folder that are read, the first by name."""

MAX_FILE = 512 * 1024 * 1024
"""Bytes of one file."""

MAX_LINE = 16 * 1024 * 1024
"""Bytes of one line: a batch of a collector's file exporter is one line."""

MAX_POINTS = 4_000_000
"""Points of all series together."""

MAX_LINES = 400_000
"""Log lines together."""

MAX_SPANS = 400_000
"""Spans together."""

MAX_ITEMS = 50_000
"""Changes, recorded requests and objects of a cluster, of each."""

MAX_ATTRIBUTES = 32
"""Attributes of one span or line that are kept, the first by name."""

MAX_TRACE = 200
"""Spans of one trace that are told."""

TOLD = 5
"""Sentences about one file; after them their number is told."""
