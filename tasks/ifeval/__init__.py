"""IFEval: 541 prompts with instructions that a program can check."""
