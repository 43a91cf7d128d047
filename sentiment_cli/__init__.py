"""Train, evaluate and use recurrent sentiment classifiers from the command line.

From Python, `Predictor` answers; it is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sentiment_cli.inference.predictor import Prediction as Prediction
    from sentiment_cli.inference.predictor import Predictor as Predictor

__version__ = "0.1.0"

__all__ = ["Prediction", "Predictor", "__version__"]


def __getattr__(name: str) -> Any:
    """Load what the name stands for; the command line asks for none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sentiment_cli.inference import predictor

    return getattr(predictor, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
