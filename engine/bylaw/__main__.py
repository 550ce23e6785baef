"""The console script `bylaw`."""

from bylaw.faces.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
