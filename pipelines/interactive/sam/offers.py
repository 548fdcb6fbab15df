"""The networks of the SAM family that can be used, and where their weights lie. Imports no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from datasets.workspace import Workspace
from pipelines import weights
from pipelines.config import Offer
from pipelines.offers import ultralytics


@dataclass(frozen=True)
class Network:
    """One network: its title, the licence of its weights, the size of their file, and which generation of SAM it is."""

    title: str
    licence: str
    megabytes: int
    generation: Literal[1, 2]
    offer: Offer

    @property
    def name(self) -> str:
        """Its name, as Ultralytics has it."""
        return self.offer.model


# The first that is here is taken: those that answer soon without a GPU come first.
NETWORKS = (
    Network("SAM 2.1 tiny", "Apache-2.0", 78, 2, ultralytics("sam2.1_t")),
    Network("MobileSAM", "Apache-2.0", 41, 1, ultralytics("mobile_sam")),
    Network("SAM 2.1 small", "Apache-2.0", 92, 2, ultralytics("sam2.1_s")),
    Network("SAM 2 tiny", "Apache-2.0", 78, 2, ultralytics("sam2_t")),
    Network("SAM 2 small", "Apache-2.0", 92, 2, ultralytics("sam2_s")),
    Network("SAM 2.1 base", "Apache-2.0", 162, 2, ultralytics("sam2.1_b")),
    Network("SAM 2 base", "Apache-2.0", 162, 2, ultralytics("sam2_b")),
    Network("SAM 2.1 large", "Apache-2.0", 449, 2, ultralytics("sam2.1_l")),
    Network("SAM 2 large", "Apache-2.0", 449, 2, ultralytics("sam2_l")),
)
SUGGESTED = NETWORKS[:2]


def here(workspace: Workspace | None = None) -> tuple[Network, Path] | None:
    """The network to use, and its file; None where no weights are on this machine."""
    for network in NETWORKS:
        if (path := weights.look(network.offer, workspace)) is not None:
            return network, path
    return None


def files(workspace: Workspace | None = None) -> tuple[dict[str, Any], ...]:
    """The files that would do: name, title, licence, megabytes, address, and the folder that they belong into."""
    folder = str(weights.folders(workspace)[0])
    return tuple(
        {"file": one.offer.file, "title": one.title, "licence": one.licence, "megabytes": one.megabytes,
         "url": one.offer.url, "folder": folder}
        for one in SUGGESTED
    )  # fmt: skip


def hint(workspace: Workspace | None = None) -> str:
    """What to do when no weights are here: files, sizes, licences and folder."""
    files = " or ".join(f"{one.offer.file} ({one.title}, {one.megabytes} MB, {one.licence})" for one in SUGGESTED)
    return f"put {files} into {weights.folders(workspace)[0]}, for example from {SUGGESTED[0].offer.url}"
