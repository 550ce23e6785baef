"""schemathesis over the OpenAPI document of a running server."""

import subprocess
import sys
from pathlib import Path

from tests.scenario.server import TOKENS, Server

# What every answer must be. That a call fits its schema does not mean that it makes sense: so
# there is no check that it is granted.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
COMMAND = Path(sys.executable).with_name("schemathesis")


def tried(server: Server, *options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Try every route with what its schema allows and forbids; status 0 if nothing was found."""
    return subprocess.run(
        [
            *(
                str(COMMAND),
                "run",
                f"{server.url}/openapi.json",
                "--no-color",
                "--warnings",
                "off",
            ),
            *("--phases", "coverage,fuzzing", "--generation-database", "none"),
            *("--continue-on-failure", "--checks", ",".join(CHECKS), *options),
            *("--header", f"Authorization: Bearer {TOKENS['ana']}"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
