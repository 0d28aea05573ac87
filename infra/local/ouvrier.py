"""The process that runs one Lambda function's code for the local emulator: what the Lambda service does on AWS.

Started with ``python -I -S``: it sees the standard library, the deployed zip, the layers and the runtime's boto3, and
nothing of the development environment. It speaks the emulator's protocol: one JSON line in, one out.
"""

import importlib
import json
import os
import sys
import time
import traceback
from typing import Any

FIN = "\x1e"  # last line of each invocation's log: the emulator need not wait to know that nothing follows


class Contexte:
    """The second argument of a handler, with the attributes that AWS documents."""

    identity = None
    client_context = None

    def __init__(self, ouverture: dict[str, Any], appel: dict[str, Any]) -> None:
        self.function_name = ouverture["function_name"]
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        self.memory_limit_in_mb = ouverture["memory"]
        self.invoked_function_arn = appel.get("invoked_function_arn") or ouverture["arn"]
        self.aws_request_id = appel.get("request_id", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self._echeance = time.monotonic() + appel.get("timeout_ms", 3000) / 1000

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds before the service ends this invocation."""
        return max(0, int((self._echeance - time.monotonic()) * 1000))


def main() -> None:
    """Import the handler, say ``ready``, then serve invocations until the standard input closes."""
    reponses, sys.stdout = sys.stdout, sys.stderr
    ouverture = json.loads(sys.stdin.readline())
    sys.path[:0] = ouverture["chemins"]

    def repondre(reponse: dict[str, Any]) -> None:
        reponses.write(json.dumps(reponse) + "\n")
        reponses.flush()

    try:
        fonction = getattr(importlib.import_module(ouverture["module"]), ouverture["handler"])
    except Exception as panne:
        repondre({"status": "error", "error": f"{type(panne).__name__}: {panne}", "error_type": type(panne).__name__})
        raise
    repondre({"status": "ready", "cold": True})
    for ligne in sys.stdin:
        message = json.loads(ligne)
        try:
            resultat = fonction(message["event"], Contexte(ouverture, message.get("ctx") or {}))
            reponse = {"status": "ok", "result": resultat}
            json.dumps(reponse)
        except Exception as panne:
            reponse = {"status": "error", "error": str(panne), "error_type": type(panne).__name__}
            reponse["trace"] = traceback.format_exc()
        sys.stderr.write(f"\n{FIN}\n")
        sys.stderr.flush()
        repondre(reponse)


main()
