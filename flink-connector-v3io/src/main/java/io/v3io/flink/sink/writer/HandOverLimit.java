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

package io.v3io.flink.sink.writer;

import org.apache.flink.connector.base.sink.writer.strategy.RateLimitingStrategy;
import org.apache.flink.connector.base.sink.writer.strategy.RequestInfo;
import org.apache.flink.connector.base.sink.writer.strategy.ResultInfo;

import java.util.function.IntSupplier;

/**
 * Bounds what the base class hands over before it is stored. Mailbox thread only.
 *
 * <p>Where no order is kept, a batch is a request, and these are bounded. Where one is kept,
 * requests take records of many batches: a batch may be open for long after most of its records are
 * stored, and says little. So the records that are not stored are bounded, and, because what is
 * left of a batch takes memory, the batches loosely, too.
 *
 * <p>Not Flink's default, which bounds records by what answers allow: it starts with one batch and
 * adds ten records per answer, so the second request in flight would have to wait for a hundred
 * answers. Here a throttled request keeps its place while it backs off, and that is what slows the
 * writer down.
 */
final class HandOverLimit implements RateLimitingStrategy {

    private final Backlog backlog;
    private final int maxRecords;
    private final IntSupplier maxBatches;
    private final int maxBatchSize;
    private int batches;

    private HandOverLimit(
            Backlog backlog, int maxRecords, IntSupplier maxBatches, int maxBatchSize) {
        this.backlog = backlog;
        this.maxRecords = maxRecords;
        this.maxBatches = maxBatches;
        this.maxBatchSize = maxBatchSize;
    }

    /**
     * A bound for batches only.
     *
     * @param maxBatches of which at least one record is not stored; asked each time
     * @param maxBatchSize records of one batch at the most
     */
    static HandOverLimit ofBatches(Backlog backlog, IntSupplier maxBatches, int maxBatchSize) {
        return new HandOverLimit(backlog, Integer.MAX_VALUE, maxBatches, maxBatchSize);
    }

    /**
     * A bound for a backlog that is empty.
     *
     * @param maxRecords records that are not stored, from which on the writer waits
     * @param maxBatches of which at least one record is not stored
     * @param maxBatchSize records of one batch at the most
     */
    static HandOverLimit ofRecords(
            Backlog backlog, int maxRecords, int maxBatches, int maxBatchSize) {
        return new HandOverLimit(backlog, maxRecords, () -> maxBatches, maxBatchSize);
    }

    @Override
    public void registerInFlightRequest(RequestInfo requestInfo) {
        batches++;
    }

    @Override
    public void registerCompletedRequest(ResultInfo resultInfo) {
        batches--;
    }

    @Override
    public boolean shouldBlock(RequestInfo requestInfo) {
        if (batches >= maxBatches.getAsInt()) {
            return true;
        }
        if (backlog.records() < maxRecords) {
            return false;
        }
        backlog.wantRoom();
        return backlog.records() >= maxRecords;
    }

    @Override
    public int getMaxBatchSize() {
        return maxBatchSize;
    }
}
