"""GPQA-diamond: 198 graduate-level questions with four choices."""
