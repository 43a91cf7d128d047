"""All that a person or a pipe sees: results on stdout, everything else on stderr."""
