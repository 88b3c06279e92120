"""Answers in many workspaces at once on two replicas: how fast they are acknowledged, kept and shown."""

import asyncio
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote_plus

from bot.commands.command_handler import CommandHandler
from bot.slack.protocol.targets import Target
from bot.slack.queries.form_snapshots import FormSnapshot, stored_form
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import ShownValue, shown_values
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import StreamId, tenant_of
from bot.store.postgres.postgres_store import PostgresStore
from domain.kernel.elements import Kind, PersonId
from domain.register import ThreatRegister, register
from tests.bench.benchmark_models import DESCRIPTION
from tests.bench.http_forms import NUMBER, form_payload, signed_request
from tests.bench.http_servers import ServerProcess
from tests.bench.measurements import Row, Say, at_most
from tests.bench.scale_front import Answer, FrontEnd, steady_load
from tests.bench.scale_results import Part
from tests.bench.scale_server import BenchmarkServer, open_benchmark_store
from tests.bench.scale_slack import channel_of, person_of
from tests.bench.scale_workspaces import ASSETS, SECRET, Site, install, memory_of, processor_of, site

WORKSPACES = 200
RATE = 200.0
"""Answers a second: one in each workspace."""
SECONDS = 120.0
WARM_UP_RATE = 20.0
RESTART_RATE, RESTART_SECONDS = 50.0, 40.0
SHOWN_SECONDS: Final = 5.0
QUIET_SECONDS = 15.0
ADDS_EVERY: Final = 4
"""One of so many answers adds an asset, which the card counts; the others revise one."""


class Answers:
    """Forms that are handed in, in each workspace in turn: first one that adds an asset, then revisions."""

    def __init__(self, url: str, streams: Mapping[str, StreamId], count: int) -> None:
        self.tenants = list(streams)
        store = open_benchmark_store(url)
        command_handler = CommandHandler(store)
        self._forms: dict[str, tuple[list[str], list[str]]] = {}
        for place, (tenant, stream) in enumerate(streams.items()):
            known = register(command_handler.model(stream), datetime.now(UTC))
            adding, _ = _form(known, stream, "")
            revising, shown = _form(known, stream, "AS-1")
            self._forms[tenant] = adding, revising
            later = range(place, count, len(streams))
            opened = {number: known.version + before for before, number in enumerate(later)}
            _remember(store, stream, shown, {one: opened[one] for one in later if not self.adds(one)})
        store.close()

    def adds(self, number: int) -> bool:
        """Whether this answer adds an asset."""
        return number // len(self.tenants) % ADDS_EVERY == 0

    def tenant(self, number: int) -> str:
        """The workspace of an answer."""
        return self.tenants[number % len(self.tenants)]

    def request(self, number: int) -> bytes:
        """The answer as Slack would send it."""
        form = self._forms[self.tenant(number)][0 if self.adds(number) else 1]
        return signed_request(f"{number:08}".join(form).encode(), SECRET.encode())


def _form(known: ThreatRegister, stream: StreamId, element: str) -> tuple[list[str], dict[str, ShownValue]]:
    """The form as it is handed in, and the values that it showed when it was opened."""
    form, person = FORMS["element"], person_of(stream.partition("/")[0])
    target = Target(name="element", stream=stream, kind=Kind.ASSET, element=element, opened=NUMBER)
    opening = FormContext(target=target, person=PersonId(person), register=known)
    parts = form.parts(opening)
    payload = form_payload(form.render(opening, parts), stream, person)
    return payload.split(quote_plus(NUMBER)), shown_values(parts)


def _remember(
    store: PostgresStore, stream: StreamId, shown: dict[str, ShownValue], opened: Mapping[int, int]
) -> None:
    """Record what each revision showed: the asset as the revision before it left it, at a version.

    `opened` are the versions by the number of the answer. Each answer is one event.
    """
    rows: list[FormSnapshot] = []
    before: int | None = None
    for number, version in opened.items():
        if before is not None:
            name = f"Letters {before:08}"
            told = ShownValue(value=DESCRIPTION, stored=DESCRIPTION)
            shown = {**shown, "name": ShownValue(value=name, stored=name), "description": told}
        token = f"{number:08}"
        rows.append(
            FormSnapshot(token=token, stream=stream, version=version, shown=shown, at=datetime.now(UTC))
        )
        before = number
    store.unit(tenant_of(stream)).open_forms.save(*(stored_form(row) for row in rows))


def measure(server: BenchmarkServer, say: Say) -> Part:
    """Send answers to two replicas for two minutes, and then while both are replaced."""
    url = server.create_database("load")
    say(f"{WORKSPACES} workspaces install the bot")
    streams = install(url, WORKSPACES)
    count = WORKSPACES + int(RATE * SECONDS) + int(RESTART_RATE * RESTART_SECONDS)
    answers = Answers(url, streams, count)
    with (
        tempfile.TemporaryDirectory(prefix="bench-load-") as directory,
        site(url, Path(directory)) as running,
    ):
        replicas = [running.start_replica() for _ in range(2)]
        front = FrontEnd(replica.port for replica in replicas)
        numbers = _Numbers(answers)
        say(f"warming up: {WARM_UP_RATE:.0f} answers a second")
        _send(front, numbers, WARM_UP_RATE, WORKSPACES / WARM_UP_RATE)
        numbers.begun = WORKSPACES
        time.sleep(QUIET_SECONDS)
        say(f"{RATE:.0f} answers a second for {SECONDS:.0f} s on two replicas")
        rows, notes = _load(running, replicas, front, numbers)
        say(f"{RESTART_RATE:.0f} answers a second while both replicas are replaced")
        more, told = _restart(running, replicas, front, numbers)
        faults = running.logs()
    if "Traceback" in faults:
        notes.append(f"the replicas logged {faults.count('Traceback')} exceptions")
        say(faults[-3000:])
    return Part(rows=[*rows, *more], notes=[*notes, *told])


class _Numbers:
    """Requests by number; those of a further phase follow on those of the one before."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.begun = 0

    def request(self, number: int) -> bytes:
        return self.answers.request(self.begun + number)


def _send(front: FrontEnd, numbers: _Numbers, rate: float, seconds: float) -> list[Answer]:
    answers = asyncio.run(steady_load(front, numbers.request, rate=rate, count=int(rate * seconds)))
    front.forget_connections()  # they belong to the loop that has ended
    return answers


def _load(
    running: Site, replicas: list[ServerProcess], front: FrontEnd, numbers: _Numbers
) -> tuple[list[Row], list[str]]:
    before, began = running.commands(), time.time()
    used = [processor_of(replica.process.pid) for replica in replicas]
    memory = _Memory(replicas)
    sent = _send(front, numbers, RATE, SECONDS)
    memory.stop()
    used = [processor_of(one.process.pid) - then for one, then in zip(replicas, used, strict=True)]
    time.sleep(QUIET_SECONDS)
    kept = running.commands() - before
    acked = [one for one in sent if _is_ack(one)]
    waits = sorted(one.seconds for one in acked)
    stale = _staleness(running, numbers, sent, began)
    numbers.begun += len(sent)
    p50, p99 = statistics.median(waits) * 1000, waits[int(len(waits) * 0.99)] * 1000
    what = f"{WORKSPACES} workspaces, {RATE:.0f} answers a second, two replicas"
    rows = [
        at_most(f"{what}: acknowledgment, 99th percentile ÷ allowed", p99, 1_000, "ms", aim=1),
        _none(f"{what}: answers that were not acknowledged", len(sent) - len(acked)),
        _none(f"{what}: acknowledged answers without an event", max(0, len(acked) - kept)),
        at_most(
            f"{what}: answer → card, 99th percentile ÷ allowed",
            sorted(stale)[int(len(stale) * 0.99)],
            SHOWN_SECONDS,
            "s",
            aim=1,
        ),
        _none(f"{what}: answers not on the card after 5 s", sum(1 for one in stale if one > SHOWN_SECONDS)),
        *memory.rows(),
    ]
    p95, last = waits[int(len(waits) * 0.95)] * 1000, waits[-1] * 1000
    cores = " and ".join(f"{one / SECONDS:.2f}" for one in used)
    notes = [
        f"{what}: {len(sent):,} answers in {SECONDS:.0f} s",
        f"acknowledged in {p50:.0f} ms (median), {p95:.0f} (95 %), {p99:.0f} (99 %), {last:.0f} (all)",
        f"on the card after {statistics.median(stale):.1f} s (median), {max(stale):.1f} s (all)",
        f"the replicas used {cores} of a core; memory {' and '.join(memory.told())}",
    ]
    return rows, notes


def _restart(
    running: Site, replicas: list[ServerProcess], front: FrontEnd, numbers: _Numbers
) -> tuple[list[Row], list[str]]:
    before, sent = running.commands(), list[Answer]()
    sending = threading.Thread(
        target=lambda: sent.extend(_send(front, numbers, RESTART_RATE, RESTART_SECONDS))
    )
    sending.start()
    statuses: list[int] = []
    for old in replicas:
        time.sleep(RESTART_SECONDS / 8)
        front.ports.append(running.start_replica().port)
        # The front end is not told: it finds out by refused and closed connections, as a proxy does.
        statuses.append(old.stop())
        front.ports.remove(old.port)
    sending.join()
    time.sleep(2)
    kept = running.commands() - before
    acked = [one for one in sent if _is_ack(one)]
    late = [one for one in sent if one.seconds > 3 or not one.status]
    what = f"both replicas replaced at {RESTART_RATE:.0f} answers a second"
    rows = [
        _none(f"{what}: answers without a response after 3 s", len(late)),
        _none(f"{what}: answers that were not acknowledged", len(sent) - len(acked)),
        _none(f"{what}: acknowledged answers without an event", max(0, len(acked) - kept)),
    ]
    again = sum(1 for one in sent if one.attempts > 1)
    slowest = max(one.seconds for one in sent)
    notes = [
        f"{what}: {len(sent):,} answers, {again} of them sent again to another replica by the front end",
        f"the slowest response took {slowest:.2f} s; both ended with status {statuses}",
    ]
    return rows, notes


def _staleness(running: Site, numbers: _Numbers, sent: list[Answer], began: float) -> list[float]:
    """Return the seconds from the acknowledgment of each added asset to the card that counts it."""
    shown: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for one in running.record().shown:
        shown[one.channel].append((one.at, one.assets))
    added: dict[str, list[float]] = defaultdict(list)
    for one in sent:
        number = numbers.begun + one.number
        if numbers.answers.adds(number) and _is_ack(one):
            added[channel_of(numbers.answers.tenant(number))].append(one.at)
    waits: list[float] = []
    for channel, moments in added.items():
        first = max((assets for at, assets in shown[channel] if at < began), default=ASSETS)
        for count, moment in enumerate(sorted(moments), first + 1):
            seen = next((at for at, assets in shown[channel] if assets >= count), moment + 1e3)
            waits.append(max(0.0, seen - moment))
    return waits


def _is_ack(answer: Answer) -> bool:
    """Whether an answer was saved: everything else is told in the response."""
    return answer.status == 200 and not answer.body


def _none(what: str, count: int) -> Row:
    return Row(what=what, ours=count, theirs=0, unit="", ratio=count, aim=0)


class _Memory:
    """Resident memory of the replicas, once a second."""

    def __init__(self, replicas: list[ServerProcess]) -> None:
        self._replicas = replicas
        self._seen: list[list[float]] = [[] for _ in replicas]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def rows(self) -> list[Row]:
        """The end of each replica against its middle: by then, everything is loaded."""
        return [
            at_most(
                f"memory of replica {number} at the end ÷ in the middle",
                seen[-1],
                seen[len(seen) // 2],
                "MiB",
                aim=1.1,
            )
            for number, seen in enumerate(self._seen, 1)
        ]

    def told(self) -> list[str]:
        """The start, the middle and the end of each replica."""
        return [
            f"{seen[0]:.0f}, {seen[len(seen) // 2]:.0f} and {seen[-1]:.0f} MiB (start, middle, end)"
            for seen in self._seen
        ]

    def _watch(self) -> None:
        while not self._over.wait(1):
            for seen, one in zip(self._seen, self._replicas, strict=True):
                seen.append(memory_of(one.process.pid))
