"""A C test file: one function a test, and a main that reports each."""

from collections.abc import Mapping


def runner(head: str, tests: Mapping[str, str]) -> str:
    """The test file. ``tests`` maps each test's name to the body of a function that returns 1 if it passed."""
    functions = "".join(
        f"\nstatic int test_{number}(void)\n{{\n{body}}}\n" for number, body in enumerate(tests.values(), start=1)
    )
    calls = "".join(f'    failed += report("{name}", test_{number}());\n' for number, name in enumerate(tests, start=1))
    report = (
        "\nstatic int report(const char *name, int passed)\n"
        '{\n    printf("%s: %s\\n", passed ? "PASS" : "FAIL", name);\n    return !passed;\n}\n'
    )
    main = f"\nint main(void)\n{{\n    int failed = 0;\n{calls}    return failed != 0;\n}}\n"
    return f"#include <stdio.h>\n#include <string.h>\n\n{head}{functions}{report}{main}"
