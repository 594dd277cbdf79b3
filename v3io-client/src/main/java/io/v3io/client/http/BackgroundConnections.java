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

import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.core5.concurrent.ComplexFuture;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * A pool of connections whose new ones are begun by another thread. Before it connects, the library
 * looks up the host name and waits for that, for seconds if name servers are in trouble; whoever
 * sends a request must not wait with it.
 */
final class BackgroundConnections implements AsyncClientConnectionManager {

    private final AsyncClientConnectionManager pool;
    private final Executor background;
    private final Consumer<HttpContext> whenConnecting;

    /** The consumer is told of each request for which a new connection is made, before that. */
    BackgroundConnections(
            AsyncClientConnectionManager pool,
            Executor background,
            Consumer<HttpContext> whenConnecting) {
        this.pool = pool;
        this.background = background;
        this.whenConnecting = whenConnecting;
    }

    @Override
    public Future<AsyncConnectionEndpoint> connect(
            AsyncConnectionEndpoint endpoint,
            ConnectionInitiator initiator,
            @Nullable Timeout timeout,
            @Nullable Object attachment,
            HttpContext context,
            FutureCallback<AsyncConnectionEndpoint> callback) {
        whenConnecting.accept(context);
        ComplexFuture<AsyncConnectionEndpoint> connected = new ComplexFuture<>(callback);
        try {
            background.execute(
                    () -> begin(connected, endpoint, initiator, timeout, attachment, context));
        } catch (RejectedExecutionException e) {
            connected.failed(
                    new IOException(
                            "No connection can be begun: the client is closing, or too many wait already.",
                            e));
        }
        return connected;
    }

    private void begin(
            ComplexFuture<AsyncConnectionEndpoint> connected,
            AsyncConnectionEndpoint endpoint,
            ConnectionInitiator initiator,
            @Nullable Timeout timeout,
            @Nullable Object attachment,
            HttpContext context) {
        if (connected.isDone()) {
            return;
        }
        try {
            connected.setDependency(
                    pool.connect(
                            endpoint,
                            initiator,
                            timeout,
                            attachment,
                            context,
                            completing(connected)));
        } catch (RuntimeException e) {
            // The library's threads end while the client is closed: nobody else on this thread
            // would tell the request.
            connected.failed(e);
        } catch (Error e) {
            // Such as one for want of memory: the request must hear of it, and others go on.
            connected.failed(new AnswerFaultException(e));
        }
    }

    private static FutureCallback<AsyncConnectionEndpoint> completing(
            ComplexFuture<AsyncConnectionEndpoint> connected) {
        return new FutureCallback<>() {
            @Override
            public void completed(AsyncConnectionEndpoint endpoint) {
                connected.completed(endpoint);
            }

            @Override
            public void failed(Exception cause) {
                connected.failed(cause);
            }

            @Override
            public void cancelled() {
                connected.cancel();
            }
        };
    }

    @Override
    public Future<AsyncConnectionEndpoint> lease(
            String id,
            HttpRoute route,
            @Nullable Object state,
            Timeout timeout,
            FutureCallback<AsyncConnectionEndpoint> callback) {
        return pool.lease(id, route, state, timeout, callback);
    }

    @Override
    public void release(
            AsyncConnectionEndpoint endpoint, @Nullable Object state, TimeValue keepAlive) {
        pool.release(endpoint, state, keepAlive);
    }

    @Override
    public void upgrade(
            AsyncConnectionEndpoint endpoint, @Nullable Object attachment, HttpContext context) {
        pool.upgrade(endpoint, attachment, context);
    }

    @Override
    public void upgrade(
            AsyncConnectionEndpoint endpoint,
            @Nullable Object attachment,
            HttpContext context,
            FutureCallback<AsyncConnectionEndpoint> callback) {
        pool.upgrade(endpoint, attachment, context, callback);
    }

    @Override
    public void close(CloseMode mode) {
        pool.close(mode);
    }

    @Override
    public void close() throws IOException {
        pool.close();
    }
}
