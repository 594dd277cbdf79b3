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

package io.v3io.client.http;

import io.v3io.client.wire.RequestBody;

import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Sends a body once, and tells it when the last byte is written. What the library has taken of it
 * by then is in a buffer of its own, or in the socket. Called by one I/O thread, but released by
 * any: so a release does nothing.
 */
final class BodyProducer implements AsyncEntityProducer {

    private final RequestBody body;
    private final String contentType;
    private final ByteBuffer bytes;
    private boolean hasEnded;

    BodyProducer(RequestBody body, ContentType contentType) {
        this.body = body;
        this.contentType = contentType.toString();
        this.bytes = body.startSending();
    }

    @Override
    public void produce(DataStreamChannel channel) throws IOException {
        if (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        if (!bytes.hasRemaining() && !hasEnded) {
            hasEnded = true;
            body.sent();
            channel.endStream();
        }
    }

    @Override
    public int available() {
        return Integer.MAX_VALUE;
    }

    @Override
    public long getContentLength() {
        return body.length();
    }

    @Override
    public String getContentType() {
        return contentType;
    }

    @Override
    @Nullable
    public String getContentEncoding() {
        return null;
    }

    @Override
    public boolean isChunked() {
        return false;
    }

    @Override
    public Set<String> getTrailerNames() {
        return Set.of();
    }

    /** An exchange of the library; we repeat by another one. */
    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public void failed(Exception cause) {
        // Whoever runs the exchange is told as well.
    }

    @Override
    public void releaseResources() {}
}
