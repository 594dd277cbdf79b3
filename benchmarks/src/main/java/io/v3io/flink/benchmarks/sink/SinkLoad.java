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

package io.v3io.flink.benchmarks.sink;

import io.v3io.client.model.PutRecord;

import org.apache.flink.api.common.serialization.SerializationSchema;

import java.util.Random;

/**
 * The records that are written: random bytes of one length, with keys of equal length, so that all
 * are of one size as JSON. An element is a number; the bytes that it stands for are made once,
 * because making data is not what is measured.
 */
public final class SinkLoad implements SerializationSchema<Long> {

    /** So many keys there are unless it is said otherwise. */
    static final int KEYS = 64;

    private static final int DATA_BYTES = 1024 * 1024;
    private static final int LEAST_PAYLOADS = 4;
    private static final long serialVersionUID = 1L;

    private static final String[] KEY = keys();

    private final int recordBytes;
    private final int keys;
    private transient byte[][] data;

    /** Records of so many bytes. */
    public SinkLoad(int recordBytes) {
        this(recordBytes, KEYS);
    }

    private SinkLoad(int recordBytes, int keys) {
        this.recordBytes = recordBytes;
        this.keys = keys;
    }

    /** The same with so many keys, 1 to 64. */
    SinkLoad withKeys(int count) {
        return new SinkLoad(recordBytes, count);
    }

    private static String[] keys() {
        String[] keys = new String[KEYS];
        for (int i = 0; i < KEYS; i++) {
            keys[i] = "key-" + (10 + i);
        }
        return keys;
    }

    /** The key of an element. */
    public String key(Long element) {
        return KEY[(int) (element % keys)];
    }

    /** As JSON; the same for all. */
    public int encodedBytes() {
        return Math.toIntExact(record(0).encodedSizeBytes());
    }

    PutRecord record(long element) {
        return PutRecord.of(serialize(element)).withPartitionKey(key(element));
    }

    @Override
    public byte[] serialize(Long element) {
        if (data == null) {
            Random random = new Random(1);
            data = new byte[Math.max(LEAST_PAYLOADS, DATA_BYTES / recordBytes)][recordBytes];
            for (byte[] one : data) {
                random.nextBytes(one);
            }
        }
        return data[(int) (element % data.length)];
    }
}
