"""A run's model card: what it is, what it was trained on, how well it does. No review's text."""

from __future__ import annotations

from typing import Any

from sentiment_cli.metrics import LEVEL
from sentiment_cli.network.linear import title


def model_card(name: str, figures: dict[str, Any], timing: dict[str, Any]) -> str:
    """Return a run's README.md.

    Args:
        name: of the run folder.
        figures: what `metrics.json` holds.
        timing: what `timing.json` holds.
    """
    scores = figures["validation"]
    rows = "\n".join(
        f"| {figure.replace('_', ' ')} | {scores[figure]:.4f} | "
        f"{scores[figure + '_interval'][0]:.4f} to {scores[figure + '_interval'][1]:.4f} |"
        for figure in ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error")
    )
    parts = figures["reviews"]
    header = " | ".join(["part", *figures["classes"]])
    balance = "\n".join(
        f"| {part} | " + " | ".join(map(str, parts[part])) + " |"
        for part in ("training", "validation", "test")
    )
    ahead = "\n".join(
        f"| {title(name, linear)} | {linear['accuracy']:.4f} | "
        f"{linear['accuracy_difference']:+.4f} | "
        f"{' to '.join(f'{end:+.4f}' for end in linear['accuracy_difference_interval'])} | "
        f"{linear['p_adjusted']:.3f} |"
        for name, linear in figures["baseline"].items()
    )
    article = "A" if figures["cell"] == "gru" else "An"
    kind = f"{article} {figures['cell'].upper()} review classifier"
    ending = "stopped early" if figures["stopped_early"] else "ran to its end"
    read = figures["unlabelled"]
    unlabelled = f"Beside them {read['reviews']:,} reviews without labels. " if read else ""
    taught = ""
    if figures["init"] is not None:
        taught = (
            f"The network began with the tokenizer,\nembedding and encoder of the run "
            f"`{figures['init']}`. "
        )
    return f"""# {name}

{kind}, trained by `sentiment train`: it answers with one of
{", ".join(f"`{name}`" for name in figures["classes"])} and a probability.

## Use

    sentiment predict --run DIR "the review"
    sentiment eval --run DIR

## Training

Source: `{figures["source"]}`. {unlabelled}{taught}{figures["epochs"]} epochs, {figures["steps"]}
steps; training {ending} and the weights of epoch {figures["best_epoch"]} were kept.
{figures["parameters"]:,} parameters, {figures["vocabulary"]:,} tokens,
{timing["seconds"]:.0f} s on {timing["device"]}. Every setting is in `config.yaml`.

| {header} |
|{"---|" * (1 + len(figures["classes"]))}
{balance}

## Validation

These reviews steered the training, so the figures flatter it; `sentiment eval` reads reviews that
it never saw. Probabilities are calibrated: the network's logits are divided by
{figures["temperature"]:.3f}.

| figure | value | 95% interval |
|---|---|---|
{rows}

Linear models fitted to the same training reviews, on the same validation reviews, and by how much
this model is ahead in accuracy. A difference is shown where p, after Holm's correction for the
number of linear models, is below {LEVEL}:

| linear model | accuracy | ahead by | 95% interval | p |
|---|---|---|---|---|
{ahead}

## Limits

It knows the words of its training reviews. Irony, other languages and other kinds of goods than
it was trained on are likely to mislead it.
"""
