"""Texts of hints on failures: what is the matter on one side, what to do on the other."""

from __future__ import annotations

from pipfast.fetch.downloads.descriptions import human_size
from pipfast.model.credentials import CredentialSource, KeyringUse
from pipfast.model.failure_hints import (
    Certificate,
    CheckCertificate,
    CheckCredentials,
    CheckNetwork,
    CheckProxy,
    DiskFull,
    FailureHint,
    Fault,
    ForbidsUnknown,
    FormatExcluded,
    LabelElsewhere,
    LoosenRequirement,
    NoSuchRelease,
    OnlyPrereleases,
    OtherPlatform,
    OtherPython,
    ServerFailed,
    SimilarName,
)

_MOST_TAGS = 6


def text_of(hint: FailureHint) -> str:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return the text of a hint.

    Raises TypeError for a type that has none, which a test rules out.
    """
    match hint:
        case OtherPython():
            fact = f"{hint.project} {hint.version} needs Python {hint.needs}; this is {hint.python}"
            return f"{fact}; {_newest_that_fits(hint)}"
        case OtherPlatform():
            fact = f"{hint.project} {hint.version} has wheels for {_listed(hint.tags)} only, and no"
            return f"{fact} sdist; this is {hint.target}; {_newest_that_fits(hint)}"
        case LabelElsewhere():
            build = f"{hint.version}+{hint.label}"
            fact = f"these indexes have {hint.project} {hint.version}, but no build {build}"
            variable = f"PIPFAST_INDEX_OF_{hint.project.upper().replace('-', '_')}"
            return f"{fact}; set {variable} to the URL of an index that has builds with that label"
        case NoSuchRelease():
            fact = f"no release of {hint.project} matches {hint.specifier}"
            return f"{fact}; the newest is {hint.project}=={hint.newest}"
        case OnlyPrereleases():
            fact = f"only pre-releases of {hint.project} match, up to {hint.newest}"
            return f"{fact}; to allow them, add --pre"
        case FormatExcluded():
            return _excluded(hint)
        case SimilarName(by_module=True):
            fact = f"{hint.project} is a module of the project {hint.similar}"
            return f"{fact}; require {hint.similar}"
        case SimilarName():
            fact = f"there is no project {hint.project}; did you mean {hint.similar}?"
            return f"{fact} Make sure that it is the project you want"
        case LoosenRequirement():
            return _loosen(hint)
        case CheckNetwork():
            return _network(hint)
        case CheckProxy():
            return _proxy(hint)
        case CheckCertificate():
            return _certificate(hint)
        case CheckCredentials():
            return _credentials(hint)
        case ForbidsUnknown(url=url):
            return f"{url} answers 403, as its index does for every project that it does not list"
        case ServerFailed():
            fact = f"{hint.host} is reachable and answers with the error {hint.status}"
            return f"{fact}; nothing on this machine is wrong, so try again later"
        case DiskFull():
            needed = f", and {human_size(hint.needed)} are needed" if hint.needed else ""
            fact = f"the disk of {hint.path} has {human_size(hint.free)} left{needed}"
            return f"{fact}; free space there, or choose another folder"
        case _:
            raise TypeError(f"no text for {hint!r}")


def _newest_that_fits(hint: OtherPython | OtherPlatform) -> str:
    if hint.fits:
        return f"the newest that fits is {hint.project}=={hint.fits}"
    return "no other release fits either"


def _listed(tags: tuple[str, ...]) -> str:
    more = f" and {len(tags) - _MOST_TAGS} more" if len(tags) > _MOST_TAGS else ""
    return f"{', '.join(tags[:_MOST_TAGS])}{more}"


def _excluded(hint: FormatExcluded) -> str:
    kind, option, other = (
        ("wheels", "--no-binary", "--only-binary")
        if hint.binary
        else ("an sdist", "--only-binary", "--no-binary")
    )
    fact = f"{hint.project} {hint.version} has {kind} only, which {option} excludes"
    return f"{fact}; to allow it for this project, add {other} {hint.project}"


def _loosen(hint: LoosenRequirement) -> str:
    kind = "constraint" if hint.is_constraint else "requirement"
    place = f" ({hint.place})" if hint.place else ""
    return (
        f"all requirements can be satisfied without your {kind} {hint.requirement}{place}; "
        f"in its place, write {hint.replacement}"
    )


def _network(hint: CheckNetwork) -> str:
    match hint.fault:
        case Fault.NAME:
            fact = f"this machine does not find the address of {hint.host}"
            return f"{fact}; check the spelling, the network connection and the name server"
        case Fault.TIMEOUT:
            fact = f"{hint.host} does not answer in time"
            return f"{fact}; check the network connection, or wait longer with --timeout 60"
        case Fault.CONNECTION:
            fact = f"this machine finds {hint.host}, but cannot exchange data with it"
            return f"{fact}; check that the server runs, its port, and firewalls on the way"


def _proxy(hint: CheckProxy) -> str:
    if hint.variable:
        fact = f"the proxy {hint.proxy} is set by the variable {hint.variable}"
        return f"{fact}; correct it, or run without it: add --no-proxy-env"
    fact = f"the proxy {hint.proxy} is set by --proxy, PIP_PROXY or pip.conf"
    return f"{fact}; correct it, or run without it: add --proxy ''"


def _certificate(hint: CheckCertificate) -> str:
    host = hint.host
    match hint.fault:
        case Certificate.EXPIRED:
            fact = f"the certificate of {host} has expired"
            return f"{fact}, or the clock of this machine is wrong; the server must renew it"
        case Certificate.NAME:
            return f"the certificate of {host} is for another name; check the name in the URL"
        case Certificate.ISSUER:
            fact = f"the issuer of the certificate of {host} is not trusted on this machine"
            here = f" ({hint.trusted} does not have it)" if hint.trusted else ""
            return (
                f"{fact}{here}; if this is a server or proxy of your organisation, add --cert with "
                "the file of its certificate authority"
            )
        case Certificate.OTHER:
            fact = f"{host} and this machine have no TLS version or cipher in common"
            return f"{fact}, or a proxy interferes"


_SOURCES = {
    CredentialSource.URL: "the URL of the index",
    CredentialSource.INDEX: "the URL of the index",
    CredentialSource.NETRC: "the netrc file",
    CredentialSource.KEYRING: "the keyring",
    CredentialSource.PROMPT: "what was typed",
}
_KEYRING = {
    KeyringUse.DISABLED: "the keyring was not asked (--no-input or --keyring-provider disabled)",
    KeyringUse.MISSING: "there is no keyring",
    KeyringUse.ASKED: "the keyring was asked",
}


def _credentials(hint: CheckCredentials) -> str:
    where = f"{hint.url} answers {hint.status}"
    if hint.source is CredentialSource.NONE:
        fact = f"{where}, and no user is known for it: not in the URL, not in netrc"
        advice = f"write 'machine {hint.host} login USER password PASSWORD' into ~/.netrc"
        return f"{fact}, and {_KEYRING[hint.keyring]}; {advice}"
    who = f"the user {hint.user!r}" if hint.user else "a token without a user"
    fact = f"{where} for {who}, with the password from {_SOURCES[hint.source]}"
    if hint.status == 403:
        return f"{fact}; it may not read this index, so ask who runs it for access"
    return f"{fact} ({_KEYRING[hint.keyring]}); correct the user or the password there"
