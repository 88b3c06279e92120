"""A cache for functions of a model: the results for the latest few arguments, compared by identity."""

from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

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
