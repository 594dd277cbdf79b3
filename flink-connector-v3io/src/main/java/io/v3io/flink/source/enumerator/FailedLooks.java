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

import io.v3io.flink.source.metrics.V3ioEnumeratorMetrics;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of looks that failed and are made again: an outage must be seen, and one of hours must not
 * fill the log. Used by the coordinator thread only.
 */
@Internal
final class FailedLooks {

    private static final Logger LOG = LoggerFactory.getLogger(FailedLooks.class);

    private final V3ioEnumeratorMetrics metrics;
    private int sinceSuccess;

    FailedLooks(V3ioEnumeratorMetrics metrics) {
        this.metrics = metrics;
    }

    /**
     * A look has failed.
     *
     * @param what was looked for
     */
    void failed(Object what, Throwable failure) {
        metrics.lookFailed();
        sinceSuccess++;
        // The first, second, fourth, eighth.
        if (Integer.bitCount(sinceSuccess) == 1) {
            LOG.warn(
                    "Could not look for new shards of {}, {} times now; trying again later.",
                    what,
                    sinceSuccess,
                    failure);
        }
    }

    /** A look has told what there is. */
    void succeeded() {
        if (sinceSuccess > 0) {
            LOG.info("Looked for new shards again, after {} failures.", sinceSuccess);
            sinceSuccess = 0;
        }
    }
}
