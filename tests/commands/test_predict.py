"""`sentiment predict`, as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from support.cli import TINY, sentiment, sentiment_process

from sentiment_cli.inference import engine


def test_an_answer_is_a_label_and_a_probability(here):
    answer = sentiment("predict", "so crunchy and lovely")
    label, probability = answer.out.rstrip("\n").split("\t")
    assert label == "positive"
    assert 0.5 < float(probability) <= 1
    assert "runs/tiny" in answer.err


def test_json_has_the_stable_names_in_order(here):
    found = sentiment("predict", "--json", "crunchy lovely", "stale soggy").lines
    assert [line["label"] for line in found] == ["positive", "negative"]
    assert list(found[0]) == ["text", "label", "probability", "probabilities", "flags"]
    assert set(found[0]["probabilities"]) == {"negative", "positive"}


@pytest.mark.parametrize(
    ("text", "flag"),
    [("", "empty"), (" \t", "empty"), ("qwx zzz", "unknown"), ("my " * 99, "truncated")],
)
def test_odd_reviews_still_get_an_answer_with_a_flag(here, text, flag):
    assert sentiment("predict", "--json", text).json["flags"] == [flag]


def test_a_text_that_begins_with_a_dash_follows_two_dashes(here):
    assert sentiment("predict", "--json", "--", "-5 stars, stale").json["text"] == "-5 stars, stale"


def test_a_text_that_looks_like_an_option_is_told_of_two_dashes(here):
    answer = sentiment("predict", "-bad")
    assert answer.code == 2
    assert 'sentiment predict -- "-the review"' in answer.err


def test_a_file_is_not_judged_by_its_name(here):
    answer = sentiment("predict", "reviews.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "reviews.csv is a file, not a review" in answer.err
    assert "sentiment predict --file reviews.csv --out scored.csv" in answer.err


def test_lines_of_stdin_are_reviews(here):
    answer = sentiment("predict", "--json", "-", stdin="crunchy lovely\n\nstale soggy\n")
    assert [line["label"] for line in answer.lines][::2] == ["positive", "negative"]
    assert answer.lines[1]["flags"] == ["empty"]


def test_json_lines_of_stdin_give_their_text(here):
    stdin = "".join(json.dumps({"id": i, "text": f"fresh\n{i}"}) + "\n" for i in range(3))
    answer = sentiment("predict", "--json", "-", stdin=stdin)
    assert [line["text"] for line in answer.lines] == ["fresh\n0", "fresh\n1", "fresh\n2"]


def test_the_text_column_of_the_run_is_a_key_of_json_lines(here):
    table = (here / "reviews.csv").read_text()
    (here / "bodies.csv").write_text(table.replace("text,label", "body,label"))
    tiny = TINY.replace("reviews.csv", "bodies.csv, text_column: body")
    (here / "body.yaml").write_text(tiny.replace("epochs: 4", "epochs: 1"))
    trained = sentiment("train", "body.yaml", "-o", "b")
    assert trained.code == 0, trained.err
    stdin = '{"text": "a title", "body": "fresh"}\n{"text": "a title", "body": "stale"}\n'
    answer = sentiment("predict", "--run", "b", "--json", "-", stdin=stdin)
    assert [line["text"] for line in answer.lines] == ["fresh", "stale"]
    assert "stdin: the reviews are read from the key 'body'" in answer.err


def test_a_key_of_json_lines_can_be_named(here):
    stdin = '{"title": "fresh", "body": "stale"}\n'
    refused = sentiment("predict", "-", stdin=stdin)
    assert refused.code == 3
    assert "hint:  sentiment predict - --text-column title" in refused.err
    answer = sentiment("predict", "--json", "-", "--text-column", "body", stdin=stdin)
    assert answer.json["text"] == "stale"


def test_every_line_has_its_answer_up_to_a_broken_one(here):
    stdin = '\n{"review": "fresh"}\n{"review": null}\n{"review": ""}\n{"review": "stal\n'
    answer = sentiment("predict", "--json", "-", stdin=stdin)
    assert [line["text"] for line in answer.lines] == ["", "fresh", "", ""]
    assert [line["flags"] for line in answer.lines] == [["empty"], [], ["empty"], ["empty"]]
    assert answer.code == 3
    assert "error: stdin:5: broken JSON" in answer.err


def test_markup_and_control_codes_reach_no_screen(here):
    answer = sentiment("predict", "[/] [bold] \x1b[31m fresh")
    assert answer.code == 0
    assert "\x1b" not in answer.out


def test_more_texts_beside_a_dash_are_a_usage_error(here):
    assert sentiment("predict", "-", "fresh").code == 2


def test_no_text_is_a_usage_error_that_shows_how(here):
    answer = sentiment("predict")
    assert answer.code == 2
    assert 'sentiment predict "' in answer.err


def test_without_a_run_it_says_how_to_get_one(here):
    (here / "runs").unlink()
    answer = sentiment("predict", "fresh")
    assert answer.code == 4
    assert "sentiment train" in answer.err


def test_many_reviews_are_answered_as_few_are(here, monkeypatch):
    monkeypatch.setattr(engine, "SWITCH_TOKENS", 5000)
    texts = [f"crunchy box {i} of stale cereal in our house" for i in range(3000)]
    bulk = sentiment("predict", "--json", "-", stdin="\n".join(texts)).lines
    assert [line["text"] for line in bulk] == texts
    alone = sentiment("predict", "--json", *texts[-3:]).lines
    for one, other in zip(alone, bulk[-3:], strict=True):
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-5)


def test_a_pipe_is_answered_in_a_process_of_its_own(here):
    answer = sentiment_process("predict", "-", stdin=b"crunchy\nca\xe9\n", cwd=here)
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 2


def test_a_reader_that_leaves_ends_a_stream_that_is_still_open(here):
    """As `| head -1` does, while the writer has not ended."""
    command = [sys.executable, "-m", "sentiment_cli", "predict", "-q", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=here, **pipes) as process:
        for line in (b"fresh\n", b"stale\n"):
            process.stdin.write(line)
            process.stdin.flush()
            if not process.stdout.closed:
                assert process.stdout.readline()
                process.stdout.close()
        assert process.wait(20) == 141
        assert process.stderr.read() == b""
