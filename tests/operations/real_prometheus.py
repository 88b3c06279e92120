"""A real Prometheus, where the machine has one: it gets the scrapes and evaluates the alerts' expressions."""

import json
import os
import shutil
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.operations.promql import Scrapes

PROGRAM: Final = shutil.which("prometheus")

_STALE: Final = struct.pack("<Q", 0x7FF0000000000002)
"""The value by which a series ends that a later scrape no longer has."""

_LITERAL: Final = 65_536
_PAST_SECONDS: Final = 12 * 86_400.0
_APART_SECONDS: Final = 7200.0


class Prometheus:
    """A running server; each outage is written at a later time, so that none sees another one."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._base = float(int(time.time() - _PAST_SECONDS))
        self._written = 0
        self._end = self._base
        self._series: set[tuple[tuple[str, str], ...]] = set()

    def begin(self) -> None:
        """Begin with another outage."""
        self._base, self._written, self._series = self._end + _APART_SECONDS, 0, set()

    def is_true(self, expression: str, scrapes: Scrapes, since: float) -> bool:
        """Return whether an expression has a value at each scrape from a time on."""
        self._write(scrapes)
        step = scrapes[-1][0] - scrapes[-2][0]
        end = scrapes[-1][0]
        asked = {"query": expression, "start": self._base + since, "end": self._base + end, "step": step}
        with urllib.request.urlopen(
            f"{self._address}/api/v1/query_range?{urlencode(asked)}", timeout=60
        ) as got:
            found = json.load(got)["data"]["result"]
        times = {at for series in found for at, _ in series["values"]}
        return len(times) == round((end - since) / step) + 1

    def _write(self, scrapes: Scrapes) -> None:
        for at, samples in scrapes[self._written :]:
            moment = int((self._base + at) * 1000)
            values = {
                tuple(sorted({**labels, "__name__": name}.items())): struct.pack("<d", value)
                for name, labels, value in samples
            }
            ended = dict.fromkeys(self._series - set(values), _STALE)
            self._series = set(values)
            self._end = self._base + at
            body = b"".join(
                _field(1, b"".join(_label(*label) for label in labels) + _field(2, _sample(value, moment)))
                for labels, value in (values | ended).items()
            )
            headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
            request = urllib.request.Request(f"{self._address}/api/v1/write", _snappy(body), headers)
            urllib.request.urlopen(request, timeout=60).close()
        self._written = len(scrapes)


@contextmanager
def prometheus(directory: Path) -> Generator[Prometheus | None]:
    """Return a block with a server that keeps its data in a directory; None where there is no program."""
    if PROGRAM is None:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    (directory / "prometheus.yml").write_text("global: {}\n")
    command: list[str] = [PROGRAM, "--web.enable-remote-write-receiver", f"--web.listen-address={place}"]
    command += [f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data"]
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "GOMAXPROCS": "1"})
        try:
            _wait(f"http://{place}/-/ready", process)
            yield Prometheus(f"http://{place}")
        finally:
            process.terminate()
            process.wait()


def _wait(page: str, process: "subprocess.Popen[Any]") -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(page, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("prometheus did not start; see the file `log` in its directory")


def _label(name: str, value: str) -> bytes:
    return _field(1, _field(1, name.encode()) + _field(2, value.encode()))


def _sample(value: bytes, moment: int) -> bytes:
    return b"\x09" + value + b"\x10" + _number(moment)


def _field(number: int, content: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(content)) + content


def _number(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*parts, value))


def _snappy(content: bytes) -> bytes:
    """Return content in the block format of Snappy, in literals alone."""
    parts = [content[at : at + _LITERAL] for at in range(0, len(content), _LITERAL)]
    return _number(len(content)) + b"".join(
        b"\xf4" + struct.pack("<H", len(part) - 1) + part for part in parts
    )
