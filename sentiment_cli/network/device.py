"""Where the computing is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sentiment_cli.errors import EnvironmentFault

if TYPE_CHECKING:
    import torch

DeviceChoice = Literal["auto", "cpu", "cuda"]


def pick_device(choice: DeviceChoice) -> torch.device:
    """Return the device to compute on, made ready.

    On the CPU denormal floats are flushed to zero: a gradient that fades over hundreds of steps
    makes a backward pass many times slower without.

    Args:
        choice: `auto` takes CUDA where a kernel runs on it, else the CPU.

    Raises:
        EnvironmentFault: `cuda` was asked for and does not work here.
    """
    import torch

    torch.set_flush_denormal(True)
    if choice == "cpu":
        return torch.device("cpu")
    fault = _cuda_fault()
    if fault is None:
        return torch.device("cuda")
    if choice == "cuda":
        raise EnvironmentFault(
            f"device cuda does not work here: {fault}",
            hint="--device cpu, or install a CUDA build of torch and a driver for it",
        )
    return torch.device("cpu")


def _cuda_fault() -> str | None:
    import torch

    if torch.version.cuda is None:
        return f"torch {torch.__version__} was built without CUDA"
    if not torch.cuda.is_available():
        return "torch finds no CUDA device"
    try:
        (torch.ones(2, 2, device="cuda") @ torch.ones(2, 2, device="cuda")).sum().item()
    except RuntimeError as fault:
        return str(fault).splitlines()[0]
    return None
