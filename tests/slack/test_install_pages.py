"""Workspaces install the app by themselves: what people see on the way, and what is stored."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.settings import WrongSettings
from bot.slack.transport.http_messages import RequestRefused
from bot.slack.transport.install_pages import EACH
from tests.fresh_database import content, fresh_store, unavailable
from tests.slack.installing import Clock, InstallingReplica, begun, text_of_page
from tests.slack.oauth_stand_in import CLIENT_ID, OAuthStandIn


@pytest.fixture
def replica(slack: OAuthStandIn) -> InstallingReplica:
    return InstallingReplica(slack)


def test_the_page_leads_to_slack_with_the_scopes_and_a_state(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    page = replica.get("/slack/install")
    assert page.status == 200
    assert 'href="/slack/install/start">Add to Slack</a>' in text_of_page(page)

    answer = replica.get("/slack/install/start")

    address = urlsplit(answer.headers["location"])
    fields = parse_qs(address.query)
    assert answer.status == 302
    assert address._replace(query="").geturl() == slack.url.replace("/api/", "/oauth/v2/authorize")
    assert (fields["client_id"], fields["scope"]) == ([CLIENT_ID], ["chat:write,commands"])
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]


def test_the_page_links_to_pages_about_privacy_and_support(slack: OAuthStandIn) -> None:
    replica = InstallingReplica(slack)
    linked = dict(re.findall(r'<a href="([^"]+)">([^<]+)</a>', text_of_page(replica.get("/slack/install"))))
    assert linked == {"/slack/install/privacy": "Privacy", "/slack/install/support": "Support"}
    for path, label in linked.items():
        page = replica.get(path)
        assert (page.status, f"<h1>{label}</h1>" in text_of_page(page)) == (200, True)
        assert "ask the person who gave you the address of this page" in text_of_page(page)


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("security@example.org", "mailto:security@example.org"),
        ("https://example.org/help?a=1&b", "https://example.org/help?a=1&amp;b"),
    ],
)
@pytest.mark.parametrize("path", ["/slack/install/privacy", "/slack/install/support"])
def test_these_pages_name_the_contact_of_the_operator(
    slack: OAuthStandIn, path: str, contact: str, address: str
) -> None:
    page = InstallingReplica(slack, contact=contact).get(path)
    assert f'<a class="next" href="{address}">Contact the operator: ' in text_of_page(page)


@pytest.mark.parametrize("contact", ["javascript:alert(1)", "http://example.org", "a@b c", "help desk"])
def test_a_contact_is_an_email_or_a_web_address(slack: OAuthStandIn, contact: str) -> None:
    with pytest.raises(WrongSettings, match=r"SUPPORT_CONTACT must be an email address or an https:// URL"):
        InstallingReplica(slack, contact=contact)


def test_a_permitted_installation_is_stored_and_confirmed(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    slack.permit("code", "T1")

    page = replica.install("code")

    assert (page.status, "Threat Model is installed in Name of T1." in text_of_page(page)) == (200, True)
    assert "/threatmodel start" in text_of_page(page)
    site = slack.url.removesuffix("api/")
    assert f'href="{site}app_redirect?app=A1&amp;team=T1">Open Slack</a>' in text_of_page(page)
    assert replica.token("T1") == "xoxb-1"
    assert replica.directory.tenants() == ["T1"]
    assert replica.changed == ["T1"]


def test_the_details_of_the_workspace_follow(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    slack.permit("code", "T1")
    replica.install("code")

    assert replica.run_due() == ["installation-details"]

    found = replica.directory.find("", "T1")
    assert found is not None
    installation = found.installation
    assert (installation.url, installation.bot_name) == ("https://t1.slack.com/", "threatmodel")
    assert (installation.bot_user, installation.bot_id, installation.app) == ("BT1", "BOTT1", "A1")


def test_a_workspace_that_is_not_allowed_is_told_whom_to_ask_and_nothing_is_kept(slack: OAuthStandIn) -> None:
    replica = InstallingReplica(slack, allowed="T1,E1")
    assert "has chosen which workspaces can install it" in text_of_page(replica.get("/slack/install"))
    slack.permit("of a stranger", "T2")
    slack.permit("of another organization", "T3", enterprise="E2")
    slack.permit("for a whole organization", enterprise="E2", whole=True)

    for code, place in (("of a stranger", "T2"), ("of another organization", "T3"), ("for a whole", "E2")):
        page = replica.install(next(one for one in slack.codes if one.startswith(code)))

        assert page.status == 403, code
        assert f"Ask the operator of the bot to add {place} to ALLOWED_WORKSPACES." in text_of_page(page)
        assert f"has not allowed Name of {place} ({place})" in text_of_page(page)
        assert "Slack may still list the app" not in text_of_page(page)
    assert (slack.tokens, replica.store.installations.all(), replica.run_due()) == ({}, [], [])


def test_an_allowed_workspace_or_organization_installs_as_before(slack: OAuthStandIn) -> None:
    replica = InstallingReplica(slack, allowed="T1,E1")
    slack.permit("listed", "T1", enterprise="E2")
    slack.permit("of a listed organization", "T2", enterprise="E1")
    slack.permit("a listed organization", enterprise="E1", whole=True)

    for code in list(slack.codes):
        assert replica.install(code).status == 200, code

    assert "auth.revoke" not in slack.calls
    assert len(replica.store.installations.all()) == 3


def test_a_token_that_cannot_be_given_back_is_not_kept_either(slack: OAuthStandIn) -> None:
    replica = InstallingReplica(slack, allowed="T1")
    slack.permit("code", "T2")
    slack.failing["auth.revoke"] = "silent"

    page = replica.install("code")

    assert (page.status, "Slack may still list the app as installed" in text_of_page(page)) == (403, True)
    assert replica.store.installations.all() == []


def test_a_canceled_installation_says_what_to_do(replica: InstallingReplica) -> None:
    page = replica.finish(*replica.begin(), error="access_denied")
    assert "The installation was canceled" in text_of_page(page)
    assert 'href="/slack/install">Start again</a>' in text_of_page(page)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("invalid_code", "permission was used or has expired"),
        ("bad_client_secret", "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET do not belong together"),
        ("bad_redirect_uri", "redirect URL is not configured"),
        ("cannot_install_an_org_installed_app", "installed in the whole organization already"),
        ("something_new", "Slack refused the installation (something_new)."),
        ("silent", "Slack did not answer"),
    ],
)
def test_each_error_of_slack_is_a_sentence_with_a_next_step(
    replica: InstallingReplica, slack: OAuthStandIn, code: str, sentence: str
) -> None:
    slack.failing["oauth.v2.access"] = code

    page = replica.install("code")

    assert (page.status, sentence in text_of_page(page)) == (502, True), text_of_page(page)
    assert 'href="/slack/install">Start again</a>' in text_of_page(page)
    assert replica.directory.tenants() == []


def test_a_state_is_used_once_and_any_replica_can_finish_it(slack: OAuthStandIn) -> None:
    first = InstallingReplica(slack)
    second = InstallingReplica(slack, first.store)
    slack.permit("code")
    state, cookie = first.begin()
    page = second.finish(state, cookie, code="code")
    assert page.status == 200
    cleared = page.headers["set-cookie"]
    assert cleared.startswith(cookie.partition("=")[0] + "=; ")
    assert "Max-Age=0" in cleared, "the browser can finish nothing else with it"

    page = first.finish(state, cookie, code="code")

    assert "permission was used or has expired" in text_of_page(page), "Slack takes the code once"
    page = first.finish(state, "", code="another code")
    assert (page.status, "This link was used or has expired" in text_of_page(page)) == (400, True)
    assert slack.calls == ["oauth.v2.access"] * 2


@pytest.mark.parametrize("error", ["access_denied", ""])
def test_visits_write_nothing_and_are_limited_by_address_and_in_all(slack: OAuthStandIn, error: str) -> None:
    store = fresh_store()
    replica = InstallingReplica(slack, store)
    before = content(store)

    def visits(address: str) -> int:
        """Begin and finish until the address has to wait; return how often it could."""
        for number in range(100):
            started = replica.get("/slack/install/start", peer=address)
            if started.status == 429:
                return number
            state, cookie = begun(started)
            replica.finish(state, cookie, peer=address, error=error, code="made up")
        raise AssertionError("no limit")

    assert visits("203.0.113.1") == EACH.burst // 2
    refused = replica.get("/slack/install/start", peer="203.0.113.1")
    assert "Many installations at this moment" in text_of_page(refused)
    assert replica.get("/slack/install", peer="203.0.113.1").status == 200
    assert visits("203.0.113.2") == EACH.burst // 2, "another one can go on"
    visits("203.0.113.3")
    assert visits("203.0.113.4") == 0, "there is a limit for all together"
    replica.clock.advance(minutes=1)
    assert visits("203.0.113.1") == EACH.burst // 2
    assert content(store) == before


def test_a_state_expires(slack: OAuthStandIn) -> None:
    clock = Clock()
    replica = InstallingReplica(slack, clock=clock)
    slack.permit("code")
    state, cookie = replica.begin()
    clock.advance(minutes=9)
    early, early_cookie = replica.begin()
    clock.advance(minutes=2)

    page = replica.finish(state, cookie, code="code")

    assert (page.status, "This link was used or has expired" in text_of_page(page)) == (400, True)
    assert slack.calls == []
    assert replica.finish(early, early_cookie, code="code").status == 200


@pytest.mark.parametrize("forge", ["", "made-up", "é"])
def test_a_state_that_the_bot_did_not_make_is_refused(
    replica: InstallingReplica, slack: OAuthStandIn, forge: str
) -> None:
    _, cookie = replica.begin()
    assert replica.finish(forge, cookie, code="code").status == 400
    assert slack.calls == []


def test_a_state_is_for_the_browser_that_began(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    """Otherwise a link could finish someone else's installation in the browser of its reader."""
    state, _ = replica.begin()
    _, other = replica.begin()
    for cookie in ("", other, "threatmodel-install=a;b"):
        assert replica.finish(state, cookie, code="code").status == 400
    assert slack.calls == []


def test_two_tabs_of_one_browser_can_both_finish(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    slack.permit("code", "T1")
    slack.permit("another code", "T2")
    tabs = [replica.begin(), replica.begin()]
    cookies = "; ".join(cookie for _, cookie in tabs)
    assert [
        replica.finish(state, cookies, code=code).status
        for (state, _), code in zip(tabs, slack.codes.copy(), strict=True)
    ] == [200, 200]


@pytest.mark.parametrize("site", ["sandbox", "Slack"])
def test_a_cookie_that_the_browser_chose_is_not_accepted(slack: OAuthStandIn, site: str) -> None:
    """Otherwise who can plant one there finishes an installation of their own in that browser."""
    replica = InstallingReplica(slack, api_url="https://slack.com/api/" if site == "Slack" else "")
    state, cookie = replica.begin()
    name, _, secret = cookie.partition("=")
    assert name.startswith("__Host-") is (site == "Slack"), "no other host of the domain can set it"
    again = replica.get("/slack/install/start", cookie=f"{name}=chosen; threatmodel-install=chosen")
    assert "chosen" not in again.headers["set-cookie"]
    its_state, its_cookie = begun(again)
    for planted in ("chosen", secret):
        cookie = f"{its_cookie.partition('=')[0]}={planted}"
        assert replica.finish(its_state, cookie, code="code").status == 400
    assert replica.finish(state, f"{name}=", code="code").status == 400
    assert slack.calls == []


def test_names_of_workspaces_are_shown_as_text(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    slack.permit("code")
    slack.codes["code"]["team"]["name"] = "<script>alert(1)</script>"

    page = replica.install("code")

    assert "<script>" not in text_of_page(page)
    assert "&lt;script&gt;" in text_of_page(page)
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_what_slack_says_cannot_bring_text_of_others(replica: InstallingReplica) -> None:
    page = replica.finish(*replica.begin(), error="Call +1 555 and say your password")
    assert "password" not in text_of_page(page)


def test_an_installation_that_cannot_be_stored_says_so(slack: OAuthStandIn) -> None:
    store = fresh_store()
    replica = InstallingReplica(slack, store)
    slack.permit("code")
    state, cookie = replica.begin()

    with unavailable(store):
        page = replica.finish(state, cookie, code="code")

    assert (page.status, "could not be stored" in text_of_page(page)) == (503, True)
    slack.permit("another code")
    assert replica.install("another code").status == 200


def test_only_get_reaches_the_pages(replica: InstallingReplica) -> None:
    assert replica.get("/slack/install", method="HEAD").status == 200
    for path, method in (("/slack/install", "POST"), ("/slack/oauth_redirect", "HEAD")):
        with pytest.raises(RequestRefused, match="GET requests only"):
            replica.get(path, method=method)


def test_a_second_person_installs_again_and_the_newest_token_counts(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    slack.permit("code", "T1")
    slack.permit("of another person", "T1")
    replica.install("code")

    replica.install("of another person")

    assert replica.token("T1") == "xoxb-2"
    assert len(replica.store.installations.all()) == 1
