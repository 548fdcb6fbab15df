"""Names of classes: exactly as they are written, by the number that they stand for."""

import pytest

from datasets.exchange.importing import preview
from tests.datasets.exchange.formats.yolo.stored import codes, put, told, words


def named(folder, yaml, numbers=(0,), **files):
    """The classes on the images, of which each shows one number."""
    made = {"data.yaml": f"train: images\n{yaml}\n"} if yaml else {}
    for number in numbers:
        made |= {f"images/{number}.jpg": "", f"labels/{number}.txt": f"{number} 0.5 0.5 0.2 0.2\n"}
    found = preview(put(folder, made | files))
    return found, [one.label for record in found.records for one in record.objects]


WORDS = [
    "no",
    "yes",
    "007",
    "12:30",
    "null",
    "1e3",
    "0x10",
    "2024-01-01",
    "~",
    "on",
    "1_000",
    "3.10",
    "Off",
    "NaN",
    "é",
]


@pytest.mark.parametrize("form", ["list", "lines", "mapping"])
def test_names_are_texts(form, tmp_path):
    lines = {
        "list": f"names: [{', '.join(WORDS)}]",
        "lines": "names:\n" + "".join(f"- {word}\n" for word in WORDS),
        "mapping": "names:\n" + "".join(f"  {number}: {word}\n" for number, word in enumerate(WORDS)),
    }
    found, labels = named(tmp_path, lines[form], range(len(WORDS)))
    assert sorted(labels) == sorted(WORDS) and found.classes == tuple(WORDS) and not told(found)


@pytest.mark.parametrize(
    ("yaml", "classes"),
    [
        ("names: cat, dog", ("cat", "dog")),
        ("names: \"['cat', 'dog']\"", ("cat", "dog")),
        ("names: {cat: 0, dog: 1}", ("cat", "dog")),
        ("names: {dog: 1, cat: 0}", ("cat", "dog")),
        ("names: data/coco.names", ("cat", "dog")),
        ("nc: 1\nnames: cat", ("cat",)),
    ],
)
def test_names_in_other_forms(yaml, classes, tmp_path):
    found, labels = named(tmp_path, yaml, **{"coco.names": "cat\ndog\n"})
    assert found.classes == classes and labels == ["cat"]


def test_an_empty_line_and_a_name_twice_move_no_other_name(tmp_path):
    found, labels = named(tmp_path, "", range(5), **{"classes.txt": "cat\n\ndog\ncat\nbird\n\n"})
    assert labels == ["cat", "class_1", "dog", "cat", "bird"] and sorted(codes(found)) == ["empty_names", "names_twice"]


def test_a_list_with_numbers(tmp_path):
    assert named(tmp_path / "a", "", range(2), **{"classes.txt": "0: cat\n1: dog\n"})[1] == ["cat", "dog"]
    assert named(tmp_path / "b", "", range(2), **{"classes.txt": "7 seas\n9 lives\n"})[1] == ["7 seas", "9 lives"]


def test_made_up_names_are_told(tmp_path):
    for number, yaml in enumerate(("nc: 3", "")):
        found, labels = named(tmp_path / str(number), yaml, (0, 2))
        assert labels == ["class_0", "class_2"] and codes(found) == ["made_up_names"]
        assert "class_0, class_1, class_2" in words(found)


def test_a_count_that_differs_is_told(tmp_path):
    found, _ = named(tmp_path, "nc: 3\nnames: [cat, dog]")
    assert codes(found) == ["names_count"] and "3" in words(found)


def test_each_folder_has_the_list_nearest_to_it(tmp_path):
    row = "0 0.5 0.5 0.2 0.2\n"
    put(tmp_path, {"a/x.jpg": "", "a/x.txt": row, "a/classes.txt": "cat\ndog\n",
                   "b/y.jpg": "", "b/y.txt": row, "b/classes.txt": "dog\ncat\n"})  # fmt: skip
    found = preview(tmp_path)
    assert {record.path.name: record.objects[0].label for record in found.records} == {"x.jpg": "cat", "y.jpg": "dog"}
    assert [one.code for one in told(found) if one.severity == "warning"] == ["names_differ"]


def test_names_in_a_yaml_of_windows_1252(tmp_path):
    text = "train: images\nnames: [façade, Größe]\n"
    found, labels = named(tmp_path, "", range(2), **{"data.yaml": text.encode("cp1252")})
    assert labels == ["façade", "Größe"] and codes(found) == ["encoding"] and "'façade' in line 2" in words(found)


def test_names_in_a_yaml_of_another_folder_are_used_with_a_note(tmp_path):
    found, names = named(tmp_path, "", (0, 1), **{"config/data.yaml": "path: ../datasets/x\nnames: [cat, dog]\n",
                                                   "other/notes.yaml": "names: {a: {b: c}}\n"})  # fmt: skip
    assert names == ["cat", "dog"] and "names_elsewhere" in {one.code for one in found.findings}
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "data.yaml").write_text("names: [fish, bird]\n")
    assert set(preview(tmp_path).classes) == {"class_0", "class_1"}


def test_a_root_of_a_notebook_in_a_folder_further_down_is_not_asked_for(tmp_path):
    yaml = "path: /kaggle/working/x\ntrain: /kaggle/working/x/images/train\nnames: [a]\n"
    label = {"set/images/train/0.jpg": "", "set/labels/train/0.txt": "0 0.5 0.5 0.2 0.2\n"}
    found = preview(put(tmp_path, {"set/data.yaml": yaml, **label}))
    assert found.outside == () and [one.split for one in found.records] == ["train"]
    assert [one.label for record in found.records for one in record.objects] == ["a"]


@pytest.mark.parametrize("key", ["classes", "class_names", "labels"])
def test_names_under_another_key_of_the_yaml(key, tmp_path):
    found, classes = named(tmp_path, f"{key}: [no, yes]", (0, 1))
    assert classes == ["no", "yes"] and codes(found) == ["names_key"]
    assert {record.split for record in found.records} == {"train"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.json", '["cat", "dog"]'),
        ("classes.json", '{"cat": 0, "dog": 1}'),
        ("class_names.json", '{"1": "dog", "0": "cat"}'),
        ("notes.json", '{"categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}], "info": {}}'),
    ],
)
def test_names_in_a_json(name, text, tmp_path):
    found, classes = named(tmp_path, "", (0, 1), **{name: text})
    assert classes == ["cat", "dog"] and not codes(found)


def test_a_json_of_something_else_names_no_class(tmp_path):
    found, classes = named(tmp_path, "", (0,), **{"classes.json": '{"images": [], "categories": [{"x": 1}]}'})
    assert classes == ["class_0"] and "made_up_names" in codes(found)


def test_names_in_one_line(tmp_path):
    found, classes = named(tmp_path, "", (0, 1), **{"classes.txt": "cat,dog\n"})
    assert classes == ["cat", "dog"] and codes(found) == ["names_in_line"]


def test_a_list_that_contradicts_the_yaml_is_told(tmp_path):
    found, classes = named(tmp_path, "names: [a, b]", (0, 1), **{"classes.txt": "x\nb\n"})
    assert classes == ["a", "b"] and codes(found) == ["names_differ"] and "0 is 'a'" in words(found)
