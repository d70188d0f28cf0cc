"""A store of objects for each test: in memory, and on a real server."""

import uuid

import pytest

from object_server import make_bucket, options_of
from satispy.core.object_store import ObjectStore


@pytest.fixture(params=["s3", "memory"])
def store(request):
    name = f"b{uuid.uuid4().hex[:12]}"
    if request.param == "memory":
        return ObjectStore(f"memory://{name}/prefix")
    server = request.getfixturevalue("s3_server")
    return ObjectStore(f"{make_bucket(server, name)}/prefix", options_of(server))
