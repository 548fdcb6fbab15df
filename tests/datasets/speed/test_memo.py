from datasets.speed.memo import Memo


def test_a_result_is_computed_once_per_key() -> None:
    memo, calls = Memo[bytes](100, len), list[int]()
    for _ in range(3):
        memo.get("a", lambda: bytes(calls.append(1) or 10))
    assert len(calls) == 1


def test_the_least_recently_used_goes_first_when_the_bound_is_reached() -> None:
    memo, calls = Memo[bytes](100, len), list[str]()

    def ask(key: str) -> None:
        memo.get(key, lambda: (calls.append(key), bytes(40))[1])

    for key in "abacaab":
        ask(key)
    assert calls == ["a", "b", "c", "b"]


def test_what_is_over_the_bound_alone_is_not_kept() -> None:
    memo, calls = Memo[bytes](10, len), list[int]()
    for _ in range(2):
        memo.get("a", lambda: bytes(calls.append(1) or 11))
    assert len(calls) == 2
