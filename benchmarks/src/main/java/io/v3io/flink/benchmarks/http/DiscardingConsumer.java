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

package io.v3io.flink.benchmarks.http;

import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Counts the bytes of an answer and keeps none. Called by one I/O thread. */
final class DiscardingConsumer implements AsyncResponseConsumer<Long> {

    private long bytes;
    private FutureCallback<Long> whenWhole;

    @Override
    public void consumeResponse(
            HttpResponse response,
            EntityDetails entity,
            HttpContext context,
            FutureCallback<Long> callback) {
        if (response.getCode() != 200) {
            callback.failed(new IOException("The server answered " + response.getCode() + "."));
        }
        whenWhole = callback;
    }

    @Override
    public void informationResponse(HttpResponse response, HttpContext context) {
        throw new IllegalStateException("A canned server sends none.");
    }

    @Override
    public void updateCapacity(CapacityChannel channel) throws IOException {
        channel.update(Integer.MAX_VALUE);
    }

    @Override
    public void consume(ByteBuffer source) {
        bytes += source.remaining();
        source.position(source.limit());
    }

    @Override
    public void streamEnd(List<? extends Header> trailers) {
        whenWhole.completed(bytes);
    }

    @Override
    public void failed(Exception cause) {
        // The future of the request has the cause.
        releaseResources();
    }

    @Override
    public void releaseResources() {
        whenWhole = null;
    }
}
