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
 * Bounds the batches that the base class has handed over and that are not done with. Mailbox thread
 * only.
 *
 * <p>Not Flink's default, which bounds records instead: it starts with one batch and adds ten
 * records per answer, so the second request in flight would have to wait for a hundred answers.
 * Here a throttled request keeps its place while it backs off, and that is what slows the writer
 * down.
 */
final class InFlightRequestLimit implements RateLimitingStrategy {

    private final IntSupplier maxRequests;
    private final int maxBatchSize;
    private int requests;

    InFlightRequestLimit(IntSupplier maxRequests, int maxBatchSize) {
        this.maxRequests = maxRequests;
        this.maxBatchSize = maxBatchSize;
    }

    @Override
    public void registerInFlightRequest(RequestInfo requestInfo) {
        requests++;
    }

    @Override
    public void registerCompletedRequest(ResultInfo resultInfo) {
        requests--;
    }

    @Override
    public boolean shouldBlock(RequestInfo requestInfo) {
        return requests >= maxRequests.getAsInt();
    }

    @Override
    public int getMaxBatchSize() {
        return maxBatchSize;
    }
}
