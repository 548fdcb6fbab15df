"""Text in whatever encoding it is written, and what is told about it."""

import pytest

from datasets.errors import FormatError
from datasets.exchange.formats.common import opened
from datasets.exchange.formats.common.encodings import decode
from datasets.exchange.formats.common.parsing import csv_rows, read_head, read_text, xml_of, yaml_texts
from datasets.exchange.importing import ingest, preview
from datasets.storage import store
from tests.helpers import make_coco, make_image

TEXT = "names: [façade, Größe]\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.encode("utf-16"), TEXT.encode("utf-32"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"), b"\x00\x00\xfe\xff" + TEXT.encode("utf-32-be"),
    ],
)  # fmt: skip
def test_marked_text_and_utf_8_are_read_in_silence(data, tmp_path):
    (tmp_path / "a.txt").write_bytes(data)
    with opened.watching() as watch:
        assert read_text(tmp_path / "a.txt") == TEXT
    assert not watch.findings.all() and watch.paths == {str(tmp_path / "a.txt")}


@pytest.mark.parametrize(
    ("encoding", "severity", "name"),
    [("cp1252", "warning", "Windows-1252"), ("utf-16-le", "note", "UTF-16-LE"), ("utf-16-be", "note", "UTF-16-BE")],
)
def test_a_guess_is_told_with_an_example(encoding, severity, name, tmp_path):
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    with opened.watching() as watch:
        assert read_text(tmp_path / "a.txt") == TEXT
    (told,) = watch.findings.all()
    assert (told.severity, told.where) == (severity, str(tmp_path / "a.txt"))
    assert "'façade' in line 1" in told.found and f"read as {name}" in told.action


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0\x00\x10JFIF", b"a\x00b", bytes(range(256)), b"\xff\xfea\x00b", b"\x81\x8d"]
)
def test_what_is_no_text_is_refused_in_words(data, tmp_path):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(FormatError, match=r"a\.txt: expected a text file in UTF-8, found .*; save it as UTF-8"):
        read_text(tmp_path / "a.txt")
    assert read_head(tmp_path / "a.txt") == ""


@pytest.mark.parametrize(
    ("declared", "written", "word"),
    [
        ("ISO-8859-1", "iso8859-1", "Straße"), ("windows-1252", "cp1252", "„façade“"),
        ("ISO-8859-2", "iso8859-2", "łódź"),
        ("windows-1251", "cp1251", "машина"), ("KOI8-R", "koi8-r", "машина"), ("gb2312", "gb2312", "人"),
        ("gb2312", "gbk", "車輛"), ("GBK", "gbk", "人"), ("Big5", "big5", "汽車"), ("Shift_JIS", "cp932", "自転車"),
        ("EUC-JP", "euc-jp", "自転車"), ("ISO-2022-JP", "iso2022_jp", "自転車"), ("EUC-KR", "cp949", "자동차"),
        ("UTF-8", "utf-8", "人"), ("UTF-16", "utf-16", "人"), ("utf-16", "utf-8", "人"), ("ISO-8859-1", "utf-8", "人"),
    ],
)  # fmt: skip
def test_xml_is_read_as_it_declares(declared, written, word, tmp_path):
    text = f'<?xml version="1.0" encoding="{declared}"?>\n<a><name>{word}</name></a>'
    (tmp_path / "a.xml").write_bytes(text.encode(written))
    assert xml_of(tmp_path / "a.xml").findtext("name") == word


@pytest.mark.parametrize("declared", ["utf-7", "rot13", "unicode_escape", "punycode", "nonsense", "idna"])
def test_encodings_that_are_none_of_text_are_refused(declared, tmp_path):
    (tmp_path / "a.xml").write_bytes(f'<?xml version="1.0" encoding="{declared}"?><a/>'.encode())
    with pytest.raises(FormatError, match=f"the encoding '{declared}', which is not read"):
        xml_of(tmp_path / "a.xml")


def test_the_beginning_of_a_file_never_raises_and_does_not_count_as_used(tmp_path):
    (tmp_path / "a.txt").write_text("1234\n" * 100 + "é")
    with opened.watching() as watch:
        assert read_head(tmp_path / "a.txt", 12) == "1234\n1234\n"
        assert read_head(tmp_path / "none.txt") == "" and read_head(tmp_path) == ""
    assert not watch.paths


def test_plain_values_stay_as_they_are_written():
    found = yaml_texts("a: [no, 007, 12:30, null, 1e3, 0x10, ~, '1', 2024-01-01]\nb: &x {c: yes}\nd: {<<: *x}", "x")
    assert found["a"] == ["no", "007", "12:30", "null", "1e3", "0x10", "~", "1", "2024-01-01"]
    assert found["d"] == {"c": "yes"}


def test_rows_of_an_old_macintosh():
    assert list(csv_rows("a,b\r1,2\r", "x", ",")) == [["a", "b"], ["1", "2"]]


def test_odd_neighbours_do_not_end_an_import(tmp_path, database):
    make_coco(tmp_path)
    (tmp_path / "notes.csv").write_bytes("Größe;Länge\n".encode("cp1252"))
    (tmp_path / "huge.csv").write_text("a,b\n" + "x" * 200_000 + ",1\n")
    (tmp_path / "broken.json").write_text('{"images": [')
    (tmp_path / "broken.xml").write_bytes(b"<annotation><\xff")
    (tmp_path / "photo.txt").write_bytes(b"\xff\xd8\xff\xe0\x00")
    (tmp_path / "setup.yaml").write_text("a: [")
    shown = preview(tmp_path)
    ingest(tmp_path, "set")
    assert (shown.format, shown.labels) == ("coco", 6)
    assert store.summary("set").class_counts["ground_truth"] == {"cat": 2, "dog": 2, "bird": 2}


def test_names_of_voc_in_another_encoding_are_stored_as_they_are(tmp_path, database):
    for number, (encoding, name) in enumerate((("gb2312", "人"), ("ISO-8859-1", "Straße"), ("Shift_JIS", "自転車"))):
        make_image(tmp_path / f"{number}.jpg", (64, 48), seed=number)
        box = "<bndbox><xmin>8</xmin><ymin>6</ymin><xmax>40</xmax><ymax>30</ymax></bndbox>"
        text = f'<?xml version="1.0" encoding="{encoding}"?><annotation><filename>{number}.jpg</filename>' \
               f"<object><name>{name}</name>{box}</object></annotation>"  # fmt: skip
        (tmp_path / f"{number}.xml").write_bytes(text.encode(encoding))
    ingest(tmp_path, "set")
    assert store.summary("set").class_counts["ground_truth"] == {"人": 1, "Straße": 1, "自転車": 1}


def test_utf_8_comes_before_what_an_xml_declares():
    assert decode('<?xml version="1.0" encoding="latin1"?><a>é</a>'.encode()).encoding == "utf-8"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("划痕\n凹坑\n", "gbk", "GB18030"), ("label\n猫,狗\n", "gbk", "GB18030"), ("犬のラベル\n", "cp932", "CP932"),
        ("고양이와 강아지 그리고 사람들\n", "cp949", "CP949"), ("傷 汚れ\n", "cp932", "CP932"),
    ],
)  # fmt: skip
def test_letters_of_east_asia_without_a_mark_are_a_guess_that_is_told(text, encoding, name, tmp_path):
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    with opened.watching() as watch:
        assert read_text(tmp_path / "a.txt") == text
    (told,) = watch.findings.all()
    assert told.severity == "warning" and f"read as {name}" in told.action


@pytest.mark.parametrize(
    "text",
    ["Müll", "Straße Öl", "it’s naïve — “x”", "garçon", "ÅÄÖ ÅÄ", "œuf", "España año", "Größe;Käse", "1 × 2 µm ± 3 °C"],
)
def test_letters_of_western_europe_stay_what_they_are(text):
    assert decode(text.encode("cp1252")).text == text
