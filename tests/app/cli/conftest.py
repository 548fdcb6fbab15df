"""What the tests of the verbs share."""

import pytest

from datasets.workspace import Workspace
from tests.app.cli.calling import Caller


@pytest.fixture
def call(database: Workspace, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(capsys)
