"""What a measurement of memory tells, without a run to measure."""

from __future__ import annotations


def report(run, rate=0.9, **changes):
    """What a measurement tells of a run whose gradient falls by `rate` a word."""
    curve = [
        {"words": k, "low": rate**k / 2, "median": rate**k, "high": rate**k * 2, "reviews": 200}
        for k in range(120)
    ]
    return {
        "run": run,
        "cell": "lstm",
        "reviews": 200,
        "half_life": 6.6,
        "half_life_interval": [6.0, None],
        "start_half_life": None,
        "start_half_life_interval": None,
        "gradient": curve,
        "start_gradient": [],
        "planted": [{"words": k, "judged": 1 - k / 100, "pairs": 32} for k in (0, 50, 100)],
        "planted_half": 50.0,
        "surgery": {
            "untouched": {"what": "untouched", "accuracy": 0.91},
            "forget_gate_1": {
                "what": "forget gate at 1", "accuracy": 0.51, "difference": -0.4,
                "difference_interval": [-0.5, -0.3], "overflows": 0, "largest_state": None,
            },
        },
        "notes": ["reviews are cut"],
    } | changes  # fmt: skip
