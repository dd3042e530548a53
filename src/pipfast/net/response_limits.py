"""Limits on what a server may send, which bound the memory of this process."""

BODY_SIZE = 64 << 20
"""Bytes of a response that is read into memory, as sent and decompressed: real pages have 40 MB."""

METADATA_SIZE = 16 << 20
"""Bytes of a metadata file next to a distribution."""
