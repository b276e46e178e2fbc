"""Python: letters with marks vanish; the fix adds a file and holds characters beyond ASCII."""

from tests.instances.instance import Edit, Instance
from tests.instances.python_runner import RUNNER

ISSUE = """\
Umlauts are dropped from slugs

`slug("Größe und Maß")` gives `gr-e-und-ma`. Write the letters out as German does without umlauts (ä ae, ö oe, ü ue,
ß ss), so that it gives `groesse-und-mass`; capitals too: `slug("Übung")` is `uebung`.
"""
TEXT = '''\
"""Titles as parts of addresses."""

import re


def slug(title):
    """The title in small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
'''
LETTERS = '''\
"""How letters are written where only a to z can be had."""

WRITTEN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
'''
TESTS = """\
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from slugs.text import slug


def test_words():
    assert slug("Two  words, here!") == "two-words-here"


def test_digits():
    assert slug("Chapter 12") == "chapter-12"

"""
NEW_TESTS = """

def test_umlauts():
    assert slug("Größe und Maß") == "groesse-und-mass"


def test_capital_umlaut():
    assert slug("Übung") == "uebung"

"""
RETURN = """return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")"""
TRANSLATED = RETURN.replace("title.lower()", "title.lower().translate(WRITTEN)")
TEST_FILE = "tests/test_text.py"

SLUGS = Instance(
    owner="toy",
    name="slugs",
    number=2,
    language="Python",
    issue=ISSUE,
    files={
        ".gitignore": "__pycache__/\n",
        "slugs/__init__.py": "",
        "slugs/text.py": TEXT,
        TEST_FILE: TESTS + RUNNER,
    },
    fix=[
        Edit("slugs/text.py", "import re\n", "import re\n\nfrom slugs.letters import WRITTEN\n"),
        Edit("slugs/text.py", RETURN, TRANSLATED),
        Edit("slugs/letters.py", "", LETTERS),
    ],
    wrong=[
        Edit("slugs/text.py", "import re\n", "import re\nimport unicodedata\n"),
        Edit("slugs/text.py", "title.lower()", 'unicodedata.normalize("NFKD", title.lower())'),
    ],
    test_file=TEST_FILE,
    new_tests=[Edit(TEST_FILE, TESTS, TESTS + NEW_TESTS)],
    run_tests=f"python3 {TEST_FILE}",
    printed="pytest",
    fail_to_pass=[f"{TEST_FILE}::test_umlauts", f"{TEST_FILE}::test_capital_umlaut"],
    pass_to_pass=[f"{TEST_FILE}::test_words", f"{TEST_FILE}::test_digits"],
    commands=[
        "ls slugs && cat slugs/text.py",
        f"cat > slugs/letters.py <<'END'\n{LETTERS}END",
        "sed -i 's/^import re$/import re\\n\\nfrom slugs.letters import WRITTEN/;"
        " s/title.lower()/title.lower().translate(WRITTEN)/' slugs/text.py",
        f"python3 {TEST_FILE}",
    ],
)
