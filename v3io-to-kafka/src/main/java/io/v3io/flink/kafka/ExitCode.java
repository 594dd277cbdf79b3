/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.flink.kafka;

/** What a command ends with, for scripts. */
final class ExitCode {

    /** It did what it should. */
    static final int OK = 0;

    /** Something failed that may succeed later: a side did not answer, the job failed. */
    static final int FAILED = 1;

    /** The command line or the configuration is wrong. */
    static final int USAGE = 2;

    /** Refused before anything was changed; the output says what to change. */
    static final int REFUSED = 3;

    /** The two sides differ. */
    static final int DIFFERENT = 4;

    /** The copy is not complete yet. */
    static final int INCOMPLETE = 5;

    private ExitCode() {}
}
