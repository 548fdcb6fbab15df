"""Who labels: a name that a person chose."""

import re
import unicodedata

from datasets.errors import FieldError

LONGEST = 60  # letters
UNNAMED = "reader "  # begins the name of a browser whose person chose none
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def name(text: str) -> str:
    """The name of a person as it is kept: one line, its blanks made single. Raises FieldError."""
    made = " ".join(unicodedata.normalize("NFC", text).split()) if not _CONTROL.search(text) else ""
    if not made or len(made) > LONGEST or made.lower().startswith(UNNAMED):
        raise FieldError(
            f"expected a name of one line, of 1 to {LONGEST} letters, that does not begin with {UNNAMED!r}, found "
            f"{text[:80]!r}; choose another"
        )
    return made
