"""Lets atheris try an importer, guided by what of it was reached: `python -m tests.formats.fuzz otm`.

Wants atheris, which nothing else here needs (`pip install atheris`), and takes the arguments of libFuzzer,
such as `-max_total_time=180`. Anything but a sentence for people is a find, and so is a file that takes more
than ten seconds.
"""

import copy
import importlib
import json
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import msgspec

JUNK: list[Any] = [
    *(None, True, 0, -1, 2**63, 1e308, 0.5, [], {}, [[]], [None], {"": ""}),
    *("", " ", "x" * 5_000, "TM-0", "AS-1", "U1", "\u202e", "<!channel>", "\ud7ff", "2026-02-30"),
    *("2026-03-02", "https://example.org/", "javascript:x"),
]
"""What stands in the place of something, if nothing else of the file does."""


KEYS = ("a/b", "x:1", "", "é\u202e", "k" * 400)
"""What a key is renamed to."""


class RandomChoices:
    """Choices by chance, for tests without atheris; the same seed gives the same."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)

    def ConsumeIntInRange(self, low: int, high: int) -> int:  # noqa: N802  (atheris names it so)
        """A number of a range, with both ends."""
        return self._chance.randint(low, high)

    def ConsumeUnicodeNoSurrogates(self, most: int) -> str:  # noqa: N802  (atheris names it so)
        """A text of at most so many characters."""
        return "".join(self._chance.choices("aé:/ 0-\u202e鍵", k=self._chance.randint(0, most)))


def mutated(document: object, choices: Any) -> object:
    """A document in which some places hold something else: junk, or a copy of another place."""
    for _ in range(choices.ConsumeIntInRange(1, 6)):
        places = _places(document)
        if not places:
            return document
        box, key = places[_one_of(places, choices)]
        match choices.ConsumeIntInRange(0, 4):
            case 0:
                box[key] = copy.deepcopy(JUNK[_one_of(JUNK, choices)])
            case 1:
                other, at = places[_one_of(places, choices)]
                box[key] = copy.deepcopy(other[at])
            case 2:
                box[key] = choices.ConsumeUnicodeNoSurrogates(12)
            case 3 if isinstance(box, dict):
                renamed = cast("dict[str, Any]", box)
                renamed[KEYS[_one_of(KEYS, choices)]] = renamed.pop(key)
            case _:
                del box[key]
    return document


def _one_of(several: Sequence[object], choices: Any) -> int:
    return int(choices.ConsumeIntInRange(0, len(several) - 1))


def _places(document: object) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        box = waiting.pop()
        keys: list[object] = []
        if isinstance(box, dict):
            keys = list(cast("dict[object, object]", box))
        elif isinstance(box, list):
            keys = list(range(len(cast("list[object]", box))))
        found += [(box, key) for key in keys]
        waiting += [cast("Any", box)[key] for key in keys]
    return found


FOUND: set[str] = set()


def report_once(find: Exception, content: bytes) -> None:
    """Print how something was not expected, the first time that it comes from there."""
    where = traceback.extract_tb(find.__traceback__)[-1]
    here = next(one for one in reversed(traceback.extract_tb(find.__traceback__)) if "/bot/" in one.filename)
    mark = f"{type(find).__name__} {here.filename.rpartition('/bot/')[2]}:{here.lineno} ({where.name})"
    if mark not in FOUND:
        FOUND.add(mark)
        kept = Path(tempfile.mkdtemp(prefix="find-")) / "file"
        kept.write_bytes(content)
        print(f"FOUND {mark}: {str(find)[:200]}; the file is {kept}", flush=True)


def fuzz_target(word: str, atheris: Any) -> Callable[[bytes], None]:
    """What is to be called with bytes: they choose what becomes of an export, or are a file themselves."""
    with atheris.instrument_imports(include=["bot.formats"]):
        from bot.formats import FORMATS
        from bot.formats.format_detection import create_model_here, preview_of, read_file
        from bot.formats.importers.untrusted_document import UnreadableFile
    from bot.store.codec import read_event
    from domain.kernel.elements import ChannelId, PersonId
    from domain.rejections import Rejected
    from tests.drawing.random_models import random_model
    from tests.formats.export_sources import NOW, export_source_named, export_source_of_model

    def bring(content: bytes) -> None:
        try:
            found = read_file(content, read_event)
            told = create_model_here(
                found, channel=ChannelId("CHERE"), by=PersonId("UANA"), at=NOW + timedelta(days=9)
            )
            preview_of(found, told)
        except (UnreadableFile, Rejected):
            pass
        except Exception as find:  # noqa: BLE001  (told once, and on to the next)
            report_once(find, content)

    if word == "raw":
        return bring
    small = [
        export_source_named("house"),
        *([] if word == "events" else [export_source_of_model(random_model(seed, 9)) for seed in (1, 2)]),
    ]
    seeds = [FORMATS[word].write(one).splitlines(keepends=True) for one in small]

    def try_one(data: bytes) -> None:
        choices = atheris.FuzzedDataProvider(data)
        lines = list(seeds[_one_of(seeds, choices)])
        if word == "events":
            at = _one_of(lines, choices)
            lines[at] = json.dumps(mutated(json.loads(lines[at]), choices)).encode() + b"\n"
            bring(_sealed(lines) if choices.ConsumeBool() else b"".join(lines))
        else:
            bring(json.dumps(mutated(json.loads(b"".join(lines)), choices)).encode())

    return try_one


def _sealed(lines: list[bytes]) -> bytes:
    """The lines with their seals made anew, as somebody who wants to forge a history would."""
    from bot.formats.exporters.history_export import HistoryHeader, HistoryLine, first_hash, next_hash

    try:
        header = msgspec.json.decode(lines[0], type=HistoryHeader)
        told = [msgspec.json.decode(line, type=HistoryLine) for line in lines[1:]]
    except msgspec.MsgspecError:
        return b"".join(lines)
    seal, sealed = first_hash(header.key), list[bytes]()
    for number, line in enumerate(told, start=1):
        numbered = msgspec.structs.replace(line, number=number)
        seal = next_hash(seal, numbered)
        sealed.append(msgspec.json.encode(msgspec.structs.replace(numbered, hash=seal)))
    header = msgspec.structs.replace(header, head=seal, events=len(told))
    return b"\n".join([msgspec.json.encode(header), *sealed])


if __name__ == "__main__":
    fuzzer: Any = importlib.import_module("atheris")
    fuzzer.Setup(
        [sys.argv[0], "-timeout=10", "-len_control=0", "-max_len=96", *sys.argv[2:]],
        fuzz_target(sys.argv[1], fuzzer),
    )
    fuzzer.Fuzz()
