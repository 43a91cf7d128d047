"""Linear models of n-grams: beside every network, and in a blend."""
