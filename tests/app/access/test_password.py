"""The password: kept as a hash, and not to be guessed."""

import pytest

from app.access import binding, password
from datasets.errors import WorkspaceError
from datasets.workspace import Workspace


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "N", 2**4)


def test_a_password_is_kept_as_its_hash(workspace: Workspace) -> None:
    password.keep(workspace.home, "correct horse")
    kept = password.stored(workspace.home)
    assert kept and b"correct" not in kept and kept.startswith(b"scrypt$")
    assert (workspace.home / "password").stat().st_mode & 0o777 == 0o600
    assert password.fits(kept, "correct horse")
    assert not password.fits(kept, "correct horsf") and not password.fits(kept, "") and not password.fits(None, "")


def test_the_same_password_is_salted_anew_elsewhere_and_kept_here(workspace: Workspace) -> None:
    password.keep(workspace.home, "correct horse")
    kept = password.stored(workspace.home)
    password.keep(workspace.home, "correct horse")
    assert password.stored(workspace.home) == kept
    (workspace.home / "password").unlink()
    password.keep(workspace.home, "correct horse")
    assert password.stored(workspace.home) != kept


@pytest.mark.parametrize(
    "broken", [b"", b"scrypt$16$8$1$x", b"scrypt$a$8$1$eA==$eA==", b"scrypt$3$8$1$eA==$eA==", b"x"]
)
def test_a_broken_file_lets_nobody_in(broken: bytes) -> None:
    assert not password.fits(broken, "") and not password.fits(broken, "x")


def test_a_short_password_is_refused_in_words(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="at least 8 characters, found 7"):
        password.keep(workspace.home, "correct")
    assert password.stored(workspace.home) is None


def test_nobody_may_guess_on_and_on(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    password.keep(workspace.home, "correct horse")
    kept, tries, now = password.stored(workspace.home), password.Tries(), password.time.monotonic()
    for _ in range(password.TRIES):
        assert not tries.attempt(kept, "wrong")
    assert tries.wait() > 0
    assert not tries.attempt(kept, "correct horse")
    monkeypatch.setattr(password.time, "monotonic", lambda: now + password.WITHIN + 60)
    assert tries.wait() == 0
    assert tries.attempt(kept, "correct horse")


def test_another_host_wants_a_password_or_a_word_that_none_is_wanted(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"0\.0\.0\.0 can be reached by other machines.*--insecure"):
        binding.allowed(workspace, "0.0.0.0", encrypted=False, insecure=False)
    told = " ".join(binding.allowed(workspace, "0.0.0.0", encrypted=False, insecure=True))
    assert "token alone" in told and "--tls-cert" in told
    password.keep(workspace.home, "correct horse")
    told = " ".join(binding.allowed(workspace, "192.168.1.7", encrypted=True, insecure=False))
    assert "the password or the address" in told and "--tls-cert" not in told
    assert binding.allowed(workspace, "127.0.0.1", encrypted=False, insecure=False) == []


def test_the_environment_gives_the_password_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEAL_PASSWORD", "correct horse")
    assert binding.keep_given(workspace)
    assert password.fits(password.stored(workspace.home), "correct horse")
    assert not binding.keep_given(workspace), "the processes of jobs would see it"


def test_a_file_gives_the_password_if_nobody_else_can_read_it(workspace: Workspace) -> None:
    file = workspace.home / "word"
    file.write_text("correct horse\n")
    file.chmod(0o644)
    with pytest.raises(WorkspaceError, match="0644"):
        binding.keep_given(workspace, file)
    file.chmod(0o600)
    assert binding.keep_given(workspace, file)
    assert password.fits(password.stored(workspace.home), "correct horse")
    with pytest.raises(WorkspaceError, match="a file with a password"):
        binding.keep_given(workspace, workspace.home / "none")
