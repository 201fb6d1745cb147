"""Runs the application until it is stopped."""

import logging
import signal
import sys

from classifier.scam import ScamClassifier
from classifier.service.app import create_app
from classifier.service.settings import Settings

LONGEST_MESSAGE = 64 * 1024  # bytes of a WebSocket message


def without_trace(record: logging.LogRecord) -> bool:
    """Lets every message of the server pass without its traceback: the words of an error may hold what was sent."""
    record.exc_info = record.exc_text = None
    return True


def serve(classifier: ScamClassifier, settings: Settings) -> None:
    """Serves until interrupted; says where on standard error. No request is ever logged."""
    import uvicorn

    if hasattr(signal, "SIGPIPE"):
        signal.signal(
            signal.SIGPIPE, signal.SIG_IGN
        )  # the command ends at a broken pipe; a client that goes is no reason to
    app = create_app(classifier, settings)
    scheme = "http" if settings.certificate is None else "https"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"scamtext: serving {scheme}://{host}:{settings.port}/ (stop with Ctrl-C)", file=sys.stderr)
    if settings.token is not None and settings.certificate is None:
        print("scamtext: without TLS the token and the texts cross the network in clear", file=sys.stderr)
    if settings.feedback is not None:
        print(f"scamtext: corrections that readers send are stored in {settings.feedback}", file=sys.stderr)
    logging.getLogger("uvicorn.error").addFilter(without_trace)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # what a client says of its own address is not believed
        ws_max_size=LONGEST_MESSAGE,
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.key,
        timeout_graceful_shutdown=5,
    )
