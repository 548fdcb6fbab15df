"""The splits that a view names: those that its dataset has."""

from datasets.errors import ViewError
from datasets.storage import store
from datasets.viewspec import ViewSpec


def check(spec: ViewSpec) -> None:
    """Raise ViewError, which lists the known ones, where a view asks for a split that its dataset lacks."""
    asked = [one.values for one in spec.filters if (one.field, one.op) == ("split", "any_of")]
    wanted = [name for values in asked for name in values if name]
    known = store.summary(spec.dataset).splits if wanted else {}
    missing = [repr(name) for name in wanted if name not in known]
    if missing:
        listed = ", ".join(filter(None, known)) or "none"
        raise ViewError(
            f"expected splits of dataset {spec.dataset!r} ({listed}), found {' and '.join(missing)}; name one of these"
        )
