"""Frozen dataclasses with slots that are cheap to define.

Type checkers see the standard library's functions, and the meaning is the same. At run time a
class is defined in a tenth of the time: its `__init__` is compiled only if it has many values,
and all classes share the functions that compare, order and show values. See
docs/decisions/0006.
"""

from __future__ import annotations

from operator import attrgetter, ge, gt, le, lt
from operator import eq as _equal

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
    from typing import Any

_ABSENT = object()
"""Marks a field without a default."""

_FIELDS = "__fields__"


class ChangeError(AttributeError):
    """An attribute of a frozen value was assigned."""


class _Field:
    """A field: its default, and whether it takes part in `__init__` and `__repr__`."""

    __slots__ = ("default", "factory", "init", "kw_only", "repr")

    def __init__(
        self,
        *,
        default: object = _ABSENT,
        default_factory: object = _ABSENT,
        init: bool = True,
        repr: bool = True,  # noqa: A002 - as in dataclasses
        kw_only: bool | None = None,
    ) -> None:
        self.default = default
        self.factory = default_factory
        self.init = init
        self.repr = repr
        self.kw_only = kw_only


def names_of(kind: type) -> tuple[str, ...]:
    """Return the names of a class's fields, in order."""
    return tuple(getattr(kind, _FIELDS))


if not TYPE_CHECKING:
    field = _Field

    def replace(value: Any, /, **changes: Any) -> Any:
        """Return a copy of `value` with `changes`."""
        for name, one in getattr(value, _FIELDS).items():
            if one.init and name not in changes:
                changes[name] = getattr(value, name)
        return type(value)(**changes)

    def dataclass(*, slots: bool, **options: bool) -> Callable[[type], type]:
        """Like `dataclasses.dataclass`; accepts `slots`, `frozen`, `kw_only`, `eq` and `order`."""
        assert slots, "a class without slots is for dataclasses"
        return lambda kind: _made(kind, **options)


def _made(
    kind: type,
    *,
    frozen: bool = False,
    kw_only: bool = False,
    eq: bool = True,
    order: bool = False,
) -> type:
    """Return the class with slots for its fields and the methods it does not define itself."""
    inherited: Mapping[str, _Field] = getattr(kind, _FIELDS, {})
    own = dict(_own_fields(kind, kw_only=kw_only))
    fields = {**inherited, **own}
    members = _methods(tuple(fields), frozen=frozen, eq=eq, order=order)
    members.update(kind.__dict__)
    for name in ("__dict__", "__weakref__", *own):
        members.pop(name, None)
    members[_FIELDS] = fields
    members["__slots__"] = tuple([name for name in own if name not in inherited])
    members["__match_args__"] = tuple(
        [name for name, one in fields.items() if one.init and not one.kw_only]
    )
    made = type(kind)(kind.__name__, kind.__bases__, members)
    if "__init__" not in members:
        setattr(made, "__init__", _first_init(made))  # noqa: B010 - mypy knows it as a method
    return made


def _own_fields(kind: type, *, kw_only: bool) -> Iterable[tuple[str, _Field]]:
    """Yield the fields that the class itself declares; annotations are strings (PEP 563)."""
    for name, annotation in kind.__annotations__.items():
        if annotation.startswith("ClassVar"):
            continue
        default = kind.__dict__.get(name, _ABSENT)
        one = default if isinstance(default, _Field) else _Field(default=default)
        if one.kw_only is None:
            one.kw_only = kw_only
        yield name, one


def _methods(names: tuple[str, ...], *, frozen: bool, eq: bool, order: bool) -> dict[str, Any]:
    """Return the generated methods, except `__init__`."""
    values = attrgetter(*names) if names else _nothing
    found: dict[str, Any] = _FROZEN_METHODS.copy() if frozen else _METHODS.copy()
    if eq:
        # like dataclasses, a class with __eq__ is unhashable unless it is frozen
        found |= {"__eq__": _comparing(values, _equal), "__hash__": None}
        if frozen:
            found["__hash__"] = lambda self: hash(values(self))
    if order:
        for name, holds in (("__lt__", lt), ("__le__", le), ("__gt__", gt), ("__ge__", ge)):
            found[name] = _comparing(values, holds)
    return found


def _nothing(_value: object) -> tuple[()]:
    return ()


def _comparing(
    values: Callable[[Any], Any], holds: Callable[[Any, Any], bool]
) -> Callable[[Any, Any], Any]:
    def compare(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self is other or holds(values(self), values(other))

    return compare


def _shown(self: Any) -> str:
    shown = (
        f"{name}={getattr(self, name)!r}"
        for name, one in getattr(self, _FIELDS).items()
        if one.repr
    )
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _unchanging(self: Any, name: str, *_value: object) -> None:
    raise ChangeError(f"{type(self).__name__}.{name} does not change")


def _state(self: Any) -> list[object]:
    """Return the values of all fields, in order, for copy and pickle."""
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _restore(self: Any, state: list[object]) -> None:
    """Set all fields of a value that copy or pickle created without `__init__`."""
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)


_METHODS = {"__repr__": _shown, "__replace__": replace}
_FROZEN_METHODS = {
    **_METHODS,
    "__setattr__": _unchanging,
    "__delattr__": _unchanging,
    "__getstate__": _state,  # this and the next one are for copy and pickle
    "__setstate__": _restore,
}


_FEW = 8
"""How many values of a class are created before its `__init__` is compiled.

Compiling takes as long as 20 to 50 calls of the general function; most classes have few values.
"""


def _first_init(kind: type) -> Callable[..., None]:
    """Return an `__init__` that replaces itself with a compiled one after a few calls."""
    calls = 0

    def init(self: Any, *args: object, **more: object) -> None:
        nonlocal calls
        calls += 1
        if calls > _FEW or not _assigned(kind, self, args, more):
            compiled = _compiled_init(kind)
            setattr(kind, "__init__", compiled)  # noqa: B010
            compiled(self, *args, **more)
        elif hasattr(kind, "__post_init__"):
            self.__post_init__()

    return init


def _assigned(kind: type, value: object, args: tuple[object, ...], more: dict[str, object]) -> bool:
    """Set the fields that `kind` has in a new value; return False if the arguments do not fit."""
    names: tuple[str, ...] = getattr(kind, "__match_args__")  # noqa: B009 - mypy knows no such name
    given = {**dict(zip(names, args, strict=False)), **more}
    if len(given) != len(args) + len(more):
        return False
    assign = object.__setattr__
    for name, one in getattr(kind, _FIELDS).items():
        if one.init and name in given:
            assign(value, name, given.pop(name))
        elif one.factory is not _ABSENT:
            assign(value, name, one.factory())
        elif one.default is not _ABSENT:
            assign(value, name, one.default)
        elif one.init:
            return False
    return not given


def _compiled_init(kind: type) -> Callable[..., None]:
    """Compile the class's `__init__`, which sets slots through descriptors, past `__setattr__`."""
    fields: Mapping[str, _Field] = getattr(kind, _FIELDS)
    known: dict[str, Any] = {"_absent": _ABSENT}
    plain, named, body = ["self"], list[str](), list[str]()
    for name, one in fields.items():
        value = name
        if one.factory is not _ABSENT:
            known[f"_make_{name}"] = one.factory
            value = f"{name} if {name} is not _absent else _make_{name}()"
        default = one.factory is not _ABSENT or one.default is not _ABSENT
        if one.init:
            known[f"_default_{name}"] = _ABSENT if one.factory is not _ABSENT else one.default
            (named if one.kw_only else plain).append(f"{name}=_default_{name}" if default else name)
        elif one.factory is not _ABSENT:
            value = f"_make_{name}()"
        elif default:
            known[f"_default_{name}"] = one.default
            value = f"_default_{name}"
        else:
            continue  # `__post_init__` sets it
        known[f"_set_{name}"] = getattr(kind, name).__set__
        body.append(f"_set_{name}(self, {value})")
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*plain, *(["*", *named] if named else [])])
    text = f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"])
    exec(text, known)  # noqa: S102 - a method of our own, made from our own annotations
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init
