"""The network that is warm in this process, and its answers."""

import threading
from dataclasses import replace
from pathlib import Path

from datasets.speed.latest import Latest
from datasets.speed.memo import Memo
from pipelines import devices
from pipelines.errors import WeightsMissing
from pipelines.interactive import pictures, tidy
from pipelines.interactive.prompts import Prompt, Segmented, cropped
from pipelines.interactive.sam import kept, offers
from pipelines.interactive.sam.network import Guess, Sam, Seen
from pipelines.runs.checkpoints import sha256

_lock = threading.Lock()
_loaded: dict[str, Sam] = {}  # one, by the hash of its weights
_seen: Latest[Seen] = Latest(most=12)  # of SAM 2, 8.4 MB each
_guesses: Memo[Guess] = Memo(most_bytes=32 << 20, weigh=lambda guess: guess.mask.nbytes)


def answer(image: Path, prompt: Prompt) -> Segmented:
    """The mask that a prompt asks for on an image. Raises WeightsMissing, CheckpointError, DataError."""
    key, sam = warm()
    seen = see(image)
    name = f"{key} {kept.content(image)}"
    guess = _guesses.get((name, prompt), lambda: sam.guess(seen, prompt, _before(name, prompt)))
    found = cropped(sam.grown(guess, seen.size), (0, 0), seen.size, guess.score)
    if found.mask is None or found.box is None:
        return found
    place = round(found.box[0] * seen.size[0]), round(found.box[1] * seen.size[1])
    return cropped(tidy.clean(found.mask), place, seen.size, guess.score)


def see(image: Path) -> Seen:
    """What the network sees in an image: from memory, from disk, or by looking, which takes seconds."""
    key, sam = warm()
    target = kept.place(key, kept.content(image))

    def look(_former: Seen | None) -> Seen:
        found = kept.read(target)
        if found is None:
            found = sam.see(pictures.pixels(image))
            kept.write(target, found)
        return found

    return _seen.get(target, lambda _: True, look)


def is_seen(image: Path) -> bool:
    """Whether a click on this image is answered at once."""
    found = offers.here()
    return found is not None and kept.place(sha256(found[1]), kept.content(image)).exists()


def warm() -> tuple[str, Sam]:
    """The network that is here, loaded once, and the hash of its weights. Raises WeightsMissing, CheckpointError."""
    found = offers.here()
    if found is None:
        raise WeightsMissing(f"expected weights of the SAM family, found none; {offers.hint()}")
    network, path = found
    key = sha256(path)
    with _lock:
        if key not in _loaded:
            _loaded.clear()
            _loaded[key] = Sam.load(network, path, devices.choose("auto"))
        return key, _loaded[key]


def _before(name: str, prompt: Prompt) -> Guess | None:
    """The answer to the same prompt without its last click, if it was just given: further clicks refine it."""
    fewer = prompt.points[:-1]
    if not fewer and prompt.box is None:
        return None
    return _guesses.known((name, replace(prompt, points=fewer))) if prompt.points else None
