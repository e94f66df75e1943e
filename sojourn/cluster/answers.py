"""`python -m sojourn.cluster.answers URL HOST`: whether an installation answers, as `helm test` asks.

URL is how this pod reaches the proxy, HOST what people call it.
"""

from __future__ import annotations

import sys
from http import HTTPStatus

import httpx

QUESTIONS = (
    ("/readyz", "The API reaches its database"),
    ("/hub/api/", "The hub answers"),
    ("/login", "People can log in"),
)


def main() -> int:
    """Asks all that is to be asked of the proxy; the exit code says whether all was well."""
    well = True
    url, host = sys.argv[1:]
    with httpx.Client(base_url=url, headers={"Host": host}, trust_env=False, timeout=20) as http:
        for path, what in QUESTIONS:
            try:
                answer = http.get(path)
                said = f"{answer.status_code} {answer.reason_phrase}"
                is_well = answer.status_code < HTTPStatus.BAD_REQUEST
            except httpx.HTTPError as error:
                said, is_well = str(error), False
            sys.stdout.write(f"{what}: {'yes' if is_well else 'no'} ({path}: {said}).\n")
            well = well and is_well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
