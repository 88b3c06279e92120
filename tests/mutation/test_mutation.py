from tests.depth import DEEP, deep_only
from tests.mutation.__main__ import Fate, sample, survivors, try_out
from tests.mutation.covered import Covered
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.planted import ROOT

FILE = "domain/voting/turnout.py"
NOTHING = "tests/mutation/test_mutation.py::test_names_are_unique"


def _mutant() -> Mutant:
    return next(
        mutant
        for mutant in mutants_of(ROOT / "domain/kernel/text_formatting.py", ROOT)
        if mutant.before == "count == 1"
    )


def _covered(*tests: str) -> Covered:
    mutant = _mutant()
    return Covered(list(tests), {mutant.file: {mutant.line: list(range(len(tests)))}})


@deep_only
def test_a_planted_fault_that_a_test_notices_is_noticed_and_leaves_the_source_as_it_was() -> None:
    mutant = _mutant()
    source = (ROOT / mutant.file).read_text()
    tests = _covered(NOTHING, "tests/mutation/test_mutation.py::test_one_thing_is_counted_in_the_singular")
    assert try_out(mutant, tests) is Fate.NOTICED
    assert (ROOT / mutant.file).read_text() == source


@deep_only
def test_a_planted_fault_that_no_test_notices_survives() -> None:
    mutant = _mutant()
    assert try_out(mutant, _covered(NOTHING)) is Fate.SURVIVED


def test_a_fault_in_a_line_that_no_test_runs_is_told_apart() -> None:
    mutant = _mutant()
    assert try_out(mutant, Covered([], {})) is Fate.UNREACHED


def test_one_thing_is_counted_in_the_singular() -> None:
    from domain.kernel.text_formatting import count_phrase

    assert count_phrase(1, "person", "people") == "1 person"


def test_names_are_unique() -> None:
    some = [] if DEEP else sorted((ROOT / "domain" / "voting").glob("*.py"))
    names = [one.name for one in sample(some, count=0, seed=1)]
    assert names
    assert len(names) == len(set(names))


def test_the_same_seed_draws_the_same_faults() -> None:
    some = [ROOT / FILE]
    assert sample(some, count=5, seed=3) == sample(some, count=5, seed=3)
    assert sample(some, count=5, seed=3) != sample(some, count=5, seed=4)
    assert sample(some, count=5, seed=3) == sample(some, count=6, seed=3)[:5]


def test_a_line_is_tested_by_the_tests_that_run_it() -> None:
    covered = Covered(["quick", "slow"], {FILE: {1: [], 2: [1], 3: [0, 1]}})
    assert covered.tests_of(FILE, 2) == ["slow"]
    assert covered.tests_of(FILE, 3) == ["quick", "slow"]
    assert covered.tests_of("domain/other.py", 1) == []


def test_a_line_that_runs_on_import_is_tested_by_all_tests_and_first_by_those_of_its_module() -> None:
    covered = Covered(["quick", "other", "slow"], {FILE: {1: [], 2: [2], 3: [0, 2]}})
    assert covered.tests_of(FILE, 1) == ["quick", "slow", "other"]
    assert covered.tests_of(FILE, 2, on_import=True) == ["slow", "quick", "other"], "a function in a table"


def test_a_module_of_values_alone_is_tested_by_all_tests() -> None:
    covered = Covered(["quick", "slow"], {FILE: {1: [], 2: []}})
    assert covered.tests_of(FILE, 1) == ["quick", "slow"]


@deep_only
def test_each_accepted_survivor_has_a_reason_and_is_a_fault_that_can_be_planted() -> None:
    listed = survivors()
    assert all(reason.strip() for reason in listed.values())
    assert set(listed) <= {one.name for one in sample([], count=0, seed=1)}
