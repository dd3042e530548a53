"""Index pages as a stored result refers to them."""

from __future__ import annotations

from packaging.utils import NormalizedName

from pipfast.index.page_reader import PageReader, PageResult
from pipfast.model.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPage:
    """The page of `project` at `url`: its file in the store, the file's inode, and its lifetime.

    A changed page is another file. The file's time is that of the last confirmation by the index;
    after `lifetime` seconds the page has to be confirmed again. `path` is None if the index does
    not have the project, which has to be confirmed by each run.
    """

    project: NormalizedName
    url: str
    path: str | None = None
    number: int = 0
    lifetime: float = 0.0


def used_page(
    reader: PageReader, url: str, project: NormalizedName, result: PageResult
) -> UsedPage | None:
    """Return the page that `result` of `reader` is, None if later runs could not compare it.

    They cannot if the page failed, is not stored, or came with messages.
    """
    if result.fault is not None or result.messages:
        return None
    if result.page is None:
        return UsedPage(project=project, url=url)
    place = reader.kept_at(url, project)
    if place is None:
        return None
    path, number = place
    lifetime = result.page.validity.lifetime
    return UsedPage(project=project, url=url, path=path, number=number, lifetime=lifetime)
