"""Limits on what a wheel may contain, which bound the memory of every process.

Used by workers. The largest wheels have 30,000 files and a RECORD of 4 MB.
"""

MEMBERS = 200_000
"""Members of a wheel."""

DIRECTORY_SIZE = 32 << 20
"""Bytes of a wheel's central directory."""

RECORD_SIZE = 16 << 20
"""Bytes of RECORD."""

SMALL_SIZE = 1 << 20
"""Bytes of each of WHEEL and entry_points.txt."""

RECORD_ROWS = 400_000
"""Line endings of a RECORD, counting ``\\r\\n`` twice: one for each member at least."""
