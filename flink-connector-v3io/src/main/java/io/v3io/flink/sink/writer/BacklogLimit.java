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

/**
 * Bounds the records that the base class has handed over and that are not stored yet. For a sink
 * that keeps an order: its requests take records of many batches, so a batch may be open for long
 * after most of its records are stored, and its number says little. Mailbox thread only.
 */
final class BacklogLimit implements RateLimitingStrategy {

    private final Backlog backlog;
    private final int maxRecords;
    private final int maxBatches;
    private final int maxBatchSize;
    private int batches;

    /**
     * A bound for a backlog that is empty.
     *
     * @param maxRecords records that are not stored, from which on the writer waits
     * @param maxBatches of which at least one record is not stored; what is left of the others
     *     takes memory, too
     * @param maxBatchSize records of one batch at the most
     */
    BacklogLimit(Backlog backlog, int maxRecords, int maxBatches, int maxBatchSize) {
        this.backlog = backlog;
        this.maxRecords = maxRecords;
        this.maxBatches = maxBatches;
        this.maxBatchSize = maxBatchSize;
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
        if (batches >= maxBatches) {
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
