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

package io.v3io.emulator.http;

import io.v3io.emulator.Assumptions;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Listens on a port and gives every connection a {@link ConnectionHandler}. Thread-safe. */
// Netty's futures of closing are waited for where it matters, all together in close().
@SuppressWarnings("FutureReturnValueIgnored")
public final class HttpServer implements AutoCloseable {
    /**
     * A path of 4,096 bytes takes three times as much percent-encoded, and a prefix as much again.
     */
    private static final int MAX_LINE_BYTES = 1 << 16;

    private static final long MOMENT_MILLIS = 100;
    private static final int BACKLOG = 1024;
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private final RequestHandler handler;
    private final SSLContext tls;
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final EventLoopGroup loops;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listener;
    private volatile boolean paused;

    private HttpServer(String host, int port, SSLContext tls, RequestHandler handler)
            throws IOException {
        this.handler = handler;
        this.tls = tls;
        this.loops =
                new MultiThreadIoEventLoopGroup(
                        Math.max(2, Runtime.getRuntime().availableProcessors()),
                        new DefaultThreadFactory("v3io-emulator", true) {
                            @Override
                            public Thread newThread(Runnable task) {
                                Thread thread = super.newThread(task);
                                threads.add(thread);
                                return thread;
                            }
                        },
                        NioIoHandler.newFactory());
        try {
            this.listener = bind(host, port);
        } catch (IOException | RuntimeException e) {
            endThreads();
            throw e;
        }
    }

    /**
     * Starts to listen.
     *
     * @param port 0 for any free one
     * @param tls null for plain HTTP
     * @throws IOException when the address cannot be used
     */
    public static HttpServer start(String host, int port, SSLContext tls, RequestHandler handler)
            throws IOException {
        return new HttpServer(host, port, tls, handler);
    }

    private Channel bind(String host, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("unknown host " + host);
        }
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        init(channel);
                                    }
                                });
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + host + ":" + port + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    private void init(SocketChannel channel) {
        connections.add(channel);
        channel.pipeline().addLast(new PauseHandler());
        if (tls != null) {
            SSLEngine engine = tls.createSSLEngine();
            engine.setUseClientMode(false);
            channel.pipeline().addLast(new SslHandler(engine));
        }
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(
                                new HttpDecoderConfig()
                                        .setMaxInitialLineLength(MAX_LINE_BYTES)
                                        .setMaxHeaderSize(MAX_LINE_BYTES)
                                        .setMaxChunkSize(MAX_LINE_BYTES)))
                .addLast(new HttpObjectAggregator(Assumptions.MAX_BODY_BYTES))
                .addLast(new ConnectionHandler(handler));
    }

    /** Where it listens; the port is the real one. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /**
     * Resets all connections, and every new one as soon as it is made, until {@link #resume}. The
     * port stays taken, so that nothing else can get it meanwhile.
     */
    public void pause() {
        beginOutage().awaitUninterruptibly();
    }

    private ChannelGroupFuture beginOutage() {
        paused = true;
        connections.forEach(HttpServer::resetOnClose);
        return connections.close();
    }

    /** Takes connections again. */
    public void resume() {
        paused = false;
    }

    /**
     * Pauses for a while, a moment after now, so that the answer to whoever asked for it gets
     * through.
     */
    public void pauseFor(Duration duration) {
        loops.schedule(this::beginOutage, MOMENT_MILLIS, TimeUnit.MILLISECONDS);
        loops.schedule(this::resume, MOMENT_MILLIS + duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * A linger time of zero makes closing send a TCP reset, so that the client sees an error and no
     * orderly end.
     */
    static void resetOnClose(Channel channel) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }

    /** Closes the port and all connections, and ends all threads. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        endThreads();
    }

    private void endThreads() {
        loops.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        // Netty says that it has ended on a thread that is about to end.
        try {
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(CLOSE_TIMEOUT_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Resets a connection that is made, or asks something, while the server is paused. */
    private final class PauseHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (paused) {
                resetOnClose(ctx.channel());
                ctx.close();
            } else {
                ctx.fireChannelActive();
            }
        }
    }
}
