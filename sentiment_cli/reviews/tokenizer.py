"""From a review's text to token ids. The whole state is Hugging Face's `tokenizer.json`.

The rules, in order. All of them are in `tokenizer.json`, so other programs find the same ids.

1. `<br>` is a blank. HTML entities (`&quot;`) become the mark that they stand for.
2. The blanks inside a rating go: `8 / 10` becomes `8/10`.
3. Typographic apostrophes become `'`. The text is normalised (NFKC) and, with `lowercase`, in lower
   case. Variation selectors and soft hyphens are dropped: a heart is one token with and without.
4. Contractions without an apostrophe get one if they are no other word: `isnt` becomes `isn't`.
5. A token is the first of these that matches:
   - an emoji with its modifiers: a thumb with a skin tone, a family, a flag, a keycap;
   - an emoticon: `:)`, `:'(`, `</3`, `^_^`;
   - the end of a contraction: `n't`, `'s`, `'m`, `'d`, `'re`, `'ve`, `'ll`. As in the Penn
     Treebank, `isn't` is `is` `n't` and `can't` is `ca` `n't`. The spelling `is n't` gives the
     same tokens;
   - a rating out of 4, 5, 10 or 100: `9/10`, `4.5/5`;
   - a number: `4.5`, `1,000`;
   - a word with its combining marks and inner apostrophes: `o'clock`;
   - one character with its combining marks, in scripts that put no blanks between words: Chinese,
     Japanese, Thai, Lao, Khmer and Burmese. Kind `bpe` takes these as words and learns the pieces;
   - one other mark. Blanks and control characters are not tokens.

With kind `bpe`, a word or number includes the space before it.

Only the first two rules look beyond a blank. The tokens of a text are therefore the tokens of its
chunks between blanks. Most chunks occur again and again, so `encode` remembers their ids in a
`ChunkTable`. It reads a text three times as fast as `tokenizer.json` alone, with the same ids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.reviews.chunk_table import ChunkTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

Keep = Literal["head", "tail", "head+tail"]
Kind = Literal["word", "bpe"]
T = TypeVar("T", np.int32, np.int64)

PAD_TOKEN, UNK_TOKEN = "[PAD]", "[UNK]"

ENTITIES = {"&quot;": '"', "&#34;": '"', "&#39;": "'", "&apos;": "'", "&nbsp;": " ",
             "&lt;": "<", "&gt;": ">", "&amp;": "&"}  # fmt: skip
# Python and the tokenizer library both apply these two. ASCII means the same to both.
_LINE_BREAK = r"<br[ \t\r\n]*/?>"
_RATING_BLANKS = r"(?<=[0-9]) ?/ ?(?=(?:4|5|100?)(?![0-9]))"
_APOSTROPHES = "[’‘ʼ`´]"
INVISIBLE = "[\u00ad\ufe0e\ufe0f]"
# Without "wo", "ca" and "sha": "wont" and "cant" are words.
_VERBS = "is|are|was|were|do|does|did|has|have|had|could|would|should|must|might|need|ai"
_BARE = rf"(?<=\b(?i:{_VERBS}))"

_SCRIPTS_WITHOUT_BLANKS = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_PICTURE = "\\p{Extended_Pictographic}[\U0001f3fb-\U0001f3ff]?"
_EMOJI = (
    "[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\u20e3"
    f"|{_PICTURE}(?:\u200d{_PICTURE})*[\U000e0020-\U000e007f]*"
)
# Marks that text, addresses and Markdown also put behind a word need a blank or a mark before.
_EMOTICON = (
    r"[:;=][-'^]{0,2}[()](?!\w)|(?<!\w)[:;=][-'^]{0,2}(?:[\[\]DdPpOo\\|*]|/(?!/))(?!\w)"
    r"|</?3(?!\w|[.,]\d)|[\^>;-]_+[\^<;-]"
)
_NOT = r"[nN]'[tT](?!{w})"
_ENDING = r"'(?:[sSmMdD]|[rR][eE]|[vV][eE]|[lL][lL])(?!{w})"
_RATING = r"(?<![/\d])\d{{1,3}}(?:[.,]\d+)?/(?:4|5|100?)(?!{w}|[/.,]\d)"
# Without a bound, the time for `1.1.1.1...a` grows with the square of its length.
_NUMBER = r"\d+(?:[.,]\d+){{0,4}}(?!{w})"
# Joiners (U+200C, U+200D) stand inside words of Persian and Hindi.
_WORD = r"{w}+?(?={not_})|{w}+(?:[\u200c\u200d]{w}+|(?!{ending})'{w}+)*"
_MARK = r"[^\w\s\p{Cc}\p{Cf}]"

_drop_breaks, _join_ratings = re.compile(_LINE_BREAK).sub, re.compile(_RATING_BLANKS).sub
# Most of the chunks that are new. They need no rule but that of case.
_is_word = re.compile(rf"(?!(?:{_VERBS})nt\Z)[a-z]+", re.IGNORECASE | re.ASCII).fullmatch
_MAX_CHUNKS, _LONGEST = 2**17, 30  # that are remembered, and the characters of each
_REPEATED = 2**16  # words handed over at once


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
        self.head_tokens = {"head": max_tokens, "tail": 0, "head+tail": max_tokens * 3 // 8}[keep]
        self._ids = ChunkTable(self._read, words=isinstance(tokenizer.model, models.WordLevel))

    def __reduce__(self) -> tuple[Any, ...]:
        make = partial(ReviewTokenizer, max_tokens=self.max_tokens, keep=self.keep)
        return make, (self._tokenizer,)

    @property
    def vocab_size(self) -> int:
        """Number of tokens V, padding and unknown included."""
        return self._tokenizer.get_vocab_size()

    def to_json(self) -> bytes:
        """Return the content of `tokenizer.json`."""
        return self._tokenizer.to_str().encode()

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return the token ids of each review."""
        return [self._encoded(ids) for ids in self._ids([join_chunks(text) for text in texts])]

    def encode_in_place(self, text: str) -> tuple[Encoded, list[tuple[int, int]]]:
        """Return a review's token ids, and where in the text each begins and ends.

        A text without a token has no place either. Of a piece that the normalizer replaced by
        another, an entity for example, the place is its last character.
        """
        encoding = self._tokenizer.encode(text)
        read = self._encoded(np.array(encoding.ids, dtype=np.int32))
        return read, [encoding.offsets[i] for i in self._cut(np.arange(read.found))]

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """Return the tokens behind ids."""
        return [self._tokenizer.id_to_token(int(i)) or UNK_TOKEN for i in ids]

    def ids(self, words: Iterable[str]) -> list[list[int]]:
        """Return the token ids of words, as `split_words` finds them."""
        if isinstance(self._tokenizer.model, models.WordLevel):
            vocab = self._tokenizer.get_vocab()
            return [[vocab.get(word, UNK)] for word in words]
        return [[token.id for token in self._tokenizer.model.tokenize(word)] for word in words]

    def _encoded(self, ids: NDArray[np.int32]) -> Encoded:
        # A text without a token is still a review: it is read as one unknown word.
        return Encoded(self._cut(ids) if len(ids) else np.array([UNK], dtype=np.int32), len(ids))

    def _cut(self, tokens: NDArray[T]) -> NDArray[T]:
        found = len(tokens)
        if found <= self.max_tokens:
            return tokens
        tail = tokens[found - (self.max_tokens - self.head_tokens) :]
        return np.concatenate([tokens[: self.head_tokens], tail])

    def truncate(
        self, ids: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Cut long reviews, as `encode` does.

        Args:
            ids: Token ids, one review after the other, (T,).
            lengths: Tokens of each review, (N,).

        Returns:
            The same of the cut reviews; each has at least one token.
        """
        ends = np.cumsum(lengths)
        if (lengths > self.max_tokens).any():
            position = np.arange(len(ids)) - np.repeat(ends - lengths, lengths)  # (T,)
            length = np.repeat(lengths, lengths)  # (T,)
            tail = length - (self.max_tokens - self.head_tokens)
            is_whole = length <= self.max_tokens
            ids = ids[is_whole | (position < self.head_tokens) | (position >= tail)]
            lengths = np.minimum(lengths, self.max_tokens)
            ends = np.cumsum(lengths)
        if not lengths.all():
            ids = np.insert(ids, ends[lengths == 0], UNK)
            lengths = np.maximum(lengths, 1)
        return ids, lengths

    def _read(self, chunks: list[str]) -> list[list[int]]:
        """Return the ids of chunks that the table does not know."""
        a = self._tokenizer.normalizer.normalize_str("A")  # a space before, lower case, or neither
        tokenize = self._tokenizer.model.tokenize
        others = self._tokenizer.encode_batch_fast([own for own in chunks if not _is_word(own)])
        rest = iter(others)
        return [
            [token.id for token in tokenize(a[:-1] + (own.lower() if a[-1] == "a" else own))]
            if _is_word(own)
            else next(rest).ids
            for own in chunks
        ]


def train_tokenizer(
    words: Sequence[str],
    counts: Sequence[int],
    *,
    kind: Kind,
    vocab_size: int,
    min_frequency: int,
    lowercase: bool,
) -> Tokenizer:
    """Learn a vocabulary.

    Args:
        words: The different words of the training reviews, as `split_words` finds them, (W,).
        counts: How often each of them occurs, (W,).
        kind: `word` for one token per word or mark, `bpe` for merges (Sennrich et al. 2016).
        vocab_size: Maximum number of tokens, the most frequent first.
        min_frequency: Rarer words (merges, for `bpe`) are not in the vocabulary.
        lowercase: Whether case is ignored.
    """
    tokenizer = _untrained(kind, lowercase)
    if kind == "word":
        frequent = [(-n, word) for word, n in zip(words, counts, strict=True) if n >= min_frequency]
        kept = [word for _, word in sorted(frequent)[: vocab_size - 2]]
        vocab = {word: number for number, word in enumerate([PAD_TOKEN, UNK_TOKEN, *kept])}
        tokenizer.model = models.WordLevel(vocab, unk_token=UNK_TOKEN)
    else:
        tokenizer.model = _merged(words, counts, vocab_size, min_frequency)
    return tokenizer


def _merged(
    words: Sequence[str], counts: Sequence[int], vocab_size: int, min_frequency: int
) -> models.Model:
    """Learn byte-pair merges. The library counts words itself, so each is handed over again and
    again, between line feeds, which no word contains."""
    from concurrent.futures import ThreadPoolExecutor

    learner = Tokenizer(models.BPE(unk_token=UNK_TOKEN))
    learner.pre_tokenizer = pre_tokenizers.Split("\n", behavior="removed")
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=[PAD_TOKEN, UNK_TOKEN],
        show_progress=False,
    )
    repeated = (
        f"{word}\n" * min(_REPEATED, count - start)
        for word, count in zip(words, counts, strict=True)
        for start in range(0, count, _REPEATED)
    )
    # In a thread, so that the main thread sees a signal before the library's work ends.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(learner.train_from_iterator, repeated, trainer).result()
    # An added token would be found in any review that spells `[PAD]`; ours are ids, not words.
    return _model(json.loads(learner.to_str())["model"])


def split_words(kind: Kind, lowercase: bool) -> Callable[[str], Sequence[str]]:
    """Return the function that splits a chunk of text between blanks into words and marks."""
    rules = _untrained(kind, lowercase)
    space = " " if kind == "bpe" else ""

    def split(chunk: str) -> Sequence[str]:
        if _is_word(chunk):
            return (space + (chunk.lower() if lowercase else chunk),)
        # Half a surrogate pair, which the library cannot take, becomes a mark.
        text = chunk.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        pieces = rules.pre_tokenizer.pre_tokenize_str(rules.normalizer.normalize_str(text))
        return [word for word, _ in pieces]

    return split


def plain_words(text: str) -> list[str]:
    """Return the tokens of kind `word` with case ignored. No vocabulary is needed."""
    text = join_chunks(text)
    # These are tokens wherever they stand, and without them more chunks are known.
    for mark in ('"', "!", "?"):
        text = text.replace(mark, f" {mark} ")
    chunks = text.replace(", ", " , ").replace(". ", " . ").split()
    return list(chain.from_iterable(map(_words.__getitem__, chunks)))


def join_chunks(text: str) -> str:
    """Apply the two rules that look beyond a blank."""
    if "<" in text:  # one character is found ten times as fast as two
        text = _drop_breaks(" ", text)
    if "/" in text:
        text = _join_ratings("/", text)
    return text


class _Words(dict[str, Sequence[str]]):
    """The words of each chunk that was met, of kind `word` with case ignored."""

    def __missing__(self, chunk: str) -> Sequence[str]:
        words = _split_plain()(chunk)
        if len(self) >= _MAX_CHUNKS:
            self.clear()
        if len(chunk) <= _LONGEST:
            self[chunk] = words
        return words


_words = _Words()


@cache
def _split_plain() -> Callable[[str], Sequence[str]]:
    return split_words("word", lowercase=True)


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
        lowercase = state["normalizer"] == tokenizer_rules(kind, True)["normalizer"]
        if _without_vocabulary(state) != tokenizer_rules(kind, lowercase):
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
    steps: list[normalizers.Normalizer] = [
        normalizers.Replace(Regex(_LINE_BREAK), " "),
        normalizers.Replace(Regex(_RATING_BLANKS), "/"),
        *(normalizers.Replace(entity, mark) for entity, mark in ENTITIES.items()),
        normalizers.Replace(Regex(_APOSTROPHES), "'"),
        normalizers.NFKC(),
        normalizers.Replace(Regex(INVISIBLE), ""),
    ]
    if lowercase:
        steps.append(normalizers.Lowercase())
    # Only the letter is replaced, so that the token `n't` has its place in the text.
    steps.append(normalizers.Replace(Regex(_BARE + r"n(?=t\b)"), "n'"))
    if not lowercase:
        steps.append(normalizers.Replace(Regex(_BARE + r"N(?=T\b)"), "N'"))
    if kind == "bpe":
        steps += [normalizers.Replace(Regex(r"[\s\p{Cc}]+"), " "), normalizers.Prepend(" ")]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(_pattern(kind)), behavior="removed", invert=True
    )
    return tokenizer


def _pattern(kind: Kind) -> str:
    w = rf"[\w&&[^{_SCRIPTS_WITHOUT_BLANKS}]]" if kind == "word" else r"\w"
    not_, ending = _NOT.format(w=w), _ENDING.format(w=w)
    word = _WORD.format(w=w, not_=not_, ending=ending)
    spaced = "|".join([_RATING.format(w=w), _NUMBER.format(w=w), rf"(?!{not_})(?:{word})"])
    return "|".join(
        [_EMOJI, _EMOTICON, not_, ending]
        + ([spaced, rf"[\w&&[{_SCRIPTS_WITHOUT_BLANKS}]]\p{{M}}*"] if kind == "word" else [])
        + ([f" ?(?:{spaced})"] if kind == "bpe" else [])
        + [_MARK]
    )


def _model(state: dict[str, Any]) -> models.Model:
    if state["type"] == "WordLevel":
        return models.WordLevel(state["vocab"], unk_token=UNK_TOKEN)
    vocab, merges = state["vocab"], [(left, right) for left, right in state["merges"]]
    # The library panics where a merge is longer than any token.
    if not all(left + right in vocab for left, right in merges):
        raise ValueError("a merge makes a token that it does not hold")
    return models.BPE(vocab, merges, unk_token=UNK_TOKEN)


def tokenizer_rules(kind: Kind, lowercase: bool) -> dict[str, Any]:
    """Return the content of a `tokenizer.json` without its vocabulary."""
    return _without_vocabulary(json.loads(_untrained(kind, lowercase).to_str()))


def _without_vocabulary(state: dict[str, Any]) -> dict[str, Any]:
    model = {key: value for key, value in state["model"].items() if key not in ("vocab", "merges")}
    return {**state, "model": model}


def _check_vocabulary(vocab: dict[str, int]) -> None:
    if vocab[PAD_TOKEN] != PAD or vocab[UNK_TOKEN] != UNK:
        raise ValueError("its padding and unknown tokens are not the first two")
    if sorted(vocab.values()) != list(range(len(vocab))):
        raise ValueError("its ids are not 0, 1, 2, ... each once")
