"""Which column is chosen for the text, and which for the label."""
# ruff: noqa: E501 - a table of columns has long lines

from __future__ import annotations

import pytest
from support.columns import table

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.quality import read_columns
from sentiment_cli.reviews.quality.columns import missing_label
from sentiment_cli.reviews.schemes import MAX_VALUES

# Text column, label column: all columns, each with the kind of its values
TABLES = """
review_text, overall_rating: firm=constant review_text=text overall_rating=stars status=pair
Kommentar, Sterne: Kommentar=text Sterne=stars verifiziert=yes_no Datum=date
reviewText, scoreSentiment: reviewId=id isTopCritic=true_false score=mixed state=rotten reviewText=text scoreSentiment=polar
comment, customer_rating: category=group comment=text customer_rating=stars
body, emotion: body=text score=votes emotion=polar
Review Content, Stars: Review Content=text Stars=stars Company Reply=constant_text
review, label: id=id review=text label=flag
text, label: text=text label=own has_image=yes_no
text, stars: text=text stars=stars label_count=count
content, score: userName=person content=text score=stars thumbsUpCount=count reviewCreatedVersion=version at=date replyContent=reply
reviewText, overall: reviewerID=id asin=product_id reviewerName=person helpful=votes reviewText=text overall=stars summary=title unixReviewTime=count reviewTime=date
review_body, star_rating: marketplace=constant customer_id=id review_id=id product_title=product star_rating=stars helpful_votes=votes vine=y_n verified_purchase=y_n review_headline=title review_body=text review_date=date
Text, Score: Id=id ProductId=product_id UserId=id ProfileName=person HelpfulnessNumerator=votes Score=stars Time=count Summary=title Text=text
text, airline_sentiment: tweet_id=id airline_sentiment=polar3 airline_sentiment_confidence=share negativereason=group airline=group name=person retweet_count=count text=text tweet_created=datetime user_timezone=group
Phrase, Sentiment: PhraseId=id SentenceId=count Phrase=text Sentiment=zero_four
Review Text, Rating: Unnamed: 0=id Clothing ID=product_id Age=age Title=title Review Text=text Rating=stars Recommended IND=flag Positive Feedback Count=count Department Name=group
review, rating: drugName=product condition=group review=text rating=ten date=date usefulCount=count
text, stars: review_id=id user_id=id business_id=product_id stars=stars useful=votes funny=votes cool=votes text=text date=datetime
Positive_Review, Reviewer_Score: Hotel_Name=product Average_Score=decimal_constant Positive_Review=text Reviewer_Score=decimal10 Tags=product lat=share
reviews.text, reviews.rating: id=id reviews.date=date reviews.doRecommend=true_false reviews.numHelpful=votes reviews.rating=stars reviews.text=text reviews.title=title
review, sentiment: review=text sentiment=polar
Bewertungstext, Sterne: Titel=title Bewertungstext=text Sterne=stars Hilfreich=votes
Rezension, Gesamtbewertung: Nutzer=person Rezension=text Gesamtbewertung=stars Service=stars
Meinung, Weiterempfehlung: Meinung=text Weiterempfehlung=ja_nein Datum=date
Erfahrungsbericht, Schulnote: Erfahrungsbericht=text Schulnote=von5 Ort=group
avis, note: auteur=person avis=text note=stars date=date
commentaire, note_globale: titre=title commentaire=text note_globale=sur5
Texte, Étoiles: Texte=text Étoiles=stars Achat vérifié=oui_non
reseña, puntuación: usuario=person reseña=text puntuación=stars fecha=date
opinion, calificacion: opinion=text calificacion=stars verificado=yes_no
Comentario, Valoración: Título=title Comentario=text Valoración=stars
recensione, voto: recensione=text voto=ten nome=person
testo, valutazione: titolo=title testo=text valutazione=stars
avaliação, nota: avaliação=text nota=stars data=date
comentário, estrelas: comentário=text estrelas=stars preço=price
beoordeling, sterren: beoordeling=text sterren=stars naam=person
recensie, cijfer: recensie=text cijfer=ten geverifieerd=yes_no
opinia, ocena: opinia=text ocena=stars data=date
отзыв, оценка: имя=person отзыв=text оценка=stars дата=date
комментарий, рейтинг: комментарий=text рейтинг=stars
评论内容, 评分: 用户=person 评论内容=text 评分=stars 日期=date
评价, 星级: 评价=text 星级=stars
レビュー, 評価: レビュー=text 評価=stars 参考になった=votes
口コミ, 総合評価: タイトル=title 口コミ=text 総合評価=stars
리뷰, 평점: 리뷰=text 평점=stars 날짜=date
yorum, puan: yorum=text puan=stars
CustomerReview, StarRating: OrderNumber=id CustomerReview=text StarRating=stars SKU=product_id
feedback, satisfaction: feedback=text satisfaction=likert channel=group
verbatim, NPS: verbatim=text NPS=nps segment=group
message, is_toxic: message=text is_toxic=flag
comment_text, toxic: id=id comment_text=text toxic=flag
tweet, target: target=zero_or_four ids=id date=datetime flag=constant user=person tweet=text
c, b: a=url b=group c=text d=id
v2, v1: v1=own v2=text
Description, Title_Sentiment: Title=title Description=text Title_Sentiment=polar
review_title, rating: review_title=title rating=stars
text, input_label: text=text input_label=polar label=own_prediction probability=share probability_negative=share probability_positive=share
answer_text, grade: answer_text=text grade=letters
text, rating: text=text date=date rating=stars average_rating=decimal_constant
text, overall: text=text food=stars service=stars overall=stars value=stars
text, recommended: text=text recommended=yes_no verified=yes_no in_stock=yes_no
post, polarity: post=text url=url polarity=three_numbers upvotes=votes
sentence, label: idx=id sentence=text label=flag
summary, rating: summary=text rating=stars
response, stars: response=text stars=stars
text, sentiment: text=text sentiment=polar stars=stars
text, score: text=text score=percent page=age
Rezension, Anzahl Sterne: Rezension=text Anzahl Sterne=stars Autor=person
avis, Nombre d'étoiles: avis=text Nombre d'étoiles=stars auteur=person
review, star_count: review=text star_count=stars review_count=count
comment, label_id: comment=text label_id=flag id=id
review, review_type: review=text review_type=rotten review_score=group
review, rating: product=constant_text review=text rating=stars
""".strip().splitlines()


LONG = "it was so good that I bought a second box of number {}"


def columns_of(make, header, rows, **named):
    lines = [header, *(",".join(row) for row in rows)]
    return read_columns(make("reviews.csv", "\n".join(lines) + "\n"), **named)


def parsed(case):
    chosen, _, columns = case.partition(": ")
    names, kinds = [], []
    for part in columns.split("="):
        if not names:
            names.append(part)
            continue
        kind, _, name = part.partition(" ")
        kinds.append(kind)
        names.append(name)
    return chosen.split(", "), dict(zip(names, kinds, strict=False))


@pytest.mark.parametrize("case", TABLES)
def test_columns_are_chosen_by_name_and_content(case):
    (text, label), columns = parsed(case)
    found = read_columns(table(columns))
    assert (found.text.name, found.label and found.label.name) == (text, label)


@pytest.mark.parametrize("name", ["date", "posted", "lang", "author", "verified", "user_id"])
def test_no_label_is_chosen_by_its_values_alone_if_they_are_no_labels(name):
    kinds = {"date": "few_dates", "posted": "few_dates"}
    found = read_columns(table({"text": "text", name: kinds.get(name, "yes_no")}))
    assert found.label is None


def test_the_hint_names_a_column_that_can_be_the_label():
    source = table({"text": "text", "id": "id", "posted": "few_dates"})
    fault = missing_label("a.csv", read_columns(source))
    assert fault.hint.endswith("or name one: --label-column posted")
    fault = missing_label("a.csv", read_columns(table({"text": "text", "id": "id"})))
    assert "--label-column" not in fault.hint


def test_a_text_is_in_most_rows(make):
    rows = [[LONG.format(i), LONG.format(-i) * 3 if i % 4 == 0 else "", "01"[i % 2]]
            for i in range(20)]  # fmt: skip
    assert columns_of(make, "Comment,Comment of the shop,stars", rows).text.name == "Comment"


def test_a_name_does_not_make_a_text_of_much_shorter_values(make):
    rows = [[f"id {i}", LONG.format(i) * 2, str(i % 2)] for i in range(9)]
    found = columns_of(make, "text,what,label", rows)
    assert (found.text.name, found.label.name) == ("what", "label")


def test_texts_without_blanks_are_texts(make):
    rows = [[f"2024-01-{i:02}-of-that-year", "这家店的麦片很好吃" + "好" * i, "01"[i % 2]]
            for i in range(1, 9)]  # fmt: skip
    found = columns_of(make, "a,b,c", rows)
    assert (found.text.name, found.label.name) == ("b", "c")


def test_no_label_is_chosen_if_nothing_repeats(make):
    found = columns_of(make, "a,b", [[LONG.format(i), str(i)] for i in range(9)])
    assert found.label is None
    assert "repeats" in found.label_reason


def test_columns_can_be_named():
    columns = {"body": "text", "title": "title", "stars": "stars", "topic": "group"}
    found = read_columns(table(columns), text="title", label="topic")
    assert (found.text.name, found.label.name) == ("title", "topic")
    assert found.text_reason.startswith("named by --text-column")


@pytest.mark.parametrize("option", ["text", "label"])
def test_a_named_column_that_does_not_exist_is_an_error(option):
    with pytest.raises(DataError, match="no column 'bodi'") as caught:
        read_columns(table({"body": "text", "stars": "stars"}), **{option: "bodi"})
    assert caught.value.hint == f"did you mean --{option}-column body?"


def test_two_equally_good_labels_are_called_unclear():
    found = read_columns(table({"text": "text", "food": "stars", "staff": "stars"}))
    assert "unclear, 'staff' is about as likely: --label-column staff" in found.label_reason


def test_two_equally_good_texts_are_called_unclear():
    found = read_columns(table({"pros": "text", "cons": "text", "stars": "stars"}))
    assert "unclear, 'cons' is about as likely: --text-column cons" in found.text_reason


def test_the_runner_up_is_named():
    found = read_columns(table({"text": "text", "stars": "stars", "topic": "group"}))
    assert found.label_reason.endswith("next: 'topic'")


def test_a_label_column_with_too_many_values_is_the_last_choice(make):
    rows = [[LONG.format(i), f"value {i}"] for i in range(60)]
    found = columns_of(make, "text,label", rows)
    assert found.label.name == "label"
    assert found.reading is None


def test_figures_of_a_column(make):
    found = columns_of(make, "text,label", [["a b", "1"], ["", "2"], ["c d e", "1"]])
    text, label = found.all
    assert (found.rows, text.filled, text.length, text.sample) == (3, 2, 4.0, "a b")
    assert label.values == {"1": 2, "2": 1}
    assert not label.many


@pytest.mark.parametrize(("columns", "limit"), [(2, MAX_VALUES), (4000, 51)])
def test_the_number_of_counted_values_is_bounded(make, columns, limit):
    header = ",".join(["text", *(f"c{n}" for n in range(columns - 1))])
    found = columns_of(make, header, [["a b", *["1"] * (columns - 1)]])
    assert found.all[1].limit == limit


def test_values_are_forgotten_once_there_are_too_many(make):
    found = columns_of(make, "text,label", [["a b", str(i)] for i in range(MAX_VALUES + 5)])
    assert found.all[1].many
    assert not found.all[1].values


def test_only_empty_fields_are_an_error(make):
    with pytest.raises(DataError, match="only empty fields"):
        columns_of(make, "text,label", [["", ""], ["", ""]])


@pytest.mark.parametrize("rows", [1, 999, 1000, 1001, 2500])
def test_advance_is_called_with_every_row(make, rows):
    told = []
    source = make("reviews.csv", "text\n" + "fine\n" * rows)
    read_columns(source, advance=told.append)
    assert sum(told) == rows
