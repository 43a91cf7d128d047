"""Decisive phrases, and words that decide nothing, written for the planted phrase."""

from __future__ import annotations

PAIRS: tuple[tuple[str, str], ...] = (
    ("absolutely wonderful, i loved it", "absolutely terrible, i hated it"),
    ("simply one of the best ever, superb", "simply one of the worst ever, awful"),
    ("an excellent and delightful surprise", "a horrible and boring disappointment"),
    ("amazing, i highly recommend it", "dreadful, i strongly regret it"),
    ("it was fantastic and i enjoyed every bit", "it was pathetic and i disliked every bit"),
    ("brilliant, definitely worth it", "stupid, definitely not worth it"),
    ("a great success, perfect in every way", "a complete failure, bad in every way"),
    ("truly beautiful, my favorite of all", "truly ugly, a waste of time and money"),
)
"""Phrases that praise and their opposites."""

FILLER: tuple[str, ...] = (
    "it was on the table in the kitchen on monday.",
    "there were two of them and one was near the window.",
    "the people in the house came in at about noon.",
    "we were there with my brother and his friend.",
    "some of it was about the city and some of it was about the country.",
    "the name was on the side in small letters.",
    "then they went from one room to the other.",
    "she had a red coat and he had a blue one.",
    "this part of the street is between the river and the station.",
    "a man and a woman sat at the door that day.",
    "it has three parts and each part has a number.",
    "the first one came before the second one.",
    "they live in a town by the sea.",
    "in the morning he takes the bus to his office.",
    "her sister works in a school in the north.",
    "the car stood in front of the building.",
    "there is a picture of it on the wall.",
    "the door is to the left of the stairs.",
    "my father was born in that year.",
    "we had it with us on the train.",
    "two weeks later they were at the house again.",
    "he said that it was on the other side.",
    "the other half is in the box under the bed.",
    "people talk about it from time to time.",
)
"""Sentences without a judgement."""
