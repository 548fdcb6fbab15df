"""The password of a workspace: stored as its scrypt hash, compared in constant time."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from datasets import private
from datasets.errors import WorkspaceError

FILE = "password"
SHORTEST = 8  # letters
N, R, P = 2**15, 8, 1  # 32 MB and a tenth of a second for each try
MEMORY = 2**26
TRIES, WITHIN = 10, 60.0  # failed tries within this many seconds, by all clients together
_one_at_a_time = threading.Lock()  # concurrent tries take the memory of one


def stored(home: Path) -> bytes | None:
    """The stored hash; None where no password was set. Raises WorkspaceError when the file is not ours alone."""
    return private.read(home / FILE)


def keep(home: Path, word: str) -> None:
    """Store the hash of a password. The same password again changes nothing. Raises WorkspaceError for a short one."""
    if len(word) < SHORTEST:
        found = f"{len(word)} characters"
        raise WorkspaceError(home / FILE, f"a password of at least {SHORTEST} characters", found, "choose a longer one")
    if not fits(stored(home), word):
        salt = secrets.token_bytes(16)
        parts = [b"scrypt", *(str(one).encode() for one in (N, R, P)), *map(_text, (salt, _hash(word, salt, N, R, P)))]
        private.write(home / FILE, b"$".join(parts))


def fits(kept: bytes | None, word: str) -> bool:
    """Whether this is the password; takes equally long when it is not."""
    if kept is None:
        return False
    try:
        _, n, r, p, salt, wanted = kept.split(b"$")
        found = _hash(word, base64.b64decode(salt), int(n), int(r), int(p))
        return hmac.compare_digest(found, base64.b64decode(wanted))
    except ValueError:  # a broken file lets nobody in
        return False


@dataclass
class Tries:
    """Counts failed tries, to limit guessing. Readers with the launch token need no try."""

    failed: deque[float] = field(default_factory=lambda: deque(maxlen=TRIES))

    def wait(self) -> float:
        """Seconds until the next try is allowed."""
        if len(self.failed) < TRIES:
            return 0.0
        return max(0.0, WITHIN - (time.monotonic() - self.failed[0]))

    def attempt(self, kept: bytes | None, word: str) -> bool:
        """Whether this is the password; a wrong one is counted."""
        with _one_at_a_time:
            if self.wait():
                return False
            right = fits(kept, word)
            if not right:
                self.failed.append(time.monotonic())
            return right


def _hash(word: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(word.encode(), salt=salt, n=n, r=r, p=p, maxmem=MEMORY, dklen=32)


def _text(raw: bytes) -> bytes:
    return base64.b64encode(raw)
