"""The protocol of Amazon S3 on 127.0.0.1, as far as archives need it: objects, listings, uploads in parts.

Each request must be signed (Signature Version 4) with the key; its body must be what was signed. By hand:
``python -m tests.loopback.s3 --port 9103``, then ``BACKUP_URL="s3://backups/?endpoint=http://127.0.0.1:9103"``,
``BACKUP_S3_KEY=loopback`` and ``BACKUP_S3_SECRET=loopback-key``.
"""

import hashlib
import hmac
import threading
from collections.abc import Mapping
from urllib.parse import quote, unquote
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from tests.loopback.server import Failure, LoopbackServer, Reply, Request

KEY_NAME = "loopback"
LEAST_PART = 5 << 20
"""Bytes of a part that is not the last."""


class LoopbackS3(LoopbackServer):
    """A stand-in for a service with one bucket."""

    def __init__(self, port: int = 0, key: str = "loopback-key", bucket: str = "backups") -> None:
        super().__init__(port, key)
        self.bucket = bucket
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        """Those that are neither completed nor aborted, by their ids."""
        self._lock = threading.Lock()

    def error_reply(self, status: int, detail: str) -> Reply:
        return _xml(f"<Error><Code>{escape(detail)}</Code><Message>{escape(detail)}</Message></Error>", status)

    def answer(self, request: Request, failure: Failure | None) -> Reply:
        if not _signed(request, self.key):
            return self.error_reply(403, "SignatureDoesNotMatch")
        bucket, _, name = unquote(request.path).removeprefix("/").partition("/")
        if bucket != self.bucket:
            return self.error_reply(404, "NoSuchBucket")
        with self._lock:
            if not name:
                return self._batch(request) if request.method == "POST" else self._listed(request.query)
            if request.method == "POST" or "uploadId" in request.query:
                return self._upload(request, name)
            return self._object(request, name)

    def _object(self, request: Request, name: str) -> Reply:
        if request.method == "PUT":
            self.objects[name] = request.raw
            return Reply(b"", headers=_tag(request.raw))
        if request.method == "DELETE":
            self.objects.pop(name, None)
            return Reply(b"", 204)
        if name not in self.objects:
            return self.error_reply(404, "NoSuchKey")
        data = self.objects[name]
        headers = {**_tag(data), "Last-Modified": "Sun, 22 Nov 2026 01:00:00 GMT"}
        if wanted := request.headers.get("range"):
            start, _, end = wanted.removeprefix("bytes=").partition("-")
            first, last = int(start), min(int(end or len(data)), len(data) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            return Reply(data[first : last + 1], 206, headers)
        return Reply(data, headers=headers)

    def _listed(self, query: Mapping[str, str]) -> Reply:
        names = sorted(name for name in self.objects if name.startswith(query.get("prefix", "")))
        start = int(query.get("continuation-token", "0"))
        some = names[start : start + 2]  # so few that every reader has to go on
        more = start + 2 < len(names)
        rows = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(self.objects[name])}</Size>"
            f"<LastModified>2026-11-22T01:00:00.000Z</LastModified><ETag>{_tag(self.objects[name])['ETag']}</ETag>"
            "</Contents>"
            for name in some
        )
        token = f"<NextContinuationToken>{start + 2}</NextContinuationToken>" if more else ""
        return _xml(
            f"<ListBucketResult><KeyCount>{len(some)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{rows}{token}</ListBucketResult>"
        )

    def _batch(self, request: Request) -> Reply:
        """Objects deleted, many at once."""
        names = _texts(request, "Key")
        for name in names:
            self.objects.pop(name, None)
        deleted = "".join(f"<Deleted><Key>{escape(name)}</Key></Deleted>" for name in names)
        return _xml(f"<DeleteResult>{deleted}</DeleteResult>")

    def _upload(self, request: Request, name: str) -> Reply:
        if "uploadId" not in request.query:
            upload = uuid4().hex
            self.uploads[upload] = {}
            return _xml(
                f"<InitiateMultipartUploadResult><Bucket>{self.bucket}</Bucket><Key>{escape(name)}</Key>"
                f"<UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            )
        upload = request.query["uploadId"]
        if upload not in self.uploads:
            return self.error_reply(404, "NoSuchUpload")
        parts = self.uploads[upload]
        match request.method:
            case "PUT":
                parts[int(request.query["partNumber"])] = request.raw
                return Reply(b"", headers=_tag(request.raw))
            case "DELETE":
                del self.uploads[upload]
                return Reply(b"", 204)
        numbers = [int(number) for number in _texts(request, "PartNumber")]
        if any(len(parts[number]) < LEAST_PART for number in numbers[:-1]):
            return self.error_reply(400, "EntityTooSmall")
        self.objects[name] = b"".join(parts[number] for number in numbers)
        del self.uploads[upload]
        return _xml(
            f"<CompleteMultipartUploadResult><Key>{escape(name)}</Key><ETag>{_tag(self.objects[name])['ETag']}</ETag>"
            "</CompleteMultipartUploadResult>"
        )


def _xml(body: str, status: int = 200) -> Reply:
    return Reply(f'<?xml version="1.0"?>{body}'.encode(), status, {"Content-Type": "application/xml"})


def _texts(request: Request, tag: str) -> list[str]:
    root = ElementTree.fromstring(request.raw)  # noqa: S314 - from our own client
    return [str(found.text) for found in root.iter() if found.tag.rpartition("}")[2] == tag]


def _tag(data: bytes) -> dict[str, str]:
    return {"ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"'}


def _signed(request: Request, key: str) -> bool:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in told.split(","))
    body = request.headers.get("x-amz-content-sha256", "")
    if kind != "AWS4-HMAC-SHA256" or body not in (hashlib.sha256(request.raw).hexdigest(), "UNSIGNED-PAYLOAD"):
        return False
    name, _, place = parts["Credential"].partition("/")
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(request.parameters))
    headers = "".join(f"{header}:{request.headers[header].strip()}\n" for header in parts["SignedHeaders"].split(";"))
    asked = "\n".join((request.method, request.path, query, headers, parts["SignedHeaders"], body))
    signing = f"AWS4{key}".encode()
    for part in place.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    text = "\n".join((kind, request.headers["x-amz-date"], place, hashlib.sha256(asked.encode()).hexdigest()))
    right = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    return name == KEY_NAME and hmac.compare_digest(right, parts["Signature"])


if __name__ == "__main__":
    LoopbackS3.run()
