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

package io.v3io.client.wire;

import io.v3io.client.annotation.Internal;

import javax.annotation.Nullable;

/**
 * An answer body that breaks the API's rules. The message completes the sentence "the answer ...".
 */
@Internal
public final class MalformedAnswerException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What is wrong with the answer. */
    public enum Fault {
        /** It is not what the API answers. */
        NOT_UNDERSTOOD,
        /** The answer ends too early. */
        CUT,
        /**
         * It is the API's own answer to PutRecords, but with results that do not match the records,
         * as opposed to something else in its place.
         */
        UNMATCHED_RESULTS,
        /** It is the API's own, but this server does not tell what it was asked for. */
        NOT_TOLD
    }

    private final Fault fault;

    MalformedAnswerException(String complaint) {
        this(complaint, null);
    }

    MalformedAnswerException(String complaint, @Nullable Throwable cause) {
        this(complaint, Fault.NOT_UNDERSTOOD, cause);
    }

    private MalformedAnswerException(String complaint, Fault fault, @Nullable Throwable cause) {
        super(complaint, cause);
        this.fault = fault;
    }

    static MalformedAnswerException cut(String complaint) {
        return new MalformedAnswerException(complaint, Fault.CUT, null);
    }

    static MalformedAnswerException unmatchedResults(String complaint) {
        return new MalformedAnswerException(complaint, Fault.UNMATCHED_RESULTS, null);
    }

    static MalformedAnswerException notTold(String complaint) {
        return new MalformedAnswerException(complaint, Fault.NOT_TOLD, null);
    }

    public Fault fault() {
        return fault;
    }
}
