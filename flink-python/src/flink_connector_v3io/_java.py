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

"""The way to Java: classes of the connector, and values that its methods take."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Union

from py4j.java_gateway import JavaPackage
from pyflink.java_gateway import get_gateway
from pyflink.util.java_utils import add_jars_to_context_class_loader

from ._errors import call
from .jars import jar_path

#: Bytes as a number, or text such as ``"64 mb"``.
Size = Union[int, str]


def java_class(name: str) -> Any:
    """Return a class of the connector, whose jar is loaded first where it is not there yet."""
    found = _lookup(name)
    if isinstance(found, JavaPackage):
        add_jars_to_context_class_loader([jar_path().resolve().as_uri()])
        found = _lookup(name)
    return found


def _lookup(name: str) -> Any:
    found = get_gateway().jvm
    for part in name.split("."):
        found = getattr(found, part)
    return found


def python_values() -> Any:
    """Return the Java side's helper for values."""
    return java_class("io.v3io.flink.python.PythonValues")


def duration(value: timedelta) -> Any:
    """Return a ``java.time.Duration``, exact to the microsecond."""
    if not isinstance(value, timedelta):
        raise TypeError(f"A timedelta is wanted, not {value!r}.")
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    return get_gateway().jvm.java.time.Duration.of(micros, get_gateway().jvm.java.time.temporal.ChronoUnit.MICROS)


def instant(value: datetime) -> Any:
    """Return a ``java.time.Instant``.

    :raises ValueError: if the time has no time zone, because it would mean another time on each machine.
    """
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; give one, such as timezone.utc.")
    since = value.astimezone(timezone.utc) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    seconds = since.days * 86_400 + since.seconds
    return get_gateway().jvm.java.time.Instant.ofEpochSecond(seconds, since.microseconds * 1_000)


def memory_size(value: Size) -> Any:
    """Return Flink's ``MemorySize``."""
    size = get_gateway().jvm.org.apache.flink.configuration.MemorySize
    return call(size.parse, value if isinstance(value, str) else f"{value} b")


def path(value: Any) -> Any:
    """Return a ``java.nio.file.Path``."""
    return get_gateway().jvm.java.io.File(str(value)).toPath()


def java_list(values: Any) -> Any:
    """Return a ``java.util.ArrayList``."""
    result = get_gateway().jvm.java.util.ArrayList()
    for value in values:
        result.add(value)
    return result


def java_set(values: Any) -> Any:
    """Return a ``java.util.LinkedHashSet``."""
    result = get_gateway().jvm.java.util.LinkedHashSet()
    for value in values:
        result.add(value)
    return result


class RetryPolicy:
    """How often and how long a failed request is sent again."""

    def __init__(
        self,
        max_retries: int,
        max_elapsed: timedelta,
        initial_backoff: timedelta,
        max_backoff: timedelta,
    ) -> None:
        """Describe a policy.

        :param max_retries: repetitions at the most, 0 or more.
        :param max_elapsed: no repetition starts after this time.
        :param initial_backoff: the longest wait before the first repetition; it doubles each time.
        :param max_backoff: the longest wait of all.
        :raises ValueError: if a value is out of range.
        """
        policy = java_class("io.v3io.client.RetryPolicy")
        self._j_policy = call(
            policy, max_retries, duration(max_elapsed), duration(initial_backoff), duration(max_backoff)
        )


class V3ioClientSettings:
    """Everything about the connection beside endpoint and key, for ``configure_client`` of the builders.

    Values are checked when the source or the sink takes the settings.
    """

    def __init__(self) -> None:
        self._j_settings = python_values().clientSettings()

    def set_user(self, name: str, password: str) -> V3ioClientSettings:
        """Log in as a user instead of with an access key. The password becomes part of the job graph."""
        call(self._j_settings.setUser, name, password)
        return self

    def set_max_connections(self, connections: int) -> V3ioClientSettings:
        """Set how many connections a subtask has at the most, 1 or more. Default: 64."""
        call(self._j_settings.setMaxConnections, connections)
        return self

    def set_io_threads(self, threads: int) -> V3ioClientSettings:
        """Set the number of threads that receive and decode, 1 or more. Default: by the number of cores."""
        call(self._j_settings.setIoThreads, threads)
        return self

    def set_connect_timeout(self, timeout: timedelta) -> V3ioClientSettings:
        """Set how long making a connection may take. Default: 5 seconds."""
        call(self._j_settings.setConnectTimeout, duration(timeout))
        return self

    def set_response_timeout(self, timeout: timedelta) -> V3ioClientSettings:
        """Set how long a whole answer may take. Default: 30 seconds."""
        call(self._j_settings.setResponseTimeout, duration(timeout))
        return self

    def set_max_response_bytes(self, size: Size) -> V3ioClientSettings:
        """Set the largest answer that is read, 1 KiB or more. Default: 32 MiB."""
        call(self._j_settings.setMaxResponseBytes, memory_size(size))
        return self

    def set_trust_store(self, file: str, password: str | None = None, type: str = "PKCS12") -> V3ioClientSettings:
        """Trust the authorities in a file on the task managers, instead of those of the JVM."""
        call(self._j_settings.setTrustStore, file, password, type)
        return self

    def set_insecure_skip_tls_verification(self, skip: bool) -> V3ioClientSettings:
        """Turn off every check of the server's certificate: for tests only. Default: false."""
        call(self._j_settings.setInsecureSkipTlsVerification, skip)
        return self

    def set_proxy(self, proxy: str) -> V3ioClientSettings:
        """Go through an HTTP proxy, given as ``host:port``."""
        call(self._j_settings.setProxy, proxy)
        return self

    def set_retry_policy(self, policy: RetryPolicy) -> V3ioClientSettings:
        """Set how often and how long a failed request is sent again."""
        call(self._j_settings.setRetryPolicy, policy._j_policy)
        return self
