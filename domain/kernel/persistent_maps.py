"""Persistent maps: fast iteration; and a cache of the latest results of functions of a model."""

from collections import deque
from collections.abc import Callable, Iterator
from functools import wraps
from operator import itemgetter
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from rpds import HashTrieMap

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def items_of(found: "HashTrieMap[_Key, _Value]") -> list[tuple[_Key, _Value]]:
    """Return the items of a map in its own order.

    They are taken as `pickle` takes them: the iterators of the library make a smaller map at each step, which
    costs as much as a hundred steps through a list.
    """
    return cast("tuple[Any, tuple[list[tuple[_Key, _Value]]]]", found.__reduce__())[1][0]


def values_of(found: "HashTrieMap[Any, _Value]") -> Iterator[_Value]:
    """Iterate over the values of a map in its own order."""
    return map(_SECOND, items_of(found))


_SECOND: Any = itemgetter(1)


_Subject = TypeVar("_Subject")
_Result = TypeVar("_Result")
_More = ParamSpec("_More")


def keep_latest(
    size: int,
) -> Callable[
    [Callable[Concatenate[_Subject, _More], _Result]], Callable[Concatenate[_Subject, _More], _Result]
]:
    """Keep the latest `size` results of a pure function for other callers, also of other threads.

    The first argument is immutable and compared by identity, because comparing models takes longer than
    most functions of them; the others are compared by value.
    """

    def decorate(
        function: Callable[Concatenate[_Subject, _More], _Result],
    ) -> Callable[Concatenate[_Subject, _More], _Result]:
        latest: deque[tuple[_Subject, object, _Result]] = deque(maxlen=size)

        @wraps(function)
        def recall(subject: _Subject, *args: _More.args, **kwargs: _More.kwargs) -> _Result:
            more = (args, kwargs)
            for known, given, result in tuple(latest):
                if known is subject and given == more:
                    return result
            result = function(subject, *args, **kwargs)
            latest.append((subject, more, result))
            return result

        return recall

    return decorate
