"""Open the store that machines share, and upload at the end of a run; only if one is set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipfast.concurrency.interrupts import interruptible
from pipfast.config.settings import Settings
from pipfast.model.events import Listener
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import redact
from pipfast.net.client import Client
from pipfast.policy.network import network_policy
from pipfast.policy.remote_store import RemoteStorePolicy, remote_store_policy
from pipfast.remote_store.engine import Engine
from pipfast.remote_store.events import (
    RemoteStoreOnlyRead,
    RemoteStoreUnusable,
    RemoteUploadsDone,
    RemoteUploadsLeft,
    Unusable,
)
from pipfast.remote_store.folder_engine import FolderEngine
from pipfast.remote_store.http_engine import HttpEngine
from pipfast.remote_store.remote import PATIENCE, Place, RemoteStore
from pipfast.remote_store.upload import at_end_of_run, upload
from pipfast.report.render import load_renderers
from pipfast.session.sharing_keys import secret_of, signer_of
from pipfast.store.filesystem.root import Store

_CLOUDS = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")


@contextmanager
def shared_by_run(settings: Settings, store: Store, emit: Listener) -> Iterator[RemoteStore | None]:
    """Yield the remote store of a run; after the block, upload what the run built.

    None if the settings give none. A run that fails uploads nothing: what it built stays queued.
    """
    policy = remote_store_policy(settings)
    remote = None if policy is None else remote_store(policy, settings, store, emit)
    if policy is None or remote is None:
        yield None
        return
    if policy.writes and not remote.place.writes:
        emit(RemoteStoreOnlyRead(remote.place.shown))
    try:
        yield remote
        with interruptible():
            remote.finish_offers()
            if remote.offered:
                _upload(remote, policy, emit)
    finally:
        remote.close()


def _upload(remote: RemoteStore, policy: RemoteStorePolicy, emit: Listener) -> None:
    done = upload(remote, at_end_of_run(remote, policy.wait))
    if done.count:
        emit(RemoteUploadsDone(done.count, done.size))
    if done.left:
        emit(RemoteUploadsLeft(done.left))


def remote_store(
    policy: RemoteStorePolicy, settings: Settings, store: Store, emit: Listener
) -> RemoteStore | None:
    """Return the remote store; None, with a warning, if the settings do not allow one."""
    # everything is imported before an environment changes
    load_renderers("remote_store")
    place = _place(policy, settings)
    if isinstance(place, Unusable):
        emit(RemoteStoreUnusable(redact(policy.url), place))
        return None
    return RemoteStore(place, store, emit)


def _place(policy: RemoteStorePolicy, settings: Settings) -> Place | Unusable:
    secret = secret_of(policy)
    if isinstance(secret, Unusable):
        return secret
    signer = signer_of(policy, secret)
    if isinstance(signer, Unusable):
        return signer
    opened = _engine(policy.url, settings)
    if isinstance(opened, Unusable):
        return opened
    return Place(
        open=opened,
        shown=redact(policy.url),
        secret=secret,
        signer=signer,
        writes=policy.writes and signer.can_sign,
    )


def _engine(url: str, settings: Settings) -> Callable[[], Engine] | Unusable:
    """Return how to open the storage at `url`."""
    scheme = url.partition(":")[0].lower()
    if scheme == "file":
        root = Path(path_of_url(url))
        return lambda: FolderEngine(root)
    if scheme in ("http", "https"):
        return lambda: _http(url, settings)
    if scheme not in _CLOUDS:
        return Unusable.UNKNOWN_SCHEME
    return lambda: _cloud(url)


def _cloud(url: str) -> Engine:
    from pipfast.remote_store.cloud_engine import CloudEngine  # an extra

    return CloudEngine(url, PATIENCE)


def _http(url: str, settings: Settings) -> Engine:
    """Return the web server at `url`; a run neither repeats requests to it nor asks the user."""
    policy = replace(network_policy(settings), retries=0, interactive=False)
    client = Client(policy)
    client.has_account(url)  # a keyring may take its time, as for an index
    return HttpEngine(url, client)
