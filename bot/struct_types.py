"""Types of messages and records, prepared before threads use them."""

import threading
from collections.abc import Iterator

import msgspec

_prepared: set[type] = set()
_lock = threading.Lock()


def prepare_struct_types() -> None:
    """Have msgspec prepare the fields of all struct types that are imported.

    msgspec does it when a type is used for decoding first, and with two threads at that moment, one may
    use what the other has prepared in part, which ends the process (msgspec 0.22). Call it before threads are
    started.
    """
    with _lock:
        for type_ in _struct_types(msgspec.Struct):
            if type_ not in _prepared:
                _prepared.add(type_)
                try:
                    msgspec.json.Decoder(type_)
                except (TypeError, NameError, AttributeError):
                    continue  # it is never decoded: it has fields such as functions


def _struct_types(base: type) -> Iterator[type]:
    for subclass in type.__subclasses__(base):
        yield subclass
        yield from _struct_types(subclass)
