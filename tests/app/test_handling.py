"""What a failing page, dialog, fragment or callback says; Streamlit hands over whatever was raised."""

from streamlit.testing.v1 import AppTest

from app import server


def said(script: str) -> str:
    test = AppTest.from_string(f"from app import handling\n{script}\nassert handling.show(error)").run(timeout=60)
    assert not test.exception
    (shown,) = test.error
    return str(shown.value)


def test_an_expected_error_keeps_its_own_words() -> None:
    text = said("from datasets.errors import DatasetsError\nerror = DatasetsError('expected a name, found none')")
    assert "expected a name, found none" in text


def test_an_unexpected_one_says_what_to_do_and_tells_no_detail() -> None:
    text = said("error = KeyError('/home/someone/secret')")
    assert "KeyError" in text and "report it" in text
    assert "/home/someone" not in text


def test_every_script_of_the_app_is_covered() -> None:
    from app import handling

    assert server.build()._on_script_error is handling.show
