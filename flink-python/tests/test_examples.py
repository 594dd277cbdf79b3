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
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from flink_connector_v3io import add_jar  # noqa: F401  (fails here, and not in the programs, without the wheel)

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(program, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / program), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        # PyFlink sets it in this process, so that workers start no JVM.
        env={name: value for name, value in os.environ.items() if name != "PYFLINK_GATEWAY_DISABLED"} | environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_word_count_counts_the_fables(emulator):
    printed = run("wordcount.py", "--endpoint", emulator.endpoint)
    assert printed.splitlines()[0] == "2236 words, 754 distinct"
    assert [line.split() for line in printed.splitlines()[1:4]] == [
        ["1", "the", "140"],
        ["2", "a", "95"],
        ["3", "and", "81"],
    ]


def test_the_program_of_the_readme_runs(emulator, tmp_path):
    page = (EXAMPLES.parents[1] / "README.md").read_text()
    program = tmp_path / "words.py"
    program.write_text(re.search("```python\n(.*?)```", page, re.DOTALL).group(1))
    printed = run(program, V3IO_API=emulator.endpoint)
    assert sorted(printed.split()) == ["and", "lamb", "the", "the", "wolf"]


def event(model, minute, second, micros=1000, **more):
    when = f"2026-11-30 10:{minute:02}:{second:02}.000000"
    return {"model": model, "op": "infer", "when": when, "microsec": micros, **more}


def record_of(*events):
    """Return one event as it is, and several as MLRun writes them together."""
    if len(events) == 1:
        return {"Data": json.dumps(events[0]).encode()}
    headers = ["op", "when", "microsec", "error"]
    values = [[one.get(header) for header in headers] for one in events]
    return {"Data": json.dumps({"model": events[0]["model"], "headers": headers, "values": values}).encode()}


class Job:
    """monitoring.py in a process group of its own, with its JVM."""

    def __init__(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if name != "PYFLINK_GATEWAY_DISABLED"}
        self.process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "monitoring.py"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )

    def await_(self, condition, what):
        deadline = time.monotonic() + 180
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"the job has ended: {self.process.stdout.read()}")
            assert time.monotonic() < deadline, f"{what}, but not within 180 s"
            self.process.poll()
            time.sleep(0.1)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def checkpoints_in(directory):
    found = directory.glob("*/chk-*/_metadata")
    return sorted(int(path.parent.name.removeprefix("chk-")) for path in found)


def test_monitoring_goes_on_from_its_checkpoint_and_writes_each_window_once(emulator, tmp_path):
    events, figures = "projects/examples/model-endpoints/stream", "projects/examples/model-endpoints/figures"
    arguments = ["--endpoint", emulator.endpoint, "--checkpoints", str(tmp_path)]
    emulator.create(events, 1)
    # Minute 0 is complete when the job is killed, minute 1 is half read.
    emulator.put(events, record_of(event("iris", 0, 1), event("iris", 0, 2, 3000), event("iris", 0, 3, error="no")))
    emulator.put(events, record_of(event("iris", 1, 1, 500)), record_of(event("wine", 1, 2)))

    job = Job(*arguments)
    try:
        job.await_(lambda: emulator.holds(figures, 1), "the first minute is written")
        seen = checkpoints_in(tmp_path)[-1]
        job.await_(lambda: checkpoints_in(tmp_path)[-1] > seen, "a checkpoint follows")
    finally:
        job.kill()
    emulator.put(events, record_of(event("iris", 1, 59, 700)), record_of(event("iris", 9, 0)))

    latest = max(tmp_path.glob("*/chk-*/_metadata"), key=lambda path: int(path.parent.name[4:])).parent
    job = Job(*arguments, "--restore", str(latest))
    try:
        job.await_(lambda: emulator.holds(figures, 3), "the second minute is written")
        seen = checkpoints_in(tmp_path)[-1]
        job.await_(lambda: checkpoints_in(tmp_path)[-1] > seen + 1, "two checkpoints follow")
    finally:
        job.kill()

    written = [json.loads(record["Data"]) for record in emulator.read(figures)]
    assert sorted((one["model"], one["from"][14:16], one["events"], one["errors"]) for one in written) == [
        ("iris", "00", 3, 1),
        ("iris", "01", 2, 0),
        ("wine", "01", 1, 0),
    ]
    first = next(one for one in written if one["from"][14:16] == "00")
    assert (first["median_micros"], first["p95_micros"]) == (3000, 3000)
