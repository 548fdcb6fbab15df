"""Removes passwords from text for people, logs and run folders. Used wherever an address may be printed."""

import os
import re
import urllib.parse

HIDDEN = "***"
_ADDRESSES = ("FIFTYONE_DATABASE_URI", "FOVEAL_DATABASE_URI", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
_SECRETS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SHORTEST = 4  # least length of a secret that is replaced on its own: a shorter one would garble ordinary words

_LOGIN = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/?#'\"<>]*@", re.IGNORECASE)
_OPTION = re.compile(
    r"([?&;,][^=&\s'\"]*(?:passw|pwd|secret|token|credential|key)[^=&\s'\"]*=)[^&\s'\"]+", re.IGNORECASE
)
_DATABASE = re.compile(r"\b(?!https?:|file:)[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def redacted(text: str) -> str:
    """The text without user names and passwords in addresses, and without the secrets of this process' variables."""
    for secret in _known():
        text = text.replace(secret, HIDDEN)
    if "://" not in text:
        return text
    text = _LOGIN.sub(rf"\1{HIDDEN}@", text)
    return _DATABASE.sub(lambda found: _OPTION.sub(rf"\1{HIDDEN}", found.group()), text)


def _known() -> list[str]:
    """Secrets as they stand in the environment and percent-decoded, the longest first."""
    found = {os.environ.get(name, "") for name in _SECRETS}
    for name in _ADDRESSES:
        login, at, _ = os.environ.get(name, "").partition("://")[2].rpartition("@")
        if at:
            found.add(login.partition(":")[2])
    found |= {urllib.parse.unquote(secret) for secret in found}
    return sorted((secret for secret in found if len(secret) >= _SHORTEST), key=len, reverse=True)
