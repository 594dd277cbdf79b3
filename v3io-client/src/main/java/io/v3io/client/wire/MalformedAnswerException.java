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

    private final boolean isUnmatchedResults;

    MalformedAnswerException(String complaint) {
        this(complaint, null);
    }

    MalformedAnswerException(String complaint, @Nullable Throwable cause) {
        this(complaint, false, cause);
    }

    private MalformedAnswerException(
            String complaint, boolean isUnmatchedResults, @Nullable Throwable cause) {
        super(complaint, cause);
        this.isUnmatchedResults = isUnmatchedResults;
    }

    /** Of results that cannot be told which records they are of. */
    static MalformedAnswerException unmatchedResults(String complaint) {
        return new MalformedAnswerException(complaint, true, null);
    }

    /**
     * Whether this is the API's own answer to PutRecords, but with results that do not match the
     * records, as opposed to something else in its place.
     */
    public boolean isUnmatchedResults() {
        return isUnmatchedResults;
    }
}
