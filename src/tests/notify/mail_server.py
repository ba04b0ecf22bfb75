"""A mail server for tests (aiosmtpd): keeps each letter as a file, and is out of order on demand.

mail_server.py FOLDER PORT CERTIFICATE KEY
"""
import pathlib
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder, port, certificate, key = sys.argv[1:]
folder = pathlib.Path(folder)


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if (folder / "busy").exists():
            return "451 4.3.0 come back later"
        name = f"{time.time_ns()}"
        # Whole or not at all.
        (folder / f"{name}.part").write_bytes(envelope.content)
        (folder / f"{name}.part").rename(folder / f"{name}.eml")
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"healthflow" and data.password == b"mail secret"
    return AuthResult(success=right)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
controller = Controller(
    Keeper(),
    hostname="127.0.0.1",
    port=int(port),
    tls_context=context,
    require_starttls=True,
    auth_required=True,
    authenticator=authenticate,
)
controller.start()
print("ready", flush=True)
sys.stdin.read()
