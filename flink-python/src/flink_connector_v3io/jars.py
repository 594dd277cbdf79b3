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

"""The jar of the connector, which this package carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def jar_path() -> Path:
    """Return the connector's jar.

    :raises FileNotFoundError: if this package was not installed from a wheel, and has no jar.
    """
    jars = sorted((Path(__file__).parent / "lib").glob("flink-sql-connector-v3io-*.jar"))
    if not jars:
        raise FileNotFoundError(
            "This installation of flink-connector-v3io has no jar. Install its wheel, which has one;"
            " in a working copy flink-python/bin/build-wheel makes it."
        )
    return jars[-1]


def add_jar(environment: Any) -> None:
    """Put the connector on the class path of an environment, and of the jobs that it runs.

    Not needed where a cluster has the jar in its folder ``lib``, but it does no harm there.

    :param environment: a ``StreamExecutionEnvironment``, or a ``TableEnvironment`` of any kind.
    """
    url = jar_path().resolve().as_uri()
    if hasattr(environment, "add_jars"):
        environment.add_jars(url)
        return
    configuration = environment.get_config()
    present = configuration.get("pipeline.jars", "")
    configuration.set("pipeline.jars", f"{present};{url}" if present else url)
