"""``make run-online``: the product with the real Mistral and Pinecone SDKs, against stand-ins on this machine."""

import argparse
import os
import signal
import subprocess
import sys

from config.env import BASE_DIR
from tests.loopback.mistral import LoopbackMistral
from tests.loopback.pinecone import LoopbackPinecone


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    with LoopbackMistral() as mistral, LoopbackPinecone() as pinecone:
        variables = {
            "DATA_DIR": str(BASE_DIR / "var" / "online"),
            "DATABASE_URL": f"sqlite:///{BASE_DIR / 'var' / 'online' / 'db.sqlite3'}",
            "MODEL_DIR": str(BASE_DIR / "var" / "models"),
            "MISTRAL_API_KEY": mistral.key,
            "MISTRAL_SERVER_URL": mistral.url,
            "PINECONE_API_KEY": pinecone.key,
            "PINECONE_HOST": pinecone.url,
            "PINECONE_CONTROLLER_URL": pinecone.url,
        }
        print(f"Stand-ins: Mistral {mistral.url}, Pinecone {pinecone.url}", flush=True)  # noqa: T201
        for command in (["migrate", "-v0"], ["create_index"], ["rebuild_index"]):
            # The stand-in's index is empty at each start, the database is not.
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=BASE_DIR, env=os.environ | variables, check=True
            )
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)], cwd=BASE_DIR, env=os.environ | variables
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.terminate())
        return server.wait()


if __name__ == "__main__":
    sys.exit(main())
