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

import io.v3io.client.AnswerAdmission;
import io.v3io.client.Operation;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.wire.ApiRequest;
import io.v3io.client.wire.BodyArrays;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sends requests over pooled HTTP/1.1 connections of Apache HttpClient, each once. What that
 * library could do by itself is off: redirects, repetitions, cookies, authentication, compression,
 * protocol upgrades, and its log of raw bytes, which would show the access key.
 */
final class Transport implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    private static final String EXCHANGE = "v3io.exchange";
    private static final String FUNCTION_HEADER = "X-v3io-function";

    /** As the public clients: without a charset, which JSON does not have. */
    private static final ContentType JSON = ContentType.create("application/json");

    /** Fewer, larger reads: what a GetRecords answer of more than a megabyte needs. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private static final int MAX_HEADER_LINE_BYTES = 32 * 1024;
    private static final int MAX_HEADERS = 200;

    /**
     * The library's own limit for the wait for a connection, which is none: an {@link Exchange}
     * knows better how long to wait. Not 0, with which the pool would not even wait for its lock.
     */
    private static final Timeout NO_QUEUE_TIMEOUT = Timeout.ofDays(365);

    private static final TimeValue VALIDATE_AFTER = TimeValue.ofMilliseconds(100);
    private static final TimeValue MAX_IDLE = TimeValue.ofSeconds(60);
    private static final long EVICTION_SECONDS = 10;

    /** A connection keeps the address that its host name had; the name may mean another one now. */
    private static final TimeValue MAX_AGE = TimeValue.ofMinutes(5);

    private final V3ioClientConfig config;
    private final ClientCounters counters;
    private final SpareArrays spares;
    private final StraightReads reads;
    private final ScheduledExecutorService timer;
    private final Progress progress;
    private final Duration connectionTimeout;
    private final HttpHost target;
    private final RequestConfig requestConfig;
    private final ThreadPoolExecutor connecting;
    private final CloseableHttpAsyncClient http;
    private volatile boolean closing;

    Transport(
            V3ioClientConfig config,
            ClientCounters counters,
            ScheduledExecutorService timer,
            ThreadFactory threads,
            DnsResolver dns,
            LongSupplier nanos) {
        // May be refused, so it comes before all that would have to be closed.
        TlsStrategy tls = Tls.strategy(config);
        this.config = config;
        this.counters = counters;
        this.timer = timer;
        this.progress = new Progress(nanos);
        this.target = host(config.endpoint());
        this.reads = new StraightReads(config.endpoint().getScheme().equals("http"));
        Timeout connect = Timeout.of(config.connectTimeout());
        this.connectionTimeout =
                config.responseTimeout().plus(config.connectTimeout().multipliedBy(2));
        this.requestConfig =
                RequestConfig.custom()
                        .setConnectionRequestTimeout(NO_QUEUE_TIMEOUT)
                        .setAuthenticationEnabled(false)
                        .setRedirectsEnabled(false)
                        .setContentCompressionEnabled(false)
                        .setExpectContinueEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .setHardCancellationEnabled(true)
                        .build();
        // One thread, which ends when no connection has been made for a while.
        this.connecting =
                new ThreadPoolExecutor(
                        1,
                        1,
                        EVICTION_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(config.maxConnections()),
                        threads);
        connecting.allowCoreThreadTimeOut(true);
        PoolingAsyncClientConnectionManager connections =
                PoolingAsyncClientConnectionManagerBuilder.create()
                        .setTlsStrategy(tls)
                        .setDnsResolver(dns)
                        .setMaxConnTotal(config.maxConnections())
                        .setMaxConnPerRoute(config.maxConnections())
                        .setDefaultConnectionConfig(
                                ConnectionConfig.custom()
                                        .setConnectTimeout(connect)
                                        .setSocketTimeout(Timeout.DISABLED)
                                        .setTimeToLive(MAX_AGE)
                                        .setValidateAfterInactivity(VALIDATE_AFTER)
                                        .build())
                        .setDefaultTlsConfig(
                                TlsConfig.custom()
                                        .setHandshakeTimeout(connect)
                                        .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                                        .build())
                        .build();
        HttpAsyncClientBuilder builder =
                HttpAsyncClientBuilder.create()
                        .setConnectionManager(
                                new BackgroundConnections(
                                        connections,
                                        connecting,
                                        context -> exchange(context).connecting()))
                        .setIOReactorConfig(
                                IOReactorConfig.custom()
                                        .setIoThreadCount(config.ioThreads())
                                        .setTcpNoDelay(true)
                                        .setSoKeepAlive(true)
                                        .build())
                        .setHttp1Config(
                                Http1Config.custom()
                                        .setBufferSize(BUFFER_BYTES)
                                        .setMaxLineLength(MAX_HEADER_LINE_BYTES)
                                        .setMaxHeaderCount(MAX_HEADERS)
                                        .build())
                        .setThreadFactory(threads)
                        .setIoSessionDecorator(session -> new ListeningSession(session, reads))
                        .setIoReactorExceptionCallback(this::reactorFailed)
                        .setUserAgent("v3io-java-client")
                        .disableRedirectHandling()
                        .disableAutomaticRetries()
                        .disableCookieManagement()
                        .disableAuthCaching()
                        .disableContentCompression()
                        .addExecInterceptorLast(
                                EXCHANGE,
                                (request, entity, scope, chain, callback) -> {
                                    exchange(scope.clientContext).sending(scope.execRuntime);
                                    chain.proceed(request, entity, scope, callback);
                                });
        config.proxy().ifPresent(proxy -> builder.setProxy(host(proxy)));
        this.http = builder.build();
        // From here on close() is called, whatever happens.
        this.spares = SpareArrays.ofThisHeap();
        try {
            http.start();
            evictIdle(connections);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** By the timer that is there anyway; the HTTP client would start a thread of its own. */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
    private void evictIdle(PoolingAsyncClientConnectionManager connections) {
        timer.scheduleWithFixedDelay(
                () -> {
                    connections.closeExpired();
                    connections.closeIdle(MAX_IDLE);
                    spares.dropUnused();
                },
                EVICTION_SECONDS,
                EVICTION_SECONDS,
                TimeUnit.SECONDS);
    }

    /**
     * Sends a request; the exchange tells the listener how it ended.
     *
     * @param admission asked for the memory of the answer; null if nobody wants to be asked
     */
    Exchange send(
            ApiRequest request,
            Secret secret,
            @Nullable AnswerAdmission admission,
            Exchange.Listener listener) {
        Exchange exchange =
                new Exchange(
                        listener,
                        timer,
                        connectionTimeout,
                        config.responseTimeout(),
                        config.settingName("setResponseTimeout"),
                        progress);
        exchange.await();
        BasicHttpRequest message = new BasicHttpRequest(request.method(), target, request.target());
        message.addHeader(secret.header());
        if (request.function() != null) {
            message.addHeader(FUNCTION_HEADER, request.function());
        }
        AsyncEntityProducer body = null;
        if (request.body() != null) {
            body =
                    new BodyProducer(
                            request.body(),
                            request.operation() == Operation.PUT_OBJECT
                                    ? ContentType.APPLICATION_OCTET_STREAM
                                    : JSON);
            counters.sent(request.body().length());
        }
        HttpClientContext context = HttpClientContext.create();
        context.setRequestConfig(requestConfig);
        context.setAttribute(EXCHANGE, exchange);
        try {
            exchange.runs(
                    http.execute(
                            target,
                            new BasicRequestProducer(message, body),
                            new BodyCollector(
                                    config.maxResponseBytes(),
                                    counters,
                                    spares,
                                    exchange,
                                    admission,
                                    reads),
                            null,
                            context,
                            exchange));
        } catch (RuntimeException e) {
            // As when the HTTP client has been shut down.
            exchange.failed(e);
        } catch (Error e) {
            exchange.cancel();
            throw e;
        }
        return exchange;
    }

    /** For the bodies of requests. */
    BodyArrays bodyArrays() {
        return spares.forRequests();
    }

    private static Exchange exchange(HttpContext context) {
        return (Exchange) context.getAttribute(EXCHANGE);
    }

    private void reactorFailed(Exception cause) {
        // A selector that is closed under its thread is how the library's threads end.
        if (!closing) {
            LOG.error("An I/O thread has met an unexpected exception.", cause);
        }
    }

    @Override
    public void close() {
        closing = true;
        connecting.shutdownNow();
        http.close(CloseMode.IMMEDIATE);
        spares.close();
    }

    private static HttpHost host(URI server) {
        String name = server.getHost();
        boolean isIpv6 = name.startsWith("[");
        return new HttpHost(
                server.getScheme(),
                isIpv6 ? name.substring(1, name.length() - 1) : name,
                server.getPort());
    }
}
