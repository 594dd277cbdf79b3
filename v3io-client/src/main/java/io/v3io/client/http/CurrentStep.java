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

import java.util.concurrent.atomic.AtomicReference;

/**
 * What a call is doing now, to be cancelled with it. The steps of a call come one after another,
 * but are noted by different threads: a request may have failed, and its repetition be on the way,
 * before the thread that has started it gets to note it. So each step has a number, and an older
 * one never hides a newer one. Thread-safe.
 */
final class CurrentStep {

    private record Step(int number, Runnable cancellation) {}

    private final AtomicReference<Step> newest = new AtomicReference<>(new Step(0, () -> {}));

    /**
     * Notes a step, unless a newer one is known.
     *
     * @param number from 1, growing
     * @param cancellation ends the step; does nothing when it has ended
     */
    void note(int number, Runnable cancellation) {
        newest.accumulateAndGet(
                new Step(number, cancellation),
                (known, noted) -> noted.number() > known.number() ? noted : known);
    }

    /** Cancels the newest step. */
    void cancel() {
        newest.get().cancellation().run();
    }
}
