"""A round from its opening to its result, as people meet it."""

from tests.slack.crew import House
from tests.slack.voters import direct, reveals, threatened, vote


def test_a_round_is_opened_voted_on_closed_and_revealed(either_way: House) -> None:
    there = either_way
    threatened(there, "Curtains left open", "Garage without a lock")
    ana = there.person("ana")
    ana.click(there.card("Let the team score 2 threats"), "Open a round")
    form = there.modal("ana", "Open a round")
    assert "two ballots are not secret from each other" in form.plain
    ana.choose("Who votes?", "Ana", "Ben", "Chi")
    there.submit("ana")
    there.modal("ana", "Saved")

    there.card("0 of 3 voted", "Waits for Ana, Ben, Chi")
    for who in ("ana", "ben", "chi"):
        there.wait(lambda who=who: direct(there, who))
        assert "Please vote on 2 threats" in direct(there, who)[-1].plain

    curtains, garage = (1, 10, 10, 10, 10), (10, 10, 5, 10, 8)
    there.person("ben").click(direct(there, "ben")[-1], "Vote")
    there.wait(lambda: there.person("ben").modal)
    from tests.slack.voters import go_on

    end = go_on(there, "ben", {"TH-1": curtains, "TH-2": garage})
    assert "your ballots are in" in end.plain
    there.card("1 of 3 voted", "Waits for Ana, Chi")
    vote(there, "ana", {"TH-1": curtains, "TH-2": garage})
    assert not reveals(there)
    vote(there, "chi", {"TH-1": curtains, "TH-2": garage})

    there.wait(lambda: reveals(there))
    result = reveals(there)[0].plain
    print(result)
    assert "Garage without a lock · TH-2" in result
    assert "Critical · mean 8.6, total 43 · 3 ballots · number 1 of 2" in result
    assert "Medium · mean 8.2, total 41 · 3 ballots · number 2 of 2" in result
    assert "Held at medium: next to nothing is damaged." in result
    there.card("Move on to remediation")
    there.wait(lambda: all("is over" in direct(there, who)[-1].plain for who in ("ana", "ben", "chi")))
