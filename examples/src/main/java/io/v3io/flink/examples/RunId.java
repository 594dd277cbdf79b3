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

package io.v3io.flink.examples;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Marks the records of one run in a stream that several runs write to. It travels as client info: a
 * few bytes beside a record's data that the platform keeps and does not look at.
 *
 * @param number any
 */
record RunId(long number) implements Serializable {

    private static final long serialVersionUID = 1L;

    static RunId random() {
        return new RunId(ThreadLocalRandom.current().nextLong());
    }

    byte[] toClientInfo() {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    boolean isIn(byte[] clientInfo) {
        return clientInfo != null
                && clientInfo.length == Long.BYTES
                && ByteBuffer.wrap(clientInfo).getLong() == number;
    }
}
