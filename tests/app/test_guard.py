"""The guard: hosts, origins, cookies and tokens."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.guard import TOKEN_HEADER, Guard, Seal, seal
from datasets.workspace import Workspace

HERE = "http://127.0.0.1:8501"


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def html(request: Request) -> HTMLResponse:
    return HTMLResponse("<p>a page</p>")


async def socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
def app(workspace: Workspace) -> Starlette:
    routes = [
        Route("/", html),
        Route("/api/assets/x.js", hello),
        Route("/api/page", hello, methods=["GET", "POST"]),
        Route("/fo/graphql", hello, methods=["GET", "POST"]),
        WebSocketRoute("/stream", socket),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, host="127.0.0.1")])


@pytest.fixture
def client(app: Starlette) -> TestClient:
    return TestClient(app, base_url=HERE)


def test_a_foreign_host_name_is_refused(app: Starlette) -> None:
    answer = TestClient(app, base_url="http://evil.example").get("/")
    assert answer.status_code == 403
    assert answer.json()["found"] == "evil.example"


@pytest.mark.parametrize("host", ["localhost:8501", "[::1]:8501", "127.0.0.1", "127.0.0.1:9999"])
def test_loopback_names_are_welcome(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_on_all_addresses_a_bare_address_is_welcome_and_a_name_is_not(workspace: Workspace) -> None:
    app = Guard(Starlette(routes=[Route("/", html)]), host="0.0.0.0")
    assert TestClient(app, base_url="http://192.168.1.7:8501").get("/").status_code == 200
    assert TestClient(app, base_url="http://evil.example:8501").get("/").status_code == 403


def test_a_page_brings_the_cookie_that_the_api_asks_for(client: TestClient) -> None:
    assert client.get("/api/page").status_code == 403
    cookie = client.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert client.get("/api/page").status_code == 200


def test_a_forged_cookie_is_no_right(client: TestClient) -> None:
    client.cookies.set("foveal_8501", Seal(b"another key").issue("read"))
    assert client.get("/api/page").status_code == 403


def test_reading_from_another_site_is_refused_even_with_the_cookie(client: TestClient) -> None:
    client.get("/")
    for site in ("cross-site", "same-site"):
        assert client.get("/api/page", headers={"Sec-Fetch-Site": site}).status_code == 403


def test_a_change_needs_the_token_of_a_session(client: TestClient) -> None:
    client.get("/")
    assert client.post("/api/page").status_code == 403
    assert client.post("/api/page", headers={TOKEN_HEADER: seal().issue("read")}).status_code == 403
    assert client.post("/api/page", headers={TOKEN_HEADER: seal().issue("write")}).status_code == 200


def test_a_change_from_another_origin_is_refused_even_with_the_token(client: TestClient) -> None:
    headers = {TOKEN_HEADER: seal().issue("write"), "Origin": "http://evil.example"}
    assert client.post("/api/page", headers=headers).status_code == 403


def test_fiftyone_is_changed_only_from_our_origin(client: TestClient) -> None:
    client.get("/")
    assert client.post("/fo/graphql").status_code == 403
    assert client.post("/fo/graphql", headers={"Origin": "http://127.0.0.1:9999"}).status_code == 403
    assert client.post("/fo/graphql", headers={"Origin": HERE}).status_code == 200


def test_assets_need_no_cookie(client: TestClient) -> None:
    assert client.get("/api/assets/x.js").status_code == 200


def test_no_other_site_may_frame_a_page(client: TestClient) -> None:
    assert client.get("/").headers["content-security-policy"] == "frame-ancestors 'self'"


def test_fiftyone_may_load_fonts_and_styles_from_here_alone(client: TestClient) -> None:
    client.get("/")
    policy = client.get("/fo/graphql").headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy and "style-src 'self' 'unsafe-inline'" in policy
    assert "font-src 'self'" in policy and "http" not in policy


def test_a_socket_from_another_origin_is_refused(client: TestClient) -> None:
    with client.websocket_connect("ws://127.0.0.1:8501/stream", headers={"Origin": HERE}) as stream:
        assert stream.receive_text() == "hello"
    refused = pytest.raises((WebSocketDisconnect, WebSocketDenialResponse))
    with refused, client.websocket_connect("ws://127.0.0.1:8501/stream", headers={"Origin": "http://evil.example"}):
        pass


def test_the_key_is_kept_for_its_owner_and_outlives_the_process(workspace: Workspace, tmp_path: Path) -> None:
    token = seal().issue("write")
    file = workspace.home / "secret"
    assert file.stat().st_mode & 0o077 == 0
    assert Seal(file.read_bytes()).valid("write", token)
    assert not Seal(file.read_bytes()).valid("read", token)
    assert not seal().valid("write", "")
