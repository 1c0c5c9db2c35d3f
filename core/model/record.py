"""The base of every record: immutable, strict about scalars, written in field order."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from core.model.text import visible

Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
U32 = Annotated[int, Strict(), Field(ge=0, le=2**32 - 1)]
U64 = Annotated[int, Strict(), Field(ge=0, le=2**64 - 1)]
I64 = Annotated[int, Strict(), Field(ge=-(2**63), le=2**63 - 1)]
F64 = Annotated[float, Strict()]
JsonMap = dict[str, Any]


_UNKNOWN: frozenset[str] = frozenset()


class DecodeError(ValueError):
    """A JSON value that does not have a record's form; the message names the field and what was expected."""


class Record(BaseModel):
    """An immutable record of a file format.

    Unknown fields are ignored and missing ones take their defaults. Scalars are strict: `1.0` is no integer, `"1"` no
    number, `null` only fits an optional field.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True)

    omitted_when_none: ClassVar[frozenset[str]] = frozenset()
    """Fields that are left out, instead of written as null, when they have no value."""

    def wire(self) -> dict[str, Any]:
        """The fields under their written names, in writing order; values are not converted."""
        aliases, omitted = _aliases(type(self)), self.omitted_when_none
        if not aliases and not omitted:
            return dict(self.__dict__)
        return {
            aliases.get(name, name): value
            for name, value in self.__dict__.items()
            if value is not None or name not in omitted
        }

    @classmethod
    def decode(cls, value: object) -> Self:
        """The record of a parsed JSON value. Raises DecodeError."""
        if not isinstance(value, dict):
            raise DecodeError(f"expected an object, got {_kind(value)}")
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise DecodeError(describe(error)) from None

    @classmethod
    def made_of(cls, fields: dict[str, Any]) -> Self:
        """The record of all its fields in their order, which are known to be right and become its own."""
        return _made(cls, fields)

    def lighten(self) -> None:
        """Let go of which fields were given, which takes more memory than most fields; for records that are kept."""
        _set_given(self, _UNKNOWN)

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: its fields only, in a third of the time."""
        return _made, (type(self), self.__dict__)

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed; the new values are taken as they are. Which ones were given is let go of."""
        # As model_copy does, without looking for what records never have: extra and private values.
        return _made(type(self), {**self.__dict__, **changes})


Kind = TypeVar("Kind", bound=Record)


def _made(kind: type[Kind], fields: dict[str, Any]) -> Kind:
    """A record of fields that are known to be right."""
    made = object.__new__(kind)
    _set_fields(made, fields)
    _set_given(made, _UNKNOWN)
    _set_extra(made, None)
    _set_private(made, None)
    return made


# There are very many records, and what sets these is looked up once.
_set_fields: Callable[[object, object], None] = vars(BaseModel)["__dict__"].__set__
_set_given: Callable[[object, object], None] = vars(BaseModel)["__pydantic_fields_set__"].__set__
_set_extra: Callable[[object, object], None] = vars(BaseModel)["__pydantic_extra__"].__set__
_set_private: Callable[[object, object], None] = vars(BaseModel)["__pydantic_private__"].__set__


@cache
def _aliases(kind: type[Record]) -> dict[str, str]:
    """The written names of the fields that are written under another one."""
    return {name: field.alias for name, field in kind.model_fields.items() if field.alias}


def describe(error: ValidationError) -> str:
    """The first fault of a validation error, for people: `actions[0].cost: expected an object, got null`."""
    first = error.errors(include_url=False)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{visible(str(part))}" for part in first["loc"])
    expected = _EXPECTED.get(first["type"])
    told = f"expected {expected}, got {_kind(first['input'])}" if expected else first["msg"]
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place.lstrip('.') or 'value'}: {told}{more}"


_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "float_type": "a number",
    "int_type": "an integer",
    "list_type": "a list",
    "model_type": "an object",
    "string_type": "a string",
    "tuple_type": "a list",
    "greater_than_equal": "an integer in range",
    "less_than_equal": "an integer in range",
}


def _kind(value: object) -> str:
    """What a JSON value is, in words, with the value where it is short."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case dict() | BaseModel():
            return "an object"
    return type(value).__name__
