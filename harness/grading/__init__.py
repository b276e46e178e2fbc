"""Parts of scoring that several benchmarks share: reasoning removed, answer letters, sentence data, prompt wordings."""
