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

"""Records as lines of JSON, the form in which the Java tests hand them over and get them back."""

import base64
import json
import sys


def encode(value):
    return None if value is None else base64.b64encode(value).decode("ascii")


def decode(text):
    return None if text is None else base64.b64decode(text)


def read_all():
    return [json.loads(line) for line in sys.stdin if line.strip()]


def write(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
