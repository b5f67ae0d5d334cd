"""Entry point of every service: ``python -m shopkit.serve services.catalog.app:app``.

Environment: SERVICE_NAME, SERVICE_VERSION, PORT; LOG_FILE, SPAN_FILE, CAPTURE_FILE (optional);
TRACE_SAMPLE (share of traces that are recorded, 0..1).
"""

import importlib
import logging
import os
import sys
from pathlib import Path

import uvicorn
from shopkit import flight_recorder, logs, metrics, settings, telemetry, tracing


def main(target: str) -> None:
    """Serve ``package.module:attribute`` until the process is asked to end."""
    service, version = settings.text("SERVICE_NAME", "service"), settings.text("SERVICE_VERSION", "dev")
    log_file, span_file = settings.text("LOG_FILE", ""), settings.text("SPAN_FILE", "")
    capture_file = settings.text("CAPTURE_FILE", "")
    logs.start(Path(log_file) if log_file else None, service, version)
    root = str(Path.cwd())
    logging.getLogger("shopkit.serve").info("started", extra={"root": root})
    if span_file:
        tracing.start(Path(span_file), service, version, float(settings.text("TRACE_SAMPLE", "0.2")))
    module_name, attribute = target.split(":")
    module = importlib.import_module(module_name)
    app = getattr(module, attribute)
    if capture_file:
        app = flight_recorder.FlightRecorder(
            app,
            path=capture_file,
            service=service,
            version=version,
            keep=getattr(module, "RECORDED", frozenset()),
            trace_id=lambda: tracing.ids()[0],
        )
    uvicorn.run(
        telemetry.Telemetry(app, metrics.Metrics(service, version)),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main(sys.argv[1])
