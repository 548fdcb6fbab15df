"""Which device a run uses. Imports torch."""

from pipelines.errors import ConfigError


def choose(wanted: str) -> str:
    """`cpu` or `cuda:N` for `auto`, `cpu`, `cuda` or `cuda:N`.

    Auto takes the GPU with the most free memory, else the CPU.
    Raises ConfigError when a GPU is asked for that this machine does not have.
    """
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "cpu" or (wanted == "auto" and not count):
        return "cpu"
    if wanted in ("auto", "cuda") and count:
        return f"cuda:{max(range(count), key=lambda index: torch.cuda.mem_get_info(index)[0])}"
    name, _, index = wanted.partition(":")
    if name == "cuda" and index.isdigit() and int(index) < count:
        return wanted
    raise ConfigError(
        f"option 'device': expected auto, cpu, cuda or cuda:N with N below {count}, the number of GPUs here; "
        f"found {wanted!r}"
    )


def precision(wanted: str, device: str) -> str:
    """`fp32`, `bf16` or `fp16`; auto is bf16 on a GPU that has it, fp32 elsewhere."""
    import torch

    if wanted != "auto":
        return wanted
    return "bf16" if device != "cpu" and torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
