"""Names of the fields that a run writes; their prefixes stand nowhere else."""

_PREDICTIONS = "pred_"
_EVALUATION = "eval_"


def prediction_field(run: str) -> str:
    """The field of the predictions of a run."""
    return f"{_PREDICTIONS}{run}"


def is_prediction(field: str) -> bool:
    """Whether a label field holds predictions of a run."""
    return field.startswith(_PREDICTIONS)


def run_of(field: str) -> str:
    """The run whose predictions a field holds; the field itself for other fields."""
    return field.removeprefix(_PREDICTIONS)


def evaluation_key(run: str) -> str:
    """The name of a run's evaluation in FiftyOne, and the beginning of the fields that it writes."""
    return f"{_EVALUATION}{run}"
