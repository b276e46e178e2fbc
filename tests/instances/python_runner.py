"""The end of every Python test file: it runs its tests and reports them as pytest's summary does."""

RUNNER = """
if __name__ == "__main__":
    failed = False
    for name, check in sorted(globals().copy().items()):
        if name.startswith("test_"):
            try:
                check()
            except Exception as error:
                failed = True
                print(f"FAILED {Path(__file__).parent.name}/{Path(__file__).name}::{name} - {type(error).__name__}")
            else:
                print(f"PASSED {Path(__file__).parent.name}/{Path(__file__).name}::{name}")
    sys.exit(failed)
"""
