"""Where the computing is done."""

from __future__ import annotations

import pytest
import torch

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.network import device
from sentiment_cli.network.device import pick_device


def test_the_cpu_is_always_there_and_flushes_denormals():
    assert pick_device("cpu").type == "cpu"
    assert (torch.tensor([1e-39]) * 1).item() == 0.0


@pytest.mark.parametrize("choice", ["auto", "cuda"])
def test_cuda_is_taken_where_it_works(monkeypatch, choice):
    monkeypatch.setattr(device, "_cuda_fault", lambda: None)
    assert pick_device(choice).type == "cuda"


def test_auto_falls_back_and_cuda_does_not(monkeypatch):
    monkeypatch.setattr(device, "_cuda_fault", lambda: "no driver")
    assert pick_device("auto").type == "cpu"
    with pytest.raises(EnvironmentFault, match="no driver") as fault:
        pick_device("cuda")
    assert "--device cpu" in fault.value.hint
