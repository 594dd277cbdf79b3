# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.
"""An emulator for the tests, as a process of its own."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

ACCESS_KEY = "key of the python tests"
JAR = Path(
    os.environ.get("V3IO_EMULATOR_JAR")
    or Path(__file__).resolve().parents[2] / "v3io-emulator/target/v3io-emulator.jar"
)


class Emulator:
    """A running emulator, and the requests of the API that tests need."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def create(self, stream, shards):
        self._ask(stream + "/", "CreateStream", {"ShardCount": shards, "RetentionPeriodHours": 24}, method="POST")

    def put(self, stream, *records):
        body = {"Records": [{**record, "Data": b64encode(record["Data"]).decode()} for record in records]}
        answer = self._ask(stream + "/", "PutRecords", body)
        assert answer["FailedRecordCount"] == 0

    def read(self, stream):
        """Return all records of all shards, each with its shard id."""
        shards = self._ask(stream + "/", "DescribeStream", {})["ShardCount"]
        records = []
        for shard in range(shards):
            path = f"{stream}/{shard}"
            try:
                location = self._ask(path, "SeekShard", {"Type": "EARLIEST"})["Location"]
            except urllib.error.HTTPError as error:
                # A shard is born with its first record.
                if error.code != 404:
                    raise
                continue
            while True:
                answer = self._ask(path, "GetRecords", {"Location": location, "Limit": 1000})
                records += [{**record, "ShardId": shard} for record in answer["Records"]]
                location = answer["NextLocation"]
                if not answer["Records"]:
                    break
        for record in records:
            record["Data"] = b64decode(record["Data"])
        return records

    def holds(self, stream, records):
        """Return whether the stream is there and has so many records or more."""
        try:
            return len(self.read(stream)) >= records
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return False

    def _ask(self, path, function, body, method="PUT"):
        request = urllib.request.Request(
            f"{self.endpoint}/{path}",
            data=json.dumps(body).encode(),
            method=method,
            headers={
                "X-v3io-function": function,
                "X-v3io-session-key": ACCESS_KEY,
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else {}


@pytest.fixture(scope="session")
def emulator():
    assert JAR.is_file(), f"{JAR} is not there; flink-python/bin/build-wheel builds it"
    process = subprocess.Popen(
        ["java", "-jar", str(JAR), "--port", "0", "--access-key", ACCESS_KEY],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        endpoint = re.search(r"http://\S+", line)
        assert endpoint, f"the emulator said {line!r}"
        yield Emulator(endpoint.group())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(autouse=True)
def _access_key(monkeypatch):
    monkeypatch.setenv("V3IO_ACCESS_KEY", ACCESS_KEY)


@pytest.fixture
def env(tmp_path):
    """Return an environment with the connector, two slots, and checkpoints."""
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    from flink_connector_v3io import add_jar

    configuration = Configuration()
    configuration.set_string("execution.checkpointing.interval", "200ms")
    # A job that fails ends, and the test with it.
    configuration.set_string("restart-strategy.type", "none")
    configuration.set_string("execution.checkpointing.dir", (tmp_path / "checkpoints").as_uri())
    environment = StreamExecutionEnvironment.get_execution_environment(configuration)
    environment.set_parallelism(2)
    # By default the workers are run by the first python on the path.
    environment.set_python_executable(sys.executable)
    add_jar(environment)
    return environment
