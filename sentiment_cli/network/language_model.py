"""The language model that teaches a classifier's embedding and encoder before there are labels.

Axes: N reviews, L tokens of the longest, E embedding size, H hidden size, D directions,
V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from sentiment_cli.network.architecture import PAD, Architecture
from sentiment_cli.network.backbone import Backbone

_AT_ONCE = 256  # states that are asked for all of the vocabulary at once


class LanguageModel(Backbone):
    """Foretells each token of a review from the tokens on one side of it.

    The forward direction foretells the next token, the backward one the token before, as in the
    two models of Howard and Ruder (Universal Language Model Fine-tuning for Text Classification,
    ACL 2018), here with one embedding. The logit of token w at a state h is

        s_w = e_w . (W h + b) + log q_w

    with e_w the row of w in the embedding that is also read (tied, as in Press and Wolf, EACL
    2017), W and b those of the direction, (E, H) and (E,), and q_w the share of w among all tokens.
    W and b begin at 0, so that the model begins by knowing how frequent each word is.

    Args:
        architecture: its pooling and classes are not used. A layer over another foretells from
            one side only if there is one direction.
        shares: q, (V,); 0 for PAD.
        dropout: as in `Backbone`.
        embedding_dropout: as in `Backbone`.
        word_dropout: as in `Backbone`.
    """

    log_shares: Tensor

    def __init__(
        self,
        architecture: Architecture,
        *,
        shares: Tensor,
        dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        word_dropout: float = 0.0,
    ) -> None:
        assert architecture.num_directions == 1 or architecture.num_layers == 1
        super().__init__(
            architecture,
            dropout=dropout,
            embedding_dropout=embedding_dropout,
            word_dropout=word_dropout,
        )
        self.projections = nn.ModuleList(
            nn.Linear(architecture.hidden_size, architecture.embedding_dim)
            for _ in range(architecture.num_directions)
        )
        self.register_buffer("log_shares", shares.log(), persistent=False)
        self.begin()
        for parameter in self.projections.parameters():
            nn.init.zeros_(parameter)

    def queries(
        self, ids: Tensor, lengths: Tensor, table: Tensor | None = None
    ) -> list[tuple[Tensor, Tensor]]:
        """Return for each direction W h + b, (N, L-1, E), and what is to be foretold, (N, L-1).

        Where that is PAD, nothing is to be foretold.

        Args:
            ids: tokens, (N, L); PAD behind a review's end.
            lengths: tokens of each review, (N,).
            table: rows of the embedding that `ids` are positions in, as in `embed`.
        """
        states = self.encode(self.embed(ids, table), lengths)  # (N, L, D*H)
        sides = states.chunk(self.architecture.num_directions, dim=2)
        # A backward state behind the end knows nothing; the one before it must not be asked for it.
        behind = ids[:, 1:] == PAD  # (N, L-1)
        wanted = [ids[:, 1:], ids[:, :-1].masked_fill(behind, PAD)]
        asked = [sides[0][:, :-1], *(side[:, 1:] for side in sides[1:])]  # (N, L-1, H) each
        return [
            (project(side), target)
            for project, side, target in zip(self.projections, asked, wanted, strict=False)
        ]

    @torch.no_grad()
    def loss_sum(self, ids: Tensor, lengths: Tensor) -> float:
        """Return the sum of -log softmax(s)_w over all that is foretold, in nats.

        Args:
            ids: tokens, (N, L); PAD behind a review's end.
            lengths: tokens of each review, (N,).
        """
        total = 0.0
        for query, target in self.queries(ids, lengths):
            real = target != PAD
            own, wanted = query[real], target[real]  # (M, E), (M,)
            for start in range(0, len(own), _AT_ONCE):
                some = slice(start, start + _AT_ONCE)
                logits = torch.addmm(self.log_shares, own[some], self.embedding.weight.T)  # (M, V)
                total += float(functional.cross_entropy(logits, wanted[some], reduction="sum"))
        return total
