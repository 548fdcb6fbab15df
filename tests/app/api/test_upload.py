"""Images uploaded over HTTP, behind the guard: added once, whatever they are called; what is no image is refused."""

import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app.access.launch import Launch
from app.access.seal import seal
from app.api import upload
from app.api.routes import routes
from app.guard import TOKEN_HEADER, Guard
from datasets.errors import DatabaseUnreachable
from datasets.exchange import adding
from datasets.storage import collection, database, store
from datasets.workspace import Workspace

LAUNCH = Launch()


@pytest.fixture(scope="module")
def client(server: Workspace) -> Iterator[TestClient]:
    """A browser that was let in and may write."""
    app = Starlette(routes=routes(), middleware=[Middleware(Guard, host="127.0.0.1", launch=LAUNCH)])
    with TestClient(app, base_url="http://127.0.0.1:8501") as made:
        made.get(f"/?token={LAUNCH.token}")
        made.headers[TOKEN_HEADER] = seal().issue("write", str(seal().reader(made.cookies["foveal_8501"])))
        yield made


@pytest.fixture
def dataset(client: TestClient) -> Iterator[str]:
    store.create("dropped", {"ground_truth": "detections"})
    yield "dropped"
    store.delete("dropped")


def picture(number: int, kind: str = "PNG", size: tuple[int, int] = (32, 24)) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


def send(client: TestClient, dataset: str, content: bytes, name: str = "a.png") -> Any:
    return client.post(f"/api/upload/{dataset}", content=content, params={"name": name})


def paths(dataset: str) -> list[Path]:
    return [Path(one["filepath"]) for one in collection.stream(dataset)]


def incoming(server: Workspace) -> list[Path]:
    return list((server.uploads / adding.INCOMING).iterdir())


def test_an_image_is_kept_below_the_workspace_and_added(client: TestClient, dataset: str, server: Workspace) -> None:
    answer = send(client, dataset, picture(1), "photos/My dog (1).png")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["known"], answer.json()["width"], answer.json()["height"]) == (False, 32, 24)
    [path] = paths(dataset)
    assert path.is_relative_to(server.uploads) and path.name.startswith("My dog (1)-") and path.suffix == ".png"
    assert path.read_bytes() == picture(1) and incoming(server) == []
    document = next(iter(collection.stream(dataset)))
    assert (document["metadata"]["width"], document["metadata"]["mime_type"]) == (32, "image/png")
    assert client.get(f"/api/media/{dataset}/{answer.json()['id']}").content == picture(1)


def test_the_same_content_is_added_once_whatever_its_name(client: TestClient, dataset: str) -> None:
    first = send(client, dataset, picture(2), "one.png").json()
    second = send(client, dataset, picture(2), "two.png")
    assert (second.status_code, second.json()["known"], second.json()["id"]) == (200, True, first["id"])
    assert len(paths(dataset)) == 1


def test_content_that_was_imported_from_a_folder_is_known(client: TestClient, dataset: str, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.png"
    file.write_bytes(picture(3))
    about = collection.image_metadata(32, 24, file.stat().st_size, "image/png", 3)
    [known] = collection.insert(dataset, [collection.sample_document(str(file), about)])
    assert send(client, dataset, picture(3)).json() == {"id": known, "known": True, "width": 32, "height": 24}


def test_a_sample_that_was_removed_can_be_added_again(client: TestClient, dataset: str) -> None:
    first = send(client, dataset, picture(4)).json()["id"]
    collection.remove(dataset, [first])
    again = send(client, dataset, picture(4)).json()
    assert not again["known"] and again["id"] != first


def test_sent_by_many_at_once_nothing_is_there_twice(client: TestClient, dataset: str, server: Workspace) -> None:
    contents = [picture(100 + number % 10) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda pair: send(client, dataset, pair[1], f"{pair[0]}.png"), enumerate(contents)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert sum(not answer.json()["known"] for answer in answers) == 10
    assert len(paths(dataset)) == len(set(paths(dataset))) == 10 and incoming(server) == []


def test_another_file_of_that_name_is_not_overwritten(client: TestClient, dataset: str, server: Workspace) -> None:
    send(client, dataset, picture(12), "twin.png")
    [path] = paths(dataset)
    store.delete(dataset)
    store.create(dataset)
    path.write_bytes(b"changed since")
    assert send(client, dataset, picture(12), "twin.png").status_code == 201
    [other] = paths(dataset)
    assert other != path and path.read_bytes() == b"changed since" and other.read_bytes() == picture(12)


def test_what_a_killed_process_left_is_removed_after_a_day(client: TestClient, dataset: str, server: Workspace) -> None:
    place = server.uploads / adding.INCOMING
    old, new = place / "1-old.part", place / "1-new.part"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    send(client, dataset, picture(13))
    assert incoming(server) == [new]
    new.unlink()


def test_files_that_are_sent_side_by_side_keep_their_order(client: TestClient, dataset: str) -> None:
    batch = "6b0cdef4a2963cb5"
    for number in (2, 0, 1):
        place = f"{batch}{number:08x}"
        answer = client.post(f"/api/upload/{dataset}?name={number}.png&place={place}", content=picture(40 + number))
        assert answer.json()["id"] == place
    taken = client.post(f"/api/upload/{dataset}?name=3.png&place={batch}00000001", content=picture(43)).json()
    assert taken["id"] > f"{batch}00000002" and not taken["known"]
    assert [path.name[0] for path in paths(dataset)] == ["0", "1", "2", "3"]
    wrong = client.post(f"/api/upload/{dataset}?name=4.png&place=$x", content=picture(44))
    assert wrong.status_code == 400 and "place is no id" in wrong.json()["error"]


def test_the_suffix_is_that_of_the_content(client: TestClient, dataset: str) -> None:
    send(client, dataset, picture(5, "JPEG"), "shot.PNG")
    send(client, dataset, picture(6, "JPEG"), "shot.JPEG")
    send(client, dataset, picture(7, "PNG"), "no suffix")
    assert [path.suffix for path in paths(dataset)] == [".jpg", ".jpeg", ".png"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..", "a\x00b.png", "C:\\evil\\x.png", "\u202egnp.exe", ".hidden", "x" * 900, "é" * 300],
)
def test_no_name_leads_out_of_the_workspace(client: TestClient, dataset: str, server: Workspace, name: str) -> None:
    assert send(client, dataset, picture(8), name).status_code == 201
    [path] = paths(dataset)
    assert path.parent.parent == server.uploads and path.resolve() == path and len(path.name.encode()) < 255
    assert path.name.isprintable() and not path.name.startswith(".")
    path.unlink()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b"hello", "no image that Pillow knows"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image"),
        (picture(9)[:-200], "found"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00\x0f\x42\x40" * 2 + b"\x08\x02\x00\x00\x00", "found"),
    ],
)
def test_what_is_no_image_is_refused_and_leaves_nothing(
    client: TestClient, dataset: str, server: Workspace, content: bytes, said: str
) -> None:
    answer = send(client, dataset, content)
    assert answer.status_code == 400 and said in answer.json()["error"], answer.text
    assert answer.json()["expected"] == "an image that can be read" and answer.json()["action"]
    assert paths(dataset) == [] and incoming(server) == []


def test_too_large_a_file_is_refused(
    client: TestClient, dataset: str, server: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LARGEST", 1000)
    assert send(client, dataset, b"x" * 2000).status_code == 413
    monkeypatch.setattr(upload, "LARGEST", 10**9)
    monkeypatch.setattr(adding, "LARGEST", 1000)
    monkeypatch.setattr(upload, "_BUFFER", 100)
    answer = client.post(f"/api/upload/{dataset}?name=a", content=iter([b"x" * 600] * 4))  # without its length
    assert answer.status_code == 400 and "larger" in answer.json()["error"] and incoming(server) == []


def test_a_file_without_a_name_an_unknown_dataset_and_one_of_videos(client: TestClient, dataset: str) -> None:
    assert send(client, dataset, picture(1), "").status_code == 400
    assert send(client, "nowhere", picture(1)).status_code == 404
    store.create("films", videos=True)
    answer = send(client, "films", picture(1))
    store.delete("films")
    assert answer.status_code == 400 and "videos" in answer.json()["error"]


def test_a_reader_without_the_token_cannot_upload(client: TestClient, dataset: str, server: Workspace) -> None:
    address = f"/api/upload/{dataset}?name=a.png"
    assert client.post(address, content=picture(1), headers={TOKEN_HEADER: ""}).status_code == 403
    elsewhere = {"Origin": "http://evil.example"}
    assert client.post(address, content=picture(1), headers=elsewhere).status_code == 403
    assert paths(dataset) == []


def test_the_file_is_not_read_twice_when_the_database_came_back(
    client: TestClient, dataset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, tries = adding.add, []

    def dies_once(name: str, kept: adding.Kept, place: str = "") -> adding.Added:
        tries.append(name)
        if len(tries) == 1:
            raise DatabaseUnreachable("expected the database to answer, found nothing")
        return add(name, kept, place)

    monkeypatch.setattr(adding, "add", dies_once)
    monkeypatch.setattr(database, "revive", lambda: True)
    assert send(client, dataset, picture(11)).status_code == 201
    assert len(tries) == 2 and len(paths(dataset)) == 1
