"""What the rows of label files mean, compared with what is stored, and what is told about them."""

import pytest

from datasets.exchange.importing import preview
from tests.datasets.exchange.formats.yolo.stored import codes, put, stored, told, words

YAML = "train: images\nnames: [helmet, vest]\n"
BOX = [0.375, 0.25, 0.25, 0.5]  # of "0.5 0.5 0.25 0.5"


def rows(folder, *texts, yaml=YAML):
    """A dataset with an image for each text of rows: images/0.jpg, images/1.jpg, ..."""
    files: dict[str, str | bytes] = {} if yaml is None else {"data.yaml": yaml}
    for number, text in enumerate(texts):
        files |= {f"images/{number}.jpg": "", f"labels/{number}.txt": text}
    return put(folder, files)


def truth(*labels):
    """The same in short: of each image its labels as (class, box, confidence)."""
    split = "train"
    return {f"images/{number}.jpg": (split, [*found]) for number, found in enumerate(labels)}


PLAIN = ("helmet", BOX, None)
SAME = {
    "savetxt": ("0.000000000000000000e+00 5.0e-01 5.0e-01 2.5e-01 5.0e-01\n", []),
    "blanks and tabs": ("  0\t0.5   0.5 \t 0.25 0.5  \r\n\r\n", []),
    "commas": ("0,0.5,0.5,0.25,0.5\n", ["separators"]),
    "commas and blanks": ("0, 0.5, 0.5, 0.25, 0.5\n", ["separators"]),
    "semicolons": ("0;0.5;0.5;0.25;0.5\n", ["separators"]),
    "decimal commas": ("0 0,5 0,5 0,25 0,5\n", ["separators"]),
    "decimal commas and semicolons": ("0;0,5;0,5;0,25;0,5\n", ["separators"]),
    "a name": ("helmet 0.5 0.5 0.25 0.5\n", ["named_rows"]),
    "a name in another case": ("Helmet 0.5 0.5 0.25 0.5\n", ["named_rows"]),
    "a comment": ("# class x y w h\n0 0.5 0.5 0.25 0.5\n", []),
    "a byte order mark": ("\ufeff0 0.5 0.5 0.25 0.5\n", []),
    "old Macintosh": ("0 0.5 0.5 0.25 0.5\r", []),
    "negative size": ("0 0.5 0.5 -0.25 -0.5\n", ["negative_size"]),
}


@pytest.mark.parametrize("kind", SAME)
def test_a_row_is_read_however_it_is_written(kind, tmp_path, database):
    text, wanted = SAME[kind]
    shown, found = stored(rows(tmp_path, text))
    assert (found, codes(shown)) == (truth([PLAIN]), wanted), words(shown)


def test_utf_16_label_files_are_read(tmp_path, database):
    text = "0 0.5 0.5 0.25 0.5\r\n"
    put(tmp_path, {"data.yaml": YAML, "images/0.jpg": "", "images/1.jpg": "", "labels/0.txt": text.encode("utf-16"),
                   "labels/1.txt": text.encode("utf-16-le")})  # fmt: skip
    shown, found = stored(tmp_path)
    assert found == truth([PLAIN], [PLAIN]) and [one.where for one in told(shown)] == [str(tmp_path / "labels/1.txt")]


def test_a_sixth_number_is_a_confidence_where_it_can_be_one(tmp_path, database):
    shown, found = stored(rows(tmp_path, "0 0.5 0.5 0.25 0.5 0.9\n", "0 0.5 0.5 0.25 0.5 1\n0 0.5 0.5 0.25 0.5 0\n"))
    assert found == truth([("helmet", BOX, 0.9)], [("helmet", BOX, 1.0), ("helmet", BOX, 0.0)]) and not told(shown)


@pytest.mark.parametrize(("sixths", "most"), [((17, 1), "17"), ((0, 1), "1"), ((0.5, 87.3), "87.3")])
def test_a_sixth_number_that_is_no_confidence_is_left_out_of_all_rows(sixths, most, tmp_path, database):
    shown, found = stored(rows(tmp_path, *(f"0 0.5 0.5 0.25 0.5 {one}\n" for one in sixths)))
    assert found == truth([PLAIN], [PLAIN])
    assert codes(shown) == ["fifth"] and f"up to {most}" in words(shown) and told(shown)[0].count == 2


def test_seven_numbers_of_a_tracker_are_a_box_a_confidence_and_a_track(tmp_path, database):
    shown, found = stored(rows(tmp_path, "0 0.5 0.5 0.25 0.5 0.75 1\n", "0 0.5 0.5 0.25 0.5 0.5 12\n"))
    assert found == truth([("helmet", BOX, 0.75)], [("helmet", BOX, 0.5)])
    assert codes(shown) == ["tracks"]


def test_seven_numbers_within_the_image_are_a_triangle(tmp_path):
    found = preview(rows(tmp_path, "0 0.25 0.25 0.75 0.25 0.5 0.75\n"))
    assert found.records[0].objects[0].outline is not None and found.masks == 1 and not told(found)


def test_tracks_behind_polygons_are_left_out(tmp_path):
    found = preview(rows(tmp_path, "0 0.25 0.25 0.75 0.25 0.5 0.75 0.2 0.6 0.5 7\n"))
    (label,) = found.records[0].objects
    assert label.confidence == 0.5 and label.box == pytest.approx((0.2, 0.25, 0.55, 0.5)) and codes(found) == ["tracks"]


def test_numbers_of_pixels_are_left_out_and_told_once(tmp_path, database):
    shown, found = stored(rows(tmp_path, "0 32 24 16 24\n1 30 20 11 9\n", "0 0.5 0.5 0.25 0.5\n"))
    assert found == truth([], [PLAIN])
    assert [(one.code, one.count, one.severity) for one in told(shown)] == [("not_relative", 2, "warning")]


def test_corners_in_place_of_centres_are_told_and_read_so(tmp_path, database):
    shown, found = stored(rows(tmp_path, "0 0.05 0.05 0.3 0.55\n", "1 0.1 0.1 0.9 0.9\n", "0 0.6 0.7 0.95 0.99\n"))
    boxes = [[0.05, 0.05, 0.25, 0.5], [0.1, 0.1, 0.8, 0.8], [0.6, 0.7, 0.35, 0.29]]
    assert [labels[0][1] for _, labels in found.values()] == boxes
    assert codes(shown) == ["corners"] and "left, top, right, bottom" in words(shown)


def test_equal_rows_are_kept_and_told(tmp_path, database):
    same = "0 0.5 0.5 0.25 0.5\n"
    shown, found = stored(rows(tmp_path, same + same, "1 0.5 0.5 0.25 0.5\n" + same + same + same))
    assert [len(labels) for _, labels in found.values()] == [2, 4]
    assert [(one.code, one.count, len(one.paths)) for one in told(shown)] == [("equal_rows", 3, 2)]


def test_poses_without_a_shape_are_no_polygons(tmp_path, database):
    row = "0 0.5 0.5 0.25 0.5 0.45 0.5 2 0.55 0.5 1\n"  # an odd number of values: of a polygon with as many points too
    shown, found = stored(rows(tmp_path, row, row))
    assert found == truth([PLAIN], [PLAIN]) and "poses" in codes(shown)


def test_rows_of_a_pose_have_as_many_numbers_as_the_yaml_says(tmp_path, database):
    yaml = YAML + "kpt_shape: [2, 3]\n"
    shown, found = stored(
        rows(tmp_path, "0 0.5 0.5 0.25 0.5 0.45 0.5 2 0.55 0.5 1\n0 0.5 0.5 0.25 0.5 0.1 0.1\n", yaml=yaml)
    )
    assert found == truth([PLAIN]) and sorted(codes(shown)) == ["bad_row", "key_points"]


def test_numbers_that_begin_with_one_are_told_and_put_right(tmp_path, database):
    shown, found = stored(rows(tmp_path, "1 0.5 0.5 0.25 0.5\n", "2 0.5 0.5 0.25 0.5\n"))
    assert found == truth([PLAIN], [("vest", BOX, None)]) and codes(shown) == ["counted_from_one"]


def test_a_number_beyond_the_names_is_left_out_where_0_is_used(tmp_path, database):
    shown, found = stored(rows(tmp_path, "0 0.5 0.5 0.25 0.5\n", "2 0.5 0.5 0.25 0.5\n"))
    assert found == truth([PLAIN], []) and codes(shown) == ["unknown_class"]


def test_names_in_rows_are_the_classes_where_nothing_else_names_them(tmp_path):
    put(
        tmp_path,
        {"x.jpg": "", "x.txt": "traffic light 0.5 0.5 0.25 0.5\n", "y.jpg": "", "y.txt": "car 0.5 0.5 0.25 0.5\n"},
    )
    found = preview(tmp_path)
    assert found.class_counts == {"traffic light": 1, "car": 1}


def test_rows_of_four_corners_are_told(tmp_path):
    row = "0 0.3 0.1 0.5 0.3 0.3 0.5 0.1 0.3\n"
    found = preview(rows(tmp_path / "turned", row, row))
    assert (found.masks, codes(found)) == (2, ["turned"])
    row = "0 0.1 0.1 0.5 0.1 0.5 0.5 0.1 0.5\n"
    assert codes(preview(rows(tmp_path / "upright", row, row))) == []


def test_rows_that_may_be_poses_are_told(tmp_path):
    row = "0 0.5 0.5 0.4 0.4 0.4 0.4 0.6 0.6 0.5 0.55\n"
    found = preview(rows(tmp_path, row, row))
    assert (found.masks, codes(found)) == (2, ["maybe_poses"])


def test_a_confidence_before_the_box(tmp_path, database):
    row = "0 0.875 0.5 0.5 0.25 0.5\n"
    shown, found = stored(rows(tmp_path, row + "0 0.75 0.2 0.3 0.25 0.5\n", row))
    assert codes(shown) == ["led"] and found == truth(
        [("helmet", BOX, 0.875), ("helmet", [0.075, 0.05, 0.25, 0.5], 0.75)], [("helmet", BOX, 0.875)]
    )
