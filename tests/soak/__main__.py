"""`make soak`: the long forms of the tests that pull plugs, save files and send rubbish."""

import importlib
import sys

PARTS = ("kills", "storm", "fuzz")


def main(arguments: list[str]) -> int:
    """Run the named parts, or all; return how many failed."""
    wrong = [name for name in arguments if name not in PARTS]
    if wrong:
        print(f"There is no part `{wrong[0]}`: {', '.join(PARTS)}.")
        return 2
    return sum(bool(run(name)) for name in arguments or PARTS)


def run(part: str) -> int:
    """Run one part; return 0 if nothing was found."""
    main_of_part = importlib.import_module(f"tests.soak.{part}").main
    return int(main_of_part())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
