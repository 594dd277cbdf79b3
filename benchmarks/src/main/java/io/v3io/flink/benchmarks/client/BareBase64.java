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

package io.v3io.flink.benchmarks.client;

import io.v3io.flink.benchmarks.measure.ProcessCpu;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Decodes the payloads of a GetRecords body by the JDK alone, knowing beforehand where they are:
 * what no client can do without.
 */
final class BareBase64 {

    private static final String DATA = "\"Data\":\"";
    private static final long ROUND_NANOS = 1_000_000_000;

    private final byte[] body;
    private final List<int[]> slices = new ArrayList<>();

    BareBase64(byte[] body) {
        this.body = body;
        String text = new String(body, StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf(DATA); at >= 0; at = text.indexOf(DATA, at)) {
            at += DATA.length();
            slices.add(new int[] {at, text.indexOf('"', at) - at});
        }
    }

    /** CPU time of this process for a byte of body, in nanoseconds. */
    double cpuNanosPerByte() {
        Base64.Decoder decoder = Base64.getDecoder();
        long bytes = 0;
        long cpu = ProcessCpu.nanos();
        long start = System.nanoTime();
        while (System.nanoTime() - start < ROUND_NANOS) {
            for (int[] slice : slices) {
                ByteBuffer payload = decoder.decode(ByteBuffer.wrap(body, slice[0], slice[1]));
                if (payload.remaining() == 0) {
                    throw new IllegalStateException("A payload is empty.");
                }
            }
            bytes += body.length;
        }
        return (double) (ProcessCpu.nanos() - cpu) / bytes;
    }
}
