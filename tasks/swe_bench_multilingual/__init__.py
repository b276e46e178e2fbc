"""SWE-bench Multilingual: 300 software engineering tasks in nine languages, judged by each repository's own tests."""
