"""A decisive phrase k words before the end."""

from __future__ import annotations

import numpy as np
import pytest
from network.samples import architecture, classifier
from support.tokenizer import learned

from sentiment_cli.analysis.memory.held import without_direct_sum
from sentiment_cli.analysis.memory.phrases import FILLER, PAIRS
from sentiment_cli.analysis.memory.planted import Planted, half_distance, plant
from sentiment_cli.network.classifier import state_to_arrays
from sentiment_cli.network.ngram_inputs import NgramTable, ngram_keys
from sentiment_cli.network.replay import Replay
from sentiment_cli.reviews.tokenizer import ReviewTokenizer

LONGEST = 9  # tokens of the longest phrase


def tokenizer(max_tokens=1000, kind="word"):
    texts = [*FILLER, *(text for pair in PAIRS for text in pair)]
    trained = learned(iter(texts), kind=kind, vocab_size=1000, min_frequency=1, lowercase=True)
    return ReviewTokenizer(trained, max_tokens=max_tokens, keep="head+tail")


class Reader:
    """Answers 1 for praise and 0 for its opposite, if it stands in the last `span` tokens.

    Where it sees neither it answers `otherwise`.
    """

    def __init__(self, reads, span, otherwise=0):
        self.reads, self.span, self.otherwise = reads, span, otherwise
        sides = [
            {int(i) for read in reads.encode([pair[side] for pair in PAIRS]) for i in read.ids}
            for side in (0, 1)
        ]
        filler = {int(i) for read in reads.encode(FILLER) for i in read.ids}
        self.praise, self.blame = sides[0] - sides[1] - filler, sides[1] - sides[0] - filler
        self.read = []

    def __call__(self, sequences):
        self.read += sequences
        return np.array([self.logits(ids[-self.span :].tolist()) for ids in sequences])

    def logits(self, seen):
        if self.praise & set(seen):
            return [0.0, 1.0]
        return [1.0, 0.0] if self.blame & set(seen) else [0.0, 0.0 + self.otherwise]


@pytest.mark.parametrize("otherwise", [0, 1])
def test_a_short_memory_decides_near_the_end_alone(otherwise):
    reads = tokenizer()
    planted = plant(Reader(reads, span=60, otherwise=otherwise), reads)
    shares = {at.words: at.judged for at in planted}
    assert list(shares) == [0, 5, 10, 25, 50, 100, 200, 400]
    assert [shares[k] for k in (0, 5, 10, 25, 50)] == [1.0] * 5
    assert [shares[k] for k in (100, 200, 400)] == [0.0] * 3


def test_counts_pairs_in_every_filler():
    reads = tokenizer()
    assert {at.pairs for at in plant(Reader(reads, span=60), reads)} == {4 * len(PAIRS)}


def test_a_reader_without_an_opinion_is_not_measured():
    reads = tokenizer()
    assert plant(lambda sequences: np.tile([0.0, 1.0], (len(sequences), 1)), reads) == []


def test_a_review_is_never_longer_than_what_the_network_reads():
    reads = tokenizer(max_tokens=64)
    judge = Reader(reads, span=64)
    planted = plant(judge, reads)
    assert [at.words for at in planted] == [0, 5, 10, 25, 50, 64 - LONGEST]
    assert {at.judged for at in planted} == {1.0}
    assert {len(ids) for ids in judge.read if len(ids) > LONGEST} == {64}


def test_a_network_that_reads_no_more_than_a_phrase_has_one_distance():
    reads = tokenizer(max_tokens=LONGEST - 1)
    assert [at.words for at in plant(Reader(reads, span=60), reads)] == [0]


def test_a_phrase_stands_as_far_from_the_end_as_is_said():
    reads = tokenizer()
    judge = Reader(reads, span=1000)
    plant(judge, reads)
    found = {
        max(len(ids) - 1 - place for place in np.flatnonzero(np.isin(ids, sorted(judge.praise))))
        for ids in judge.read
        if len(ids) > LONGEST and judge.praise & set(ids.tolist())
    }
    assert all(any(k <= distance < k + LONGEST for k in (0, 5, 10, 25)) or distance >= 50
               for distance in found)  # fmt: skip
    assert max(found) >= 400
    assert min(found) < LONGEST


def test_pieces_of_words_are_planted_too():
    reads = tokenizer(kind="bpe")
    assert plant(Reader(reads, span=1000), reads)[-1].judged > 0.9


def test_the_direct_sum_decides_from_any_distance_and_is_left_out():
    reads = tokenizer()
    reader = Reader(reads, span=1000)
    ids = np.array(sorted(reader.praise | reader.blame))
    keys = ngram_keys(ids, np.array([len(ids)]), 1)[0]
    order = keys.argsort()
    counts = np.where(np.isin(ids[order], sorted(reader.praise))[:, None], [1, 40], [40, 1])
    table = NgramTable(keys[order], counts.astype(np.float32), np.full(2, 50, np.float32), orders=1)
    shape = architecture(vocab_size=reads.vocab_size, num_classes=2, ngrams=1)
    weights = state_to_arrays(classifier(shape))
    weights["head.weight"][:, : shape.pooled_dim] = 0  # nothing of the states is read
    weights["head.weight"][:, shape.pooled_dim :] = [[0], [1]]
    weights["head.bias"][:] = 0
    assert [at.judged for at in plant(Replay(shape, weights, table), reads)] == [1.0] * 8
    recurrent = Replay(shape, without_direct_sum(shape, weights), table)
    assert plant(recurrent, reads) == []


def at(*shares):
    return [Planted(words, judged, 4) for words, judged in shares]


def test_half_lies_on_the_line_between_two_distances():
    assert half_distance(at((0, 0.8), (10, 0.6), (20, 0.2))) == pytest.approx(15)
    assert half_distance(at((0, 1.0), (5, 0.5), (10, 0.0))) == 5


def test_no_half_where_it_never_falls_or_nothing_was_there():
    assert half_distance(at((0, 0.8), (400, 0.5))) is None
    assert half_distance(at((0, 0.0), (400, 0.0))) is None
    assert half_distance([]) is None
