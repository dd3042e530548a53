"""Index pages as a stored result refers to them."""

from __future__ import annotations

from packaging.utils import NormalizedName

from pipfast.index.page_reader import PageReader, PageResult
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPage:
    """A page of `project`: its file in the store, the file's inode, and its lifetime.

    `index` is the number of the index among those that are searched for the project, whose address
    may contain credentials.
    A changed page is another file. The file's time is that of the last confirmation by the index;
    after `lifetime` seconds the page has to be confirmed again. `path` is None if the index does
    not have the project, which has to be confirmed by each run.
    """

    project: NormalizedName
    index: int
    path: str | None = None
    number: int = 0
    lifetime: float = 0.0


def used_page(
    reader: PageReader, result: PageResult, project: NormalizedName, index: int, url: str
) -> UsedPage | None:
    """Return the page that `result` of `url` is, None if later runs could not compare it.

    They cannot if the page failed, is not stored, or came with messages.
    """
    if result.fault is not None or result.messages:
        return None
    if result.page is None:
        return UsedPage(project=project, index=index)
    place = reader.kept_at(url, project)
    if place is None:
        return None
    path, number = place
    lifetime = result.page.validity.lifetime
    return UsedPage(project=project, index=index, path=path, number=number, lifetime=lifetime)
