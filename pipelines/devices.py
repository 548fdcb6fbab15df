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


def precision(wanted: str, device: str, *, cpu: bool = False) -> str:
    """`fp32`, `bf16` or `fp16`; auto is bf16 on a GPU that has it, with `cpu` on a processor too, fp32 elsewhere."""
    import torch

    if wanted == "fp16" and device == "cpu":
        raise ConfigError("option 'precision': expected fp32 or bf16 on a processor, found fp16; take auto")
    if wanted != "auto":
        return wanted
    if device == "cpu":
        return "bf16" if cpu and torch.cpu._is_avx512_bf16_supported() else "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
