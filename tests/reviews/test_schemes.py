"""What the labels of a column mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.schemes import MAX_VALUES, own_classes, read_labels

# Name of the column: negative | neutral, or skipped in brackets | positive
READINGS = """
label: negative |  | positive
sentiment: NEG | NEU | POS
Sentiment: Negative | Neutral | Positive
airline_sentiment: negative | neutral | positive
klasse: negativ | neutral | positiv
Stimmung: Negativ |  | Positiv
sentiment_fr: négatif | neutre | positif
polarité: négative | neutre | positive
polaridad: negativo | neutro | positivo
sentimiento: NEGATIVA | NEUTRAL | POSITIVA
sentimento: negativo | neutro | positivo
sentiment_nl: negatief | neutraal | positief
wydźwięk: negatywny | neutralny | pozytywny
opinia: negatywna |  | pozytywna
тональность: негативный | нейтральный | позитивный
label: отрицательный |  | положительный
情感: 负面 | 中性 | 正面
情感极性: 消极 | 中立 | 积极
評価: ネガティブ | ニュートラル | ポジティブ
ラベル: 否定的 | 中立 | 肯定的
감성: 부정 | 중립 | 긍정
duygu: olumsuz | nötr | olumlu
label: negativní | neutrální | pozitivní
x: negative review |  | positive review
sentiment: Negative_Sentiment |  | Positive_Sentiment
Sentiment: Extremely Negative, Negative | Neutral | Positive, Extremely Positive
sentiment: very negative, negative | neutral | positive, very positive
sentiment: sehr negativ, eher negativ | neutral | eher positiv, sehr positiv
label: 0 |  | 1
label: 0.0 |  | 1.0
label: 0, 0.0 |  | 1, 1.0
y: 0,0 |  | 1,0
target: -1 |  | 1
target: −1 |  | +1
target: -1.0 | 0.0 | 1.0
category: -1 | 0 | 1
target: 0 |  | 4
polarity: 0 | 2 | 4
sentiment: 0 | 1 | 2
sentiment_label: 0 | 1 | 2
recommended: no |  | yes
Recommended: No |  | Yes
recommend: N |  | Y
recommends: n |  | y
liked: FALSE |  | TRUE
positive: False |  | True
is_positive: f |  | t
empfehlung: nein |  | ja
Weiterempfehlung: Nein |  | Ja
recommande: non |  | oui
recomendado: no |  | sí
recomendado: No |  | Si
consigliato: no |  | sì
recomenda: não |  | sim
aanbevolen: nee |  | ja
polecam: nie |  | tak
рекомендую: нет |  | да
推荐: 否 |  | 是
おすすめ: いいえ |  | はい
추천: 아니요 |  | 예
is_good: falsch |  | wahr
thumbs: 👎 |  | 👍
thumbs: 👎🏽 |  | 👍🏽, 👍
verdict: thumbs down |  | thumbs up
verdict: Thumbs Down |  | Thumbs Up
vote_type: downvote |  | upvote
face: 🙁 | 😐 | 🙂
mood: 😞, ☹️ | 😐 | 😊, ☺️
smiley: :( | :| | :)
recommendation: Not Recommended |  | Recommended
review_score: Don't recommend |  | Recommend
empfehlung: Nicht empfohlen |  | Empfohlen
rec: doesn't recommend |  | recommends
opinion: bad |  | good
opinion: dislike |  | like
opinion: disliked |  | liked
reviewState: rotten |  | fresh
nps_group: detractor | passive | promoter
sign: - |  | +
kind: cons |  | pros
kind: contra |  | pro
stars: 1, 2 | (3) | 4, 5
stars: 1.0, 2.0 | (3.0) | 4.0, 5.0
label: 1, 2 | (3) | 4, 5
rating: 1,0, 2,0 | (3,0) | 4,0, 5,0
rating: 1, 1.5, 2, 2.5 | (3) | 3.5, 4, 4.5, 5
note: 1, 2 | (3) | 4, 5
rating: 1.2, 2.9 | (3.0) | 3.1, 4.7
rating: 1, 2 | (0, 3) | 4, 5
overall: 1, 2 | (3) | 4, 5
score: 0, 1, 2, 3, 4 | (5, 6) | 7, 8, 9, 10
nps: 0, 3, 4 | (5, 6) | 8, 9, 10
rating: 1, 2, 3, 4 | (5, 6) | 7, 8, 9, 10
label: 1, 2, 3, 4 | (5, 6) | 7, 8, 9, 10
Reviewer_Score: 2.5, 4.0 | (4.2, 5.8, 6.7) | 7.1, 9.6
score: 0, 20, 40 | (41, 55, 69) | 70, 85, 100
critic_score: 12, 38 | (50, 64) | 71, 93
metascore: 12, 38 | (50, 64) | 71, 93
note: 4, 8 | (10, 13) | 14, 17, 20
rating: 10, 20 | (30) | 40, 50
rating: 10, 20 | (0, 30) | 40, 50
score: 0.1, 0.25, 0.4 | (0.5, 0.65) | 0.75, 1.0
sentiment_score: -2, -1 | (0) | 1, 2
polarity: -0.8, -0.1 | (0) | 0.3, 0.9
score: 20%, 40% | (60%) | 80%, 100%
Bewertung: 20 %, 40 % | (60 %) | 80 %, 100 %
rating: 10 percent, 30 percent | (50 percent) | 90 percent
rating: 0, 1 | (2) | 3, 4
sentiment: 0, 1 | (2) | 3, 4
x: Rated 1 out of 5 stars | (Rated 3 out of 5 stars) | Rated 5 out of 5 stars
x: Rated 1 out of 5 | (Rated 3 out of 5) | Rated 4 out of 5
x: 1 star, 2 stars | (3 stars) | 4 stars, 5 stars
x: 1 star rating, 2 star rating | (3 star rating) | 5 star rating
x: one star, two stars | (three stars) | four stars, five stars
x: 1.0 out of 5 stars | (3.0 out of 5 stars) | 5.0 out of 5 stars
x: 1 of 5 bubbles | (3 of 5 bubbles) | 4 of 5 bubbles
x: Rating: 1/5 | (Rating: 3/5) | Rating: 5/5
x: 1/5, 2/5 | (3/5) | 4/5, 5/5
x: 1 / 10, 4 / 10 | (5 / 10) | 7 / 10
x: 2/20, 8/20 | (11/20) | 15/20
x: 1,0 von 5 Sternen, 2,0 von 5 Sternen | (3,0 von 5 Sternen) | 4,0 von 5 Sternen
x: 1 Stern, 2 Sterne | (3 Sterne) | 4 Sterne
x: ein Stern, zwei Sterne | (drei Sterne) | vier Sterne, fünf Sterne
x: 1 Punkt, 2 Punkte |  | 4 Punkte, 5 Punkte
x: 1,0 sur 5 étoiles | (3,0 sur 5 étoiles) | 5,0 sur 5 étoiles
x: 1 étoile, 2 étoiles |  | 4 étoiles
x: 1,0 de 5 estrellas | (3,0 de 5 estrellas) | 4,0 de 5 estrellas
x: una estrella | (tres estrellas) | cinco estrellas
x: 1,0 su 5 stelle |  | 5,0 su 5 stelle
x: 1,0 de 5 estrelas |  | 5,0 de 5 estrelas
x: 1,0 van 5 sterren |  | 5,0 van 5 sterren
x: 1,0 z 5 gwiazdek |  | 5,0 z 5 gwiazdek
x: 1 из 5 | (3 из 5) | 5 из 5
x: 1 звезда, 2 звезды |  | 4 звезды, 5 звёзд
x: 1 星 | (3 星) | 5 星
x: 一星, 二星 | (三星) | 四星, 五星
x: 2.0 颗星，最多 5 颗星 |  | 4.0 颗星，最多 5 颗星
x: 5つ星のうち1.0 | (5つ星のうち3.0) | 5つ星のうち4.0
x: 5점 만점에 1점 |  | 5점 만점에 5점
x: 1,0 av 5 stjärnor |  | 5,0 av 5 stjärnor
x: 5 yıldız üzerinden 1,0 |  | 5 yıldız üzerinden 5,0
x: ★☆☆☆☆, ★★☆☆☆ | (★★★☆☆) | ★★★★☆, ★★★★★
x: ★, ★★ | (★★★) | ★★★★, ★★★★★
x: ⭐, ⭐⭐ | (⭐⭐⭐) | ⭐⭐⭐⭐, ⭐⭐⭐⭐⭐
x: ⭐️, ⭐️⭐️ | (⭐️⭐️⭐️) | ⭐️⭐️⭐️⭐️
x: ★½, ★★½ |  | ★★★½, ★★★★½
x: ★⯨☆☆☆ |  | ★★★★⯨
x: ●○○○○, ●●○○○ | (●●●○○) | ●●●●○
x: 1★, 2★ | (3★) | 4★
x: ★ 1.5 |  | ★ 4.5
x: 1️⃣, 2️⃣ | (3️⃣) | 4️⃣, 5️⃣
x: 1.5/5 (12 votes), 2/5 (1 vote) |  | 4.5/5 (123 votes)
x: ２, １ | (３) | ４, ５
x: 1½, 2 |  | 4½, 5
x: terrible, poor | (average) | very good, excellent
x: Terrible, Bad | (OK) | Good, Great
x: Very dissatisfied, Dissatisfied | (Neither) | Satisfied, Very satisfied
x: strongly disagree, disagree | (undecided) | agree, strongly agree
x: Hated it, Didn't like it | (It was OK) | Liked it, Loved it
x: poor | (fair) | good, very good, excellent
x: 1 - Very bad, 2 - Bad | (3 - OK) | 4 - Good, 5 - Very good
x: 1: Terrible | (3: Average) | 5: Excellent
x: bad (1) | (ok (3)) | great (5)
x: sehr schlecht, schlecht | (mittel) | gut, sehr gut
x: mangelhaft | (befriedigend) | gut, sehr gut
x: sehr unzufrieden, unzufrieden | (neutral) | zufrieden, sehr zufrieden
x: très mauvais, mauvais | (moyen) | bon, très bon
x: muy malo, malo | (regular) | bueno, muy bueno
x: pessimo, scarso | (discreto) | buono, ottimo
x: péssimo, ruim | (regular) | bom, ótimo
x: zeer slecht, slecht | (matig) | goed, uitstekend
x: zły, bardzo zły | (przeciętny) | dobry, bardzo dobry
x: ужасно, плохо | (нормально) | хорошо, отлично
x: 很差, 较差 | (还行) | 推荐, 力荐
x: 差评 | (中评) | 好评
x: とても悪い, 悪い | (普通) | 良い, とても良い
x: 6 (ungenügend), 5 (mangelhaft) | (3 (befriedigend)) | 1 (sehr gut), 2 (gut)
x: 1 (Bad) | (3 (So-so)) | 5 (Great)
How likely are you to recommend us?: 0, 4 | (5, 6) | 9, 10
voted_up: False |  | True
liked: 0, False, no |  | 1, True, yes
x: *, ** | (***) | ****, *****
x: 1*, 2* | (3*) | 4*
x: Bewertet mit 1 von 5 | (Bewertet mit 3 von 5) | Bewertet mit 5 von 5
x: Gewaardeerd 1 uit 5 |  | Gewaardeerd 5 uit 5
x: __label__negative |  | __label__positive
rating: ١, ٢ | (٣) | ٤, ٥
grade: F, D |  | B, A
x: 6 (ungenügend), 5 (mangelhaft) | (3 (befriedigend)) | 1 (sehr gut), 2 (gut)
x: 1 (Bad) | (3 (So-so)) | 5 (Great)
How likely are you to recommend us?: 0, 4 | (5, 6) | 9, 10
voted_up: False |  | True
liked: 0, False, no |  | 1, True, yes
x: *, ** | (***) | ****, *****
x: 1*, 2* | (3*) | 4*
x: Bewertet mit 1 von 5 | (Bewertet mit 3 von 5) | Bewertet mit 5 von 5
x: Gewaardeerd 1 uit 5 |  | Gewaardeerd 5 uit 5
x: __label__negative |  | __label__positive
rating: ١, ٢ | (٣) | ٤, ٥
grade: F, D- | (C) | B+, A
x: F, D+ | (C-) | A+, B-
originalScore: 2/5, 3/10, D+ | (5/10, C, 3/5) | 4/5, 8/10, 80%, B+, 3.5/4
score: 1/5, 20% | (60%) | 4/5, 100%
rating: 1 star, 2 |  | 4, 5 stars
toxic: 1 |  | 0
is_toxic: True |  | False
toxicity: 1.0 |  | 0.0
isNegative: true |  | false
complaint: Yes |  | No
has_complaint: Y |  | N
Reklamation: ja |  | nein
plainte: oui |  | non
spam: 1 |  | 0
hate_speech: 1 |  | 0
offensive_language: yes |  | no
churned: 1 |  | 0
returned: TRUE |  | FALSE
angry_customer: t |  | f
not_spam: 0 |  | 1
nontoxic: 0 |  | 1
投诉: 是 |  | 否
x: not happy |  | happy
x: unhappy | neutral | happy
x: I don't recommend |  | I recommend
x: I would not recommend it |  | Yes I would recommend it
x: Definitely not, Probably not | (Maybe) | Probably yes, Definitely yes
x: Pas du tout satisfait, Peu satisfait | (Moyennement satisfait) | Satisfait, Très satisfait
x: trifft nicht zu, trifft eher nicht zu | (teils/teils) | trifft eher zu, trifft zu
x: stimme gar nicht zu |  | stimme voll zu
x: mycket dåligt, dåligt | (okej) | bra, mycket bra
x: bardzo źle, źle | (średnio) | dobrze, bardzo dobrze
x: Did not meet expectations | (Met expectations) | Exceeded expectations
x: strong negative, weak negative | neutral | weak positive, strong positive
x: toxic |  | not toxic
x: toxic |  | non-toxic
x: bad | neutral | good
x: bearish | neutral | bullish
x: negatif | netral | positif
x: tiêu cực | trung tính | tích cực
x: negatív | semleges | pozitív
x: αρνητικό | ουδέτερο | θετικό
x: שלילי | נייטרלי | חיובי
x: LABEL_0 |  | LABEL_1
x: Sentiment.NEGATIVE | Sentiment.NEUTRAL | Sentiment.POSITIVE
x: b'negative' |  | b'positive'
x: 'negative' |  | 'positive'
x: ['neg'] |  | ['pos']
x: [0] |  | [1]
x: Negative. |  | Positive.
x: 0: negative | 1: neutral | 2: positive
x: negative (0) |  | positive (1)
x: N, N+ | NEU | P, P+
rating: __label__1, __label__2 | (__label__3) | __label__4, __label__5
rating: star-rating-10, star-rating-20 | (star-rating-30) | star-rating-40, star-rating-50
rating: a b_10, a b_20 | (a b_30) | a b_40, a b_50
rating: 1 - Poor, 2 - Fair | (3 - Average) | 4 - Good, 5 - Excellent
rating: 2/10 Poor, 4/10 Fair | (6/10 Okay) | 8/10 Good, 10/10 Excellent
score: 0 - Not at all likely, 3 | (5) | 8, 10 - Extremely likely
satisfaction: 1, 2, 3 | (4) | 5, 6, 7
x: 1.0 من 5 نجوم | (3.0 من 5 نجوم) | 5.0 من 5 نجوم
thumbs_down: 1 |  | 0
poor_quality: 1 |  | 0
unfavourable: true |  | false
unzufrieden: ja |  | nein
would_return: no |  | yes
How satisfied or dissatisfied are you?: 1, 2 | (3) | 4, 5
Rate it (1 = worst, 5 = best): 1, 2 | (3) | 4, 5
""".strip().splitlines()

OWN = """
label: spam, ham
topic: 0, 1, 2, 3, 4
label: 0, 1, 2, 3, 4
label: 1, 2
label: 1, 2, 3, 4
Class Index: 1, 2, 3, 4, 5
cluster: 1, 2, 3, 4, 5
topic_id: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
label: 1, 2, 3, 4, 5, 6, 7, 8
label: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
rating: 4, 5
rating: 1, 2
rating: 1, 2, 3
emotion: joy, anger, sadness
category: toys, garden
answer: A, B, C, D
label: A, B, C, D
version: 1.0, 2.5, 5.0
discount_type: 10%, 20%, 90%
when: 2021-05-04, 2022-05-04
x: good, purple, blue
x: neg, other
x: 1, 6
kind: class 1, class 5
x: 01, 02, 05
gender: m, f
Schulnote: 1, 2, 3, 4, 5, 6
""".strip().splitlines()


def labels(text: str) -> list[str]:
    return [part.strip() for part in text.split(", ") if part.strip()]


def reading(name, *values, **counts):
    return read_labels({**dict.fromkeys(values, 20), **counts}, name)


@pytest.mark.parametrize("case", READINGS, ids=lambda case: case.replace(" ", ""))
def test_labels_read_as_negative_and_positive(case):
    name, _, sides = case.partition(": ")
    low, middle, high = sides.split(" | ")
    skipped = labels(middle[1:-1]) if middle.startswith("(") else []
    neutral = [] if skipped else labels(middle)
    found = reading(name, *labels(low), *skipped, *neutral, *labels(high))
    assert found is not None
    assert found.classes == {
        **dict.fromkeys(labels(low), "negative"),
        **dict.fromkeys(neutral, "neutral"),
        **dict.fromkeys(labels(high), "positive"),
    }
    assert sum(skip.rows for skip in found.skips) == 20 * len(skipped)


@pytest.mark.parametrize("case", OWN)
def test_labels_are_classes_of_their_own(case):
    name, _, values = case.partition(": ")
    found = reading(name, *labels(values))
    assert found is not None
    assert found.kind == "own"
    assert found.classes == {value: value for value in labels(values)}


def test_labels_that_do_not_fit_are_skipped_up_to_5_percent():
    found = reading("rating", "1", "2", "3", "4", "5", lost=5)
    assert found is not None
    assert [(skip.rows, skip.examples) for skip in found.skips] == [(20, ("3",)), (5, ("lost",))]
    assert "5 reviews skipped: not on this scale ('lost')" in "; ".join(found.notes)
    many = reading("rating", "1", "2", "3", "4", "5", lost=6)
    assert many is not None
    assert many.kind == "own"


@pytest.mark.parametrize("stray", ["11", "55", "99", "-4", "1000000"])
def test_a_stray_number_does_not_change_the_scale(stray):
    found = read_labels({**dict.fromkeys("12345", 100), stray: 3}, "rating")
    assert found is not None
    assert found.scheme == "ratings out of 5"
    assert stray not in found.classes


def test_many_low_ratings_out_of_10_are_not_ratings_out_of_5():
    counts = {str(n): 400 if n <= 5 else 10 for n in range(1, 11)}
    found = read_labels(counts, "rating")
    assert found is not None
    assert found.scheme == "ratings out of 10"


def test_missing_labels_do_not_count_as_labels_that_do_not_fit():
    found = read_labels({"1": 5, "5": 5, "": 50, "NaN": 50, "N/A": 3}, "stars")
    assert found is not None
    assert found.classes == {"1": "negative", "5": "positive"}
    assert found.skips[0].rows == 103


def test_spellings_of_a_label_are_merged_and_reported():
    found = read_labels({"positive": 60, "Positive ": 9, "POSITIVE": 8, "negative": 50}, "label")
    assert found is not None
    assert found.merged == {"positive": ["Positive ", "POSITIVE"]}
    assert "'Positive ', 'POSITIVE' read as 'positive'" in "; ".join(found.notes)
    assert found.label_map == {"positive": "positive", "negative": "negative"}


def test_the_reason_says_what_is_assumed():
    for name, assumed in (("label", True), ("rating", False), ("sentiment", False)):
        found = reading(name, *"12345")
        assert found is not None
        assert found.assumed is assumed
        assert ("assumption" in "; ".join(found.notes)) is assumed


def test_a_column_of_texts_is_not_read():
    assert read_labels({f"text number {n}": 1 for n in range(60)}, "label") is None


@pytest.mark.parametrize("number", [60, MAX_VALUES + 1])
def test_own_classes_refuses_many_labels(number):
    with pytest.raises(DataError, match="more than 50 different labels"):
        own_classes({f"text number {n}": 1 for n in range(number)}, "label")


@given(st.dictionaries(st.text(max_size=8), st.integers(1, 99), max_size=12), st.text(max_size=12))
def test_any_labels_are_read(counts, name):
    found = read_labels({"1": 9, "5": 9, **counts}, name)
    assert found is None or found.notes
