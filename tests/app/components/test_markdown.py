"""What is done to values before Streamlit reads them as markdown; the browser test says how they are shown."""

import pytest

from app.components.markdown import Markdown, document, joined, link, md, plain
from app.components.markup import markup, together


@pytest.mark.parametrize(
    "word", ["street", "ground_truth", "pred_1 label", "5 images", "100 %", "ünï", "it's", "2.5 s", ", b (c)"]
)
def test_usual_words_stay_as_they_are(word: str) -> None:
    assert plain(word) == word


@pytest.mark.parametrize(
    ("word", "escaped"),
    [
        ("![c](http://x)", r"\!\[c\](http\::color[]//x)"),
        ("<img onerror=x>", r"\<img onerror=x\>"),
        (":red[x]", r"\::color[]red\[x\]"),
        (":material/home:", r"\::color[]material/home\::color[]"),
        ("me@x.example", r"me\@:color[]x.example"),
        ("www.x.example", "www:color[].x.example"),
        ("a -> b", r"a \-:color[]\> b"),
        ("- a", r"\-:color[] a"),
        ("1. a", "1:color[]. a"),
        ("# a", r"\# a"),
        ("a | $b$ `c` *d* _e_ ~f~ \\", r"a \| \$b\$ \`c\` \*d\* \_e\_ \~f\~ \\"),
        ("a\n\n# b\r\n\t c ", r"a \# b c"),
        ("\x00\x1b[31m\u202egnp", "\ufffd\ufffd\\[31m\ufffdgnp"),
        ("\ud800", "\ufffd"),
    ],
)  # fmt: skip
def test_all_that_means_something_is_escaped(word: str, escaped: str) -> None:
    assert plain(word) == escaped


def test_nothing_is_escaped_twice() -> None:
    once = plain("*a*")
    assert plain(once) is once
    assert md("**{}** {}", once, md("{}", "_b_")) == r"**\*a\*** \_b\_"


def test_values_are_formatted_before_they_are_escaped() -> None:
    assert md("{:,} of {:.1f} {}", 1234, 2.5, None) == "1,234 of 2.5 None"
    assert isinstance(md("a"), Markdown)


def test_lists_are_escaped_one_by_one() -> None:
    assert joined(["*a*", Markdown("**b**")], " | ") == r"\*a\* | **b**"


def test_a_link_has_an_address_of_the_web() -> None:
    assert link("a]b", "https://x.example/c?d=e") == r"[a\]b](<https://x.example/c?d=e>)"
    for address in (
        "javascript:alert(1)",
        "https://x.example/>)",
        "//x.example",
        "https://x.example/ b",
        "data:text/html,x",
    ):
        assert link("a", address) == "a"


def test_a_card_keeps_its_own_marks_alone() -> None:
    card = "# my ![c](x)\n\nTrained on `a*b`, <b>.\n\n| option | value |\n|---|---|\n| `lr` | `[1]` |\n"
    card += "- torch 2 `b` c\n    ls"
    assert document(card).splitlines() == [
        r"# my \!\[c\](x)", "", r"Trained on **a\*b**, \<b\>.", "", "| option | value |", "|---|---|",
        r"| **lr** | **\[1\]** |", "- torch 2 **b** c", " ls",
    ]  # fmt: skip


def test_values_in_our_html_are_text_or_stay_inside_their_attribute() -> None:
    assert markup('<a href="{}">{:,}</a>', "\"'><script>", 1234) == '<a href="&quot;&#x27;&gt;&lt;script&gt;">1,234</a>'
    assert markup("<p>{}</p>", together([markup("<b>{}</b>", "<"), markup("<i>{}</i>", "&")])) == (
        "<p><b>&lt;</b><i>&amp;</i></p>"
    )
