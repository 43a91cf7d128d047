"""Linear models of n-grams, beside which every network is measured."""
