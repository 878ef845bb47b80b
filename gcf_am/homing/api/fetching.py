"""template_url: fetched only from hosts that the operator lists, over https, within bounds."""

import http.client
import ssl
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from gcf_am.homing.api.asked import LARGEST
from gcf_am.homing.api.errors import BadRequest

_SECONDS: Final = 5.0


def fetch_template(url: str, hosts: Sequence[str]) -> str:
    """The text at an https URL of one of `hosts` (`name` or `name:port`); raises BadRequest.

    Redirects are not followed: they would lead where nobody allowed.
    """
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise BadRequest("-> template_url is no URL of the form https://host/path") from None
    if not hosts:
        raise BadRequest("-> template_url is not enabled here; send the template itself")
    if parts.scheme != "https" or parts.username is not None or not name:
        raise BadRequest("-> template_url must be of the form https://host/path")
    place = name if port in {None, 443} else f"{name}:{port}"
    if place not in hosts:
        raise BadRequest(f"-> template_url names the host {place}, which is not allowed here")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPSConnection(
        name, port or 443, timeout=_SECONDS, context=ssl.create_default_context()
    )
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        data = response.read(LARGEST + 1)
        if response.status != HTTPStatus.OK:
            raise BadRequest(f"-> template_url was answered with HTTP {response.status}")
        if len(data) > LARGEST:
            raise BadRequest(f"-> template_url is longer than {LARGEST} bytes")
        return data.decode("utf-8")
    except (OSError, http.client.HTTPException) as error:
        raise BadRequest("-> template_url cannot be fetched") from error
    except UnicodeDecodeError:
        raise BadRequest("-> template_url is no text in UTF-8") from None
    finally:
        connection.close()
