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

package io.v3io.emulator.store;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;

/**
 * Writes a record's JSON, once, when it is stored: GetRecords then answers with slices of the
 * segments and renders nothing.
 */
final class RecordRenderer {
    private static final byte[] ARRIVAL_SECONDS = ascii("{\"ArrivalTimeSec\":");
    private static final byte[] ARRIVAL_NANOS = ascii(",\"ArrivalTimeNSec\":");
    private static final byte[] SEQUENCE = ascii(",\"SequenceNumber\":");
    private static final byte[] CLIENT_INFO = ascii(",\"ClientInfo\":\"");
    private static final byte[] PARTITION_KEY = ascii(",\"PartitionKey\":\"");
    private static final byte[] DATA = ascii(",\"Data\":\"");
    private static final byte[] END = ascii("},");
    private static final int LONGEST_NUMBER = 20;
    private static final int FIXED =
            ARRIVAL_SECONDS.length
                    + ARRIVAL_NANOS.length
                    + SEQUENCE.length
                    + CLIENT_INFO.length
                    + PARTITION_KEY.length
                    + DATA.length
                    + END.length
                    + 3
                    + 3 * LONGEST_NUMBER;

    private RecordRenderer() {}

    /** The most bytes that {@link #render} writes for this record. */
    static int sizeBound(NewRecord put) {
        int size = FIXED + put.data().length;
        if (put.clientInfo() != null) {
            size += put.clientInfo().length;
        }
        if (put.partitionKeyJson() != null) {
            size += put.partitionKeyJson().length;
        }
        return size;
    }

    /** Writes the record and a comma. */
    static void render(NewRecord put, long sequence, long arrivalNanos, ByteBuf out) {
        out.writeBytes(ARRIVAL_SECONDS);
        writeNumber(EmulatorClock.seconds(arrivalNanos), out);
        out.writeBytes(ARRIVAL_NANOS);
        writeNumber(EmulatorClock.nanosOfSecond(arrivalNanos), out);
        out.writeBytes(SEQUENCE);
        writeNumber(sequence, out);
        if (put.clientInfo() != null) {
            writeString(CLIENT_INFO, put.clientInfo(), out);
        }
        if (put.partitionKeyJson() != null) {
            writeString(PARTITION_KEY, put.partitionKeyJson(), out);
        }
        writeString(DATA, put.data(), out);
        out.writeBytes(END);
    }

    private static void writeString(byte[] name, byte[] content, ByteBuf out) {
        out.writeBytes(name);
        out.writeBytes(content);
        out.writeByte('"');
    }

    private static void writeNumber(long number, ByteBuf out) {
        out.writeBytes(ascii(Long.toString(number)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
