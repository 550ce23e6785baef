"""What the tests of loading may ask for."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes down what the cases give now, for a person to read."""
    parser.addoption("--update-golden", action="store_true", help="rewrite what cases expect")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Say whether cases are to be rewritten."""
    return bool(request.config.getoption("--update-golden", default=False))
