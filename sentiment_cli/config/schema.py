"""The experiment file: every setting, its type, its bounds and its default.

A setting is one field here; the YAML file and ``--set section.key=value`` know it by its dotted
name. Only what varies between experiments is a setting: what varies between calls is a flag.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sentiment_cli.config.paths import RUNS, VECTORS, Located, is_name

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Share = Annotated[float, Field(gt=0.0, lt=1.0)]
SourceName = Annotated[str | tuple[str, ...], Located(is_name)]
Delimiter = Annotated[str, Field(min_length=1, max_length=1)]
Mark = Annotated[str, Field(max_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
VectorsName = Annotated[Literal["counted", "glove-6b-50d"] | str, Located(VECTORS.__contains__)]
RunName = Annotated[Literal["bundled"] | str, Located(RUNS.__contains__)]
Size = Annotated[int, Field(ge=1, le=65536)]


class Section(BaseModel):
    """A group of settings: frozen, and closed to keys that do not exist."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class DataConfig(Section):
    """Which reviews are read, and which of them teach, steer and test."""

    source: SourceName = "imdb"
    """`imdb`, `cereal`, a file, a glob, a folder, `hub:OWNER/NAME[:config][:split]`, or a list."""

    text_column: str = "text"
    """Column that holds the review."""

    label_column: str = "label"
    """Column that holds the label."""

    label_map: dict[str, str] | None = None
    """Class per label; other labels are skipped and counted. Case and blanks do not matter. Unset:
    each label is a class; labels that mean negative, neutral and positive get these names."""

    limit: Annotated[int, Field(ge=1)] | None = None
    """At most so many training reviews; smaller cuts are parts of larger ones."""

    validation: SourceName | None = None
    """Another source whose reviews steer training; unset, a share of `source` does."""

    test: SourceName | None = None
    """Another source whose reviews are kept for `eval`; unset, a share of `source` is."""

    unlabelled: SourceName | None = None
    """Another source whose reviews teach words without labels; it needs no label column. Texts that
    stand in validation or test too are left out."""

    test_fraction: Share = 0.2
    """Share of the reviews kept for `eval` alone, where `test` is unset."""

    validation_fraction: Share = 0.1
    """Share of the reviews that steers training, where `validation` is unset."""

    split_seed: Seed | None = None
    """Makes the split alone, so that `seed` may vary on the same reviews; unset, `seed` does."""

    encoding: str | None = None
    """Encoding of text files without a byte order mark; unset, UTF-8."""

    encoding_errors: Literal["strict", "replace"] = "strict"
    """Whether a byte that does not fit the encoding is an error, or is replaced and counted."""

    header: bool = True
    """Whether the first row of a table names the columns. `false` reads it as data, and the columns
    are named `column 1`, `column 2` and so on."""

    delimiter: Delimiter | None = None
    """Character between the fields of csv and tsv, such as `";"`. [default: detected]"""

    quote: Mark | None = None
    """Character around the fields of csv and tsv; an empty text if quotes are text.
    [default: detected]"""

    escape: Mark | None = None
    """Character before a quote that is text, such as a backslash; an empty text for none.
    [default: detected]"""

    on_bad_rows: Literal["error", "skip"] = "error"
    """Whether a broken row is an error, or is left out and counted."""

    formula_guard: bool = True
    """Whether a text that a spreadsheet would run as a formula is written to csv and tsv with a
    leading quote mark."""


class TokenizerConfig(Section):
    """From a review's text to token ids."""

    kind: Literal["word", "bpe"] = "word"
    """`word`: one token per word, mark, emoji or emoticon; `isn't` is `is` and `n't`, and Chinese,
    Japanese and Thai are read by character. `bpe`: pieces of words, learned by byte-pair merges."""

    vocab_size: Annotated[int, Field(ge=16, le=1_000_000)] = 40_000
    """At most so many tokens, the most frequent first."""

    min_frequency: Annotated[int, Field(ge=1)] = 2
    """Tokens seen less often in the training reviews are unknown words."""

    lowercase: bool = True
    """Whether `Good` and `good` are one token."""

    max_tokens: Annotated[int, Field(ge=1, le=100_000)] = 400
    """Longer reviews are cut to so many tokens."""

    keep: Literal["head", "tail", "head+tail"] = "head+tail"
    """Which end of a longer review stays; `head+tail` keeps 3/8 and 5/8."""


class ModelConfig(Section):
    """The network: embedding, recurrent encoder, pooling, head."""

    init: RunName | None = None
    """A run whose tokenizer, embedding, encoder and pooling are the start, and where it has the
    same classes its head too: `bundled`, or a run folder. What it fixes may be left out: the
    settings from `cell` to `pooling`, and those of `tokenizer` but for its last two."""

    cell: Literal["rnn", "lstm", "gru"] = "lstm"
    """The recurrent cell."""

    embedding_dim: Size = 128
    """Size E of a token's vector."""

    vectors: VectorsName | None = None
    """What the embedding starts from: `counted` learns word vectors from the training reviews and
    `data.unlabelled` by counting, `glove-6b-50d` is a package, a path is a text file of vectors
    (GloVe, word2vec, fastText), and null draws them at random."""

    ngrams: Annotated[int, Field(ge=0, le=5)] = 3
    """Tokens of the longest n-grams. How strongly each n-gram speaks for a class, counted over the
    training reviews, is an input of the network; 0 for none."""

    hidden_size: Size = 128
    """Size H of the hidden state, in each direction."""

    num_layers: Annotated[int, Field(ge=1, le=16)] = 1
    """Recurrent layers on top of each other."""

    bidirectional: bool = True
    """Whether a second encoder reads the review from its end."""

    pooling: Literal["last", "mean", "max", "mean+max", "attention"] = "mean+max"
    """From the states of all steps to one vector a review."""

    dropout: Fraction = 0.5
    """Share of the pooled vector, and of the states between layers, dropped in training."""

    embedding_dropout: Fraction = 0.2
    """Share of embedding features dropped in training, the same at every step of a review."""

    word_dropout: Fraction = 0.1
    """Share of tokens hidden from the network in training."""


class TrainingConfig(Section):
    """How the weights are found."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] = 5
    """At most so many passes over the training reviews."""

    batch_size: Size = 32
    """Reviews an optimizer step."""

    self_training_rounds: Annotated[int, Field(ge=0, le=10)] = 1
    """Rounds of self-training with `data.unlabelled`: the trained network predicts those reviews,
    their n-grams are counted by the predicted probabilities, and a new network is trained. 0 uses
    `data.unlabelled` only for word vectors. Needs `model.ngrams`."""

    optimizer: Literal["adamw", "sgd"] = "adamw"
    """`sgd` is plain: new weight = weight - learning rate * gradient."""

    lr: Annotated[float, Field(gt=0.0, le=1000.0)] = 2e-3
    """Peak learning rate."""

    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    """Decoupled weight decay of adamw, for matrices alone."""

    clip_norm: Annotated[float, Field(gt=0.0)] | None = 1.0
    """Longest gradient, over all weights; null leaves gradients as they are."""

    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """Learning rate after the warm-up: falls to 1% along a cosine, falls along a line, or stays."""

    warmup_ratio: Fraction = 0.1
    """Share of all steps in which the learning rate rises from zero."""

    patience: Annotated[int, Field(ge=1)] | None = 2
    """Stop after so many epochs without a lower validation loss; null never stops early."""

    class_weights: Literal["balanced"] | None = None
    """`balanced` weighs each class by the inverse of its share of the training reviews."""

    ema_decay: Fraction = 0.998
    """Decay of the moving average of the weights, which is the model that is kept; 0 keeps the
    last weights as they are."""

    tensorboard: bool = False
    """Whether losses, accuracy, learning rate, gradient and speed are written for TensorBoard too,
    into the run folder's `tensorboard/`."""


class CheckpointConfig(Section):
    """What survives a kill."""

    every: Annotated[int, Field(ge=1)] | Literal["epoch"] = "epoch"
    """Save each so many optimizer steps, or after each `epoch`."""

    keep: Annotated[int, Field(ge=1)] = 1
    """So many of the newest checkpoints stay, and always the best."""


class Experiment(Section):
    """One whole experiment file."""

    data: DataConfig = DataConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` takes CUDA where it works, else the CPU."""

    seed: Seed = 0
    """Makes the split, the first weights, the order of the reviews and every dropout."""

    @property
    def split_seed(self) -> int:
        """The seed that makes the split."""
        return self.seed if self.data.split_seed is None else self.data.split_seed

    @property
    def self_training_rounds(self) -> int:
        """Rounds of self-training; 0 if there is nothing to count in unlabelled reviews."""
        if self.data.unlabelled is None or not self.model.ngrams:
            return 0
        return self.training.self_training_rounds
