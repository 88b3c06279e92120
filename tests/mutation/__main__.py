"""The mutation run over `domain`: plant a sample of faults, one at a time; list those that no test notices.

python -m tests.mutation                     the sample that the deep run takes
python -m tests.mutation --count 0           every fault there is (hours)
python -m tests.mutation --seed 7 domain/phase_conditions.py
"""

import argparse
import subprocess
import sys
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from hashlib import sha256
from itertools import repeat
from os import cpu_count, environ
from pathlib import Path

import msgspec

from tests.depth import SEED
from tests.mutation import covered
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.planted import ROOT, Run

SURVIVORS = Path(__file__).with_name("survivors.toml")
COUNT = 100
TOLD = 20
"""Faults after which the run tells how far it is."""

LONGEST, EACH = 180.0, 0.25
"""Seconds for a run and for each of its tests, after which the fault counts as noticed: the run hangs."""


class Fate(Enum):
    """What became of a planted fault."""

    NOTICED = "noticed"
    HANGS = "noticed (hangs)"
    SURVIVED = "survived"
    UNREACHED = "in a line that no test runs"


def main(arguments: list[str]) -> int:
    """Play the asked sample; 0 when every survivor is on the list."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="modules of domain (default: all)")
    parser.add_argument("--count", type=int, default=COUNT, help=f"size of the sample, 0 for all ({COUNT})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"which sample ({SEED})")
    parser.add_argument("--jobs", type=int, default=cpu_count() or 1)
    asked = parser.parse_args(arguments)
    if not covered.MAP.exists() and (status := covered.main()):
        return status
    mutants = sample([ROOT / each for each in asked.files], count=asked.count, seed=asked.seed)
    tests, listed = covered.load(), survivors()
    fates: Counter[Fate] = Counter()
    unlisted: list[str] = []
    began = time.monotonic()
    with ThreadPoolExecutor(asked.jobs) as pool:
        fated = zip(mutants, pool.map(try_out, mutants, repeat(tests)), strict=True)
        for number, (mutant, fate) in enumerate(fated, start=1):
            fates[fate] += 1
            if number % TOLD == 0:
                print(f"{number} of {len(mutants)} faults after {time.monotonic() - began:.0f} s", flush=True)
            lives = fate in (Fate.SURVIVED, Fate.UNREACHED)
            if lives and mutant.name not in listed:
                unlisted.append(mutant.name)
                print(f"{fate.value}: line {mutant.line} of {mutant.name}", flush=True)
            elif not lives and mutant.name in listed:
                print(f"on the list, but noticed: {mutant.name}", flush=True)
    total = " · ".join(f"{count} {fate.value}" for fate, count in fates.items())
    print(f"{len(mutants)} faults, seed {asked.seed}: {total} · {time.monotonic() - began:.0f} s")
    print(f"{len(unlisted)} survivors are not on the list {SURVIVORS.relative_to(ROOT)}")
    return 1 if unlisted else 0


def sample(files: list[Path], *, count: int, seed: int) -> list[Mutant]:
    """Draw mutants of the modules, each by its name: an edit changes the draw only where it is."""
    modules = files or sorted((ROOT / "domain").rglob("*.py"))
    everything = [mutant for path in modules for mutant in mutants_of(path, ROOT)]
    if not count or count >= len(everything):
        return everything
    return sorted(everything, key=lambda one: sha256(f"{seed} {one.name}".encode()).digest())[:count]


def try_out(mutant: Mutant, tests: covered.Covered) -> Fate:
    """Plant one fault in a process of its own and run the tests that reach it."""
    reached = tests.tests_of(mutant.file, mutant.line, on_import=mutant.on_import)
    if not reached:
        return Fate.UNREACHED
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.mutation.planted"],
            input=msgspec.json.encode(Run(mutant, reached)),
            cwd=ROOT,
            env={**environ, "THREATMODEL_HYPOTHESIS": "mutation"},
            capture_output=True,
            timeout=LONGEST + EACH * len(reached),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Fate.HANGS
    return Fate.NOTICED if done.returncode else Fate.SURVIVED


def survivors() -> dict[str, str]:
    """Read the list of accepted survivors: name and reason."""
    listed = tomllib.loads(SURVIVORS.read_text()).get("survivor", [])
    return {one["mutant"]: one["reason"] for one in listed}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
