"""The lines of `pip freeze`."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass

TYPE_CHECKING = False  # by that name type checkers know it; the module costs 3 ms
if TYPE_CHECKING:
    from packaging.direct_url import DirectUrl


@dataclass(frozen=True, slots=True)
class Frozen:
    """A requirement for a distribution, `comments` in lines before it; `name` is METADATA's."""

    name: str
    requirement: str
    comments: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of its lines."""
        return "\n".join([*self.comments, self.requirement]).rstrip()


def reference(name: str, told: DirectUrl) -> str:
    """The requirement for a distribution that is from a direct URL (PEP 440, PEP 610)."""
    fragments = []
    url = told.url
    if told.vcs_info is not None:
        url = f"{told.vcs_info.vcs}+{told.url}@{told.vcs_info.commit_id}"
    elif told.archive_info is not None and told.archive_info.hashes:
        algorithm, value = next(iter(told.archive_info.hashes.items()))
        fragments.append(f"{algorithm}={value}")
    if told.subdirectory:
        fragments.append(f"subdirectory={told.subdirectory}")
    return f"{name} @ {url}" + (f"#{'&'.join(fragments)}" if fragments else "")
