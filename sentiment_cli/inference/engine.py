"""Token ids in, logits out: NumPy while there is little to do, torch once there is more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.network.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.network.ngram_inputs import NgramTable

# NumPy needs for so many tokens as long as torch with its import: the LSTM of the default
# experiment, eight reviews at once (benchmarks/switch.py).
SWITCH_TOKENS = 80_000


class Engine:
    """Computes logits, and turns to torch by itself once the work so far would pay for it.

    Args:
        architecture: of the saved network.
        weights: by name.
        table: counts of n-grams; None without n-gram inputs.
        device: None and `auto` start in NumPy; torch, once loaded, takes CUDA where it works.
    """

    def __init__(
        self,
        architecture: Architecture,
        weights: Mapping[str, NDArray[np.float32]],
        table: NgramTable | None,
        device: DeviceChoice | None,
    ) -> None:
        self.architecture = architecture
        self.weights = weights
        self.table = table
        self._device: DeviceChoice = device or "auto"
        self._replay = Replay(architecture, weights, table)
        self._model: Classifier | None = None
        self._done = 0

    def __reduce__(self) -> tuple[type[Engine], tuple[Any, ...]]:
        """Let another process begin anew with the weights, wherever this one computed by now."""
        return Engine, (self.architecture, self.weights, self.table, self._device)

    def logits(self, sequences: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """Return the logits of each review, (N, C); no sequence is empty."""
        lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
        self._done += int(lengths.sum())
        if self._model is None and self._device != "cuda" and self._done <= SWITCH_TOKENS:
            return self._replay(sequences)
        from sentiment_cli.network.bulk import classify_all

        return classify_all(self.use_torch(), sequences, lengths, self.table)

    def use_torch(self) -> Classifier:
        """Return the network in torch, which computes everything from now on.

        Raises:
            EnvironmentFault: the device that was asked for does not work here.
        """
        if self._model is None:
            from sentiment_cli.network.classifier import Classifier, load_arrays
            from sentiment_cli.network.device import pick_device

            device = pick_device(self._device)
            self._model = Classifier(self.architecture)
            load_arrays(self._model, self.weights)
            self._model.to(device)
        return self._model
