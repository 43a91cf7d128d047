"""The softmax over a large vocabulary, at the cost of a small one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_NEVER = -1e30  # a logit whose exponential is 0, and whose gradient is no NaN as infinity's is


def chances(shares: NDArray[np.float64], expected: int) -> NDArray[np.float64]:
    """Return with which probability each token stands among the negatives, (V,).

    It is min(1, c * share), where c makes the expected number of negatives as asked, or that of all
    tokens there are: the frequent ones are always there.

    Args:
        shares: of each token among all, (V,).
        expected: number of negatives.
    """
    order = np.argsort(-shares, kind="stable")
    falling = shares[order]
    possible = int((shares > 0).sum())
    if expected >= possible:
        return (shares > 0).astype(np.float64)
    # With the first n at 1, the others share what is left; n is the first that keeps all below 1.
    rest = falling.sum() - np.concatenate([[0.0], np.cumsum(falling)[:-1]])
    scale = (expected - np.arange(expected)) / rest[:expected]
    certain = int(np.argmax(scale * falling[:expected] < 1))
    found: NDArray[np.float64] = np.minimum(1.0, scale[certain] * shares)
    return found


def drawn(probabilities: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw negatives, each token by itself with its probability, (V,) to (K,)."""
    return np.flatnonzero(rng.random(len(probabilities)) < probabilities)


def sampled_loss(
    query: Tensor,
    target: Tensor,
    table: Tensor,
    log_shares: Tensor,
    negatives: Tensor,
    log_chances: Tensor,
) -> Tensor:
    """Return for each of M tokens, (M,),

        log(e^{s_t} + sum over negatives w, w not t, of e^{s_w} / p_w) - s_t,
        s_w = e_w . query + log q_w

    where t is the token that is there, and p_w the chance with which w stands among the negatives.
    The sum in the logarithm has the softmax's as its mean, whatever was drawn, and is the same
    where all are drawn. Importance sampling as in Jean, Cho, Memisevic and Bengio, On Using Very
    Large Target Vocabulary for Neural Machine Translation, ACL 2015, section 3; negatives are
    shared by all M, and drawn so that the p_w are known exactly (Horvitz and Thompson, 1952).

    Args:
        query: (M, E).
        target: positions in the table, (M,).
        table: e, (R, E).
        log_shares: log q of the table's rows, (R,).
        negatives: positions in the table, none twice, (K,).
        log_chances: log p of the negatives, (K,).
    """
    rows = table.index_select(0, negatives)  # (K, E)
    logits = torch.addmm(log_shares[negatives] - log_chances, query, rows.T)  # (M, K)
    column = torch.full((len(table),), -1, device=table.device)
    column[negatives] = torch.arange(len(negatives), device=table.device)
    hit = column[target]  # (M,)
    (met,) = torch.nonzero(hit >= 0, as_tuple=True)
    logits[met, hit[met]] = _NEVER
    own = torch.nn.functional.embedding(target, table)  # (M, E)
    true = (query * own).sum(dim=1) + log_shares[target]  # (M,)
    return torch.logaddexp(torch.logsumexp(logits, dim=1), true) - true  # (M,)
