"""Texts of messages about requirements; pip's lines."""

from __future__ import annotations

from pipfast.report.render import renders
from pipfast.requirements.events import (
    ArchiveNotFound,
    ConstraintFormDeprecated,
    HashIgnored,
    LocaleEncodingUsed,
    LockFileIsExperimental,
    LockVersionUnsupported,
    TrustedHostAdded,
)


@renders(ArchiveNotFound)
def _archive_not_found(message: ArchiveNotFound) -> str:
    return f"Requirement {message.requirement!r} looks like a filename, but the file does not exist"


@renders(LocaleEncodingUsed)
def _locale_encoding_used(message: LocaleEncodingUsed) -> str:
    return (
        f"unable to decode data from {message.path} with default encoding utf-8, "
        f"falling back to encoding from locale: {message.encoding}. "
        "If this is intentional you should specify the encoding with a "
        f"PEP-263 style comment, e.g. '# -*- coding: {message.encoding} -*-'"
    )


@renders(HashIgnored)
def _hash_ignored(message: HashIgnored) -> str:
    return f"{message.path} line {message.line} has --hash but no requirement, and will be ignored."


@renders(TrustedHostAdded)
def _trusted_host_added(message: TrustedHostAdded) -> str:
    source = f"line {message.line} of {message.path}"
    return f"adding trusted host: {message.host!r} (from {source})"


@renders(ConstraintFormDeprecated)
def _constraint_form_deprecated(_: ConstraintFormDeprecated) -> str:
    return (
        "DEPRECATION: Constraints are only allowed to take the form of a package "
        "name and a version specifier. Other forms were originally "
        "permitted as an accident of the implementation, but were "
        "undocumented. The new implementation of the resolver no "
        "longer supports these forms. "
        "A possible replacement is replacing the constraint with a requirement. "
        "Discussion can be found at https://github.com/pypa/pip/issues/8210"
    )


@renders(LockFileIsExperimental)
def _lock_file_is_experimental(_: LockFileIsExperimental) -> str:
    return (
        "Using pylock.toml as a requirements source is an experimental feature. "
        "It may be removed/changed in a future release without prior warning."
    )


@renders(LockVersionUnsupported)
def _lock_version_unsupported(message: LockVersionUnsupported) -> str:
    return f"pylock minor version {message.version} is not supported"
