"""Well-known public datasets: what they are, how large, under which licence; downloaded only when a person asks.

Figures are those of the publishers and of FiftyOne's zoo, rounded: say "about" beside them.
"""

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from datasets.errors import DatasetExists, DatasetsError
from datasets.kinds import CLASSIFICATION, DETECTIONS, IMAGE, SEGMENTATION, Kind
from datasets.records import Progress, no_progress
from datasets.storage import collection, schemas, store, vendor
from datasets.workspace import Workspace

How = Literal["zoo", "by hand"]
CONNECT_SECONDS = 8.0
_SPLITS = {"train": "train", "training": "train", "validation": "val", "val": "val", "test": "test"}


@dataclass(frozen=True)
class CatalogEntry:
    """One public dataset.

    `images` and `megabytes` (of the download) are rounded. `how` is `zoo` (one click, FiftyOne's zoo) or `by hand` (the
    publisher asks for an account or a form: fetch it from `home`, then import the folder). `host` is asked first,
    so that a missing network shows before anything is written.
    """

    name: str
    title: str
    kinds: tuple[Kind, ...]
    images: int
    megabytes: int
    licence: str
    home: str
    how: How
    host: str = ""
    zoo: str = ""
    splits: tuple[str, ...] = ()
    most: int | None = None

    @property
    def task(self) -> str:
        """What its labels are for, in words."""
        return " and ".join(one.word for one in self.kinds)

    @property
    def size(self) -> str:
        """The download in words."""
        return f"about {self.megabytes / 1000:.1f} GB" if self.megabytes >= 1000 else f"about {self.megabytes} MB"


_COCO, _FIFTYONE, _CALTECH = "http://images.cocodataset.org", "https://huggingface.co", "https://data.caltech.edu"
_FLICKR = "labels CC BY 4.0; images under Flickr's terms of use"
_ENTRIES = (
    CatalogEntry("quickstart", "FiftyOne quickstart (COCO with predictions)", (DETECTIONS,), 200, 23, "CC BY 4.0",
                 "https://docs.voxel51.com/dataset_zoo/datasets.html", "zoo", _FIFTYONE, "quickstart"),
    CatalogEntry("coco-2017-val", "COCO 2017, validation images", (DETECTIONS,), 5000, 1100, _FLICKR,
                 "https://cocodataset.org", "zoo", _COCO, "coco-2017", ("validation",)),
    CatalogEntry("coco-2017", "COCO 2017, train and validation", (DETECTIONS,), 123287, 20000, _FLICKR,
                 "https://cocodataset.org", "zoo", _COCO, "coco-2017", ("train", "validation")),
    CatalogEntry("open-images-v7-1000", "Open Images V7, 1,000 validation images", (DETECTIONS,), 1000, 400,
                 "labels CC BY 4.0; images listed as CC BY 2.0",
                 "https://storage.googleapis.com/openimages/web/index.html",
                 "zoo", "https://storage.googleapis.com", "open-images-v7", ("validation",), 1000),
    CatalogEntry("voc-2012", "Pascal VOC 2012, train and validation", (DETECTIONS,), 11540, 2000,
                 "images under Flickr's terms of use",
                 "http://host.robots.ox.ac.uk/pascal/VOC/voc2012", "zoo", "http://host.robots.ox.ac.uk", "voc-2012",
                 ("train", "validation")),
    CatalogEntry("kitti", "KITTI object detection", (DETECTIONS,), 14999, 12570, "CC BY-NC-SA 3.0",
                 "http://www.cvlibs.net/datasets/kitti", "zoo", "https://s3.eu-central-1.amazonaws.com", "kitti",
                 ("train", "test")),
    CatalogEntry("mnist", "MNIST hand-written digits", (CLASSIFICATION,), 70000, 12, "CC BY-SA 3.0",
                 "http://yann.lecun.com/exdb/mnist", "zoo", "https://ossci-datasets.s3.amazonaws.com", "mnist",
                 ("train", "test")),
    CatalogEntry("fashion-mnist", "Fashion-MNIST", (CLASSIFICATION,), 70000, 31, "MIT",
                 "https://github.com/zalandoresearch/fashion-mnist", "zoo",
                 "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com", "fashion-mnist", ("train", "test")),
    CatalogEntry("cifar10", "CIFAR-10", (CLASSIFICATION,), 60000, 170, "not stated; made for research",
                 "https://www.cs.toronto.edu/~kriz/cifar.html", "zoo", "https://www.cs.toronto.edu", "cifar10",
                 ("train", "test")),
    CatalogEntry("caltech101", "Caltech 101", (CLASSIFICATION,), 9145, 139, "CC BY 4.0",
                 "https://data.caltech.edu/records/mzrjq-6wc02", "zoo", _CALTECH, "caltech101"),
    CatalogEntry("caltech256", "Caltech 256", (CLASSIFICATION,), 30607, 1160, "CC BY 4.0",
                 "https://data.caltech.edu/records/nyy15-4j048", "zoo", _CALTECH, "caltech256"),
    CatalogEntry("imagenet-sample", "ImageNet sample, one image per class", (CLASSIFICATION,), 1000, 98,
                 "ImageNet terms: research, not commercial", "https://image-net.org", "zoo", _FIFTYONE,
                 "imagenet-sample"),
    CatalogEntry("bdd100k", "BDD100K street scenes", (DETECTIONS,), 100000, 7100, "BDD100K licence; see its home page",
                 "http://bdd-data.berkeley.edu", "by hand"),
    CatalogEntry("cityscapes", "Cityscapes", (SEGMENTATION,), 5000, 11800, "Cityscapes terms: not commercial",
                 "https://www.cityscapes-dataset.com", "by hand"),
    CatalogEntry("bccd", "BCCD blood cells", (DETECTIONS,), 364, 8, "MIT",
                 "https://github.com/Shenggan/BCCD_Dataset", "by hand"),
    CatalogEntry("oxford-iiit-pet", "Oxford-IIIT Pet", (CLASSIFICATION, SEGMENTATION), 7349, 800, "CC BY-SA 4.0",
                 "https://www.robots.ox.ac.uk/~vgg/data/pets", "by hand"),
    CatalogEntry("camvid", "CamVid driving video", (SEGMENTATION,), 701, 600,
                 "made for research; see its home page",
                 "http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid", "by hand"),
    CatalogEntry("imagenette", "Imagenette, ten easy classes of ImageNet", (CLASSIFICATION,), 13394, 1560,
                 "code Apache-2.0; images under ImageNet terms", "https://github.com/fastai/imagenette", "by hand"),
    CatalogEntry("div2k", "DIV2K high-resolution photographs", (IMAGE,), 1000, 7100, "academic research only",
                 "https://data.vision.ee.ethz.ch/cvl/DIV2K", "by hand"),
)  # fmt: skip


def entries() -> tuple[CatalogEntry, ...]:
    """All datasets of the catalog; opens no network."""
    return _ENTRIES


def entry(name: str) -> CatalogEntry:
    """One of them. Raises DatasetsError that lists the names."""
    for known in _ENTRIES:
        if known.name == name:
            return known
    raise DatasetsError(
        f"expected a dataset of the catalog, one of {', '.join(e.name for e in _ENTRIES)}; found {name!r}"
    )


def download(name: str, workspace: Workspace, progress: Progress = no_progress) -> str:
    """Fetch a dataset of the zoo into the workspace and return its name as a dataset; only ever on a person's request.

    Progress is coarse (0 of 2: asked the host, 1 of 2: fetched, 2 of 2: stored), because the zoo reports none. Raises
    DatasetExists, or DatasetsError when the host cannot be reached, the publisher wants a person, or it fails.
    """
    wanted = entry(name)
    if store.exists(name):
        raise DatasetExists(name)
    if wanted.how == "by hand":
        raise DatasetsError(
            f"expected a dataset that can be fetched by program, found {wanted.title}, which its publisher hands out "
            f"alone; nothing was written; fetch it from {wanted.home} ({wanted.size}) and import the folder"
        )
    progress(0, 2)
    reach(wanted)
    _fetch(wanted, workspace)
    progress(1, 2)
    _settle(wanted)
    progress(2, 2)
    return name


def reach(wanted: CatalogEntry) -> None:
    """Ask the host of a dataset for a sign of life. Raises DatasetsError that says which host was not reached."""
    request = urllib.request.Request(wanted.host, method="HEAD")  # noqa: S310  hosts are those of the table above
    try:
        urllib.request.urlopen(request, timeout=CONNECT_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError as answered:
        answered.close()
    except OSError as failed:
        host = urlsplit(wanted.host).hostname
        raise DatasetsError(
            f"expected to reach {host} to download {wanted.title} ({wanted.size}), found no connection "
            f"({getattr(failed, 'reason', failed)}); nothing was written; connect this machine to the network and try "
            f"again, or fetch the data elsewhere from {wanted.home} and import the folder"
        ) from failed


def _fetch(wanted: CatalogEntry, workspace: Workspace) -> None:
    hidden = f".{wanted.name}"
    if store.exists(hidden):
        store.delete(hidden)
    vendor.fiftyone()  # faults of the disk or the database are reported as such, not as a failed download
    options: dict[str, Any] = {"dataset_name": hidden, "persistent": True, "progress": False}
    if wanted.splits:
        options["splits"] = list(wanted.splits)
    if wanted.most:
        options |= {"max_samples": wanted.most, "seed": 51, "shuffle": True}
    folder = workspace.home / "fiftyone" / "zoo"
    _try(lambda: vendor.download(wanted.zoo, folder, **options), wanted)


def _try(load: Callable[[], object], wanted: CatalogEntry) -> None:
    """Run the zoo's loader. It raises whatever its many sources raise, so that all of it becomes our error."""
    try:
        load()
    except Exception as failed:
        if store.exists(f".{wanted.name}"):
            store.delete(f".{wanted.name}")
        raise DatasetsError(
            f"expected the download of {wanted.title} to succeed, found {type(failed).__name__}: {failed}; no "
            "dataset was made, files that were fetched stay and are used when you try again"
        ) from failed


def _settle(wanted: CatalogEntry) -> None:
    """Splits from the zoo's tags, what we know of the source, then the visible name."""
    hidden = f".{wanted.name}"
    schemas.declare(hidden, {"split": "string"})
    for tag, split in _SPLITS.items():
        collection.update_where(hidden, {"tags": tag}, {"$set": {"split": split}})
    store.set_info(hidden, "description", f"{wanted.title}. Licence: {wanted.licence}. {wanted.home}")
    store.rename(hidden, wanted.name)
