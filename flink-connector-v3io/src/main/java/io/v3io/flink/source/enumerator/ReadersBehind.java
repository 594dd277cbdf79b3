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

package io.v3io.flink.source.enumerator;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

import java.util.BitSet;

/**
 * Which readers are far behind since their start. While there is one, the source is processing a
 * backlog to Flink. A reader that fails counts as it did until its next attempt has told: an
 * operator that has once been told that the backlog is over cannot go back. Used by the coordinator
 * thread only.
 */
@Internal
final class ReadersBehind {

    private final SplitEnumeratorContext<?> context;
    private final BitSet behind = new BitSet();

    ReadersBehind(SplitEnumeratorContext<?> context) {
        this.context = context;
    }

    /**
     * No reader has told anything yet. Flink has to know that: it keeps what the enumerator before
     * a failure of the job has said, and would take checkpoints at the interval of a backlog for
     * ever.
     */
    void start() {
        context.setIsProcessingBacklog(false);
    }

    /** A reader tells whether it is behind. */
    void told(int subtask, boolean isBehind) {
        boolean wasBacklog = !behind.isEmpty();
        behind.set(subtask, isBehind);
        boolean isBacklog = !behind.isEmpty();
        if (isBacklog != wasBacklog) {
            context.setIsProcessingBacklog(isBacklog);
        }
    }
}
