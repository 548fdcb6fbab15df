"""What the columns of a table are called, compared without case, blanks and signs: `Image Name` is `imagename`.

The order is that of preference: a name of a file before an id, a name of a class before its number.
"""

import unicodedata
from collections.abc import Sequence

IMAGE = (
    "image", "filename", "filepath", "imagepath", "imagefile", "imagefilename", "imagename", "imgpath", "imgname",
    "imgfile", "file", "path", "fname", "img", "images", "photo", "photofile", "picture", "imageindex", "imageid",
    "imgid", "isicid", "idcode", "photoid", "pictureid", "patientid", "externalid", "imageurl", "id", "name", "uuid",
    "url", "bild", "bildname", "datei", "dateiname", "fichier", "imagen", "archivo", "imagem", "arquivo", "immagine",
)  # fmt: skip
FOLDER = ("folder", "dir", "directory", "subfolder", "subdir", "imagefolder", "imagedir")
LABEL = (
    "labels", "label", "classname", "labelname", "categoryname", "class", "category", "tags", "tag", "findinglabels",
    "findinglabel", "classes", "categories", "objectname", "objectclass", "object", "target", "targets", "species",
    "diagnosis", "dx", "breed", "groundtruth", "gt", "annotation", "annotationtag", "labelid", "classid", "categoryid",
    "classids", "labelids",
    "attributeids", "landmarkid", "classindex", "classlabel", "classidx", "clsid", "cls", "level", "y",
    "klasse", "kategorie", "classe", "clase", "categoria", "etiqueta",
)  # fmt: skip
PLURAL = ("labels", "tags", "classes", "categories", "findinglabels", "targets", "classids", "labelids", "attributeids")
SPLIT = (
    "split", "set", "subset", "partition", "usage", "phase", "datasplit", "splitname", "foldname", "mode", "dataset",
    "istrain", "istraining", "istrainingset", "istrainingimg", "isvalid", "isval", "isvalidation", "istest",
)  # fmt: skip
# Columns of yes and no: the split of yes, and that of no.
FLAGS = {
    "istrain": ("train", "test"), "istraining": ("train", "test"), "istrainingset": ("train", "test"),
    "istrainingimg": ("train", "test"),
    "isvalid": ("val", "train"), "isval": ("val", "train"), "isvalidation": ("val", "train"),
    "istest": ("test", "train"),
}  # fmt: skip
GROUP = ("fold", "folds", "kfold", "batch", "site", "group")
CONFIDENCE = ("confidence", "score", "probability", "conf", "prob")
CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"), ("x1", "y1", "x2", "y2"), ("left", "top", "right", "bottom"),
    ("x0", "y0", "x1", "y1"), ("roix1", "roiy1", "roix2", "roiy2"), ("xtl", "ytl", "xbr", "ybr"),
    ("minx", "miny", "maxx", "maxy"), ("startx", "starty", "endx", "endy"), ("xstart", "ystart", "xend", "yend"),
    ("topleftx", "toplefty", "bottomrightx", "bottomrighty"),
    ("upperleftcornerx", "upperleftcornery", "lowerrightcornerx", "lowerrightcornery"),
    ("bboxxmin", "bboxymin", "bboxxmax", "bboxymax"), ("bboxx1", "bboxy1", "bboxx2", "bboxy2"),
    ("boxxmin", "boxymin", "boxxmax", "boxymax"), ("bboxleft", "bboxtop", "bboxright", "bboxbottom"),
)  # fmt: skip
CENTRES = (
    ("xcenter", "ycenter", "width", "height"), ("xcenter", "ycenter", "w", "h"), ("cx", "cy", "w", "h"),
    ("centerx", "centery", "width", "height"), ("xc", "yc", "w", "h"), ("cx", "cy", "width", "height"),
)  # fmt: skip
SIDES = (
    ("x", "y", "w", "h"), ("x", "y", "width", "height"), ("bboxx", "bboxy", "bboxwidth", "bboxheight"),
    ("bboxx", "bboxy", "bboxw", "bboxh"), ("bboxx", "y", "w", "h"), ("xmin", "ymin", "width", "height"),
    ("xmin", "ymin", "w", "h"), ("x1", "y1", "width", "height"), ("x1", "y1", "w", "h"),
    ("left", "top", "width", "height"), ("bboxleft", "bboxtop", "bboxwidth", "bboxheight"),
    ("boxx", "boxy", "boxwidth", "boxheight"), ("topleftx", "toplefty", "width", "height"),
)  # fmt: skip
BBOX = ("bbox", "box", "boundingbox", "bndbox", "bboxes", "bboxxywh", "bboxxyxy", "rect", "roi")
BBOX_CORNERS = ("bboxxyxy",)  # one cell that holds corners, by its name
WIDTH = ("imagewidth", "imgwidth", "width", "imgw", "imagew")
HEIGHT = ("imageheight", "imgheight", "height", "imgh", "imageh")
SHAPES = (
    "polygon", "polygons", "segmentation", "segmentations", "points", "keypoints", "contour", "outline", "landmarks",
)  # fmt: skip
RUNS = ("encodedpixels", "rle", "rlemask", "encodedmask", "maskrle")
CROWD = ("isgroupof", "iscrowd")
ATTRIBUTES = {
    "isoccluded": "occluded", "occluded": "occluded", "istruncated": "truncated", "truncated": "truncated",
    "isdepiction": "depiction", "isinside": "inside", "difficult": "difficult", "isdifficult": "difficult",
}  # fmt: skip
# Columns that say something about an image, and never its class.
ABOUT = frozenset({
    "source", "originalurl", "license", "date", "time", "timestamp", "author", "annotator", "annotatorid",
    "user", "worker", "sex", "gender", "age", "note", "notes", "comment", "comments", "view", "viewposition", "device",
    "country", "location", "camera", "rotation", "index", "unnamed0", "area", "caption", "captions", "text",
    "description", "prompt", "title", "size", "filesize", "md5", "hash", "lat", "lon", "latitude", "longitude", "email",
})  # fmt: skip
# Tables of other formats, by a column that no other table has.
FOREIGN = ("regionshapeattributes",)  # VGG Image Annotator


def plain(name: str) -> str:
    """The letters and digits of the name of a column, in lower case."""
    return "".join(one for one in unicodedata.normalize("NFKC", name).casefold() if one.isalnum())


def first(wanted: Sequence[str], header: Sequence[str]) -> int | None:
    """The column whose name comes first in `wanted`; None when there is none. `header` holds plain names."""
    return next((header.index(name) for name in wanted if name in header), None)


def all_of(sets: Sequence[Sequence[str]], header: Sequence[str]) -> tuple[int, ...]:
    """The columns of the first set of names that the header has as a whole; empty when it has none."""
    found = next((names for names in sets if set(names) <= set(header)), ())
    return tuple(header.index(name) for name in found)
