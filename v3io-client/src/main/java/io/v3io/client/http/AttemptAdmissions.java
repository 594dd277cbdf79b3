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

package io.v3io.client.http;

import io.v3io.client.AnswerAdmission;

/**
 * Asks a caller for the memory of one request's answer, on behalf of one attempt at a time. When an
 * attempt has ended, as by its deadline, an I/O thread may still have bytes of it in hand: what it
 * asked for so late would pass for the size of the repetition's answer. Thread-safe.
 */
final class AttemptAdmissions {

    private final AnswerAdmission caller;

    /** Guarded by this. */
    private int newest;

    AttemptAdmissions(AnswerAdmission caller) {
        this.caller = caller;
    }

    /** Starts the next attempt; what earlier ones ask for is refused from now on. */
    synchronized AnswerAdmission next() {
        int attempt = ++newest;
        return bodyBytes -> ask(attempt, bodyBytes);
    }

    private synchronized boolean ask(int attempt, long bodyBytes) {
        return attempt == newest && caller.admit(bodyBytes);
    }
}
