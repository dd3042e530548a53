"""Texts of the messages of `environment`; pip's lines."""

from __future__ import annotations

from pipfast.environment.events import (
    DirectUrlInvalid,
    LeftoverIgnored,
    MetadataSkipped,
    SiteChosen,
    SiteReason,
    UserSiteUsed,
)
from pipfast.report.render import renders


@renders(LeftoverIgnored)
def _leftover_ignored(message: LeftoverIgnored) -> str:
    name, location = message.name, message.location
    if not message.is_incomplete:
        return f"Ignoring invalid distribution {name} ({location})"
    return (
        f"Ignoring incompletely removed distribution {name} ({location}); "
        "'~'-prefixed leftover directories are the result of a previous incomplete installation, "
        "and can be deleted"
    )


@renders(MetadataSkipped)
def _metadata_skipped(message: MetadataSkipped) -> str:
    return f"Skipping {message.info} due to invalid metadata entry 'name'"


@renders(DirectUrlInvalid)
def _direct_url_invalid(message: DirectUrlInvalid) -> str:
    return f"Error parsing direct_url.json for {message.name}: {message.error}"


_SITE = {
    SiteReason.REQUESTED: "User install by explicit request",
    SiteReason.NOT_REQUESTED: "Non-user install by explicit request",
    SiteReason.ELSEWHERE: "Non-user install due to --prefix or --target option",
    SiteReason.DISABLED: "Non-user install because user site-packages disabled",
    SiteReason.WRITABLE: "Non-user install because site-packages writeable",
}


@renders(SiteChosen)
def _site_chosen(message: SiteChosen) -> str:
    return _SITE[message.reason]


@renders(UserSiteUsed)
def _user_site_used(message: UserSiteUsed) -> str:
    del message
    return "Defaulting to user installation because normal site-packages is not writeable"
