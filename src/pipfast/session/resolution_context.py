"""What a resolution works with: the target Python, the store, the indexes and build settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.tags import Tag

from pipfast.environment.interpreter import Interpreter
from pipfast.model.frozen_dataclass import dataclass
from pipfast.net.client import Client
from pipfast.policy.build import BuildPolicy
from pipfast.policy.mode import Mode
from pipfast.resolve.old_version_notice import ResolutionHistory
from pipfast.store.filesystem.root import Store

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from pipfast.remote_store.remote import RemoteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """How a run builds and checks out sources.

    `cache_dir` is pip's cache directory. `src` is the folder of ``-e`` checkouts. `editables` is
    whether ``-e`` results in an editable wheel instead of a regular one.
    """

    policy: BuildPolicy
    cache_dir: str | None
    src: Path
    exists_action: str
    verbosity: int
    editables: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionContext:
    """What a resolution works with; `version` and `tags` are those that wheels have to support.

    They differ from those of `python` with options such as ``--python-version``. `history` gets
    what each resolution rejects because of conflicts; without it, a stored resolution may be used.
    `remote` is the store that is shared with other machines.
    """

    store: Store
    client: Client
    python: Interpreter
    tags: Sequence[Tag]
    version: tuple[int, int, int]
    build: BuildSettings
    mode: Mode
    hints: bool = False
    history: Callable[[ResolutionHistory], None] | None = None
    remote: RemoteStore | None = None
