"""Word vectors by counting, learned from the reviews in seconds.

Two views stand side by side in each vector. Which words stand near it: positive pointwise mutual
information with smoothed contexts (Levy, Goldberg and Dagan 2015). Which reviews it stands in:
latent semantic analysis (Deerwester et al. 1990). Both are factorised by randomised SVD (Halko,
Martinsson and Tropp 2011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from sentiment_cli.network.architecture import UNK
from sentiment_cli.reviews.split import split_ranks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_cli.reviews.dataset import TokenDataset

DEVIATION = 0.3
"""Of all numbers of the vectors together."""

_WINDOW = 5  # words to each side that count as near, the nearest most
_FEWEST = 0.5  # weighed counts up to this say more about chance than about words
_CONTEXT_POWER = 0.75
_NEAR_SHARE = 0.75  # of the vector's size, for the view of near words
_NOISE = 1e-5  # singular values below this share of the largest are rounding errors
_MAX_TOKENS = 20_000_000
_DRAW = 2**32 + 1  # seed that draws the reviews; no split can have it
_CHUNK = 4_000_000  # tokens counted at once


def counted_vectors(
    parts: Sequence[TokenDataset], *, vocab_size: int, size: int, seed: int
) -> NDArray[np.float32]:
    """Return a vector for each word of the vocabulary, (V, E); zero for one without neighbours.

    If there are more than 20 million tokens, about as many are counted: a hash of the text draws
    the reviews. So memory has a bound.

    Args:
        parts: token ids to count in, training reviews and unlabelled ones alike.
        vocab_size: number of tokens V.
        size: of a vector, E; a small vocabulary leaves the last numbers zero.
        seed: of the randomised SVD.
    """
    parts = _drawn(parts)
    near = max(1, round(_NEAR_SHARE * size))
    views = [(_ppmi(_near_counts(parts, vocab_size)), near)]
    if size > near:
        views.append((_lsa(parts, vocab_size), size - near))
    vectors = np.concatenate([_factorised(view, k, seed) for view, k in views], axis=1)  # (V, E)
    known = np.abs(vectors).sum(axis=1) > 0
    deviation = float(vectors[known].std()) if known.any() else 1.0
    return (vectors * (DEVIATION / (deviation or 1.0))).astype(np.float32)


def _drawn(parts: Sequence[TokenDataset]) -> Sequence[TokenDataset]:
    """Return the parts, or some of their reviews if there are too many tokens."""
    share = _MAX_TOKENS / max(1, sum(len(part.tokens) for part in parts))
    if share >= 1:
        return parts
    return [
        part.select(np.flatnonzero(split_ranks(part.hashes, _DRAW) / 2**64 < share))
        for part in parts
    ]


def _near_counts(parts: Sequence[TokenDataset], vocab_size: int) -> sparse.csr_array:
    """Count words that stand near each other in a review, (V, V), symmetric."""
    shape = (vocab_size, vocab_size)
    counts = sparse.csr_array(shape, dtype=np.float32)
    for tokens, review in _chunks(parts):
        for distance in range(1, _WINDOW + 1):
            left, right = tokens[:-distance], tokens[distance:]
            both = (review[:-distance] == review[distance:]) & (left > UNK) & (right > UNK)
            weight = np.full(int(both.sum()), 1 - (distance - 1) / _WINDOW, dtype=np.float32)
            counts += sparse.coo_array((weight, (left[both], right[both])), shape).tocsr()
    counts = sparse.csr_array(counts + counts.T)
    counts.data[counts.data <= _FEWEST] = 0
    counts.eliminate_zeros()
    return counts


def _ppmi(counts: sparse.csr_array) -> sparse.csr_array:
    """Return max(0, log p(word, context) / (p(word) p'(context))), (V, V)."""
    words = np.asarray(counts.sum(axis=1), dtype=np.float64)
    contexts = np.asarray(counts.sum(axis=0), dtype=np.float64) ** _CONTEXT_POWER
    found = counts.tocoo()
    row, column = found.coords
    share = words[row] * (contexts[column] / max(contexts.sum(), 1e-12))
    values = np.maximum(0.0, np.log(found.data / share)).astype(np.float32)
    positive = sparse.coo_array((values, (row, column)), counts.shape).tocsr()
    positive.eliminate_zeros()
    return positive


def _lsa(parts: Sequence[TokenDataset], vocab_size: int) -> sparse.csr_array:
    """Return log(1 + count) x idf of words in reviews, columns then rows of unit length, (V, N)."""
    number = sum(map(len, parts))
    shape = (vocab_size, number)
    blocks = [
        sparse.coo_array(
            (np.ones(int((tokens > UNK).sum()), dtype=np.float32),
             (tokens[tokens > UNK], review[tokens > UNK])),
            shape,
        ).tocsr()
        for tokens, review in _chunks(parts)
    ]  # fmt: skip
    counts = sum(blocks[1:], start=blocks[0])
    counts.data = np.log1p(counts.data)
    containing = np.diff(counts.indptr)
    idf = np.log(number / np.maximum(containing, 1))
    weighed = sparse.csr_array(sparse.diags_array(idf.astype(np.float32)) @ counts)
    columns = np.sqrt(np.asarray(weighed.power(2).sum(axis=0)))
    weighed = sparse.csr_array(weighed @ sparse.diags_array(1 / np.maximum(columns, 1e-12)))
    rows = np.sqrt(np.asarray(weighed.power(2).sum(axis=1)))
    return sparse.csr_array(sparse.diags_array(1 / np.maximum(rows, 1e-12)) @ weighed)


def _factorised(matrix: sparse.csr_array, size: int, seed: int) -> NDArray[np.float64]:
    """Return U sqrt(S) with rows of length sqrt(size), (V, size)."""
    from sklearn.utils.extmath import randomized_svd

    rank = min(size, *(side - 1 for side in matrix.shape))
    u, s, _ = randomized_svd(matrix, rank, n_iter=4, random_state=seed)
    vectors = np.zeros((matrix.shape[0], size))
    vectors[:, :rank] = u * np.sqrt(np.where(s > _NOISE * s[0], s, 0.0))
    vectors[np.diff(matrix.indptr) == 0] = 0.0
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[lengths[:, 0] <= 1e-8] = 0.0
    vectors *= np.sqrt(size) / np.maximum(lengths, 1e-8)
    return vectors


def _chunks(
    parts: Sequence[TokenDataset],
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Yield tokens and the review that each stands in, whole reviews at a time."""
    before = 0  # reviews of earlier parts
    for reviews in parts:
        for start, end in reviews.spans(_CHUNK):
            tokens = np.asarray(reviews.tokens[reviews.offsets[start] : reviews.offsets[end]])
            numbers = np.arange(before + start, before + end)
            yield tokens, np.repeat(numbers, reviews.lengths[start:end])
        before += len(reviews)
