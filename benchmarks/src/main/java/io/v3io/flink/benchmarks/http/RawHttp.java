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

import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The asynchronous Apache HttpClient with as many threads and as large buffers as our client has,
 * sending the same requests again and again, and dropping what is answered.
 */
public final class RawHttp implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int IO_THREADS = Math.min(2, Runtime.getRuntime().availableProcessors());

    private final HttpHost target;
    private final String function;
    private final String path;
    private final byte[] body;
    private final CloseableHttpAsyncClient http;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final CountDownLatch running;
    private volatile boolean stopping;

    /** Starts with so many requests in flight, which always stay so many. */
    public RawHttp(int port, String function, String path, byte[] body, int concurrency) {
        this.target = new HttpHost("http", "127.0.0.1", port);
        this.function = function;
        this.path = path;
        this.body = body;
        this.running = new CountDownLatch(concurrency);
        this.http =
                HttpAsyncClientBuilder.create()
                        .setConnectionManager(
                                PoolingAsyncClientConnectionManagerBuilder.create()
                                        .setMaxConnTotal(concurrency)
                                        .setMaxConnPerRoute(concurrency)
                                        .build())
                        .setIOReactorConfig(
                                IOReactorConfig.custom()
                                        .setIoThreadCount(IO_THREADS)
                                        .setTcpNoDelay(true)
                                        .build())
                        .setHttp1Config(Http1Config.custom().setBufferSize(BUFFER_BYTES).build())
                        .disableRedirectHandling()
                        .disableAutomaticRetries()
                        .disableCookieManagement()
                        .disableAuthCaching()
                        .disableContentCompression()
                        .build();
        http.start();
        for (int i = 0; i < concurrency; i++) {
            send();
        }
    }

    /** Bytes of all answers so far, without their heads. */
    public long bytes() {
        return bytes.get();
    }

    /** Answers so far; throws if a request has failed. */
    public long answers() {
        if (failure.get() != null) {
            throw new IllegalStateException("A bare request has failed.", failure.get());
        }
        return answers.get();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback tells
    private void send() {
        if (stopping) {
            running.countDown();
            return;
        }
        BasicHttpRequest request = new BasicHttpRequest("PUT", target, path);
        request.addHeader("X-v3io-session-key", "any");
        request.addHeader("X-v3io-function", function);
        http.execute(
                new BasicRequestProducer(
                        request, new BasicAsyncEntityProducer(body, ContentType.APPLICATION_JSON)),
                new DiscardingConsumer(),
                new FutureCallback<Long>() {
                    @Override
                    public void completed(Long answerBytes) {
                        bytes.addAndGet(answerBytes);
                        answers.incrementAndGet();
                        send();
                    }

                    @Override
                    public void failed(Exception cause) {
                        failure.compareAndSet(null, cause);
                        running.countDown();
                    }

                    @Override
                    public void cancelled() {
                        running.countDown();
                    }
                });
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        running.await();
        http.close(CloseMode.GRACEFUL);
    }
}
