from harness.agentic.diffs import touched, without_binary

TEXT = """\
diff --git a/a b.py b/a b.py
index 1..2 100644
--- a/a b.py\t
+++ b/a b.py\t
@@ -1 +1 @@
-GIT binary patch is only a word here
+--- a/not_a_file
"""
NEW = "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n"
GONE = "diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
BINARY = "diff --git a/p.png b/p.png\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ\n\nliteral 0\nHcmV\n\n"
DIFFER = "diff --git a/q.png b/q.png\nBinary files a/q.png and b/q.png differ\n"


def test_binary_files_are_left_out_and_nothing_else() -> None:
    assert without_binary(BINARY + TEXT + DIFFER + NEW) == TEXT + NEW
    assert without_binary(BINARY) == without_binary(DIFFER) == without_binary("") == ""
    assert without_binary(TEXT) == TEXT


def test_the_files_a_patch_touches() -> None:
    assert touched(NEW + TEXT + GONE + BINARY) == ("new", "a b.py", "gone")
    assert touched("") == ()
