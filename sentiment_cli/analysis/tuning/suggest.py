"""What to try next, and when to give up: Optuna's part.

Each question is put to a study that is built anew from what is known, by a sampler whose seed is
made by the search's seed and the number of the trial. So there is no state to keep, and a search
that was stopped asks what an uninterrupted one would have.

Tree-structured Parzen estimator: Bergstra et al., Algorithms for hyper-parameter optimization,
NeurIPS 2011. Median rule: Golovin et al., Google Vizier, KDD 2017.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.config.space import Range
from sentiment_cli.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.tuning.journal import Trial
    from sentiment_cli.config.space import Dimension, SearchSpace, Value

_AT_RANDOM = 6  # trials before the sampler learns from them
_BEFORE_PRUNING = 4  # complete trials
_SUGGESTIONS = 10
_DIGITS = 3  # significant ones of a number that is tried


def require_optuna() -> None:
    """Refuse to tune where Optuna is missing.

    Raises:
        EnvironmentFault: it is.
    """
    if importlib.util.find_spec("optuna") is None:
        raise EnvironmentFault(
            "the package optuna is not installed", hint="pip install 'sentiment-cli[tune]'"
        )


def suggest(space: SearchSpace, trials: Sequence[Trial], seed: int) -> dict[str, Value] | None:
    """Return settings to try that were not tried; None where ten suggestions were all known.

    Args:
        space: what may be varied.
        trials: those before, all ended.
        seed: of the search.
    """
    distributions = {key: _distribution(one) for key, one in space.dimensions.items()}
    study = _study(trials, distributions, seed)
    known = [trial.settings for trial in trials]
    for _ in range(_SUGGESTIONS):
        asked = study.ask(distributions).params
        found = {key: _rounded(value, space.dimensions[key]) for key, value in asked.items()}
        if found not in known:
            return found
    return None


def hopeless(trials: Sequence[Trial]) -> bool:
    """Return whether the last trial, which is running, did worse, at the best of its looks, than
    the median of those that were trained to their end."""
    *ended, running = trials
    trial = _study(ended, {}, 0).ask()
    for look, loss in running.looks.items():
        trial.report(loss, look)
    return bool(running.looks) and bool(trial.should_prune())


def _study(trials: Sequence[Trial], distributions: dict[str, Any], seed: int) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    drawn = np.random.SeedSequence([seed, len(trials)]).generate_state(1)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(n_startup_trials=_AT_RANDOM, seed=int(drawn[0])),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_BEFORE_PRUNING),
    )
    for trial in trials:
        complete = trial.state == "complete"
        known = distributions if trial.settings else {}
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState["COMPLETE" if complete else "PRUNED"],
                value=trial.loss if complete else None,
                params={key: trial.settings[key] for key in known},
                distributions=known,
                intermediate_values=trial.looks,
            )
        )
    return study


def _distribution(dimension: Dimension) -> Any:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if not isinstance(dimension, Range):
        return CategoricalDistribution(list(dimension))
    if dimension.whole:
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def _rounded(value: Value, dimension: Dimension) -> Value:
    """A number as a person would write it, still within its range."""
    if not isinstance(dimension, Range) or dimension.whole:
        return value
    rounded = float(f"{value:.{_DIGITS}g}")
    return min(max(rounded, float(dimension.low)), float(dimension.high))
