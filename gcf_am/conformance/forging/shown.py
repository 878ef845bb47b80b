"""Who we are to a server when we are not who we should be."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gcf_am.client.transport import Identity as Genuine
from gcf_am.client.transport import Shown
from gcf_am.conformance.forging.identity import Identity


@dataclass(frozen=True, eq=False)
class Another:
    """TLS with this identity, or without any; the server is checked as `genuine` checks it."""

    identity: Identity | None
    genuine: Shown

    def context(self) -> ssl.SSLContext:
        """The TLS settings. The key is in a file only while OpenSSL reads it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        ca = self.genuine.ca if isinstance(self.genuine, Genuine) else None
        if ca is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(cafile=ca)
        if self.identity is not None:
            with TemporaryDirectory() as directory:
                context.load_cert_chain(*self.identity.write(Path(directory), "shown"))
        return context
