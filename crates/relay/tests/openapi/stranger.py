"""Talks to a demonstration relay through a client that openapi-python-client generated from its document.

Usage: stranger.py ADDRESS CLAIM_FILE FOLDER_OF_THE_CLIENT

Prints an access token of the sample corporation at the end, for the tools that come after.
"""

import hashlib
import io
import pathlib
import sys

address, claim, folder = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(pathlib.Path(folder).parent))

from relay_client import AuthenticatedClient, Client  # noqa: E402
from relay_client.api.documents import list_ as documents  # noqa: E402
from relay_client.api.sessions import account, change_password, sign_in  # noqa: E402
from relay_client.api.status import status  # noqa: E402
from relay_client.api.submissions import announce, cancel, content, receive, show  # noqa: E402
from relay_client.models import ChangePassword, LogIn, NewSubmission, Refusal, RefusalCode, State  # noqa: E402
from relay_client.types import File  # noqa: E402

CORPORATION, LOGIN, TEMPORARY = "9900000001", "sakura-honbu", "sakura-hajimete-2026"
NEW = "さくら-2026-のはら-みち"


def expect(value, expected, what):
    if value != expected:
        sys.exit(f"{what}: expected {expected!r}, found {value!r}")


stranger = Client(base_url=address)
now = status.sync(client=stranger)
expect(now.demo is not None, True, "it is a demonstration")

wrong = sign_in.sync(client=stranger, body=LogIn(CORPORATION, LOGIN, "wrong"))
expect(isinstance(wrong, Refusal), True, "a wrong password is refused as documented")
expect((wrong.code, wrong.attempts_left), (RefusalCode.WRONG_CREDENTIALS, 4), "and says why")

first = sign_in.sync(client=stranger, body=LogIn(CORPORATION, LOGIN, TEMPORARY))
signed_in = AuthenticatedClient(base_url=address, token=first.access_token)
session = change_password.sync(client=signed_in, body=ChangePassword(TEMPORARY, NEW))
signed_in = AuthenticatedClient(base_url=address, token=session.access_token)
expect(account.sync(client=signed_in).login_id, LOGIN, "who is signed in")

contents = claim.read_bytes()
sha256 = hashlib.sha256(contents).hexdigest()
facts = NewSubmission(
    data_type="711",
    file_name=claim.name,
    office="9970000015",
    processing_month="2026-06",
    service_months=["2026-05"],
    size=len(contents),
)
announced = announce.sync(sha256, client=signed_in, body=facts)
expect(announced.state, State.ANNOUNCED, "announced")
received = receive.sync(sha256, client=signed_in, body=File(payload=io.BytesIO(contents)))
expect(len(received.accept_code), 19, "accepted with a number")
again = receive.sync(sha256, client=signed_in, body=File(payload=io.BytesIO(contents)))
expect((again.accept_code, again.repeated), (received.accept_code, True), "sent twice, accepted once")
back = content.sync(sha256, client=signed_in)
expect(back.payload.read(), contents, "the bytes come back")
found = show.sync(sha256, client=signed_in)
expect(found.history[0].state, State.ANNOUNCED, "its history")
expect(documents.sync(client=signed_in).documents is not None, True, "the list of notices")
missing = cancel.sync("0" * 64, client=signed_in)
expect(missing.code, RefusalCode.NOT_FOUND, "what is not there")
print(session.access_token)
