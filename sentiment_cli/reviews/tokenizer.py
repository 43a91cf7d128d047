"""From a review's text to token ids; the whole state is Hugging Face's `tokenizer.json`."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import PAD, UNK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

Keep = Literal["head", "tail", "head+tail"]
Kind = Literal["word", "bpe"]
T = TypeVar("T")

PAD_TOKEN, UNK_TOKEN = "[PAD]", "[UNK]"

# A word with its inner apostrophes (don't, rock'n'roll), or one mark.
_WORD_OR_MARK = r"\w+(?:'\w+)*|[^\w\s]"
# A piece of a word that opens it carries the space before it (Radford et al. 2019).
_SPACED_WORD_OR_MARK = r" ?\w+(?:'\w+)*|[^\w\s]"
ENTITIES = {"&quot;": '"', "&#34;": '"', "&#39;": "'", "&apos;": "'", "&nbsp;": " ",
             "&lt;": "<", "&gt;": ">", "&amp;": "&"}  # fmt: skip
_LINE_BREAK = r"<br\s*/?>"
_FIND = re.compile(_WORD_OR_MARK).findall


class Encoded(NamedTuple):
    """A review as the network reads it.

    Args:
        ids: at least one and at most `max_tokens`, (L,).
        found: tokens of the whole text, before the cut; 0 for a text without any.
    """

    ids: NDArray[np.int32]
    found: int


class ReviewTokenizer:
    """A trained tokenizer and the rule by which long reviews are cut.

    Args:
        tokenizer: the trained state.
        max_tokens: longer reviews are cut to so many tokens.
        keep: which end of a longer review stays; `head+tail` keeps 3/8 and 5/8.
    """

    def __init__(self, tokenizer: Tokenizer, *, max_tokens: int, keep: Keep) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.keep = keep
        self._head = {"head": max_tokens, "tail": 0, "head+tail": max_tokens * 3 // 8}[keep]

    @property
    def vocab_size(self) -> int:
        """Number of tokens V, padding and unknown included."""
        return self._tokenizer.get_vocab_size()

    def to_json(self) -> bytes:
        """Return the content of `tokenizer.json`."""
        return self._tokenizer.to_str().encode()

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return the token ids of each review; all cores work on it."""
        return [
            self._encoded(encoding.ids) for encoding in self._tokenizer.encode_batch_fast(texts)
        ]

    def encode_in_place(self, text: str) -> tuple[Encoded, list[tuple[int, int]]]:
        """Return a review's token ids, and where in the text each begins and ends.

        A text without a token has no place either. Of a piece that the normalizer replaced by
        another, an entity for example, the place is its last character.
        """
        encoding = self._tokenizer.encode(text)
        return self._encoded(encoding.ids), self._cut(encoding.offsets)

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Return the tokens behind ids."""
        return [self._tokenizer.id_to_token(int(i)) or UNK_TOKEN for i in ids]

    def _encoded(self, ids: list[int]) -> Encoded:
        # A text without a token is still a review: it is read as one unknown word.
        return Encoded(np.array(self._cut(ids) or [UNK], dtype=np.int32), len(ids))

    def _cut(self, tokens: list[T]) -> list[T]:
        found = len(tokens)
        if found <= self.max_tokens:
            return tokens
        return tokens[: self._head] + tokens[found - (self.max_tokens - self._head) :]


def train_tokenizer(
    texts: Iterator[str],
    *,
    kind: Kind,
    vocab_size: int,
    min_frequency: int,
    lowercase: bool,
) -> Tokenizer:
    """Learn a vocabulary from the training reviews.

    Args:
        texts: the training reviews.
        kind: `word` for one token a word or mark, `bpe` for merges (Sennrich et al. 2016).
        vocab_size: at most so many tokens, the most frequent first.
        min_frequency: rarer tokens (merges, for `bpe`) are left out.
        lowercase: whether case is ignored.
    """
    from concurrent.futures import ThreadPoolExecutor

    tokenizer = _untrained(kind, lowercase)
    kind_of_trainer = trainers.WordLevelTrainer if kind == "word" else trainers.BpeTrainer
    trainer = kind_of_trainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=[PAD_TOKEN, UNK_TOKEN],
        show_progress=False,
    )
    # Beside the main thread, which would see no signal before the end of the library's work.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(tokenizer.train_from_iterator, texts, trainer).result()
    # An added token would be found in any review that spells `[PAD]`; ours are ids, not words.
    state = json.loads(tokenizer.to_str())
    return Tokenizer.from_str(json.dumps({**state, "added_tokens": []}))


def plain_words(text: str) -> list[str]:
    """Return the words and marks of a text as the `word` kind finds them, case ignored.

    It needs no training, and serves to count. In scripts that write vowels as marks of their own
    it may find more words than the tokenizer does: Python's regular expressions split there.
    """
    if "<br" in text:
        text = re.sub(_LINE_BREAK, " ", text)
    if "&" in text:
        for entity, mark in ENTITIES.items():
            text = text.replace(entity, mark)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("’", "'")
    return _FIND(text.lower())


def load_tokenizer(data: bytes, *, place: str, size: int | None = None) -> Tokenizer:
    """Read the content of a `tokenizer.json`, which must be one that `train_tokenizer` made.

    Components that this package never writes are refused unread: a regular expression from a
    stranger can run for ever, and some make the tokenizer library abort the process.

    Args:
        data: the content.
        place: where it lies, for messages.
        size: how many tokens the network knows, where there is one.

    Raises:
        ModelError: the content is no such tokenizer, or not of that size.
    """
    try:
        state = json.loads(data)
        kind: Kind = {"WordLevel": "word", "BPE": "bpe"}[state["model"]["type"]]  # type: ignore[assignment]
        lowercase = state["normalizer"] == _skeleton(kind, True)["normalizer"]
        if _without_vocabulary(state) != _skeleton(kind, lowercase):
            raise ValueError("it holds components that this program does not write")
        _check_vocabulary(state["model"]["vocab"])
        # Put together from what was read, which takes half the time of reading the file again.
        tokenizer = _untrained(kind, lowercase)
        tokenizer.model = _model(state["model"])
        own = tokenizer.get_vocab_size()
        if size not in (None, own):
            raise ValueError(f"it has {own} tokens where the network knows {size}")
        return tokenizer
    except Exception as fault:  # the library raises bare Exception for a bad merge
        raise ModelError(
            f"{place} is no tokenizer of ours: {type(fault).__name__}: {str(fault)[:200]}",
            hint="copy the run folder again, or train anew",
        ) from None


def _untrained(kind: Kind, lowercase: bool) -> Tokenizer:
    model = models.WordLevel if kind == "word" else models.BPE
    tokenizer = Tokenizer(model(unk_token=UNK_TOKEN))
    steps: list[normalizers.Normalizer] = [normalizers.Replace(Regex(_LINE_BREAK), " ")]
    steps += [normalizers.Replace(entity, mark) for entity, mark in ENTITIES.items()]
    steps += [normalizers.NFKC(), normalizers.Replace("’", "'")]
    if lowercase:
        steps.append(normalizers.Lowercase())
    if kind == "bpe":
        steps += [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Prepend(" ")]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(_WORD_OR_MARK if kind == "word" else _SPACED_WORD_OR_MARK),
        behavior="removed",
        invert=True,
    )
    return tokenizer


def _model(state: dict[str, Any]) -> models.Model:
    if state["type"] == "WordLevel":
        return models.WordLevel(state["vocab"], unk_token=UNK_TOKEN)
    vocab, merges = state["vocab"], [(left, right) for left, right in state["merges"]]
    # The library panics where a merge is longer than any token.
    if not all(left + right in vocab for left, right in merges):
        raise ValueError("a merge makes a token that it does not hold")
    return models.BPE(vocab, merges, unk_token=UNK_TOKEN)


def _skeleton(kind: Kind, lowercase: bool) -> dict[str, Any]:
    return _without_vocabulary(json.loads(_untrained(kind, lowercase).to_str()))


def _without_vocabulary(state: dict[str, Any]) -> dict[str, Any]:
    model = {key: value for key, value in state["model"].items() if key not in ("vocab", "merges")}
    return {**state, "model": model}


def _check_vocabulary(vocab: dict[str, int]) -> None:
    if vocab[PAD_TOKEN] != PAD or vocab[UNK_TOKEN] != UNK:
        raise ValueError("its padding and unknown tokens are not the first two")
    if sorted(vocab.values()) != list(range(len(vocab))):
        raise ValueError("its ids are not 0, 1, 2, ... each once")
