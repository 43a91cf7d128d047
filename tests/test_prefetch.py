"""Work done ahead in a thread."""

from __future__ import annotations

import threading

import pytest

from sentiment_cli.prefetch import prefetch


def threads():
    return [thread for thread in threading.enumerate() if "make" in thread.name]


def test_items_keep_their_order():
    assert list(prefetch(range(1000))) == list(range(1000))


def test_nothing_is_nothing():
    assert list(prefetch([])) == []


def test_the_next_item_is_made_while_one_is_used():
    second = threading.Event()

    def items():
        yield "first"
        second.set()
        yield "second"

    stream = prefetch(items())
    assert next(stream) == "first"
    assert second.wait(5)
    assert list(stream) == ["second"]


def test_no_more_than_two_are_made_ahead():
    made = []
    third = threading.Event()

    def items():
        for number in range(100):
            made.append(number)
            if number == 2:
                third.set()
            yield number

    stream = prefetch(items())
    next(stream)
    assert third.wait(5)
    assert len(made) <= 3
    stream.close()


def test_an_error_comes_after_what_was_made():
    def items():
        yield 1
        yield 2
        raise ValueError("broken")

    stream = prefetch(items())
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(ValueError, match="broken"):
        next(stream)
    assert not threads()


def test_closing_ends_the_thread():
    stream = prefetch(iter(int, 1))
    next(stream)
    assert threads()
    stream.close()
    assert not threads()


def test_stages_can_follow_each_other():
    doubled = prefetch(2 * number for number in prefetch(range(50)))
    assert list(doubled) == list(range(0, 100, 2))
    assert not threads()
