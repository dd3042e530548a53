"""Install distributions into new folders that nothing uses yet, without a journal."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName

from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import replace
from pipfast.plan.steps import WheelToInstall
from pipfast.store.wheels.manifest import Archive
from pipfast.store.workers.inline import InlineWorker
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.staging import StagedTree, StagingArea, stage
from pipfast.transaction.wheel_layout import Layout, lay_out


def populate(
    incoming: Sequence[WheelToInstall],
    archives: Mapping[NormalizedName, Archive],
    environment: InstallEnvironment,
    emit: Listener,
) -> None:
    """Install distributions into the folders of `environment`, which do not exist yet.

    The files are the same as those of `apply`, but a failure leaves a part of them. Runs in this
    process: build requirements are too few files to start workers for. Raises what `apply` raises.
    """
    scheme = environment.scheme
    layouts = [
        _without_bytecode(lay_out(archives[each.name], each, environment, emit))
        for each in incoming
    ]
    roots = (scheme.purelib, scheme.platlib, scheme.scripts, scheme.headers, scheme.data)
    trees = [StagedTree(root, root) for root in dict.fromkeys(map(os.path.abspath, roots))]
    with InlineWorker(environment.executable) as workers:
        with_removed = [(layout, frozenset[str]()) for layout in layouts]
        for _ in stage(with_removed, StagingArea(trees), workers, environment.link_mode):
            pass


def _without_bytecode(layout: Layout) -> Layout:
    """Return the layout without bytecode of generated files, which only the target can compile."""
    generated = tuple(replace(file, bytecode="") for file in layout.generated)
    return replace(layout, generated=generated)
