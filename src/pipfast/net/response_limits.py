"""Limits on what a server may send, which bound the memory of this process."""

BODY_SIZE = 64 << 20
"""Bytes of a response that is read into memory, as sent and decompressed: real pages have 40 MB."""

HEADERS_SIZE = 100 << 10
"""Bytes of all names and values of the headers of a response."""

HEADERS = 100
"""Headers of a response (the limit of http.client, which pip uses)."""

IGNORED_SIZE = 64 << 10
"""Bytes that are read of an answer nobody needs (a redirect, a 401), to use its connection again.

A longer one closes the connection.
"""
