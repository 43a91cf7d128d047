"""Language-model pre-training: the stage before the classifier's, which needs no labels."""
