"""What a difference between two classifiers is worth, given few seeds and a finite test set."""
