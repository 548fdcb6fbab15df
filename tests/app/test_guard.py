"""The guard: hosts, origins, who has a cookie, and what those without one get."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.access import cookies
from app.access.launch import Launch
from app.access.seal import Seal, seal
from app.guard import READER_HEADER, TOKEN_HEADER, Guard
from datasets.workspace import Workspace

HERE = "http://127.0.0.1:8501"
LAUNCH = Launch()
WITH_TOKEN = f"/?token={LAUNCH.token}"
# every route that Streamlit, FiftyOne and we have, by kind; all but the first lists need a cookie
OPEN = ["/_stcore/health", "/favicon.png", "/static/js/x.js", "/api/assets/x.js"]
PAGES = ["/", "/browse"]
CLOSED = ["/api/page", "/fo/graphql", "/fo/media", "/media/x.png", "/component/x/y", "/_stcore/host-config",
          "/_stcore/script-health-check", "/_stcore/metrics", "/_stcore/agent/openapi.json",
          "/_stcore/bidi-components/x",
          "/app/static/x", "/static/other"]  # fmt: skip
UPLOAD = "/_stcore/upload_file/session/file"
SOCKETS = ["/_stcore/stream", "/fo/stream"]


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def html(request: Request) -> HTMLResponse:
    return HTMLResponse("<p>a page</p>")


async def own_policy(request: Request) -> Response:
    return PlainTextResponse("hello", headers={"content-security-policy": "sandbox"})


async def socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.headers.get(READER_HEADER, "nobody"))
    await socket.close()


@pytest.fixture
def app(workspace: Workspace) -> Starlette:
    return guarded("127.0.0.1")


@pytest.fixture
def client(app: Starlette) -> TestClient:
    """A browser that was never here."""
    return TestClient(app, base_url=HERE)


@pytest.fixture
def reader(client: TestClient) -> TestClient:
    """A browser that opened the printed address."""
    client.get(WITH_TOKEN)
    return client


def guarded(host: str, **more: object) -> Starlette:
    routes = [Route("/api/media/x", own_policy)]
    routes += [Route(path, html) for path in PAGES]
    routes += [Route(path, hello, methods=["GET", "POST", "PUT"]) for path in (*OPEN, *CLOSED, UPLOAD)]
    sockets = [WebSocketRoute(path, socket) for path in SOCKETS]
    return Starlette(routes=[*routes, *sockets], middleware=[Middleware(Guard, host=host, launch=LAUNCH, **more)])


def test_a_foreign_host_name_is_refused(app: Starlette) -> None:
    answer = TestClient(app, base_url="http://evil.example").get(WITH_TOKEN)
    assert answer.status_code == 403
    assert answer.json()["found"] == "evil.example"


@pytest.mark.parametrize("host", ["localhost:8501", "[::1]:8501", "127.0.0.1", "127.0.0.1:9999"])
def test_loopback_names_are_welcome(client: TestClient, host: str) -> None:
    assert client.get("/api/assets/x.js", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1; script-src *", "me@127.0.0.1", "127.0.0.1 x", "", "127.0.0.1.evil.example"]
)
def test_what_is_no_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/assets/x.js", headers={"Host": host}).status_code == 403


def test_on_all_addresses_a_bare_address_is_welcome_and_a_name_is_not(workspace: Workspace) -> None:
    app = guarded("0.0.0.0")
    assert (
        TestClient(app, base_url="http://192.168.1.7:8501").get(WITH_TOKEN, follow_redirects=False).status_code == 303
    )
    assert TestClient(app, base_url="http://evil.example:8501").get(WITH_TOKEN).status_code == 403


def test_another_machine_is_refused_where_this_one_alone_is_served(workspace: Workspace) -> None:
    for host, status in (("127.0.0.1", 403), ("0.0.0.0", 200)):
        away = TestClient(guarded(host), base_url=HERE, client=("192.168.1.9", 5000))
        assert away.get("/_stcore/health").status_code == status
    assert (
        TestClient(guarded("127.0.0.1"), base_url=HERE, client=("::ffff:127.0.0.1", 1)).get("/favicon.png").is_success
    )


@pytest.mark.parametrize("path", OPEN)
def test_what_is_the_same_everywhere_needs_no_cookie(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.post(path, headers={"Origin": HERE}).status_code == 403


@pytest.mark.parametrize(
    "path", [*PAGES, *CLOSED, UPLOAD, "/static/js/../../api/page", "/static/js/..%2f..%2fapi/page"]
)
def test_a_stranger_gets_nothing(client: TestClient, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
        answer = client.request(method, path, headers={"Origin": HERE})
        assert answer.status_code == 403, method
        assert "set-cookie" not in answer.headers
        assert "hello" not in answer.text and "a page" not in answer.text


@pytest.mark.parametrize("path", SOCKETS)
def test_a_stranger_opens_no_socket(client: TestClient, path: str) -> None:
    refused(client, path, {"Origin": HERE})
    refused(client, path, {"Origin": HERE, "Cookie": f"foveal_8501={Seal(b'another key').issue('read')}"})


@pytest.mark.parametrize("path", [*PAGES, *CLOSED])
def test_a_reader_gets_what_it_asks_for(reader: TestClient, path: str) -> None:
    assert reader.get(path).status_code == 200


def test_the_token_of_a_launch_brings_the_cookie_and_leaves_the_address(client: TestClient) -> None:
    answer = client.get(f"/browse?dataset=a+b&token={LAUNCH.token}&view=%7B%7D", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/browse?dataset=a+b&view=%7B%7D")
    assert answer.headers["referrer-policy"] == "no-referrer"
    for part in ("foveal_8501=", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in answer.headers["set-cookie"]
    assert client.get("/api/page").status_code == 200


def test_the_token_works_as_often_as_needed_and_keeps_a_reader_who_came_before(app: Starlette) -> None:
    first, second = TestClient(app, base_url=HERE), TestClient(app, base_url=HERE)
    assert first.get(WITH_TOKEN).is_success and second.get(WITH_TOKEN).is_success
    assert "set-cookie" not in first.get(WITH_TOKEN, follow_redirects=False).headers


def test_the_token_of_another_launch_is_explained(client: TestClient) -> None:
    answer = client.get(f"/?token={Launch().token}")
    assert answer.status_code == 403
    assert "of an earlier start" in answer.text
    assert Launch().token not in answer.text


def test_a_token_in_the_address_is_no_right_on_a_route(client: TestClient) -> None:
    for path in CLOSED:
        assert client.get(path, params={"token": LAUNCH.token}).status_code == 403


def test_the_cookie_outlives_a_restart_and_the_token_does_not(reader: TestClient, workspace: Workspace) -> None:
    again = Starlette(routes=[Route("/", html)], middleware=[Middleware(Guard, launch=Launch())])
    assert TestClient(again, base_url=HERE, cookies=reader.cookies).get("/").status_code == 200
    assert TestClient(again, base_url=HERE).get(WITH_TOKEN).status_code == 403


def test_a_page_without_the_cookie_says_where_the_address_is(client: TestClient) -> None:
    answer = client.get("/browse?dataset=![c](https://evil.example/x)&b=<script>alert(1)</script>")
    assert "python -m app serve --address" in answer.text
    assert "evil" not in answer.text and "<script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_cookie_that_aged_is_renewed_for_the_same_reader(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.cookies.set("foveal_8501", old := seal().issue("read"))
    assert "set-cookie" not in client.get("/").headers
    monkeypatch.setattr(cookies, "OLD", -1)
    fresh = client.get("/").headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert seal().reader(fresh) == seal().reader(old) is not None


def test_links_from_elsewhere_open_pages_and_nothing_else(reader: TestClient) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    frame = {**link, "Sec-Fetch-Dest": "iframe"}
    picture = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    for path in PAGES:
        assert reader.get(path, headers=link).status_code == 200
        assert reader.get(path, headers=frame).status_code == 403
    for path in CLOSED:
        for headers in (link, frame, picture):
            assert reader.get(path, headers=headers).status_code == 403


def test_a_change_needs_the_token_of_the_same_reader(reader: TestClient, app: Starlette) -> None:
    name = seal().reader(reader.cookies["foveal_8501"])
    assert name
    assert reader.post("/api/page").status_code == 403
    for wrong in (
        seal().issue("read"),
        seal().issue("write"),
        seal().issue("write", "another"),
        LAUNCH.token,
        "x",
        "..",
        "é",
    ):
        assert reader.post("/api/page", headers={TOKEN_HEADER: wrong.encode()}).status_code == 403, wrong
    right = {TOKEN_HEADER: seal().issue("write", name)}
    assert reader.post("/api/page", headers=right).status_code == 200
    assert TestClient(app, base_url=HERE).post("/api/page", headers=right).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8501"])
def test_another_origin_changes_nothing(reader: TestClient, origin: str) -> None:
    name = seal().reader(reader.cookies["foveal_8501"])
    headers = {TOKEN_HEADER: seal().issue("write", str(name)), "Origin": origin}
    for path in ("/api/page", "/fo/graphql", "/browse", "/access"):
        assert reader.post(path, headers=headers).status_code == 403
    for path in SOCKETS:
        refused(reader, path, {"Origin": origin})


def test_what_has_no_token_to_write_is_changed_from_our_origin_alone(reader: TestClient) -> None:
    assert reader.post("/fo/graphql").status_code == 403
    assert reader.post("/fo/graphql", headers={"Origin": HERE}).status_code == 200
    for path in SOCKETS:
        refused(reader, path, {})


def test_a_socket_learns_whose_it_is_from_the_cookie_alone(reader: TestClient) -> None:
    headers = {"Origin": HERE, READER_HEADER: "another"}
    with reader.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", headers=headers) as stream:
        assert stream.receive_text() == seal().reader(reader.cookies["foveal_8501"])


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
def test_no_file_is_taken(reader: TestClient, method: str) -> None:
    answer = reader.request(method, UPLOAD, headers={"Origin": HERE})
    assert (answer.status_code, answer.json()["error"]) == (403, "uploads are closed")


def test_pages_load_from_here_alone(reader: TestClient) -> None:
    rules = reader.get("/").headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "img-src 'self' data: blob:", "object-src 'none'", "frame-ancestors 'self'"} <= {
        *rules
    }
    (scripts,) = [rule for rule in rules if rule.startswith("script-src")]
    assert (
        "unsafe-inline" not in scripts
        and "'unsafe-eval'" not in scripts
        and "http" not in scripts
        and "sha256-" in scripts
    )
    assert "connect-src 'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501" in rules


def test_fiftyone_loads_from_here_alone(reader: TestClient) -> None:
    policy = reader.get("/fo/graphql").headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'self'" in policy and "http" not in policy


def test_answers_that_are_no_pages_run_nothing(reader: TestClient) -> None:
    for path in ("/api/page", "/media/x.png"):
        policy = reader.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy and policy.endswith("; sandbox")
    assert reader.get("/api/media/x").headers["content-security-policy"] == "sandbox"


def refused(client: TestClient, path: str, headers: dict[str, str]) -> None:
    denied = pytest.raises((WebSocketDisconnect, WebSocketDenialResponse))
    with denied, client.websocket_connect(f"ws://127.0.0.1:8501{path}", headers=headers):
        pass
