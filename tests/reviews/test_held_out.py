"""Whether what an earlier run learned from is what an experiment is judged by."""

from __future__ import annotations

import pytest

from sentiment_cli.config.schema import Experiment
from sentiment_cli.errors import UsageError
from sentiment_cli.reviews.held_out import require_same_split


def experiment(source, **data):
    return Experiment.model_validate({"data": {"source": source, **data}})


def test_other_sources_may_be_split_otherwise():
    require_same_split(experiment("/a.csv"), experiment("/b.csv", test_fraction=0.3), named="it")


@pytest.mark.parametrize("here", ["/in/a.csv", ("/out/b.csv", "/in/a.csv")])
@pytest.mark.parametrize("there", ["/in/a.csv", "/in/*.csv", "/in/**/?.csv"])
def test_a_file_and_a_glob_that_finds_it_are_one_source(here, there):
    earlier = experiment(there, test_fraction=0.3)
    with pytest.raises(UsageError, match="reviews that steer or test here taught it"):
        require_same_split(experiment(here), earlier, named="it")


def test_what_a_glob_does_not_find_is_another_source():
    earlier = experiment("/in/*.csv", test_fraction=0.3)
    require_same_split(experiment("/in/deep/a.csv"), earlier, named="it")
    require_same_split(experiment("imdb"), earlier, named="it")


def test_what_is_to_be_set_is_written_as_it_is_typed():
    earlier = experiment("/a.csv", test=("/my b.csv", "/c.csv"))
    with pytest.raises(UsageError) as fault:
        require_same_split(experiment("/a.csv"), earlier, named="it")
    assert "here it is null" in fault.value.what
    assert "--set 'data.test=[\"/my b.csv\", /c.csv]'" in fault.value.hint
