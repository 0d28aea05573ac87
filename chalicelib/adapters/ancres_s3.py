"""The anchors in S3: bucket ``ancres``, versioned, each object under a retention (Object Lock) from its writing on.

One object by anchored head, whose key says it all: ``<demande_id>/<rang>-<empreinte>.json``. Keys under a lock do not
change: one list of a demande's versions is the proof, without an index to trust. A delete marker hides an object, and
leaves its version in that list.
"""

import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.demande.instants import ecrire
from chalicelib.demande.verification import Ancre

FILS = 8
_CLE = re.compile(r"(?P<demande_id>[0-9a-f]{32})/(?P<rang>[0-9]{6})-(?P<empreinte>[0-9a-f]{64})\.json")


class AncresS3:
    """The port ``Ancres``."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def ancrer(self, tetes: Sequence[Ancre]) -> int:
        with ThreadPoolExecutor(FILS) as fils:
            return sum(fils.map(self._ecrire, tetes))

    def de(self, demande_id: str) -> list[Ancre]:
        return sorted(self._lister(f"{demande_id}/"), key=lambda ancre: (ancre.rang, ancre.ancree_le))

    def demandes(self) -> Iterator[str]:
        vue = ""
        for ancre in self._lister(""):
            if ancre.demande_id != vue:
                vue = ancre.demande_id
                yield vue

    def _ecrire(self, tete: Ancre) -> bool:
        corps = {"demande_id": tete.demande_id, "rang": tete.rang, "empreinte": tete.empreinte}
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=f"{tete.demande_id}/{tete.rang:06d}-{tete.empreinte}.json",
                Body=json.dumps(corps).encode(),
                ContentType="application/json",
                # S3 demands a digest of what it locks.
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
            )
        except ClientError as erreur:
            # There already, or being written by another run.
            if erreur.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise
        return True

    def _lister(self, prefixe: str) -> Iterator[Ancre]:
        vue = ""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefixe)
        for page in pages:
            for version in page.get("Versions", []):
                lue = _CLE.fullmatch(version["Key"])
                if lue is None or version["Key"] == vue:
                    continue
                vue = version["Key"]
                yield Ancre(lue["demande_id"], int(lue["rang"]), lue["empreinte"], ecrire(version["LastModified"]))
