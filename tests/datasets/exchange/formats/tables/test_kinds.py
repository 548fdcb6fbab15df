"""Tables as people have them: what is stored, on which image, is compared with the truth, and with the preview."""

import pytest

from datasets.exchange.importing import ingest, preview
from datasets.storage import collection, labels
from tests.helpers import make_image

SIZE = (100, 80)  # pixels of every image here


def made(folder, tables, images):
    for number, name in enumerate(images):
        make_image(folder / name, SIZE, seed=number)
    for name, text in tables.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def told(label):
    box = None if label.box is None else tuple(round(v * SIZE[n % 2], 6) for n, v in enumerate(label.box))
    return (label.label, *box) if box else label.label


def remarks(found):
    """Codes and counts of findings, without what training will ask for."""
    return [(one.code, one.count) for one in found.findings]


def of_preview(found):
    return {
        str(record.path.relative_to(found.path.resolve())): (
            record.split,
            sorted(map(told, record.objects or record.classifications or filter(None, [record.classification]))),
        )
        for record in found.records
    }


def stored(folder, name="made"):
    return {
        str(one["filepath"]).removeprefix(f"{folder.resolve()}/"): (
            one.get("split"),
            sorted(map(told, labels.from_document(one.get("ground_truth")))),
        )
        for one in collection.stream(name)
    }


IMAGES = ("0.jpg", "1.jpg", "2.jpg")
BOX = ("a", 10.0, 20.0, 30.0, 40.0)  # x, y, width, height
KINDS = {
    "class numbers keep their text": (
        {"Train.csv": "ClassId,Path\n007,0.jpg\n7,1.jpg\n"}, IMAGES[:2],
        {"0.jpg": ("train", ["007"]), "1.jpg": ("train", ["7"])}, set(),
    ),
    "corners by words of their own": (  # LISA
        {"box.csv": "Filename;Annotation tag;Upper left corner X;Upper left corner Y;Lower right corner X;Lower right "
                    "corner Y;Origin frame number\nday/0.jpg;a;10;20;40;60;0\nday/1.jpg;a;10;20;40;60;0\n"}, IMAGES[:2],
        {"0.jpg": (None, [BOX]), "1.jpg": (None, [BOX])}, {"found_by_name"},
    ),
    "boxes in one cell": (  # ImageNet LOC
        {"LOC_train_solution.csv": "ImageId,PredictionString\n0,a 10 20 40 60 b 0 0 50 40 \n1,a 10 20 40 60\n"},
        IMAGES[:2],
        {"0.jpg": ("train", [BOX, ("b", 0.0, 0.0, 50.0, 40.0)]), "1.jpg": ("train", [BOX])}, set(),
    ),
    "numbers of folders": (
        {"train.txt": "cat/0.jpg 1\ndog/1.jpg 0\n"}, ("images/cat/0.jpg", "images/dog/1.jpg"),
        {"images/cat/0.jpg": ("train", ["cat"]), "images/dog/1.jpg": ("train", ["dog"])}, {"class_names"},
    ),
    "tab separated": (
        {"labels.tsv": "image\tlabel\n0.jpg\tc, d\n1.jpg\tc0\n"}, IMAGES[:2],
        {"0.jpg": (None, ["c, d"]), "1.jpg": (None, ["c0"])}, {"whole_cells"},
    ),
    "one id in two folders": (
        {"train.csv": "id,label\n1,cat\n", "test.csv": "id,label\n1,dog\n"}, ("train/1.jpg", "test/1.jpg"),
        {"train/1.jpg": ("train", ["cat"]), "test/1.jpg": ("test", ["dog"])}, set(),
    ),
    "one id in two folders, split by a column": (
        {"all.csv": "id,label,split\n1,cat,train\n1,dog,valid\n"}, ("x/train/1.jpg", "x/val/1.jpg"),
        {"x/train/1.jpg": ("train", ["cat"]), "x/val/1.jpg": ("val", ["dog"])}, set(),
    ),
    "folder and file name in two columns": (
        {"all.csv": "folder,filename,class\nu,1.jpg,cat\nv,1.jpg,dog\n"}, ("u/1.jpg", "v/1.jpg"),
        {"u/1.jpg": (None, ["cat"]), "v/1.jpg": (None, ["dog"])}, {"groups_kept"},
    ),
    "Open Images with names of classes": (
        {"train-annotations-bbox.csv": "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded\n"
                                       "0,x,/m/a,1,0.1,0.4,0.25,0.75,1\n",
         "class-descriptions-boxable.csv": "/m/a,a\n/m/b,b\n",
         "train-images-boxable.csv": "ImageID,Subset,OriginalURL,Rotation\n0,train,https://x/0.jpg,0.0\n"},
        ("train/0.jpg",), {"train/0.jpg": ("train", [BOX])}, {"class_names"},
    ),
    "verified labels of images": (
        {"labels.csv": "ImageID,LabelName,Confidence\n0,cat,0\n0,dog,1\n1,cat,1\n"}, IMAGES[:2],
        {"0.jpg": (None, ["dog"]), "1.jpg": (None, ["cat"])}, {"absent_labels"},
    ),
    "a sample of a submission": (
        {"train.csv": "image_id,label\n0.jpg,3\n1.jpg,1\n", "sampleSubmission.csv": "image_id,label\n2.jpg,4\n"},
        ("train_images/0.jpg", "train_images/1.jpg", "test_images/2.jpg"),
        {"train_images/0.jpg": ("train", ["3"]), "train_images/1.jpg": ("train", ["1"]),
         "test_images/2.jpg": ("test", [])}, {"dummy_answers"},
    ),
    "a test table of one number": (
        {"train.csv": "id,y\n0,3\n1,4\n", "test.csv": "id,y\n2,0\n3,0\n"}, (*IMAGES, "3.jpg"),
        {"0.jpg": ("train", ["3"]), "1.jpg": ("train", ["4"]), "2.jpg": ("test", []), "3.jpg": ("test", [])},
        {"dummy_answers"},
    ),
    "tags between blanks": (
        {"train.csv": "image_name,tags\n0,haze primary\n1,clear primary water\n2,clear primary\n"}, IMAGES,
        {"0.jpg": ("train", ["haze", "primary"]), "1.jpg": ("train", ["clear", "primary", "water"]),
         "2.jpg": ("train", ["clear", "primary"])}, {"parted_cells"},
    ),
    "numbers between blanks": (
        {"train.csv": "Id,Target\n0,16 0\n1,5\n"}, IMAGES[:2],
        {"0.jpg": ("train", ["0", "16"]), "1.jpg": ("train", ["5"])}, {"parted_cells"},
    ),
    "class names with a blank stay whole": (
        {"l.csv": "image,label\n0.jpg,polar bear\n1.jpg,brown bear\n"}, IMAGES[:2],
        {"0.jpg": (None, ["polar bear"]), "1.jpg": (None, ["brown bear"])}, {"whole_cells"},
    ),
    "decimal commas": (
        {"b.csv": "image;label;x_min;y_min;x_max;y_max\n0.jpg;a;10,0;20,0;40,5;60,25\n"}, IMAGES[:1],
        {"0.jpg": (None, [("a", 10.0, 20.0, 30.5, 40.25)])}, {"decimal_commas"},
    ),
    "thousands": (
        {"b.csv": 'image,label,xmin,ymin,xmax,ymax,width,height\n0.jpg,a,100,250,400,"0750","1,000","1,000"\n'},
        IMAGES[:1], {"0.jpg": (None, [("a", 10.0, 20.0, 30.0, 40.0)])}, {"thousands", "wrong_size"},
    ),
    "words for nothing": (
        {"l.csv": "image,label\n0.jpg,cat\n1.jpg,nan\n2.jpg,None\n"}, IMAGES,
        {"0.jpg": (None, ["cat"]), "1.jpg": (None, []), "2.jpg": (None, [])}, {"nothing_words"},
    ),
    "a word for nothing that is a class": (
        {"l.csv": "image,label\n0.jpg,cat\n1.jpg,none\n", "classes.txt": "cat\nnone\n"}, IMAGES[:2],
        {"0.jpg": (None, ["cat"]), "1.jpg": (None, ["none"])}, set(),
    ),
    "class numbers as floats": (
        {"l.csv": "image,label\n0.jpg,1.0\n1.jpg,\n"}, IMAGES[:2],
        {"0.jpg": (None, ["1"]), "1.jpg": (None, [])}, {"class_numbers"},
    ),
    "boxes without a class": (
        {"b.csv": "filename,xmin,ymin,xmax,ymax,source\n0.jpg,10,20,40,60,x\n"}, IMAGES[:1],
        {"0.jpg": (None, [("object", *BOX[1:])])}, {"no_class_column"},
    ),
    "an unknown name of the column of the class": (
        {"labels.csv": "id,variety\n0,pug\n1,lab\n"}, ("train/0.jpg", "train/1.jpg"),
        {"train/0.jpg": ("train", ["pug"]), "train/1.jpg": ("train", ["lab"])}, {"guessed_column"},
    ),
    "centres": (
        {"b.csv": "filename,x_center,y_center,width,height,class\n0.jpg,0.25,0.5,0.3,0.5,a\n"}, IMAGES[:1],
        {"0.jpg": (None, [BOX])}, set(),
    ),
    "one cell of corners": (
        {"b.csv": 'image,bbox,label\n0.jpg,"[10,20,40,60]",a\n1.jpg,"[60,50,90,70]",a\n'}, IMAGES[:2],
        {"0.jpg": (None, [BOX]), "1.jpg": (None, [("a", 60.0, 50.0, 30.0, 20.0)])}, {"boxes_are_corners"},
    ),
    "swapped corners, and a row twice": (
        {"b.csv": "filename,xmin,ymin,xmax,ymax,class\n0.jpg,40,60,10,20,a\n0.jpg,40,60,10,20,a\n"}, IMAGES[:1],
        {"0.jpg": (None, [BOX, BOX])}, {"swapped_corners", "duplicate_row"},
    ),
    "ids of images and of classes": (
        {"images.csv": "id,file_name\n11,0.jpg\n12,1.jpg\n", "categories.csv": "id,name\n3,a\n4,b\n",
         "annotations.csv": "id,image_id,category_id,x,y,w,h\n1,11,3,10,20,30,40\n2,12,4,10,20,30,40\n"},
        ("i/0.jpg", "i/1.jpg"), {"i/0.jpg": (None, [BOX]), "i/1.jpg": (None, [("b", *BOX[1:])])},
        {"joined", "class_names"},
    ),
    "a table in each class folder": (
        {f"Images/{n}/GT-{n}.csv": f"Filename;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n0.png;10;20;40;60;{n}\n"
         for n in ("00", "01")}, ("Images/00/0.png", "Images/01/0.png"),
        {f"Images/{n}/0.png": (None, [(n, *BOX[1:])]) for n in ("00", "01")}, {"groups_kept"},
    ),
    "metadata of Hugging Face": (
        {"train/metadata.csv": "file_name,label\n0.jpg,cat\n", "test/metadata.csv": "file_name,label\n0.jpg,dog\n"},
        ("train/0.jpg", "test/0.jpg"), {"train/0.jpg": ("train", ["cat"]), "test/0.jpg": ("test", ["dog"])}, set(),
    ),
    "objects in lines of JSON": (
        {"metadata.jsonl": '{"file_name": "0.jpg", "objects": {"bbox": [[10, 20, 30, 40]], "categories": ["a"]}}\n'
                           '{"file_name": "1.jpg", "objects": {"bbox": [], "categories": []}}\n'}, IMAGES[:2],
        {"0.jpg": (None, [BOX]), "1.jpg": (None, [])}, set(),
    ),
    "classes in lines of JSON": (
        {"metadata.jsonl": '{"image": "0.jpg", "label": ["cat", "dog"]}\n{"image": "1.jpg", "label": ["cat"]}\n'},
        IMAGES[:2], {"0.jpg": (None, ["cat", "dog"]), "1.jpg": (None, ["cat"])}, set(),
    ),
    "a text of images and numbers": (
        {"train.txt": "u/0.jpg 0\nv/1.jpg 1\n", "classes.txt": "cat\ndog\n"}, ("u/0.jpg", "v/1.jpg"),
        {"u/0.jpg": ("train", ["cat"]), "v/1.jpg": ("train", ["dog"])}, {"class_names"},
    ),
    "Keras YOLO": (
        {"_annotations.txt": "0.jpg 10,20,40,60,1 10,20,40,60,0\n", "_classes.txt": "a\nb\n"}, IMAGES[:1],
        {"0.jpg": (None, [BOX, ("b", *BOX[1:])])}, {"class_names"},
    ),
    "attributes of CelebA": (
        {"list_attr.txt": "2\nBald Smiling\n0.jpg -1  1\n1.jpg  1  1\n"}, ("i/0.jpg", "i/1.jpg"),
        {"i/0.jpg": (None, ["Smiling"]), "i/1.jpg": (None, ["Bald", "Smiling"])}, set(),
    ),
    "neither yes nor no": (
        {"train.csv": "Path,Sex,Edema,Fracture\n0.jpg,F,1.0,\n1.jpg,M,-1.0,1.0\n"}, IMAGES[:2],
        {"0.jpg": ("train", ["Edema"]), "1.jpg": ("train", ["Fracture"])}, {"unsure_labels"},
    ),
    "a title above the names": (
        {"l.csv": "Results of the survey\n\nimage;label\n0.jpg;cat\n"}, IMAGES[:1], {"0.jpg": (None, ["cat"])},
        {"rows_above_header"},
    ),
    "Excel's first line": ({"l.csv": "sep=;\nimage;label\n0.jpg;cat\n"}, IMAGES[:1], {"0.jpg": (None, ["cat"])}, set()),
    "Excel's Unicode text": (
        {"l.csv": "image\tlabel\n0.jpg\tcät\n".encode("utf-16")}, IMAGES[:1], {"0.jpg": (None, ["cät"])}, set(),
    ),
    "names of rows": (
        {"l.csv": '"image","label"\n"1","0.jpg","cat"\n'}, IMAGES[:1], {"0.jpg": (None, ["cat"])}, set(),
    ),
    "more cells than columns": (
        {"l.csv": "image,label\n0.jpg,cat, domestic\n1.jpg,dog\n"}, IMAGES[:2], {"1.jpg": (None, ["dog"])},
        {"wide_row", "unnamed_images"},
    ),
    "AutoML": (
        {"all.csv": "TRAIN,gs://b/0.jpg,a,0.1,0.25,,,0.4,0.75,,\nTEST,gs://b/1.jpg,a,0.1,0.25,,,0.4,0.75,,\n"},
        IMAGES[:2], {"0.jpg": ("train", [BOX]), "1.jpg": ("test", [BOX])}, {"found_by_name"},
    ),
    "a few relative boxes out of range": (
        {"b.csv": "image,label,xmin,ymin,xmax,ymax\n" + "".join(f"0.jpg,c{n},0.1,0.25,0.4,0.75\n" for n in range(9))
                  + "0.jpg,a,0.5,0.5,1.01,1\n"}, IMAGES[:1],
        {"0.jpg": (None, [("a", 50.0, 40.0, 50.0, 40.0), *((f"c{n}", *BOX[1:]) for n in range(9))])}, {"box_clipped"},
    ),
    "names of columns in another language": (
        {"b.csv": "figura;xmin;ymin;xmax;ymax;specie\n0.jpg;10;20;40;60;a\n1.jpg;10;20;40;60;a\n"}, IMAGES[:2],
        {"0.jpg": (None, [BOX]), "1.jpg": (None, [BOX])}, {"guessed_column"},
    ),
    "columns in another order without names that are known": (
        {"b.csv": "foto;art;xmin;ymin;xmax;ymax\n0.jpg;a;10;20;40;60\n1.jpg;a;10;20;40;60\n"}, IMAGES[:2],
        {"0.jpg": (None, [BOX]), "1.jpg": (None, [BOX])}, {"guessed_column"},
    ),
    "a text of classes of several words": (
        {"labels.txt": "0.jpg cat\n1.jpg polar bear\n"}, IMAGES[:2],
        {"0.jpg": (None, ["cat"]), "1.jpg": (None, ["polar bear"])}, set(),
    ),
    "annotators who differ": (
        {"l.csv": "image,label,annotator\n0.jpg,cat,u\n0.jpg,dog,v\n1.jpg,cat,u\n"}, IMAGES[:2],
        {"0.jpg": (None, ["cat", "dog"]), "1.jpg": (None, ["cat"])}, {"several_rows"},
    ),
    "yes and no": (
        {"l.csv": "image,has_cat,has_dog\n0.jpg,yes,No\n1.jpg,Yes,yes\n"}, IMAGES[:2],
        {"0.jpg": (None, ["has_cat"]), "1.jpg": (None, ["has_cat", "has_dog"])}, set(),
    ),
    "shapes in a cell": (
        {"l.csv": 'image,label,polygon\n0.jpg,a,"[[1,2],[3,4],[5,6]]"\n'}, IMAGES[:1], {"0.jpg": (None, ["a"])},
        {"shapes_left_out"},
    ),
    "an image of two splits": (
        {"train.csv": "image,label\n0.jpg,cat\n1.jpg,cat\n", "val.csv": "image,label\n0.jpg,cat\n2.jpg,dog\n"}, IMAGES,
        {"0.jpg": ("train", ["cat"]), "1.jpg": ("train", ["cat"]), "2.jpg": ("val", ["dog"])}, {"two_splits"},
    ),
    "a class before the image": (
        {"b.csv": "a,0.jpg,10,20,40,60\nb,1.jpg,10,20,40,60\n"}, IMAGES[:2],
        {"0.jpg": (None, [BOX]), "1.jpg": (None, [("b", *BOX[1:])])}, set(),
    ),
    "Make Sense": (
        {"b.csv": "a,10,20,30,40,0.jpg,100,80\nb,10,20,30,40,1.jpg,100,80\n"}, IMAGES[:2],
        {"0.jpg": (None, [BOX]), "1.jpg": (None, [("b", *BOX[1:])])}, set(),
    ),
    "lists of boxes in a cell": (
        {"l.csv": 'image,spots,label\n0.jpg,"[[1,2,10,12],[3,4,5,6]]",a\n1.jpg,"[[1,2,10,12]]",b\n'}, IMAGES[:2],
        {"0.jpg": (None, ["a"]), "1.jpg": (None, ["b"])}, {"shapes_left_out"},
    ),
    "measures as classes": (
        {"l.csv": "image,label\n0.jpg,1.5\n1.jpg,2.25\n"}, IMAGES[:2],
        {"0.jpg": (None, ["1.5"]), "1.jpg": (None, ["2.25"])}, {"measured_classes"},
    ),
    "a table whose images are gone": (
        {"train.csv": "id,label\n0,cat\n", "old/val.csv": "id,label\n8,cat\n9,dog\n"}, IMAGES[:1],
        {"0.jpg": ("train", ["cat"])}, {"table_without_images"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stored_is_the_truth(kind, tmp_path, database):
    tables, images, truth, codes = KINDS[kind]
    found = preview(made(tmp_path / "set", tables, images))
    assert found.format == "csv"
    assert of_preview(found) == truth
    assert {code for code, _ in remarks(found)} == codes
    ingest(found, "made", splits=None)
    assert stored(tmp_path / "set") == truth


def test_run_lengths_become_masks(tmp_path, database):
    """Kaggle's: the first pixel counts from 1, down the columns."""
    from datasets.images import masks

    text = "ImageId,ClassId,EncodedPixels\n0.jpg,2,1 3 81 2\n1.jpg,1,8001 5\n2.jpg,,\n"
    found = preview(made(tmp_path, {"train.csv": text}, IMAGES))
    assert [len(record.objects) for record in found.records] == [1, 0, 0]
    assert {code for code, _ in remarks(found)} == {"bad_rle", "run_lengths"}
    ingest(found, "made", splits=None)
    (label,) = labels.from_document(next(collection.stream("made"))["ground_truth"])
    assert label.label == "2" and label.box == pytest.approx((0, 0, 2 / 100, 3 / 80))
    assert masks.read({"mask_path": label.mask_path, "mask": label.mask}).tolist() == [[255, 255], [255, 255], [255, 0]]


@pytest.mark.parametrize(
    "text",
    [
        "ImageId_ClassId,EncodedPixels\n0.jpg_2,1 3 81 2\n0.jpg_3,\n1.jpg_2,\n1.jpg_3,-1\n",
        "image,class,segmentation\n0.jpg,2,1 3 81 2 4001 1\n1.jpg,2,\n",
    ],
)
def test_run_lengths_are_masks_whatever_their_columns_are_called(text, tmp_path, database):
    text = text.replace("1 3 81 2 4001 1", "1601 3 1681 2")
    found = preview(made(tmp_path, {"train.csv": text}, IMAGES[:2]))
    assert {code for code, _ in remarks(found)} == {"run_lengths"}
    ingest(found, "made", splits=None)
    kept = [labels.from_document(one["ground_truth"]) for one in collection.stream("made")]
    assert [[(one.label, one.box[2:]) for one in some] for some in kept] == [[("2", (2 / 100, 3 / 80))], []]


def test_rows_that_contradict_each_other_are_a_warning_and_many_tags_a_note(tmp_path):
    contrary = "image,label\n0.jpg,cat\n0.jpg,dog\n1.jpg,cat\n2.jpg,dog\n"
    tags = "image,tag\n0.jpg,a\n0.jpg,b\n0.jpg,c\n1.jpg,b\n1.jpg,c\n1.jpg,d\n"
    for name, text, severity in (("one", contrary, "warning"), ("many", tags, "note")):
        found = preview(made(tmp_path / name, {"l.csv": text}, IMAGES))
        assert [one.severity for one in found.findings if one.code == "several_rows"] == [severity]


def test_answers_of_a_detector_in_one_cell_are_no_classes(tmp_path):
    text = "image_id,PredictionString\n0,cat 0.9 1 2 10 12\n1,dog 1 0 0 1 1\n"
    found = preview(made(tmp_path, {"train.csv": text}, IMAGES[:2]))
    assert found.count == 0 and [one.code for one in found.findings] == ["labels_unread"]


def test_flags_of_objects_are_kept(tmp_path):
    header, box = "ImageID,LabelName,XMin,XMax,YMin,YMax,IsOccluded,IsGroupOf", "0.1,0.4,0.2,0.6"
    text = f"{header}\n0,a,{box},1,1\n0,b,{box},0,0\n"
    one, other = preview(made(tmp_path, {"b.csv": text}, IMAGES[:1])).records[0].objects
    assert (one.crowd, dict(one.attributes)) == (True, {"occluded": True})
    assert (other.crowd, dict(other.attributes)) == (False, {})


def test_folds_are_tags(tmp_path):
    found = preview(made(tmp_path, {"l.csv": "image,label,fold\n0.jpg,a,0\n1.jpg,b,3\n"}, IMAGES[:2]))
    assert [record.tags for record in found.records] == [("fold_0",), ("fold_3",)]
    assert [code for code, _ in remarks(found)] == ["groups"]


def test_labels_far_from_their_images(tmp_path):
    tables = made(tmp_path / "tables", {"train.csv": "image,label\n0.jpg,a\n"}, ())
    made(tmp_path / "photos", {}, IMAGES[:1])
    found = preview(tables, images=[tmp_path / "photos"])
    assert (found.format, found.count, found.labels) == ("csv", 1, 1)
    alone = preview(tables / "train.csv")
    assert alone.count == 0 and "--images" in str(alone.findings[-1])


@pytest.mark.parametrize(
    "text",
    [
        "name,age\nAnna,31\nBert,44\n",
        "file_name,text\n0.jpg,a cat on a mat\n1.jpg,a dog\n",
        'filename,region_shape_attributes,label\n0.jpg,"{}",a\n',
        "x" * 200_000 + ",b\n",
        "image,mask\n0.jpg,1.jpg\n",
    ],
)
def test_what_is_no_table_of_labels_is_left_to_others(text, tmp_path):
    from datasets.exchange.formats.tables import labels as csv_labels

    assert csv_labels.sniff(made(tmp_path, {"t.csv": text}, IMAGES[:2])).score == 0


def test_names_of_class_numbers_in_a_json(tmp_path):
    tables = {
        "train.csv": "image_id,label\n0.jpg,1\n1.jpg,0\n",
        "label_num_to_disease_map.json": '{"0": "CBB", "1": "CMD"}',
    }
    found = preview(made(tmp_path, tables, IMAGES[:2]))
    assert of_preview(found) == {"0.jpg": ("train", ["CMD"]), "1.jpg": ("train", ["CBB"])}


def test_a_class_without_a_box_is_told(tmp_path):
    text = "image_id,class_name,x_min,y_min,x_max,y_max\n0,No finding,,,,\n1,a,10,20,40,60\n"
    found = preview(made(tmp_path, {"train.csv": text}, IMAGES[:2]))
    assert of_preview(found) == {"0.jpg": ("train", []), "1.jpg": ("train", [BOX])}
    assert remarks(found) == [("class_without_box", 1)]


def test_a_table_that_says_nothing_is_left_to_be_told(tmp_path):
    tables = {
        "train.csv": "image,label\n0.jpg,a\n",
        "more/labels_of_captions.csv": "image,caption\n0.jpg,a long text\n",
    }
    from datasets.exchange.formats.common import opened
    from datasets.exchange.formats.tables import labels as csv_labels

    with opened.watching() as watch:
        csv_labels.read(made(tmp_path, tables, IMAGES[:1]))
    assert {one.rsplit("/", 1)[-1] for one in watch.paths} == {"train.csv"}


def test_run_lengths_are_never_tags(tmp_path):
    text = "id,annotation,width,height\n0,1 3 81 2,100,80\n1,7001 5 7090 3,100,80\n"
    found = preview(made(tmp_path, {"train.csv": text}, IMAGES[:2]))
    assert [[one.label for one in record.objects] for record in found.records] == [["object"], ["object"]]
    assert {code for code, _ in remarks(found)} == {"run_lengths", "no_class_column"}


def test_a_class_before_its_box_without_names_of_columns(tmp_path):
    found = preview(made(tmp_path, {"val_annotations.txt": "0.jpg\tn01\t10\t20\t40\t60\n"}, IMAGES[:1]), "csv")
    assert of_preview(found) == {"0.jpg": ("val", [("n01", *BOX[1:])])}
