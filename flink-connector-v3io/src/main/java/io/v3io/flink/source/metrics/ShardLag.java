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

package io.v3io.flink.source.metrics;

import org.apache.flink.annotation.Internal;

/**
 * How far one shard's reading is behind its newest record, as its last answer said. Written by the
 * reader's I/O threads one after another, read by metric reporters.
 */
@Internal
public final class ShardLag {

    private volatile long recordsBehindLatest;
    private volatile long millisBehindLatest;

    public void update(long recordsBehindLatest, long millisBehindLatest) {
        this.recordsBehindLatest = recordsBehindLatest;
        this.millisBehindLatest = millisBehindLatest;
    }

    public long recordsBehindLatest() {
        return recordsBehindLatest;
    }

    public long millisBehindLatest() {
        return millisBehindLatest;
    }
}
