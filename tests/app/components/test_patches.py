from app.components.patches import GivenVerdict, _once, _Received


def test_a_verdict_that_is_sent_again_is_stored_once() -> None:
    received, stored = _Received(), list[GivenVerdict]()
    first = {"number": 1, "item": "a", "sample": "s", "side": "label", "verdict": "confirm", "label": None}
    second = {**first, "number": 2, "item": "b"}
    for sent in ([first], [first, second], [second]):
        for one in sent:
            _once(received, "tab", one, stored.append)
    assert [one.item for one in stored] == ["a", "b"]


def test_two_tabs_count_their_verdicts_apart() -> None:
    received, stored = _Received(), list[GivenVerdict]()
    one = {"number": 1, "item": "a", "sample": "s", "side": "label", "verdict": "confirm", "label": None}
    _once(received, "first", one, stored.append)
    _once(received, "second", one, stored.append)
    assert len(stored) == 2
