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

package io.v3io.flink.source;

/**
 * What a test asks of a source.
 *
 * @param start where it starts
 * @param onDataLoss what it does about records that are gone
 * @param isBounded whether it ends at what is the latest at its start
 * @param hasGaps whether the platform leaves out sequence numbers
 * @param onUnsubscribed what it does with streams of a checkpoint that are not subscribed any more
 * @param isPattern whether it is subscribed to a pattern, not to a list
 */
record ReadingRules(
        StartingPosition start,
        OnDataLoss onDataLoss,
        boolean isBounded,
        boolean hasGaps,
        OnUnsubscribedStream onUnsubscribed,
        boolean isPattern) {

    /** A source without an end, of streams of which nothing is lost. */
    static ReadingRules from(StartingPosition start) {
        return new ReadingRules(
                start, OnDataLoss.FAIL, false, false, OnUnsubscribedStream.READ_ON, false);
    }

    /**
     * Whether a source may leave out records of a shard because of a loss.
     *
     * @param from index of the first record that it leaves out
     * @param to index of the one with which it goes on
     * @param removed how many records retention has removed
     */
    boolean mayLeaveOut(int from, int to, int removed) {
        return switch (onDataLoss) {
            case FAIL -> false;
            case EARLIEST -> to <= removed;
            // Where numbers prove nothing, the record before them is enough to be gone.
            case LATEST -> from < removed || (hasGaps && from == removed && removed > 0);
        };
    }
}
