import pytest

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.partners import Partners


def touched(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return [folder / name for name in names]


@pytest.mark.parametrize(
    ("label", "image"),
    [
        ("a.json", "a.jpg"), ("Annotations/a.xml", "JPEGImages/a.jpg"), ("train/labels/A.txt", "train/images/a.JPG"),
        ("ds/ann/a.jpg.json", "ds/img/a.jpg"), ("labels/all/a.txt", "photos/deep/a.png"), ("ä.json", "ä.jpg"),
    ],
)  # fmt: skip
def test_the_image_of_the_same_stem(label, image, tmp_path):
    (one,) = touched(tmp_path, label)
    (wanted,) = touched(tmp_path, image)
    assert Partners(tmp_path, [one]).image(one) == wanted


def test_an_image_in_the_folder_that_answers_to_one_label_file_is_no_other_ones(tmp_path):
    labels = touched(tmp_path, "ann/cam1/1.xml", "ann/cam2/1.xml")
    (image,) = touched(tmp_path, "img/cam1/1.jpg")
    partners, findings = Partners(tmp_path, labels), Findings()
    assert [partners.image(one) for one in labels] == [image, None] and partners.decided(labels[1])
    partners.tell(findings)
    assert [(one.code, one.where) for one in findings.all()] == [("no_image_of_its_own", str(labels[1]))]


def test_of_images_that_fit_equally_well_none_is_taken_unless_the_label_file_names_one(tmp_path):
    (label,) = touched(tmp_path, "a.json")
    jpg, _ = touched(tmp_path, "a.jpg", "a.png")
    partners, findings = Partners(tmp_path, [label]), Findings()
    assert partners.image(label) is None and partners.decided(label)
    partners.tell(findings)
    assert [one.code for one in findings.all()] == ["several_images"] and "a.jpg and a.png" in findings.all()[0].found
    assert Partners(tmp_path, [label]).image(label, "a.jpg") == jpg


def test_masks_of_the_same_stem_are_no_images(tmp_path):
    (label,) = touched(tmp_path, "Annotations/a.xml")
    _, image = touched(tmp_path, "SegmentationClass/a.png", "JPEGImages/a.jpg")
    assert Partners(tmp_path, [label]).image(label) == image
