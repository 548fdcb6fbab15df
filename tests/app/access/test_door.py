"""The page before all pages."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.access import password, seal
from app.guard import Guard
from datasets.workspace import Workspace

HERE = "http://127.0.0.1:8501"
WORD = "correct horse"
ELSEWHERE = ["//evil.example", "/\\evil.example", "https://evil.example", "", "x", "/a\r\nb: c", "/\tx"]


async def html(request: Request) -> HTMLResponse:
    return HTMLResponse("<p>a page</p>")


@pytest.fixture
def client(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser before a server that knows a password."""
    monkeypatch.setattr(password, "N", 2**4)
    password.keep(workspace.home, WORD)
    seal.forget()
    routes = [Route("/", html), Route("/browse", html)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Guard)]), base_url=HERE)


def sign_in(client: TestClient, word: str, back: str = "/", origin: str = HERE) -> tuple[int, str]:
    sent = {"password": word, "next": back}
    answer = client.post("/access", data=sent, headers={"Origin": origin}, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "")


def test_the_password_opens_the_page_that_was_asked_for(client: TestClient) -> None:
    asked = client.get("/browse?dataset=a&view=%22%3E%3Cscript%3E")
    found = re.search(r'name="next" value="([^"]*)"', asked.text)
    assert asked.status_code == 403 and found and "<script" not in asked.text
    assert sign_in(client, WORD, found[1].replace("&amp;", "&")) == (303, "/browse?dataset=a&view=%22%3E%3Cscript%3E")
    assert client.get("/browse").status_code == 200


def test_another_password_opens_nothing(client: TestClient) -> None:
    for word in ("", "wrong", WORD.upper(), f"{WORD} "):
        assert sign_in(client, word)[0] == 403
    assert client.get("/").status_code == 403


def test_no_password_opens_a_server_that_knows_none(client: TestClient, workspace: Workspace) -> None:
    (workspace.home / "password").unlink()
    assert sign_in(client, WORD)[0] == 403
    assert "<form" not in client.get("/").text


@pytest.mark.parametrize("back", ELSEWHERE)
def test_the_way_back_stays_on_this_server(client: TestClient, back: str) -> None:
    assert sign_in(client, WORD, back) == (303, "/")


def test_a_form_of_another_site_signs_nobody_in(client: TestClient) -> None:
    assert sign_in(client, WORD, origin="http://evil.example")[0] == 403


def test_too_many_tries_must_wait_even_with_the_password(client: TestClient) -> None:
    for _ in range(password.TRIES):
        assert sign_in(client, "wrong")[0] == 403
    answer = client.post("/access", data={"password": WORD}, headers={"Origin": HERE})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= password.WITHIN


def test_a_long_form_is_not_read(client: TestClient) -> None:
    assert sign_in(client, WORD + "x" * 10_000)[0] == 403


def test_the_page_names_the_server_as_it_was_asked(client: TestClient) -> None:
    assert "http://localhost:8501/?token=…" in client.get("/", headers={"Host": "localhost:8501"}).text


def test_a_cookie_given_over_tls_never_leaves_it(client: TestClient) -> None:
    answer = client.post(f"{HERE.replace('http', 'https')}/access", data={"password": WORD}, follow_redirects=False)
    assert "; Secure" in answer.headers["set-cookie"]
